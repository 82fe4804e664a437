import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

struct IncidentTests {
  private func edges(_ builder: TrafficBuilder) -> [DetectedIncident] { signal(builder).incidents }

  @Test func `failures during a surge are one incident with edges within twenty seconds`() {
    for seed in 1...4 as ClosedRange<UInt64> {
      for rate in [5.0, 50] {
        let builder = TrafficBuilder(
          "\(rate)x2400 \(rate * 4)x1200 \(rate)x1200", failed: ".001x2430 .4x1170 .001x1200",
          seed: seed)
        let found = signal(builder)
        #expect(found.incidents.count == 1, "rate \(rate), seed \(seed)")
        guard let incident = found.incidents.first else { continue }
        #expect(abs(incident.span.start.seconds(since: builder.time(2_430))) <= 20)
        #expect(abs(incident.span.end.seconds(since: builder.time(3_600))) <= 20)
        #expect(incident.endState == .recovered)
        #expect(incident.detectedBy == [.errors])
        #expect(found.spikes.count == 1)
      }
    }
  }

  @Test func `two failing stretches with a short pause are one incident, with a long one two`() {
    let near = TrafficBuilder("20x3600", failed: "0x900 .3x300 0x200 .3x300 0x1900", seed: 5)
    #expect(edges(near).count == 1)
    let far = TrafficBuilder("20x3600", failed: "0x900 .3x300 0x700 .3x300 0x1400", seed: 5)
    #expect(edges(far).count == 2)
  }

