internal import Glibc

/// Where a series changes from one level, or one slope, to another (METHODS §4, *Levels*).
///
/// Optimal partitioning with the pruning of PELT (Killick, Fearnhead, Eckley 2012): the segments that minimise
/// Σ squared deviations ÷ variance + penalty. A segment is a level or, for one parameter more, a straight line: levels alone would cut every drift into stairs.
/// The variance is that about one straight line through the whole, as a trend is no scatter. The penalty is the modified Bayesian information criterion (Zhang, Siegmund 2007), as the R package
/// `changepoint` writes it: 3·ln n for a change, ln n for a slope, and ln of each segment's length. A segment has three values at least.
/// Of two levels that follow each other the weakest change is merged until all differ by ≥ 20 % where a level is a ratio's or a size's. A test of significance on top of the penalty, as in Apache Otava, refused nothing that the penalty had left.
package struct LevelChanges: Sendable {
  /// A stretch of the series.
  package struct Segment: Hashable, Sendable {
    package var range: Range<Int>
    package var mean: Double
    /// It is a straight line, no level.
    package var isSloped: Bool
  }

  /// In order, without a gap; empty for an empty series.
  package private(set) var segments: [Segment]
  /// First index of every segment but the first, ascending.
  package var changes: [Int] { segments.dropFirst().map(\.range.lowerBound) }

  /// Values that a segment has at least.
  package static let leastSegment = 3
  /// ln n a change costs so many times, beside the logarithm of the segments' lengths.
  package static let penalty = 3.0
  /// ln n a slope costs so many times.
  package static let slopePenalty = 1.0
  /// A change of a smaller part of the lower level is none.
  package static let leastChange = 0.2

  /// - Parameters:
  ///   - values: evenly spaced; what is not finite counts as the value before it.
  ///   - leastChange: part of the lower level; 0 for series whose zero means nothing.
  ///   - variance: of the values within a level, where it is known; nil: that about one straight line through the whole.
  /// - Complexity: O(n) where levels change often, O(n²) where they never do.
  package init(
    _ values: [Double], leastChange: Double = LevelChanges.leastChange, variance: Double? = nil
  ) {
    let sums = SegmentSums(Self.filled(values))
    let count = sums.count
    let variance = variance ?? Self.variance(sums)
    let scale = max(abs(sums.mean(0..<count)), 1e-9)
    var found: [Int] = []
    if count >= 2 * Self.leastSegment, variance > 1e-24 * scale * scale {
      found = Self.partition(sums, variance: variance)
    }
    func segments() -> [Segment] {
      Self.ranges(found, count).map { range in
        Segment(
          range: range, mean: sums.mean(range),
          isSloped: variance > 0 && Self.isSloped(range, sums, variance: variance))
      }
    }
    var told = count > 0 ? segments() : []
    while let weakest = Self.weakest(of: told, leastChange: leastChange) {
      found.remove(at: weakest)
      told = segments()
    }
    self.segments = told
  }

  private static func filled(_ values: [Double]) -> [Double] {
    var last = values.first { $0.isFinite } ?? 0
    return values.map { value in
      if value.isFinite, abs(value) < 1e150 { last = value }
      return last
    }
  }

  static func ranges(_ changes: [Int], _ count: Int) -> [Range<Int>] {
    let edges = [0] + changes + [count]
    return (1..<edges.count).map { edges[$0 - 1]..<edges[$0] }
  }

  /// About one straight line through the whole.
  static func variance(_ sums: SegmentSums) -> Double {
    sums.count > 0 ? sums.lineDeviation(0..<sums.count) / Double(sums.count) : 0
  }

  /// What a segment costs; segments that are too short cost everything.
  static func cost(_ part: Range<Int>, _ sums: SegmentSums, variance: Double) -> Double {
    guard part.count >= leastSegment else { return .infinity }
    return fit(part, sums, variance: variance) + log(Double(part.count))
      + penalty * log(Double(sums.count))
  }

  /// The cheaper of a level and of a line with what its slope costs.
  private static func fit(_ part: Range<Int>, _ sums: SegmentSums, variance: Double) -> Double {
    min(
      sums.deviation(part) / variance,
      sums.lineDeviation(part) / variance + slopePenalty * log(Double(sums.count)))
  }

  private static func isSloped(_ part: Range<Int>, _ sums: SegmentSums, variance: Double) -> Bool {
    let gain = sums.deviation(part) - sums.lineDeviation(part)
    return gain / variance > slopePenalty * log(Double(sums.count))
  }

  /// The cheapest partition, exactly: a start is dropped only when it can never be the best again.
  static func partition(_ sums: SegmentSums, variance: Double) -> [Int] {
    let count = sums.count
    let lengths = (0...count).map { log(Double($0)) }
    let (change, slope) = (penalty * lengths[count], slopePenalty * lengths[count])
    var best = [Double](repeating: .infinity, count: count + 1)
    var from = [Int](repeating: 0, count: count + 1)
    best[0] = 0
    var starts = [0]
    for end in leastSegment...count {
      for start in starts where end - start >= leastSegment {
        let (level, line) = sums.deviations(start..<end)
        // As `cost` has it, with every logarithm taken once.
        let total =
          best[start] + min(level / variance, line / variance + slope) + lengths[end - start]
          + change
        if total < best[end] { (best[end], from[end]) = (total, start) }
      }
      // From the next end on a segment may begin at `next`: whoever costs more up to there than the best does never gets cheaper. One line over both would not fit the first part better than a line of its own.
      let next = end - leastSegment + 1
      guard next >= leastSegment, best[next] < .infinity else { continue }
      starts.removeAll { start in
        best[start] + sums.lineDeviation(start..<next) / variance > best[next]
      }
      starts.append(next)
    }
    var changes: [Int] = []
    var end = from[count]
    while end > 0 {
      changes.append(end)
      end = from[end]
    }
    return changes.reversed()
  }

  /// The change between two levels that is the smallest part of the lower; nil where all are large enough.
  private static func weakest(of segments: [Segment], leastChange: Double) -> Int? {
    var worst: (place: Int, change: Double)?
    for place in segments.indices.dropLast() {
      let (left, right) = (segments[place], segments[place + 1])
      guard !left.isSloped, !right.isSloped else { continue }
      let low = min(abs(left.mean), abs(right.mean))
      let change = abs(left.mean - right.mean)
      guard change < leastChange * low, change < worst?.change ?? .infinity else { continue }
      worst = (place, change)
    }
    return worst?.place
  }
}

