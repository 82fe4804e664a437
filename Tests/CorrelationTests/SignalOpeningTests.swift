import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Logs whose first minutes are unlike what follows: a service that had just started, the end of another outage, the tail of another rush.
struct OpeningTests {
  /// Exactly one spike, at its place and above the level that was usual.
  private func expectSpike(
    _ builder: TrafficBuilder, at second: Int, above rate: Double, within seconds: Double = 20,
    _ what: String
  ) {
    let found = signal(builder)
    let onsets = found.spikes.map { $0.onset.seconds(since: builder.time(second)) }
    #expect(onsets.count == 1 && abs(onsets[0]) <= seconds, "\(what): \(onsets)")
    for spike in found.spikes {
      #expect(abs(spike.baselineRate - rate) <= 0.12 * rate, "\(what): \(spike.baselineRate)")
    }
  }

  @Test func `a ramp-up from nothing is no spike and no baseline`() {
    for rate in [3.0, 20, 200] {
      for (seconds, seed) in [(40, 1), (60, 2), (120, 3), (300, 4), (600, 5), (1_200, 6)]
        as [(Int, UInt64)]
      {
        let builder = TrafficBuilder(
          "0:\(rate)x\(seconds) \(rate)x2400 \(4 * rate)x900 \(rate)x1800",
          failed: "0x\(seconds + 2_430) .4x870 0x1800", seed: seed)
        expectSpike(
          builder, at: seconds + 2_400, above: rate, "rate \(rate), up within \(seconds) s")
        #expect(signal(builder).incidents.count == 1)
      }
    }
  }

  @Test func `so it is with one that slows down, and with noise`() {
    for seed in 1...4 as ClosedRange<UInt64> {
      // 1 − ½^(t ÷ 80 s), by pieces.
      let up = (0..<12).map { piece -> String in
        let low = 20 * (1 - Self.half(piece))
        let high = 20 * (1 - Self.half(piece + 1))
        return "\(low):\(high)x80"
      }
      var builder = TrafficBuilder(
        up.joined(separator: " ") + " 20x2400 60x900 20x900", seed: seed)
      builder.dispersion = 2
      expectSpike(builder, at: 960 + 2_400, above: 20, within: 30, "seed \(seed)")
    }
  }

  private static func half(_ power: Int) -> Double {
    (0..<power).reduce(1.0) { value, _ in value / 2 }
  }

  @Test func `health checks alone before the first users are no baseline`() {
    let builder = TrafficBuilder("0.2x240 20x2400 80x900 20x1800", seed: 7)
    expectSpike(builder, at: 2_640, above: 20, "checks")
  }

  @Test func `servers whose logs begin one after the other make no rise`() {
    // One of four, three of four, and for a short while less than a third.
    for (seed, (opening, length)) in zip(
      (30 as UInt64)..., [(5.0, 300), (15, 300), (6, 150)])
    {
      let builder = TrafficBuilder(
        "\(opening)x\(length) 20x4500 60x900 20x1800",
        failed: "0x\(length + 4_530) .4x870 0x1800", seed: seed)
      expectSpike(builder, at: length + 4_500, above: 20, "\(opening) for \(length) s")
      #expect(signal(builder).baseline.leftOut?.reason == .lower)
    }
  }

  @Test func `logs that begin in another outage learn what is usual behind it`() {
    for (high, seed) in [(80.0, 8), (20, 9), (30, 10)] as [(Double, UInt64)] {
      for length in [200, 500, 1_500] {
        let builder = TrafficBuilder(
          "\(high)x\(length) 20x2400 80x900 20x1800",
          failed: ".4x\(length) 0x2430 .4x870 0x1800", seed: seed)
        expectSpike(builder, at: length + 2_400, above: 20, "\(high) for \(length) s")
        #expect(signal(builder).incidents.count == 2, "\(high) for \(length) s")
      }
    }
  }

  @Test func `logs that begin in a rush that fades find the next one`() {
    let builder = TrafficBuilder("60x500 20x2400 80x900 20x1800", seed: 11)
    expectSpike(builder, at: 2_900, above: 20, "rush")
  }

  @Test func `a rise soon after the first line is a rise still`() {
    let truths: [(String, String, Int, Double)] = [
      ("20x450 80x900 20x900", "", 450, 20),
      ("20x450 80x3600", "0x480 .4x3570", 450, 20),
      ("4x420 60x2400", "0x440 .3x2380", 420, 4),
      // Ten times the usual, well carried at first and broken later.
      ("2x450 20x1500 20x1500", "0x1950 .4x1500", 450, 2),
      ("5x300 5:60x180 60x1500 60x900", "0x1980 .4x900", 300, 5),
      ("5x600 30x3600 5x900", "", 600, 5),
    ]
    for (seed, (rates, failed, onset, rate)) in zip((12 as UInt64)..., truths) {
      expectSpike(
        TrafficBuilder(rates, failed: failed, seed: seed), at: onset, above: rate, within: 30,
        "\(rates)")
    }
  }

