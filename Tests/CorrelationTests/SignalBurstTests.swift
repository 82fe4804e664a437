import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Failures that come in bursts all day, and what is told of them and beside them.
struct BurstTests {
  /// A day's traffic with a burst of 30–80 failures in 20–90 s every 20–40 min.
  struct Day {
    var builder: TrafficBuilder
    var bursts = 0

    init(rate: Double, hours: Int, seed: UInt64, background: Double = 0.0005) {
      self.init(
        rate: rate, seconds: hours * 3_600, pause: 1_200, seed: seed, background: background)
    }

    init(rate: Double, seconds: Int, pause: Int, seed: UInt64, background: Double = 0.0005) {
      var noise = SeededNoise(seed: seed)
      builder = TrafficBuilder("\(rate)x\(seconds)", seed: seed)
      var shares = [Double](repeating: background, count: seconds)
      var time = Int(noise.uniform() * 1.5 * Double(pause))
      while time < seconds - 100 {
        let length = 20 + Int(noise.uniform() * 70)
        let failed = 30 + 50 * noise.uniform()
        let share = min(1, failed / (rate * Double(length)))
        for second in time..<min(seconds, time + length) { shares[second] = share }
        bursts += 1
        time += pause + Int(noise.uniform() * Double(pause))
      }
      builder.failedShare = shares
    }

    /// Of the requests in a stretch a share fails.
    mutating func fail(_ share: Double, from start: Int, for seconds: Int) {
      for second in start..<start + seconds {
        builder.failedShare[second] = max(share, builder.failedShare[second])
      }
    }
  }

  @Test func `bursts of all day are usual`() {
    for (rate, hours, background) in [
      (1.5, 24, 0.0005), (3, 8, 0), (10, 24, 0.002), (20, 6, 0), (60, 12, 0.004),
    ] as [(Double, Int, Double)] {
      for seed in 1...3 as ClosedRange<UInt64> {
        let day = Day(rate: rate, hours: hours, seed: seed, background: background)
        let found = signal(day.builder)
        let told = found.incidents.map { "\($0.span.seconds) s" }
        #expect(told.isEmpty, "rate \(rate), seed \(seed): \(told)")
        let habit = found.baseline.bursts
        // The mildest hide in the background.
        let count = habit?.count ?? 0
        #expect(count * 5 >= day.bursts * 4 && count <= day.bursts, "\(count) of \(day.bursts)")
      }
    }
  }

  @Test func `an outage in their midst is found with its edges`() {
    for (rate, share, seconds) in [
      (3, 0.5, 900), (20, 0.3, 900), (20, 0.1, 420), (60, 0.4, 150), (60, 0.9, 2_700),
    ] as [(Double, Double, Int)] {
      for seed in 4...7 as ClosedRange<UInt64> {
        var day = Day(rate: rate, hours: 10, seed: seed)
        let start = 9_000 + Int(seed) * 1_111
        day.fail(share, from: start, for: seconds)
        let found = signal(day.builder).incidents
        let edges = found.map {
          [
            $0.span.start.seconds(since: day.builder.time(start)),
            $0.span.end.seconds(since: day.builder.time(start + seconds)),
          ]
        }
        #expect(found.count == 1, "rate \(rate), \(seconds) s, seed \(seed): \(edges)")
        // A burst that touches the outage cannot be told from it.
        #expect(edges.allSatisfy { abs($0[0]) <= 100 && abs($0[1]) <= 100 }, "\(edges)")
      }
    }
  }

  @Test func `outages that are few, long, or of a part of the day alone are no habit`() {
    let shapes: [(String, Int)] = [
      // Two short ones.
      ("0x9000 .3x60 0x7200 .3x60 0x12000", 2),
      // Every hour ten minutes.
      (String(repeating: "0x3000 .3x600 ", count: 7) + "0x3000", 7),
      // A fleet that flaps for an hour and a half of eight.
      ("0x14400 " + String(repeating: ".2x90 0x600 ", count: 8) + "0x9000", 8),
    ]
    for (shape, count) in shapes {
      let seconds = perSecond(shape).count
      let found = signal(TrafficBuilder("20x\(seconds)", failed: shape, seed: 9))
      #expect(found.incidents.count == count, "\(shape)")
      #expect(found.baseline.bursts == nil)
    }
  }

  @Test func `the one that is worse than all others is told`() {
    var day = Day(rate: 30, hours: 8, seed: 10)
    day.fail(0.9, from: 15_000, for: 80)
    let found = signal(day.builder).incidents
    #expect(found.count == 1)
    #expect(found.allSatisfy { abs($0.span.start.seconds(since: day.builder.time(15_000))) <= 60 })
  }

  @Test func `so are those of an hour or two`() {
    for (rate, minutes, pause) in [(12, 170, 800), (20, 120, 600), (60, 110, 600)]
      as [(Double, Int, Int)]
    {
      for seed in 1...4 as ClosedRange<UInt64> {
        let day = Day(rate: rate, seconds: minutes * 60, pause: pause, seed: seed)
        let found = signal(day.builder)
        let told = found.incidents.map { "\($0.span.seconds) s" }
        #expect(told.isEmpty, "\(minutes) min, seed \(seed): \(told)")
      }
      var day = Day(rate: rate, seconds: minutes * 60, pause: pause, seed: 5)
      day.fail(0.3, from: minutes * 36, for: 420)
      let found = signal(day.builder).incidents
      #expect(found.count == 1, "\(minutes) min")
    }
  }

  @Test func `logs that lie within a fleet that flaps are no habit`() {
    let shapes = [
      // All the time, and badly.
      String(repeating: "0x270 .4x30 ", count: 14),
      // After half an hour, to the end.
      "0x1800 " + String(repeating: ".3x20 0x220 ", count: 15),
      // Until half an hour before the end.
      String(repeating: "0x220 .3x20 ", count: 15) + "0x1800",
    ]
    for shape in shapes {
      let builder = TrafficBuilder("30x\(perSecond(shape).count)", failed: shape, seed: 3)
      let found = signal(builder)
      #expect(!found.incidents.isEmpty, "\(shape)")
      #expect(found.baseline.bursts == nil)
    }
  }
}
