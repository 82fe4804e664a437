internal import IncidentModel
internal import TrafficTally

/// Stretches in which requests stayed away without failing (METHODS §5).
///
/// Arrivals ≤ 50 % of the expected (≤ 20 % with less than two days of baseline) for ≥ 120 s, ≥ 50 expected, over-dispersed tail ≤ 10⁻⁹,
/// and below the lowest decile of the minutes of the two hours before the last rise: the end of a batch is no outage.
/// The fall is abrupt: the ten minutes that end five before it had three quarters of the expected. A loss that lasts to the service's last line is none either: logs may simply end.
struct TrafficLoss {
  let series: CountSeries
  let dispersion: Dispersion
  let track: RateTrack

  /// The losses in order, without those in which requests failed.
  func stretches(errors: ErrorIntervals) -> [Range<Int>] {
    var found: [Range<Int>] = []
    for (position, loss) in track.losses.enumerated() {
      let isLast = position == track.losses.count - 1
      if isLast, track.lastLossIsOpen, series.requests(in: loss.suffix(series.cells(120))) == 0 {
        continue
      }
      let edges = edges(of: loss, isOpen: isLast && track.lastLossIsOpen)
      if isLoss(edges, errors: errors) { found.append(edges) }
    }
    return found
  }

  private func isLoss(_ range: Range<Int>, errors: ErrorIntervals) -> Bool {
    var expected = 0.0
    var observed = 0
    for index in range where series.known[index] {
      expected += leastExpected(near: index)
      observed += series.requests[index]
    }
    let days = series.cells(2 * 86_400)
    let isShort = range.lowerBound - series.knownRangeStart < days
    let ratio = isShort ? Parameters.Loss.shortBaselineRatio : Parameters.Loss.ratio
    guard Double(range.count * series.widthSeconds) >= Parameters.Loss.minimumSeconds,
      expected >= Parameters.Loss.minimumExpected, Double(observed) <= ratio * expected
    else { return false }
    guard Double(series.failed(in: range)) < errors.alternative * Double(max(1, observed)) else {
      return false
    }
    guard isAbrupt(range.lowerBound) else { return false }
    let perCell = expected / Double(max(1, range.count))
    let tail = CountTail.logBound(
      count: observed, expected: expected, dispersion: dispersion.factor(at: perCell))
    guard tail <= LogOf.maximumLossTail else { return false }
    return Double(observed) / Double(range.count) < usualLow(before: range.lowerBound)
  }

  /// What is expected of a cell; where earlier days tell, the least within twice the minutes that the profile takes together: it smears the edges of a nightly batch over them once, and the batch itself is no more exact.
  private func leastExpected(near index: Int) -> Double {
    guard track.isSeasonal(index) else { return track.expected[index] }
    let reach = 2 * series.cells(60 * Parameters.Normal.neighbourMinutes)
    let low = max(track.begin, index - reach)
    let high = min(series.knownRange.upperBound - 1, index + reach)
    guard low <= high else { return track.expected[index] }
    return track.expected[low...high].min() ?? track.expected[index]
  }

  /// Ten minutes, five before the fall, still had three quarters of what was expected: evening comes slowly.
  private func isAbrupt(_ start: Int) -> Bool {
    let five = series.cells(300)
    let range =
      max(track.begin, start - 3 * five)..<max(track.begin, start - five)
    guard !range.isEmpty else { return false }
    let expected = range.reduce(0.0) { $0 + track.expected[$1] }
    return Double(series.requests(in: range)) >= Parameters.Loss.abruptShare * expected
  }

  /// Lowest decile, per cell, of the minutes of the two hours before the last rise, or before the loss where nothing rose.
  private func usualLow(before start: Int) -> Double {
    let ten = series.cells(600)
    let minute = series.cells(60)
    let first = max(track.begin, start - series.cells(Parameters.Loss.riseSearchSeconds))
    var end = start
    var index = start - ten
    while index - ten >= first {
      let after = Double(series.requests(in: index..<index + ten))
      let before = Double(series.requests(in: index - ten..<index))
      if after >= Parameters.Loss.riseFactor * before, after - before >= 6 * after.squareRoot() {
        end = index
        break
      }
      index -= minute
    }
    let low = max(track.begin, end - series.cells(Parameters.Loss.lookBackSeconds))
    var rates: [Double] = []
    for cell in stride(from: low, to: end - minute + 1, by: minute) {
      rates.append(Double(series.requests(in: cell..<cell + minute)) / Double(minute))
    }
    return Dispersion.quantile(rates, 0.1)
  }

  /// The drop and the return, each the likeliest step; a drop is a rise read backwards.
  private func edges(of loss: Range<Int>, isOpen: Bool) -> Range<Int> {
    let reach = series.cells(600)
    let low = max(track.begin, loss.lowerBound - reach)
    let middle = loss.lowerBound + loss.count / 2
    let head = Array(series.requests[low..<middle].reversed())
    let factor = dispersion.factor(at: track.expected[loss.lowerBound])
    var start = loss.lowerBound
    if let fit = ChangeEdge.fit(
      head, feet: 2..<max(3, head.count - 2), rises: [], jumps: [], dispersion: factor)
    {
      start = middle - fit.foot
    }
    guard !isOpen else { return start..<loss.upperBound }
    let high = min(series.knownRange.upperBound, loss.upperBound + reach)
    let tail = Array(series.requests[middle..<high])
    var end = loss.upperBound
    if let fit = ChangeEdge.fit(
      tail, feet: 2..<max(3, tail.count - 2), rises: [], jumps: [], dispersion: factor)
    {
      end = middle + fit.foot
    }
    return start..<max(start + 1, end)
  }
}
