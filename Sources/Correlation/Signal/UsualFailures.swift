internal import IncidentModel

/// How many requests fail when all is well, and how much that varies.
struct UsualFailures {
  /// Failed requests, as a part of all.
  var ratio: Double
  /// How much more the failures of calm times vary than coin tosses would: Pearson's χ² over its degrees of freedom (McCullagh, Nelder, Generalized Linear Models, 1989, section 4.5); from 1 to ``Parameters/Errors/mostDispersion``.
  ///
  /// A pool that drops its connections fails a dozen requests in a second. Without it such a second would pass for an outage.
  var dispersion = 1.0

  init(ratio: Double, dispersion: Double = 1) {
    self.ratio = ratio
    self.dispersion = dispersion
  }

  /// Learnt twice: from the calmest tenth of the blocks, then from what precedes the worst stretch found against that and lies in none, or, where that is under 10 min or 1,000 requests, from all that no stretch covers.
  ///
  /// Not only what precedes the first stretch: a few failures in a row, early on, would leave a few calm minutes to judge hours by.
  /// - Complexity: O(cells).
  init(_ series: CountSeries) {
    let range = series.knownRange
    let requests = series.requests(in: range)
    guard requests > 0 else {
      self.init(ratio: 0)
      return
    }
    let first = Self.calmest(series)
    let stretches = ErrorIntervals(series, usual: UsualFailures(ratio: first)).stretches()
    if let worst = stretches.max(by: { series.failed(in: $0) < series.failed(in: $1) }) {
      // A stretch may begin in a first cell that lines reach only in part.
      let start = max(range.lowerBound, worst.lowerBound)
      let before = Calm(series, range.lowerBound..<start, without: stretches)
      if before.cells.count >= series.cells(Parameters.Normal.firstSeconds),
        before.requests >= Parameters.Errors.blockRequests
      {
        self.init(before, in: series)
        return
      }
    }
    let all = Calm(series, range, without: stretches)
    if all.requests * 20 >= requests {
      self.init(all, in: series)
    } else {
      self.init(ratio: first)
    }
  }

  private init(_ calm: Calm, in series: CountSeries) {
    ratio = Double(calm.failed) / Double(calm.requests)
    dispersion = calm.dispersion(in: series)
  }

  /// The lowest decile of the ratios of blocks, which holds when nine tenths of the inputs are an outage.
  ///
  /// A block has 1,000 requests on average, 300 s at least and a tenth of the inputs at most. Where even that decile fails in earnest and one block
  /// hardly does, that block is calm, and the rest is an outage which the logs hold little before.
  private static func calmest(_ series: CountSeries) -> Double {
    let range = series.knownRange
    let wanted = range.count * Parameters.Errors.blockRequests / series.requests(in: range)
    let length = max(
      1,
      min(
        max(series.cells(Parameters.Errors.blockSeconds), wanted),
        range.count / Parameters.Errors.blocks))
    var ratios: [Double] = []
    for low in stride(from: range.lowerBound, to: range.upperBound, by: length) {
      let block = low..<min(low + length, range.upperBound)
      let count = series.requests(in: block)
      if count >= 20 { ratios.append(Double(series.failed(in: block)) / Double(count)) }
    }
    let decile = Dispersion.quantile(ratios, 0.1)
    guard let least = ratios.min(), decile >= Parameters.Errors.earnest,
      least * Parameters.Errors.calmFactor <= decile
    else { return decile }
    return least
  }
}

/// The cells of a range that lie in none of some stretches.
private struct Calm {
  var cells: [Int] = []
  var requests = 0
  var failed = 0

  init(_ series: CountSeries, _ range: Range<Int>, without stretches: [Range<Int>]) {
    var next = 0
    for index in range {
      while next < stretches.count, stretches[next].upperBound <= index { next += 1 }
      if next < stretches.count, stretches[next].contains(index) { continue }
      cells.append(index)
      requests += series.requests[index]
      failed += series.failed[index]
    }
  }

  /// χ² ÷ (n − 1) over n blocks in each of which five failures are expected, so that it is near its mean; 1 where there are too few.
  func dispersion(in series: CountSeries) -> Double {
    guard failed > 0, failed < requests else { return 1 }
    let ratio = Double(failed) / Double(requests)
    var square = 0.0
    var blocks = 0
    var block = (requests: 0, failed: 0)
    for index in cells {
      block.requests += series.requests[index]
      block.failed += series.failed[index]
      let expected = ratio * Double(block.requests)
      guard expected >= Parameters.Errors.blockFailed else { continue }
      let beyond = Double(block.failed) - expected
      square += beyond * beyond / (expected * (1 - ratio))
      blocks += 1
      block = (0, 0)
    }
    guard blocks >= Parameters.Errors.blocks else { return 1 }
    return min(Parameters.Errors.mostDispersion, max(1, square / Double(blocks - 1)))
  }
}
