import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// What the first and the last minutes of a log can tell, and what they can't.
struct LogEdgeTests {
  private static let origin = TrafficBuilder.origin - TrafficBuilder.origin % 60

  private static func backend(_ name: String, minutes: ClosedRange<Int64>) -> ServiceTraffic.Backend
  {
    let first = origin + 60 * minutes.lowerBound
    return ServiceTraffic.Backend(
      name: name, first: Instant(seconds: first + 7),
      last: Instant(seconds: origin + 60 * minutes.upperBound),
      minutes: minutes.map { ServiceTraffic.Backend.Minute(start: origin + 60 * $0, count: 5) })
  }

  private static func serving(_ backends: [ServiceTraffic.Backend], minute: Int64) -> Int? {
    var traffic = TrafficBuilder("10x60").traffic()
    traffic.backends = backends
    let start = Instant(seconds: origin + 60 * minute)
    return ServingFleet.steps(of: traffic).range(
      over: TimeSpan(start: start, end: start.advanced(bySeconds: 60)))?.lowerBound
  }

  @Test func `a backend that is quiet in the first or last minutes was there all the time`() {
    let backends = [
      Self.backend("a", minutes: 0...29), Self.backend("b", minutes: 2...27),
      Self.backend("c", minutes: 3...26),
    ]
    for minute in [1, 15, 28] as [Int64] {
      #expect(Self.serving(backends, minute: minute) == 3, "minute \(minute)")
    }
  }

  @Test func `a backend that comes later or goes earlier is seen to come and go`() {
    let backends = [
      Self.backend("a", minutes: 0...29), Self.backend("b", minutes: 10...29),
      Self.backend("c", minutes: 0...20),
    ]
    #expect(Self.serving(backends, minute: 5) == 2)
    #expect(Self.serving(backends, minute: 15) == 3)
    #expect(Self.serving(backends, minute: 25) == 2)
  }

  @Test func `the latency outside an incident is of no minute that touches it`() {
    var traffic = TrafficBuilder("10x1800", failed: "0x610 .5x580 0x610").traffic()
    traffic.latency = (0..<30).map { minute in
      let isSlow = (10...19).contains(minute)
      return ServiceTraffic.Latency(
        start: TrafficBuilder.origin + 60 * Int64(minute), widthSeconds: 60, count: 600,
        p50: 10, p95: isSlow ? 5_000 : 200 + Double(minute), p99: 6_000)
    }
    let measure = ImpactMeasure(traffic, bucketSeconds: 1, objective: 0.999)
    let builder = TrafficBuilder("10x1800")
    // Begins and ends within a slow minute, of which the greater part lies outside.
    let span = TimeSpan(start: builder.time(640), end: builder.time(1_160))
    let window = TimeSpan(start: builder.time(0), end: builder.time(1_800))
    #expect(measure.impact(of: span).p95Milliseconds == 5_000)
    #expect(measure.impact(outside: span, window: window).p95Milliseconds == 229)
  }
}
