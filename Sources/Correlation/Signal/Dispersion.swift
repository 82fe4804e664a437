internal import Glibc

/// How much more counts scatter than chance alone makes them: variance = (a + bμ)·μ, φ = a + bμ (METHODS §3).
///
/// φ is the largest of the variance ÷ mean of 10, 60 and 300 s sums, for noise is correlated: what looks like Poisson in 10 s may swing over minutes.
/// Variances come from second differences d = xᵢ₋₁ − 2xᵢ + xᵢ₊₁ (variance 6σ²), which a straight trend leaves alone,
/// as median(d²) ÷ (6 · 0.4549), the median of χ² with one degree, so that one step in the calm part counts for nothing.
/// Where all hours are of one level b = 0; with two days or more b is the slope between the calmer and the busier half of the hours, at least 0.
package struct Dispersion: Sendable {
  /// φ of small counts; at least 1, that of Poisson.
  package var base: Double
  /// Growth of φ per expected request in a cell.
  package var slope: Double

  package init(base: Double, slope: Double = 0) {
    self.base = base
    self.slope = slope
  }

  /// φ at an expected count per cell.
  package func factor(at expected: Double) -> Double {
    min(max(1, base + slope * expected), Parameters.Normal.maximumDispersion)
  }

  /// The signed distance of a count from what is expected, in standard deviations.
  ///
  /// From 10 expected (x − μ)/√(φμ); below Anscombe's 2(√(x + ⅜) − √(μ + ⅜))/√φ, which stays near normal for rare counts.
  package func deviation(_ count: Int, expected: Double) -> Double {
    let factor = factor(at: expected)
    if expected >= Parameters.Spike.plainResidualCount {
      return (Double(count) - expected) / (factor * expected).squareRoot()
    }
    let root = (Double(count) + 0.375).squareRoot() - (expected + 0.375).squareRoot()
    return 2 * root / factor.squareRoot()
  }

  /// Learns φ from the cells that are known and calm.
  ///
  /// - Complexity: O(cells · log cells).
  package init(_ series: CountSeries, calm: [Bool]) {
    let hour = series.cells(3_600)
    let range = series.knownRange
    var hours: [(mean: Double, factor: Double)] = []
    var low = range.lowerBound
    while low < range.upperBound {
      let high = min(low + hour, range.upperBound)
      if let found = Self.hour(series, calm: calm, low..<high) { hours.append(found) }
      low += hour
    }
    self.init(base: 1)
    guard !hours.isEmpty else { return }
    let days = Double(range.count) * Double(series.widthSeconds) / 86_400
    base = max(1, Self.median(hours.map(\.factor)))
    guard days >= 2, hours.count >= 8 else { return }
    hours.sort { ($0.mean, $0.factor) < ($1.mean, $1.factor) }
    let calmer = hours[..<(hours.count / 2)]
    let busier = hours[(hours.count / 2)...]
    let lowMean = Self.median(calmer.map(\.mean))
    let highMean = Self.median(busier.map(\.mean))
    guard highMean > 1.2 * lowMean else { return }
    let lowFactor = Self.median(calmer.map(\.factor))
    let highFactor = Self.median(busier.map(\.factor))
    slope = max(0, (highFactor - lowFactor) / (highMean - lowMean))
    if slope > 0 { base = max(1, lowFactor - slope * lowMean) }
  }

  /// Mean per cell and φ of one hour; nil where too little of it is calm.
  private static func hour(
    _ series: CountSeries, calm: [Bool], _ range: Range<Int>
  ) -> (mean: Double, factor: Double)? {
    let calmCells = range.reduce(0) { $0 + (calm[$1] && series.known[$1] ? 1 : 0) }
    guard calmCells * series.widthSeconds >= 600 else { return nil }
    var sum = 0
    for index in range where calm[index] && series.known[index] { sum += series.requests[index] }
    let mean = Double(sum) / Double(calmCells)
    guard mean > 0 else { return nil }
    var largest = 1.0
    for seconds in Parameters.Normal.dispersionSeconds where seconds >= series.widthSeconds {
      let step = series.cells(seconds)
      if let factor = factor(series, calm: calm, range, step: step, mean: mean * Double(step)) {
        largest = max(largest, factor)
      }
    }
    return (mean, min(largest, Parameters.Normal.maximumDispersion))
  }

  private static func factor(
    _ series: CountSeries, calm: [Bool], _ range: Range<Int>, step: Int, mean: Double
  ) -> Double? {
    // Squares of counts of a few have a median of 0 or 1; they tell no variance.
    guard mean >= 5 else { return nil }
    var sums: [Double?] = []
    var low = range.lowerBound
    while low + step <= range.upperBound {
      let cells = low..<low + step
      let whole = cells.allSatisfy { calm[$0] && series.known[$0] }
      sums.append(whole ? Double(series.requests(in: cells)) : nil)
      low += step
    }
    var squares: [Double] = []
    for index in sums.indices.dropFirst().dropLast() {
      guard let left = sums[index - 1], let middle = sums[index], let right = sums[index + 1] else {
        continue
      }
      let difference = left - 2 * middle + right
      squares.append(difference * difference / 6)
    }
    guard squares.count >= 8 else { return nil }
    return median(squares) / 0.4549 / mean
  }

  /// The middle value, the lower one of two; 0 of none.
  package static func median(_ values: [Double]) -> Double {
    quantile(values, 0.5)
  }

  /// The value below which the part `share` of the values lies, by rank; 0 of none.
  package static func quantile(_ values: [Double], _ share: Double) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    return sorted[min(sorted.count - 1, max(0, Int(share * Double(sorted.count - 1))))]
  }
}

/// How unlikely a sum is under over-dispersed counts (METHODS §4, §5).
package enum CountTail {
  /// Natural logarithm of Chernoff's bound on the tail beyond `count`, on the side on which it lies.
  ///
  /// Negative binomial with mean m and variance φm, r = m/(φ − 1): bound = −[x·ln(x/m) − (x + r)·ln((x + r)/(m + r))];
  /// Poisson for φ = 1: −[x·ln(x/m) − x + m]. The true tail is smaller, so a gate on the bound is the stricter one.
  /// Source: Chernoff, Ann. Math. Statist. 23 (1952).
  package static func logBound(count: Int, expected: Double, dispersion: Double) -> Double {
    guard expected > 0 else { return count > 0 ? -.infinity : 0 }
    let x = Double(max(0, count))
    let own = x > 0 ? x * log(x / expected) : 0
    guard dispersion > 1 + 1e-9 else { return min(0, -(own - x + expected)) }
    let size = expected / (dispersion - 1)
    return min(0, -(own - (x + size) * log((x + size) / (expected + size))))
  }
}

/// The natural logarithm, for files that need no other mathematics.
func naturalLog(_ value: Double) -> Double { log(value) }
