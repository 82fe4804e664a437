/// Where a series goes from one level to another, of the changes that ``LevelChanges`` finds in it (METHODS §4, *Levels*).
///
/// A segment that slopes so little that its ends are one level is a level; a steeper one between two levels is the way from one to the other.
/// Neighbours that are one level, or that Welch's test does not tell apart at p < .001, are joined, the most alike first, as in Apache Otava.
/// What is left is a step where the values next to it differ as much as the levels do: a daily curve that is cut into stairs has none.
struct LevelSteps: Sendable {
  struct Step: Hashable, Sendable {
    /// The cells next to the step on each side, ``context`` at most; what lies between them is the way.
    var before: Range<Int>
    var after: Range<Int>
    /// End of the new level; nil: it lasts as long as the series.
    var end: Int?
  }

  /// In order.
  private(set) var steps: [Step] = []

  /// Cells on each side that tell from which level to which a step goes.
  static let context = 30
  /// Cells on each side that differ as much as the levels do.
  static let near = 10
  /// Cells between two values whose difference tells how much values scatter.
  private static let apart = 3
  /// A way of more cells is a drift and no step.
  static let longestWay = 15

  /// - Parameters:
  ///   - values: evenly spaced, and alike in scatter at every height; what is not finite is not known.
  ///   - leastScatter: standard deviation that values within a level have at least.
  ///   - isStep: whether two levels are as far apart as a step goes at least.
  /// - Complexity: that of ``LevelChanges``.
  init(_ values: [Double], leastScatter: Double, isStep: (Double, Double) -> Bool) {
    let known = values.indices.filter { values[$0].isFinite }
    guard known.count * 2 >= values.count else { return }
    // Changes are looked for among what is known, for a gap that is filled up is a level of its own.
    let dense = known.map { values[$0] }
    let variance = max(leastScatter * leastScatter, Self.variance(dense))
    let segments = LevelChanges(dense, leastChange: 0, variance: variance).segments
    var levels = segments.filter { !$0.isSloped || Self.isLevel(dense[$0.range], isStep) }
      .map(\.range)
    while let place = Self.mostAlike(levels, dense, isStep) {
      levels[place] = levels[place].lowerBound..<levels[place + 1].upperBound
      levels.remove(at: place + 1)
    }
    for (left, right) in zip(levels, levels.dropFirst())
    where right.lowerBound - left.upperBound <= Self.longestWay {
      let (left, right) = Self.closed(left, right, dense)
      let near = (
        Self.mean(dense[left.suffix(Self.near)]), Self.mean(dense[right.prefix(Self.near)])
      )
      guard isStep(near.0, near.1) else { continue }
      let (before, after) = (left.suffix(Self.context), right.prefix(Self.context))
      steps.append(
        Step(
          before: known[before.lowerBound]..<known[before.upperBound - 1] + 1,
          after: known[after.lowerBound]..<known[after.upperBound - 1] + 1,
          end: right.upperBound == dense.count ? nil : known[right.upperBound - 1] + 1))
    }
  }

  /// The levels with the cells of the way between them that are within a quarter of it: a steep segment has three cells at least, and may begin before the step.
  private static func closed(
    _ left: Range<Int>, _ right: Range<Int>, _ values: [Double]
  ) -> (Range<Int>, Range<Int>) {
    let way = left.upperBound..<right.lowerBound
    let (before, after) = (mean(values[left.suffix(near)]), mean(values[right.prefix(near)]))
    func part(_ place: Int) -> Double { (values[place] - before) / (after - before) }
    let end = way.last { part($0) < 0.25 }.map { $0 + 1 } ?? way.lowerBound
    let start = (end..<way.upperBound).first { part($0) > 0.75 } ?? way.upperBound
    return (left.lowerBound..<end, start..<right.upperBound)
  }

