import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

func signal(_ builder: TrafficBuilder, gaps: [TimeSpan] = []) -> ServiceSignal {
  SignalDetection.signal(
    of: builder.traffic(), bucketSeconds: builder.bucketSeconds, window: builder.window,
    gaps: gaps, options: AnalysisOptions())
}

struct SpikeTests {
  static let rates = [5.0, 20, 100, 500]
  static let factors = [1.5, 2, 4, 8]

  /// Counts the planted onsets that are found within `seconds`, over rates, factors and seeds.
  private func hits(
    within seconds: Double, seeds: ClosedRange<UInt64>, dispersion: Double = 1,
    plant: (_ rate: Double, _ factor: Double, _ start: Int, _ seed: UInt64) -> TrafficBuilder
  ) -> (hits: Int, total: Int, misses: [String]) {
    var result = (hits: 0, total: 0, misses: [String]())
    for rate in Self.rates {
      for factor in Self.factors {
        for seed in seeds {
          let start = 1_800 + Int(seed) * 37
          var builder = plant(rate, factor, start, seed * 31 + UInt64(rate))
          builder.dispersion = dispersion
          let spikes = signal(builder).spikes
          let errors = spikes.map { $0.onset.seconds(since: builder.time(start)) }
          result.total += 1
          if errors.count == 1, abs(errors[0]) <= seconds {
            result.hits += 1
          } else {
            result.misses.append("rate \(rate), factor \(factor), seed \(seed): \(errors)")
          }
        }
      }
    }
    return result
  }

  @Test func `the onset of a step is within ten seconds in nine of ten`() {
    let found = hits(within: 10, seeds: 1...4) { rate, factor, start, seed in
      TrafficBuilder("\(rate)x\(start) \(rate * factor)x900 \(rate)x600", seed: seed)
    }
    #expect(found.hits * 10 >= found.total * 9, "\(found.hits)/\(found.total): \(found.misses)")
  }

  @Test func `so it is when counts scatter three times as much as chance`() {
    let found = hits(within: 10, seeds: 5...6, dispersion: 3) { rate, factor, start, seed in
      TrafficBuilder("\(rate)x\(start) \(rate * factor)x900 \(rate)x600", seed: seed)
    }
    #expect(found.hits * 10 >= found.total * 9, "\(found.hits)/\(found.total): \(found.misses)")
  }

  @Test func `repeats of failed requests that double the step do not move its onset`() {
    let found = hits(within: 10, seeds: 1...3) { rate, factor, start, seed in
      let high = rate * factor
      return TrafficBuilder(
        "\(rate)x\(start) \(high)x60 \(high):\(2 * high)x240 \(2 * high)x600 \(rate)x600",
        failed: "0x\(start + 30) .6x870 0x600", seed: seed)
    }
    #expect(found.hits * 10 >= found.total * 8, "\(found.hits)/\(found.total): \(found.misses)")
  }

  @Test func `a ramp is told as a ramp from its foot, a step as a step`() {
    for (seconds, seed) in [(300, 3), (600, 4), (900, 5)] as [(Int, UInt64)] {
      let builder = TrafficBuilder(
        "50x2400 50:200x\(seconds) 200x1200 50x900", seed: seed)
      let spike = signal(builder).spikes.first
      #expect(spike.map { abs($0.onset.seconds(since: builder.time(2_400))) <= 40 } == true)
      #expect(spike.map { abs($0.rampSeconds - Double(seconds)) <= 0.2 * Double(seconds) } == true)
      #expect(spike.map { abs($0.peakRate - 200) < 10 && abs($0.baselineRate - 50) < 3 } == true)
    }
    let step = TrafficBuilder("50x2400 200x1200 50x900", seed: 6)
    #expect(signal(step).spikes.map(\.rampSeconds) == [0])
  }

