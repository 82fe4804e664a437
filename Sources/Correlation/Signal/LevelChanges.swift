internal import Glibc

/// Where a series changes from one level to another (METHODS §4, *Levels*).
///
/// Optimal partitioning with the pruning of PELT (Killick, Fearnhead, Eckley 2012): the segments that minimise
/// Σ squared deviations ÷ variance + penalty. The penalty is the modified Bayesian information criterion (Zhang, Siegmund 2007), as the R package
/// `changepoint` writes it: 3·ln n for a change, and ln of each segment's length. A segment has three values at least.
/// Then, as Apache Otava does, the weakest change is merged until in all of them
/// - the levels differ by Welch's test, p < .001, and by ≥ 20 % where a level is a ratio's or a size's, and
/// - two levels describe the two segments better than one straight line: a drift is no step.
package struct LevelChanges: Sendable {
  /// First index of every segment but the first, ascending.
  package private(set) var changes: [Int]
  /// Mean of each segment.
  package private(set) var levels: [Double]

  /// Values that a segment has at least.
  package static let leastSegment = 3
  /// ln n a change costs so many times, beside the logarithm of the segments' lengths.
  package static let penalty = 3.0
  package static let significance = 0.001
  /// A change of a smaller part of the lower level is none.
  package static let leastChange = 0.2

  /// - Parameters:
  ///   - values: evenly spaced; what is not finite counts as the value before it.
  ///   - leastChange: part of the lower level; 0 for series whose zero means nothing.
  /// - Complexity: O(n) where levels change often, O(n²) where they never do.
  package init(_ values: [Double], leastChange: Double = LevelChanges.leastChange) {
    let sums = SegmentSums(Self.filled(values))
    let count = sums.count
    guard count >= 2 * Self.leastSegment else {
      changes = []
      levels = count > 0 ? [sums.mean(0..<count)] : []
      return
    }
    let variance = sums.deviation(0..<count) / Double(count)
    let scale = max(abs(sums.mean(0..<count)), 1e-9)
    var found =
      variance > 1e-24 * scale * scale ? Self.partition(sums, variance: variance) : []
    while let weakest = Self.weakest(of: found, sums, leastChange: leastChange) {
      found.remove(at: weakest)
    }
    changes = found
    levels = Self.segments(found, count).map(sums.mean)
  }

  private static func filled(_ values: [Double]) -> [Double] {
    var last = values.first { $0.isFinite } ?? 0
    return values.map { value in
      if value.isFinite, abs(value) < 1e150 { last = value }
      return last
    }
  }

  static func segments(_ changes: [Int], _ count: Int) -> [Range<Int>] {
    let edges = [0] + changes + [count]
    return (1..<edges.count).map { edges[$0 - 1]..<edges[$0] }
  }

  /// What a segment costs; segments that are too short cost everything.
  static func cost(_ part: Range<Int>, _ sums: SegmentSums, variance: Double) -> Double {
    guard part.count >= leastSegment else { return .infinity }
    return sums.deviation(part) / variance + log(Double(part.count))
      + penalty * log(Double(sums.count))
  }

  /// The cheapest partition, exactly: a start is dropped only when it can never be the best again.
  static func partition(_ sums: SegmentSums, variance: Double) -> [Int] {
    let count = sums.count
    var best = [Double](repeating: .infinity, count: count + 1)
    var from = [Int](repeating: 0, count: count + 1)
    best[0] = 0
    var starts = [0]
    for end in leastSegment...count {
      for start in starts where end - start >= leastSegment {
        let total = best[start] + cost(start..<end, sums, variance: variance)
        if total < best[end] { (best[end], from[end]) = (total, start) }
      }
      // From the next end on a segment may begin at `next`: whoever costs more up to there than the best does never gets cheaper.
      let next = end - leastSegment + 1
      guard next >= leastSegment, best[next] < .infinity else { continue }
      starts.removeAll { start in
        best[start] + sums.deviation(start..<next) / variance > best[next]
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

  /// The change that fails a test most clearly; nil when all pass.
  private static func weakest(
    of changes: [Int], _ sums: SegmentSums, leastChange: Double
  ) -> Int? {
    let parts = segments(changes, sums.count)
    var worst: (place: Int, badness: Double)?
    for place in changes.indices {
      let (left, right) = (parts[place], parts[place + 1])
      let low = min(abs(sums.mean(left)), abs(sums.mean(right)))
      let change = abs(sums.mean(left) - sums.mean(right))
      let chance = Welch.chance(left, right, sums)
      let whole = left.lowerBound..<right.upperBound
      let steps = sums.deviation(left) + sums.deviation(right)
      let line = sums.lineDeviation(whole)
      let tests = [
        chance / significance,
        change > 0 ? leastChange * low / change : .infinity,
        steps > 0 ? steps / max(line, 1e-12 * steps) : 0,
      ]
      let badness = tests.max() ?? 0
      if badness > 1, badness > worst?.badness ?? 0 { worst = (place, badness) }
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
  func lineDeviation(_ part: Range<Int>) -> Double {
    let count = Double(part.count)
    guard part.count >= 3 else { return 0 }
    let sum = sums[part.upperBound] - sums[part.lowerBound]
    let moment = moments[part.upperBound] - moments[part.lowerBound]
    let middle = Double(part.lowerBound) + (count - 1) / 2
    let cross = moment - middle * sum
    let spread = count * (count * count - 1) / 12
    return max(0, deviation(part) - cross * cross / spread)
  }
}

/// Welch's test of two means with unequal variances.
enum Welch {
  /// The two-sided probability of so great a difference by chance.
  static func chance(_ left: Range<Int>, _ right: Range<Int>, _ sums: SegmentSums) -> Double {
    guard left.count > 1, right.count > 1 else { return 1 }
    let (n, m) = (Double(left.count), Double(right.count))
    let a = sums.deviation(left) / (n - 1) / n
    let b = sums.deviation(right) / (m - 1) / m
    let difference = abs(sums.mean(left) - sums.mean(right))
    guard a + b > 0 else { return difference > 0 ? 0 : 1 }
    let t = difference / (a + b).squareRoot()
    let freedom = (a + b) * (a + b) / (a * a / (n - 1) + b * b / (m - 1))
    return studentTail(t, freedom: freedom)
  }

  /// P(|T| > t) = I(ν/(ν+t²); ν/2, ½), the regularised incomplete beta function by its continued fraction (Lentz).
  static func studentTail(_ t: Double, freedom: Double) -> Double {
    guard t > 0, freedom > 0, t.isFinite else { return t > 0 ? 0 : 1 }
    return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)
  }

  static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let scale: Double = lgamma(a + b) - lgamma(a) - lgamma(b)
    let power: Double = a * log(x) + b * log(1 - x)
    let front = exp(scale + power) / a
    let tiny = 1e-300
    func safe(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var c = 1.0
    var d = 1 / safe(1 - (a + b) * x / (a + 1))
    var result = d
    for step in 1...300 {
      let m = Double(step)
      for part in 0..<2 {
        let even: Double = m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m))
        let odd: Double = -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1))
        let term = x * (part == 0 ? even : odd)
        d = 1 / safe(1 + term * d)
        c = safe(1 + term / c)
        result *= c * d
      }
      if abs(c * d - 1) < 1e-14 { break }
    }
    return min(1, front * result)
  }
}