/// Sums from which the mean and the squared deviations of any segment follow.
struct SegmentSums: Sendable {
  let count: Int
  private var sums = [0.0]
  private var squares = [0.0]
  /// Sums of index × value.
  private var moments = [0.0]
  private let shift: Double

  init(_ values: [Double]) {
    count = values.count
    // Sums about the mean keep their digits where the values are large and alike.
    shift = values.isEmpty ? 0 : values.reduce(0) { $0 + $1 / Double(values.count) }
    for (index, value) in values.enumerated() {
      let centred = value - shift
      sums.append(sums[index] + centred)
      squares.append(squares[index] + centred * centred)
      moments.append(moments[index] + Double(index) * centred)
    }
  }

  func mean(_ part: Range<Int>) -> Double {
    guard !part.isEmpty else { return 0 }
    return shift + (sums[part.upperBound] - sums[part.lowerBound]) / Double(part.count)
  }

  /// Σ (x − mean)²
  func deviation(_ part: Range<Int>) -> Double {
    guard !part.isEmpty else { return 0 }
    let sum = sums[part.upperBound] - sums[part.lowerBound]
    return max(
      0, squares[part.upperBound] - squares[part.lowerBound] - sum * sum / Double(part.count))
  }

  /// Σ (x − straight line)², by least squares.
  func lineDeviation(_ part: Range<Int>) -> Double { deviations(part).line }

  /// Both of ``deviation(_:)`` and ``lineDeviation(_:)``.
  func deviations(_ part: Range<Int>) -> (level: Double, line: Double) {
    let level = deviation(part)
    guard part.count >= 3 else { return (level, 0) }
    let count = Double(part.count)
    let sum = sums[part.upperBound] - sums[part.lowerBound]
    let moment = moments[part.upperBound] - moments[part.lowerBound]
    let middle = Double(part.lowerBound) + (count - 1) / 2
    let cross = moment - middle * sum
    let spread = count * (count * count - 1) / 12
    return (level, max(0, level - cross * cross / spread))
  }
}