  @Test func `the interval of an onset holds the truth`() {
    var held = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      let builder = TrafficBuilder("10x1803 20x600 10x600", seed: seed)
      guard let spike = signal(builder).spikes.first else { continue }
      let error = abs(spike.onset.seconds(since: builder.time(1_803)))
      if error <= 2 * spike.onsetUncertaintySeconds { held += 1 }
    }
    #expect(held >= 18, "\(held) of 20")
  }

  @Test func `the end is found from behind, and a spike at the last line is open`() {
    let builder = TrafficBuilder("30x2400 120x900 30x1500", seed: 7)
    let spike = signal(builder).spikes.first
    #expect(spike.map { abs($0.end.seconds(since: builder.time(3_300))) <= 10 } == true)
    #expect(spike?.isOpen == false)
    let open = TrafficBuilder("30x2400 120x900", seed: 8)
    #expect(signal(open).spikes.map(\.isOpen) == [true])
    #expect(signal(open).spikes.map(\.end) == [open.time(3_300)])
  }

  @Test func `noise alone makes no spike`() {
    for (rate, dispersion) in [(0.2, 1.0), (3, 2), (40, 4), (300, 1)] {
      for seed in 1...3 as ClosedRange<UInt64> {
        var builder = TrafficBuilder("\(rate)x10800", seed: seed)
        builder.dispersion = dispersion
        #expect(signal(builder).spikes.isEmpty, "rate \(rate), seed \(seed)")
      }
    }
  }

  @Test func `a handful of requests is no spike`() {
    #expect(signal(TrafficBuilder("0.1x3600 0.8x60 0.1x1800", seed: 4)).spikes.isEmpty)
    #expect(signal(TrafficBuilder("20x3600 60x30 20x1800", seed: 4)).spikes.isEmpty)
  }

  @Test func `a second surge after the first is judged by what was before both`() {
    let builder = TrafficBuilder("20x1800 100x1500 20x900 60x900 20x900", seed: 9)
    let spikes = signal(builder).spikes
    #expect(spikes.count == 2)
    for spike in spikes { #expect(abs(spike.baselineRate - 20) < 2) }
  }

  @Test func `what stays over four hours or rises over one is a change of level`() {
    #expect(signal(TrafficBuilder("20x7200 60x21600", seed: 10)).spikes.isEmpty)
    #expect(signal(TrafficBuilder("20x7200 20:80x7200 80x7200", seed: 11)).spikes.isEmpty)
    let after = signal(TrafficBuilder("20x7200 60x21600", seed: 10)).baseline
    let last = Instant(seconds: TrafficBuilder.origin + 28_700)
    #expect(abs(after.rate(at: last) - 60) < 4)
  }

  @Test func `a rise in the eighth minute is not its own baseline`() {
    let builder = TrafficBuilder("20x450 80x900 20x900", seed: 12)
    let found = signal(builder)
    #expect(found.spikes.map { abs($0.onset.seconds(since: builder.time(450))) <= 10 } == [true])
    #expect(found.baseline.level == .firstMinutes)
    #expect(abs(found.baseline.rates[100] - 20) < 2)
  }

  @Test func `a batch of every night is normal from the third day on`() {
    let night = "4x82800 20x1800 4x1800"
    var builder = TrafficBuilder(
      [String](repeating: night, count: 5).joined(separator: " "), seed: 13)
    builder.bucketSeconds = 5
    let found = signal(builder)
    let late = found.spikes.filter { $0.onset > builder.time(2 * 86_400) }
    #expect(late.isEmpty)
    #expect(found.spikes.count == 2)
    #expect(found.incidents.isEmpty)
  }

  @Test func `stray stamps of another century cost no cells`() {
    let builder = TrafficBuilder("20x2400 80x900 20x900", seed: 14)
    var traffic = builder.traffic()
    var stray = BucketCounts()
    stray.answered = 1
    traffic.buckets.insert(ServiceTraffic.Bucket(start: 0, counts: stray), at: 0)
    traffic.buckets.append(ServiceTraffic.Bucket(start: 2_145_916_800, counts: stray))
    let found = SignalDetection.signal(
      of: traffic, bucketSeconds: 1,
      window: TimeSpan(start: Instant(seconds: 0), end: Instant(seconds: 2_145_916_801)), gaps: [],
      options: AnalysisOptions())
    #expect(found.baseline.rates.count < 1_000)
    #expect(found.spikes.count == 1)
  }

  @Test func `nothing and one request are told without a spike`() {
    var builder = TrafficBuilder("0x600")
    #expect(signal(builder).spikes.isEmpty)
    #expect(signal(builder).baseline.rate(at: builder.time(5)) >= 0)
    builder = TrafficBuilder("1x1")
    #expect(signal(builder).incidents.isEmpty)
    let empty = SignalDetection.signal(
      of: builder.traffic(), bucketSeconds: 60,
      window: TimeSpan(start: builder.time(0), end: builder.time(0)), gaps: [],
      options: AnalysisOptions())
    #expect(empty.spikes.isEmpty)
  }
}