  /// Within the levels, whatever lies between them: from the middle one of the squared differences of values that are a few cells apart (0.4549 is that of χ² with one degree), for neighbours are alike.
  private static func variance(_ values: [Double]) -> Double {
    let squares = zip(values, values.dropFirst(apart)).map { ($1 - $0) * ($1 - $0) }
    return Dispersion.median(squares) / (2 * 0.4549)
  }

  private static func mean(_ values: ArraySlice<Double>) -> Double {
    values.reduce(0, +) / Double(max(1, values.count))
  }

  /// Whether both ends of the straight line through the values are one level.
  private static func isLevel(
    _ values: ArraySlice<Double>, _ isStep: (Double, Double) -> Bool
  ) -> Bool {
    let count = Double(values.count)
    guard count >= 2 else { return true }
    let middle = (count - 1) / 2
    let mean = mean(values)
    var cross = 0.0
    for (place, value) in values.enumerated() { cross += (Double(place) - middle) * (value - mean) }
    let half = cross / (count * (count * count - 1) / 12) * middle
    return !isStep(mean - half, mean + half)
  }

  /// Of the neighbours that are one level those that differ least; nil where there are none.
  private static func mostAlike(
    _ levels: [Range<Int>], _ values: [Double], _ isStep: (Double, Double) -> Bool
  ) -> Int? {
    var found: (place: Int, change: Double)?
    for place in levels.indices.dropLast() {
      let left = values[levels[place].suffix(context)]
      let right = values[levels[place + 1].prefix(context)]
      let means = (mean(left), mean(right))
      let change = abs(means.0 - means.1)
      guard change < found?.change ?? .infinity else { continue }
      if !isStep(means.0, means.1) || !WelchTest.differ(left, right) { found = (place, change) }
    }
    return found?.place
  }
}

/// Whether two samples have different means, whatever their variances (Welch 1947), at p < .001 on both sides.
///
/// Neighbours in time are alike: a sample counts for n·(1 − ρ)/(1 + ρ) values, ρ the correlation of those that follow each other, where it is above 0.
enum WelchTest {
  /// Degrees of freedom and the value of Student's t beyond which lie .001 on both sides together.
  private static let critical: [(degrees: Double, value: Double)] = [
    (1, 636.6), (2, 31.60), (3, 12.92), (4, 8.610), (5, 6.869), (6, 5.959), (7, 5.408),
    (8, 5.041), (9, 4.781), (10, 4.587), (12, 4.318), (15, 4.073), (20, 3.850), (30, 3.646),
    (60, 3.460), (120, 3.373),
  ]

  static func differ(_ left: ArraySlice<Double>, _ right: ArraySlice<Double>) -> Bool {
    guard left.count >= 3, right.count >= 3 else { return false }
    let (first, second) = (moments(left), moments(right))
    let squares = first.squares + second.squares
    let correlation = squares > 0 ? max(0, (first.cross + second.cross) / squares) : 0
    let part = (1 - min(0.9, correlation)) / (1 + min(0.9, correlation))
    func error(_ count: Int, _ squares: Double) -> (square: Double, degrees: Double) {
      let counted = max(2, Double(count) * part)
      return (squares / Double(count - 1) / counted, counted - 1)
    }
    let errors = (error(left.count, first.squares), error(right.count, second.squares))
    let square = errors.0.square + errors.1.square
    let distance = abs(first.mean - second.mean)
    // What does not scatter at all differs as soon as it is not the same.
    guard square > 1e-18 * distance * distance else { return distance > 0 }
    let degrees =
      square * square
      / (errors.0.square * errors.0.square / errors.0.degrees
        + errors.1.square * errors.1.square / errors.1.degrees)
    let limit = critical.last { $0.degrees <= degrees }?.value ?? critical[0].value
    return distance / square.squareRoot() > limit
  }

  private static func moments(
    _ values: ArraySlice<Double>
  ) -> (mean: Double, squares: Double, cross: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    var squares = 0.0
    var cross = 0.0
    var last: Double?
    for value in values {
      let distance = value - mean
      squares += distance * distance
      if let last { cross += last * distance }
      last = distance
    }
    return (mean, squares, cross)
  }
}
