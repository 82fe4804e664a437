import Testing

@testable import Correlation

struct SignalLevelTests {
  /// Levels with noise, drawn from a seed.
  private func series(_ seed: UInt64, _ steps: [(count: Int, level: Double)]) -> [Double] {
    var random = SplitMix(seed: seed)
    return steps.flatMap { step in
      (0..<step.count).map { _ in
        step.level + (0..<4).reduce(0) { sum, _ in sum + Double(random.next() % 2_001) / 1_000 - 1 }
      }
    }
  }

  /// The cheapest partition by trying every last change of every length.
  private func cheapest(_ values: [Double]) -> Double {
    let sums = SegmentSums(values)
    let variance = LevelChanges.variance(sums)
    var best = [Double](repeating: .infinity, count: values.count + 1)
    best[0] = 0
    for end in 1...values.count {
      for start in 0..<end {
        best[end] = min(
          best[end], best[start] + LevelChanges.cost(start..<end, sums, variance: variance))
      }
    }
    return best[values.count]
  }

  @Test(arguments: 1...UInt64(40))
  func `pruning finds the cheapest partition`(seed: UInt64) {
    var random = SplitMix(seed: seed)
    let steps = (0..<Int(1 + random.next() % 5)).map { _ in
      (count: Int(3 + random.next() % 30), level: Double(random.next() % 12))
    }
    let values = series(seed, steps)
    let sums = SegmentSums(values)
    let variance = LevelChanges.variance(sums)
    guard values.count >= 2 * LevelChanges.leastSegment, variance > 0 else { return }
    let found = LevelChanges.partition(sums, variance: variance)
    let cost = LevelChanges.ranges(found, values.count).reduce(0) {
      $0 + LevelChanges.cost($1, sums, variance: variance)
    }
    #expect(abs(cost - cheapest(values)) < 1e-6, "seed \(seed)")
  }

  @Test func `a step is found where it is, and a drift is none`() {
    let step = LevelChanges(series(1, [(50, 20), (40, 40)]))
    #expect(step.changes == [50])
    #expect(step.segments.map(\.isSloped) == [false, false])
    let drift = (0..<120).map { 20 + Double($0) / 2 }
    #expect(LevelChanges(drift).changes.isEmpty)
    #expect(LevelChanges(series(2, [(200, 20)])).changes.isEmpty)
  }

  @Test func `a slope that begins is a change, and neither side of it a stair`() {
    let level = series(4, [(60, 20)])
    let noise = series(5, [(60, 0)])
    let found = LevelChanges(level + noise.enumerated().map { 20 + Double($0) + $1 })
    #expect(found.changes.count == 1)
    #expect(abs((found.changes.first ?? 0) - 60) <= 5)
    #expect(found.segments.map(\.isSloped) == [false, true])
  }

  @Test func `a change under a fifth is none where zero means something`() {
    let values = series(3, [(60, 100), (60, 110)])
    #expect(LevelChanges(values).changes.isEmpty)
    #expect(LevelChanges(values, leastChange: 0).changes == [60])
  }

  @Test func `what is no number does no harm`() {
    for values in [
      [], [.nan], [.infinity, -.infinity, .nan, 1, 1, 1, 1], [1e300, 0, 1e300, 0, 0, 0],
    ] {
      let found = LevelChanges(values)
      #expect(found.changes.allSatisfy { $0 > 0 && $0 < values.count })
    }
  }
}
