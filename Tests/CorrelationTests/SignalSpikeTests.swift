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
  @Test func `the onset of a step is within ten seconds in nine of ten`() {
    var hits = 0
    var total = 0
    var misses: [String] = []
    for rate in [5.0, 20, 100, 500] {
      for factor in [1.5, 2, 4, 8] {
        for seed in 1...3 as ClosedRange<UInt64> {
          let start = 1_800 + Int(seed) * 7
          let builder = TrafficBuilder(
            "\(rate)x\(start) \(rate * factor)x900 \(rate)x900", seed: seed * 31 + UInt64(rate))
          let spikes = signal(builder).spikes
          total += 1
          let errors = spikes.map { $0.onset.seconds(since: builder.time(start)) }
          if spikes.count == 1, abs(errors[0]) <= 10 {
            hits += 1
          } else {
            misses.append("rate \(rate) factor \(factor) seed \(seed): \(errors)")
          }
        }
      }
    }
    #expect(hits * 10 >= total * 9, "\(hits) of \(total): \(misses)")
  }
}

struct SpikeSweep {
  @Test func `sweep`() {
    for (title, dispersion, ramp) in [
      ("step", 1.0, 0), ("nb3", 3.0, 0), ("ramp300", 1.0, 300), ("ramp900", 1.0, 900),
      ("retry", 1.0, -1),
    ] {
      var hits = 0
      var total = 0
      var lines: [String] = []
      for rate in [5.0, 20, 100, 500] {
        for factor in [1.5, 2, 4, 8] {
          for seed in 1...6 as ClosedRange<UInt64> {
            let start = 1_800 + Int(seed) * 37
            var builder = TrafficBuilder(
              "\(rate)x\(start) \(rate):\(rate * factor)x\(max(0, ramp)) \(rate * factor)x900 \(rate)x900",
              seed: seed * 31 + UInt64(rate))
            if ramp < 0 {
              builder = TrafficBuilder(
                "\(rate)x\(start) \(rate * factor)x60 \(rate * factor):\(rate * factor * 2)x240 \(rate * factor * 2)x900 \(rate)x900",
                failed: "0x\(start + 30) .6x9999", seed: seed * 31 + UInt64(rate))
            }
            builder.dispersion = dispersion
            let spikes = signal(builder).spikes
            total += 1
            let error = spikes.first.map { $0.onset.seconds(since: builder.time(start)) } ?? 9999
            let endError =
              spikes.first.map {
                $0.end.seconds(
                  since: builder.time(start + 900 + max(0, ramp) + (ramp < 0 ? 300 : 0)))
              } ?? 9999
            if spikes.count == 1, abs(error) <= 10 { hits += 1 }
            if spikes.count != 1 || abs(error) > max(10, Double(ramp) / 10) || abs(endError) > 15 {
              lines.append(
                "\(rate) x\(factor) s\(seed): n\(spikes.count) on \(error) ± \(spikes.first?.onsetUncertaintySeconds ?? -1) ramp \(spikes.first?.rampSeconds ?? -1) end \(endError)"
              )
            }
          }
        }
      }
      print(title, hits, total)
      for line in lines.prefix(25) { print("   ", line) }
    }
  }
}