  @Test
  func `an incident at the last line is open, one that keeps failing a little is partly over`() {
    let open = TrafficBuilder("20x3600", failed: "0x2400 .3x1200", seed: 6)
    #expect(edges(open).map(\.endState) == [.openAtEndOfInput])
    let partly = TrafficBuilder("50x5400", failed: "0x1200 .4x1200 .008x3000", seed: 7)
    #expect(edges(partly).map(\.endState) == [.partly])
    #expect(
      edges(partly).first.map { abs($0.span.end.seconds(since: partly.time(2_400))) <= 30 } == true)
  }

  @Test func `a constant share of failures is normal, whatever the rate`() {
    for (rate, share) in [(0.2, 0.03), (2.0, 0.05), (50.0, 0.02)] {
      let builder = TrafficBuilder("\(rate)x21600", failed: "\(share)x21600", seed: 8)
      let found = signal(builder)
      #expect(found.incidents.isEmpty, "rate \(rate)")
      #expect(abs(found.baseline.failedRatio - share) < 0.01)
    }
  }

  @Test func `a few failures are no incident`() {
    let builder = TrafficBuilder("5x3600", failed: "0x1800 .5x5 0x1795", seed: 9)
    #expect(edges(builder).isEmpty)
  }

  @Test func `an outage that fills three quarters of the logs is found`() {
    let builder = TrafficBuilder("20x1800 80x5400", failed: ".001x1860 .37x5340", seed: 10)
    let found = edges(builder)
    #expect(found.count == 1)
    #expect(
      found.first.map { abs($0.span.start.seconds(since: builder.time(1_860))) <= 20 } == true)
  }

  @Test(arguments: ["450", "1800", "5400"])
  func `an outage of which the logs show little before and nothing after is found`(
    seconds: String
  ) throws {
    // Of the logs an eighth to a ninth is calm.
    let calm = try #require(Int(seconds))
    let builder = TrafficBuilder(
      "20x\(calm * 9)", failed: ".001x\(calm) .4x\(calm * 8)", seed: 12)
    let found = edges(builder)
    #expect(found.count == 1)
    #expect(
      found.first.map { abs($0.span.start.seconds(since: builder.time(calm))) <= 20 } == true)
  }

  @Test func `slow answers at an unchanged rate are a latency incident`() {
    var builder = TrafficBuilder("20x5400", seed: 11)
    builder.milliseconds = perSecond("100x2700 900x900 100x1800")
    let found = edges(builder)
    #expect(found.map(\.detectedBy) == [[.latency]])
    #expect(
      found.first.map { abs($0.span.start.seconds(since: builder.time(2_700))) <= 20 } == true)
    #expect(found.first.map { abs($0.span.end.seconds(since: builder.time(3_600))) <= 20 } == true)
  }

  @Test func `requests that stay away are a loss with its edges`() {
    let builder = TrafficBuilder("30x5400 2x900 30x2700", seed: 12)
    let found = edges(builder)
    #expect(found.map(\.detectedBy) == [[.trafficLoss]])
    #expect(
      found.first.map { abs($0.span.start.seconds(since: builder.time(5_400))) <= 20 } == true)
    #expect(found.first.map { abs($0.span.end.seconds(since: builder.time(6_300))) <= 20 } == true)
  }

  @Test func `silence in a gap, the end of a batch and the end of the logs are no loss`() {
    let builder = TrafficBuilder("30x5400 0x900 30x2700", seed: 13)
    let gap = TimeSpan(start: builder.time(5_400), end: builder.time(6_300))
    #expect(signal(builder, gaps: [gap]).incidents.isEmpty)
    #expect(edges(TrafficBuilder("5x5400 60x3000 5x3600", seed: 14)).isEmpty)
    #expect(edges(TrafficBuilder("30x5400 0x1800", seed: 15)).isEmpty)
  }

  /// Three days at `rate` by day and a fifth of it by night, with a job of half an hour at two o'clock whose edges are so many seconds late on each night.
  private func nights(
    rate: Double, job: Double, late: [(begin: Int, end: Int)], seed: UInt64
  ) -> TrafficBuilder {
    var builder = TrafficBuilder("", seed: seed)
    builder.bucketSeconds = 5
    for (begin, end) in late {
      builder.requests += perSecond(
        "\(rate * 0.5):\(rate * 0.2)x14400 \(rate * 0.2):\(rate)x28800 "
          + "\(rate)x28800 \(rate):\(rate * 0.5)x14400")
      let midnight = builder.requests.count - 86_400
      for second in midnight + 7_200 + begin..<midnight + 9_000 + end {
        builder.requests[second] += job
      }
    }
    return builder
  }

  @Test func `the edges of a nightly job are no loss, one at noon after them is`() throws {
    let late: [[(begin: Int, end: Int)]] = [
      [(0, 0), (0, 0), (120, -120)], [(0, 0), (60, 60), (120, -60)],
      [(30, 0), (-60, 90), (90, -90)],
    ]
    let noon = 2 * 86_400 + 43_200
    for (seed, rate) in [(1, 10), (2, 10), (3, 50)] as [(UInt64, Double)] {
      for late in late {
        var builder = nights(rate: rate, job: 4 * rate, late: late, seed: seed)
        #expect(edges(builder).isEmpty, "rate \(rate), seed \(seed), \(late) s late")
        for second in noon..<noon + 900 { builder.requests[second] *= 0.1 }
        let found = edges(builder)
        #expect(found.map(\.detectedBy) == [[.trafficLoss]], "rate \(rate), seed \(seed), \(late)")
        let span = try #require(found.first?.span)
        #expect(abs(span.start.seconds(since: builder.time(noon))) <= 30)
        #expect(abs(span.end.seconds(since: builder.time(noon + 900))) <= 30)
      }
    }
  }

  @Test func `so it is with a job far above a low rate`() {
    for (seed, times, late) in [
      (211, 10, (120, -120)), (202, 4, (90, -90)), (212, 30, (90, -90)), (208, 30, (120, -120)),
    ] as [(UInt64, Double, (begin: Int, end: Int))] {
      for rate in [1.0, 2] {
        let builder = nights(
          rate: rate, job: times * rate, late: [(30, 0), (-60, 90), late], seed: seed)
        #expect(edges(builder).isEmpty, "rate \(rate), seed \(seed)")
      }
    }
  }

  @Test func `a surge that nobody felt is a spike and no incident`() {
    let found = signal(TrafficBuilder("20x2400 80x1200 20x1800", failed: ".001x9", seed: 16))
    #expect(found.spikes.count == 1)
    #expect(found.incidents.isEmpty)
  }

  @Test func `the incident and the rest add up to the window exactly`() {
    for seed in 1...3 as ClosedRange<UInt64> {
      let builder = TrafficBuilder(
        "20x1200 80x900 20x900", failed: ".002x1215 .35x880 .002x905", seed: seed)
      let found = signal(builder)
      let measure = ImpactMeasure(found.traffic, bucketSeconds: 1, objective: 0.999)
      guard let span = found.incidents.first?.span else {
        Issue.record("no incident, seed \(seed)")
        continue
      }
      let inside = measure.impact(of: span)
      let outside = measure.impact(outside: span, window: builder.window)
      let whole = measure.impact(of: builder.window)
      #expect(inside.requests + outside.requests == whole.requests)
      #expect(inside.failed + outside.failed == whole.failed)
      #expect(inside.bytes + outside.bytes == whole.bytes)
      #expect(whole.requests == found.traffic.buckets.reduce(0) { $0 + $1.counts.requests })
      #expect(inside.shed == nil)
      #expect(inside.worstMinuteRatio.map { $0 > 0.3 } == true)
      let worst = measure.worstSpan(in: span)
      #expect(worst.map { $0.start >= span.start && $0.end <= span.end } == true)
      #expect(worst.map { $0.seconds > 600 } == true)
    }
  }

  @Test func `the worst span leaves a mild tail out`() {
    let builder = TrafficBuilder("50x7200", failed: "0x600 .5x1800 .08x4800")
    let measure = ImpactMeasure(builder.traffic(), bucketSeconds: 1, objective: 0.999)
    let span = TimeSpan(start: builder.time(600), end: builder.time(7_200))
    let worst = measure.worstSpan(in: span)
    #expect(worst == TimeSpan(start: builder.time(600), end: builder.time(2_400)))
  }
}
