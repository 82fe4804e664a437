/// Mean and shape ratio over the calm cells of the trailing hour, kept as running sums.
struct TrailingWindow {
  struct Height {
    var mean: Double?
    var shapeRatio: Double?
  }

  private let series: CountSeries
  private let length: Int
  private let guardCells: Int
  private let least: Int
  private var isCounted: [Bool]
  private var shapeOf: [Double]
  private var next = 0
  private var oldest = 0
  private var count = 0
  private var requests = 0
  private var shapeCount = 0
  private var shapeRequests = 0
  private var shapeSum = 0.0

  init(_ series: CountSeries) {
    self.series = series
    length = series.cells(Parameters.Normal.trailingSeconds)
    guardCells = series.cells(Parameters.Normal.guardSeconds)
    least = series.cells(Parameters.Normal.firstSeconds)
    isCounted = [Bool](repeating: false, count: series.count)
    shapeOf = [Double](repeating: .nan, count: series.count)
  }

  mutating func begin(at index: Int) {
    next = index
    oldest = index
  }

  var height: Height {
    var height = Height()
    if count > 0 { height.mean = Double(requests) / Double(count) }
    if shapeCount >= least, shapeSum > 0.01 * Double(shapeCount) {
      height.shapeRatio = Double(shapeRequests) / shapeSum
    }
    return height
  }

  /// Takes in the calm cells up to the guard before `index` and lets go of those over an hour older, but keeps the last 10 min.
  mutating func advance(to index: Int, calm: [Bool], shape: [Double]) {
    while next <= index - guardCells {
      if calm[next], series.known[next] { include(next, shape: shape[next]) }
      next += 1
    }
    while oldest < index - guardCells - length, !isCounted[oldest] || count > least {
      exclude(oldest)
      oldest += 1
    }
  }

  /// Forgets everything, and takes in nothing before a cell.
  mutating func forget(before index: Int) {
    for cell in oldest..<max(oldest, next) { exclude(cell) }
    oldest = index
    next = index
  }

  /// Forgets what was taken in from `index` on.
  mutating func remove(from index: Int) {
    var cell = max(index, oldest)
    while cell < next {
      exclude(cell)
      cell += 1
    }
  }

  /// Forgets everything but a stretch: a new level.
  mutating func restart(from low: Int, through high: Int, shape: [Double]) {
    for cell in oldest..<max(oldest, next) { exclude(cell) }
    let low = max(low, 0)
    for cell in low...high where series.known[cell] { include(cell, shape: shape[cell]) }
    oldest = low
    next = high + 1
  }

  private mutating func include(_ cell: Int, shape: Double) {
    isCounted[cell] = true
    count += 1
    requests += series.requests[cell]
    guard !shape.isNaN else { return }
    shapeOf[cell] = shape
    shapeCount += 1
    shapeRequests += series.requests[cell]
    shapeSum += shape
  }

  private mutating func exclude(_ cell: Int) {
    guard isCounted[cell] else { return }
    isCounted[cell] = false
    count -= 1
    requests -= series.requests[cell]
    guard !shapeOf[cell].isNaN else { return }
    shapeCount -= 1
    shapeRequests -= series.requests[cell]
    shapeSum -= shapeOf[cell]
    shapeOf[cell] = .nan
  }
}

/// The stretch that stands in for a baseline before there is one (METHODS §3).
///
/// The first 10 min, at most a third of what is known; cut at the best step inside it whose log-likelihood ÷ φ gains 12, so that a rise in the eighth minute is not its own baseline.
enum FirstMinutes {
  static func range(
    of series: CountSeries, in known: Range<Int>, dispersion: Dispersion
  ) -> Range<Int> {
    let third = max(min(known.count, series.cells(60)), known.count / 3)
    var end = known.lowerBound + min(series.cells(Parameters.Normal.firstSeconds), third)
    let minute = series.cells(60)
    while let cut = bestCut(series, known.lowerBound..<end, least: minute, dispersion) { end = cut }
    return known.lowerBound..<end
  }

  private static func bestCut(
    _ series: CountSeries, _ range: Range<Int>, least: Int, _ dispersion: Dispersion
  ) -> Int? {
    guard range.count >= 2 * least else { return nil }
    let mean = Double(series.requests(in: range)) / Double(range.count)
    let whole = ChangeEdge.flat(series.requests(in: range), over: range.count)
    var best: (gain: Double, index: Int)?
    for cut in range.lowerBound + least...range.upperBound - least {
      let left = series.requests(in: range.lowerBound..<cut)
      let right = series.requests(in: cut..<range.upperBound)
      let gain =
        ChangeEdge.flat(left, over: cut - range.lowerBound)
        + ChangeEdge.flat(right, over: range.upperBound - cut) - whole
      if gain > best?.gain ?? 0 { best = (gain, cut) }
    }
    guard let best, best.gain / dispersion.factor(at: mean) > Parameters.Normal.firstCut else {
      return nil
    }
    return best.index
  }
}
