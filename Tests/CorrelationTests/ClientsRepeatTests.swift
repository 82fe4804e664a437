import FloodmarkTestSupport
import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Repeats of failed requests against planted ones (METHODS §7, §10).
struct ClientsRepeatTests {
  /// Retries of the stretch as a share of its requests: told, planted, and half the interval told.
  private func measured(
    _ simulated: SimulatedTrails, level: Int = 0
  ) -> (told: Double, planted: Double, error: Double, requests: Int)? {
    guard let span = simulated.trouble,
      let trails = ServiceTrails(simulated.trails(level: level), service: 0),
      let detection = RepeatDetection(
        trails, spans: [span], end: simulated.end,
        hidden: HiddenFailures(
          trails, failed: simulated.failed, bucketSeconds: 10, spans: [span]),
        bucketSeconds: 10)
    else { return nil }
    let failed = simulated.failed.filter { span.contains(Instant(seconds: $0.start)) }
    let told = detection.repeats(of: failed)
    let requests = simulated.incident.requests.count {
      span.contains(Instant(microseconds: $0.arrival))
    }
    let all = Double(requests)
    return (
      told.count / all, Double(simulated.repeats(in: span)) / all, told.error / all, requests
    )
  }

  @Test(arguments: [0.0, 0.3, 0.8])
  func `planted repeats are told within two points`(chance: Double) throws {
    var plan = IncidentPlan(scenario: .maxSizeReached, seed: 4)
    plan.retryChance = [DemandCurve.Corner(second: 0, factor: chance)]
    let incident = SimulatedIncident(plan)
    for kind in [AccessLogKind.nginxTimed, .combined, .common] {
      let got = try #require(measured(SimulatedTrails(incident, kind: kind)))
      #expect(abs(got.told - got.planted) < 0.02, "\(kind): \(got)")
      #expect(chance == 0 || got.planted > 0.05, "\(kind): \(got)")
    }
  }

  @Test(arguments: [0, 4])
  func `the shipped incident's repeats are told, from all clients and from a sixteenth`(
    level: Int
  ) throws {
    let got = try #require(measured(SimulatedTrails(primeDay, kind: .combined), level: level))
    #expect(abs(got.told - got.planted) < (level == 0 ? 0.01 : 0.03), "\(got)")
    #expect(got.error > 0 && got.error < 0.03, "\(got)")
  }

  /// Clients that ask for one URL at a fixed interval, whatever the answer; an outage fails half of them for an hour.
  private func pollers(every seconds: Int, count: Int = 60) -> ServiceTrails {
    var noise = SeededNoise(seed: 5)
    let clients = (0..<count).map { number in
      let events = (0..<7200 / seconds).map { turn in
        let second = turn * seconds + number % seconds
        let fails = second >= 3600 && noise.uniform() < 0.5
        return TrailEvent(
          arrival: Instant(seconds: TrafficBuilder.origin + Int64(second)), url: 7, template: 7,
          offset: number * 100_000 + turn, line: 1, input: 0, service: 0, milliseconds: -1,
          status: fails ? 503 : 200, flags: [])
      }
      return ClientTrail(id: UInt64(number), count: events.count, events: events)
    }
    return ServiceTrails(clients: clients)
  }

  /// Of clients of whom all is kept, in a series of hours.
  private func repeats(by trails: ServiceTrails, in span: TimeSpan) -> RepeatDetection? {
    let hidden = HiddenFailures(trails, failed: [], bucketSeconds: 3600, spans: [span])
    return RepeatDetection(
      trails, spans: [span], end: span.end, hidden: hidden, bucketSeconds: 3600)
  }

  @Test(arguments: [2, 7, 10, 45, 300])
  func `pollers do not look like repeats`(interval: Int) throws {
    let start = TrafficBuilder.origin
    let span = TimeSpan(
      start: Instant(seconds: start + 3600), end: Instant(seconds: start + 7200))
    let detection = try #require(repeats(by: pollers(every: interval), in: span))
    let told = detection.repeats(of: [(start + 3600, 1000)])
    // Under the shortest horizon nothing tells them apart: no repeat is claimed, and that is said.
    #expect(detection.isLowerBound == (interval < 5))
    #expect(told.count < 30, "\(told)")
  }

  @Test func `machines that try one thing over and over do not repeat its failures`() throws {
    var noise = SeededNoise(seed: 6)
    let start = TrafficBuilder.origin
    let clients = (0..<600).map { number in
      var second = 0
      var events: [TrailEvent] = []
      while second < 7200 {
        second += 1 + Int(-naturalLog(max(1e-9, noise.uniform())) * 250)
        let fails = second >= 3600 && noise.uniform() < 0.75
        events.append(
          TrailEvent(
            arrival: Instant(seconds: start + Int64(second)), url: 7, template: 7,
            offset: number * 100_000 + second, line: 1, input: 0, service: 0, milliseconds: -1,
            status: fails ? 503 : 401, flags: []))
      }
      return ClientTrail(id: UInt64(number), count: events.count, events: events)
    }
    let span = TimeSpan(
      start: Instant(seconds: start + 3600), end: Instant(seconds: start + 7200))
    let detection = try #require(repeats(by: ServiceTrails(clients: clients), in: span))
    let told = detection.repeats(of: [(start + 3600, 1000)])
    #expect(told.count < 50, "\(told)")
  }

  @Test func `few clients give no number`() {
    let span = TimeSpan(
      start: Instant(seconds: TrafficBuilder.origin + 3600),
      end: Instant(seconds: TrafficBuilder.origin + 7200))
    #expect(repeats(by: pollers(every: 10, count: 20), in: span) == nil)
  }

  @Test(arguments: [2, 10])
  func `that repeats are a lower bound is told of the impact`(interval: Int) throws {
    var builder = TrafficBuilder("30x7200", failed: "0x3600 .5x3600")
    builder.name = "shop.example.com"
    let traffic = builder.traffic()
    var view = TrafficView(bucketSeconds: 1, services: [traffic])
    view.trails = ClientTrails(clients: pollers(every: interval).clients.map(\.trail))
    let signal = SignalDetection.signal(
      of: traffic, bucketSeconds: 1, window: builder.window, gaps: [], options: AnalysisOptions())
    let story = try #require(ClientStory(view, of: signal))
    let incident = try #require(signal.incidents.first)
    var impact = Impact(requests: 108_000, failed: 54_000, throttled: 0, abandoned: 0, bytes: 0)
    story.tell(&impact, of: [incident.span])
    #expect(impact.repeats != nil)
    #expect(story.repeats?.isLowerBound == (interval < 5))
    #expect(impact.repeatsIsLowerBound == (interval < 5))
  }
}