  @Test func `traffic that goes away is a loss, though the logs began shortly before`() {
    let builder = TrafficBuilder("30x1500 2x900 30x2700", seed: 18)
    #expect(signal(builder).incidents.map(\.detectedBy) == [[.trafficLoss]])
  }

  /// Logs that begin so many seconds before a job ends which comes back every two hours, while the rest slowly falls.
  private func jobs(_ first: Int, rate: Double, times: Double, seed: UInt64) -> TrafficBuilder {
    var shorthand = "\(times * rate)x\(first)"
    var low = 1.2 * rate
    for _ in 0..<5 {
      shorthand += " \(low):\(0.85 * low)x5400 \(times * rate)x1800"
      low *= 0.85
    }
    return TrafficBuilder("\(shorthand) \(low)x3600", seed: seed)
  }

  @Test func `logs that begin within a short burst tell no loss behind it or the next`() {
    for first in [50, 90, 150] {
      for (seed, times) in zip((23 as UInt64)..., [8.0, 20]) {
        let found = signal(jobs(first, rate: 5, times: times, seed: seed))
        #expect(found.incidents.isEmpty, "\(times) times for \(first) s")
        #expect(found.baseline.leftOut?.reason == .higher, "\(times) times for \(first) s")
      }
    }
  }

  @Test(arguments: [200, 420, 900, 1_500])
  func `nor do logs that begin well before the end of a job`(first: Int) {
    for (seed, times) in zip((23 as UInt64)..., [6.0, 20]) {
      let found = signal(jobs(first, rate: 5, times: times, seed: seed))
      #expect(found.incidents.isEmpty, "\(times) times for \(first) s")
      #expect(found.baseline.leftOut?.reason == .higher, "\(times) times for \(first) s")
    }
  }

  @Test func `traffic that goes away, comes back and goes again is no job`() {
    for (rates, start) in [
      ("40x600 4x1800 40x3600 4x1200 40x3600", 600), ("40x900 4x1200 40x600 4x3600 40x7200", 900),
      ("40x1500 4x900 40x900 4x2700 40x900", 1_500),
    ] {
      let builder = TrafficBuilder(rates, seed: 31)
      let first = signal(builder).incidents.first
      #expect(first?.detectedBy == [.trafficLoss], "\(rates)")
      #expect(
        first.map { abs($0.span.start.seconds(since: builder.time(start))) <= 20 } == true,
        "\(rates)")
    }
  }

  @Test func `a fall to a tenth after an hour is a loss, behind a short burst too`() {
    for (seed, burst) in zip((25 as UInt64)..., ["", "300x50 ", "300x150 "]) {
      let builder = TrafficBuilder("\(burst)30x3600 3x900 30x3600", seed: seed)
      let found = signal(builder).incidents
      #expect(found.map(\.detectedBy) == [[.trafficLoss]], "\(burst)")
      let start = builder.requests.count - 4_500
      let distances = found.map { $0.span.start.seconds(since: builder.time(start)) }
      #expect(distances.allSatisfy { abs($0) <= 20 }, "\(burst): \(distances)")
    }
  }

  @Test func `what was left out is told with its reason`() {
    let up = signal(TrafficBuilder("0:20x300 20x3600", seed: 19)).baseline
    #expect(up.leftOut?.reason == .start)
    let length = up.leftOut?.span.seconds ?? 0
    #expect((240...320).contains(length), "\(length) s")
    #expect(up.learntFrom?.start == up.leftOut?.span.end)
    let failing = signal(
      TrafficBuilder("80x500 20x3600", failed: ".4x500 0x3600", seed: 20)
    ).baseline
    #expect(failing.leftOut?.reason == .failing)
    let rush = signal(TrafficBuilder("60x500 20x3600", seed: 21)).baseline
    #expect(rush.leftOut?.reason == .higher)
    for rates in ["20x3600", "20x450 80x900 20x900", "30:20x7200", "20:30x7200"] {
      #expect(signal(TrafficBuilder(rates, seed: 22)).baseline.leftOut == nil, "\(rates)")
    }
  }

  @Test func `failures in a first cell that lines reach only in part are read like others`() {
    let origin = Int64(1_530_000_000)
    var traffic = ServiceTraffic(name: "a", buckets: [])
    for second in -1..<3_600 {
      var counts = BucketCounts()
      counts.answered = second < 900 ? 50 : 20
      counts.status503 = second < 900 ? 30 : 0
      traffic.buckets.append(
        ServiceTraffic.Bucket(start: origin + Int64(second), counts: counts))
    }
    let span = TimeSpan(
      start: Instant(seconds: origin - 1), end: Instant(seconds: origin + 3_600))
    let found = SignalDetection.signal(
      of: traffic, bucketSeconds: 1, window: span, gaps: [], options: AnalysisOptions())
    #expect(found.incidents.map(\.span.start) == [span.start])
    #expect(found.baseline.leftOut?.reason == .failing)
  }
}
