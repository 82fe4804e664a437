import IncidentModel
import Testing

@testable import Correlation

/// Small rises that last: what comes after them is judged by them.
struct SettledTests {
  @Test(arguments: [1.15, 1.3])
  func `a surge after a small rise has its own onset and height`(small: Double) throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let level = 40 * small
      let builder = TrafficBuilder(
        "40x2700 \(level)x5400 \(3 * level)x1200 \(level)x2400", seed: seed)
      let spikes = signal(builder).spikes
      let spike = try #require(spikes.first, "seed \(seed)")
      #expect(spikes.count == 1)
      #expect(abs(spike.onset.seconds(since: builder.time(8_100))) <= 10, "seed \(seed)")
      #expect(abs(spike.end.seconds(since: builder.time(9_300))) <= 20, "seed \(seed)")
      #expect(abs(spike.baselineRate - level) <= 0.05 * level, "\(spike.baselineRate)")
    }
  }

  @Test func `so it has where the small rise stays behind another surge`() {
    let builder = TrafficBuilder("40x2700 160x1200 50x5400 160x1200 50x2400", seed: 3)
    let spikes = signal(builder).spikes
    #expect(spikes.count == 2)
    let onsets = spikes.map { Int($0.onset.seconds(since: builder.time(0))) }
    let ends = spikes.map { Int($0.end.seconds(since: builder.time(0))) }
    #expect(zip(onsets, [2_700, 9_300]).allSatisfy { abs($0 - $1) <= 20 }, "\(onsets)")
    #expect(zip(ends, [3_900, 10_500]).allSatisfy { abs($0 - $1) <= 310 }, "\(ends)")
    #expect(spikes.last.map { abs($0.baselineRate - 50) < 3 } == true)
  }

  @Test func `traffic that goes away after a small rise is a loss`() {
    let builder = TrafficBuilder("20x2700 25x5400 2x600 25x2400", seed: 5)
    let incidents = signal(builder).incidents
    #expect(incidents.map(\.detectedBy) == [[.trafficLoss]])
    #expect(
      incidents.first.map { abs($0.span.start.seconds(since: builder.time(8_100))) <= 20 } == true)
  }

  @Test func `a surge that comes step by step is held against what was before all steps`() throws {
    for seed in 1...4 as ClosedRange<UInt64> {
      let builder = TrafficBuilder(
        "20x2700 27x2700 37x2700 48x2400 20x1800", failed: "0x8100 .2x2400 0x1800", seed: seed)
      let found = signal(builder)
      let spike = try #require(found.spikes.first, "seed \(seed)")
      #expect(spike.onset < builder.time(8_200))
      #expect(abs(spike.baselineRate - 20) < 2, "seed \(seed): \(spike.baselineRate)")
      #expect(found.incidents.count == 1)
    }
  }

  @Test func `a small rise in which requests fail is not usual`() {
    let builder = TrafficBuilder(
      "40x2700 52x7200 40x3600", failed: "0x3600 .2x6300 0x3600", seed: 2)
    let found = signal(builder)
    #expect(abs(found.baseline.rate(at: builder.time(9_000)) - 40) < 2)
    #expect(found.incidents.count == 1)
  }
}
