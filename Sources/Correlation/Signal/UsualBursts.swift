internal import IncidentModel
internal import TrafficTally

/// Failures that come in bursts all day long, and are as usual as those that come one by one (METHODS §5).
///
/// A cell is hot where it and its neighbours have four failures and five standard errors more than the middle of the ratios of 5 min blocks makes likely. Hot cells with pauses up to a minute are a burst.
/// Of the bursts with ten failures or more those are alike whose failures, length and failed ratio lie under Tukey's far fences, Q₃ + 3·(Q₃ − Q₁) of the logarithms, and that end within 5 min (Tukey, Exploratory Data Analysis, 1977, section 2E).
/// Bursts that are alike are a habit if there are six, if they fill a tenth of the time at most, and if no pause, those to the first and the last line among them, is over four times the middle one: what begins with an outage is its own, and so is what ends with it.
/// Shorter logs than three hours may lie within an outage as a whole. There a pause is three times the middle one at most, and all failures are so few that the logs as one stretch would be no incident beside what fails between the bursts.
struct UsualBursts {
  /// Ranges of cells, ascending; empty where there is no habit.
  let bursts: [Range<Int>]
  /// The series without the failures of the bursts that are beyond the usual ratio.
  let calmed: CountSeries
  private let failed: [Int]

  private typealias Rules = Parameters.Bursts

  /// - Complexity: O(cells + bursts · log bursts).
  init(_ series: CountSeries) {
    let ratio = Self.middleRatio(series)
    let found = Self.bursts(series, ratio: ratio)
    let alike = Self.alike(found, series)
    let others = found.filter { !alike.contains($0) }
    guard Self.isHabit(alike, series, others: others),
      series.knownRange.count >= series.cells(Rules.leastSeconds)
        || Self.isMild(alike, series, others: others)
    else {
      bursts = []
      failed = []
      calmed = series
      return
    }
    var counts = series.failed
    for index in alike.joined() {
      counts[index] = min(
        counts[index], Int((ratio * Double(series.requests[index])).rounded()))
    }
    bursts = alike
    failed = alike.map(series.failed(in:))
    calmed = series.replacing(failed: counts)
  }

  /// The usual failed ratio with that of the bursts, outside some stretches.
  func ratio(beside usual: Double, _ disturbed: [Range<Int>], _ series: CountSeries) -> Double {
    guard !bursts.isEmpty else { return usual }
    let known = series.knownRange
    let requests = series.requests(in: known) - disturbed.reduce(0) { $0 + series.requests(in: $1) }
    return requests > 0 ? usual + Double(failed.reduce(0, +)) / Double(requests) : usual
  }

  /// The habit in words' numbers; nil without one.
  func habit(_ series: CountSeries) -> UsualFailureBursts? {
    guard let low = failed.min(), let high = failed.max(), let first = bursts.first,
      let last = bursts.last
    else { return nil }
    let width = Double(series.widthSeconds)
    let starts = zip(bursts, bursts.dropFirst()).map { Double($1.lowerBound - $0.lowerBound) }
    return UsualFailureBursts(
      count: bursts.count, failed: low...high,
      longestSeconds: width * Double(bursts.map(\.count).max() ?? 0),
      everySeconds: width * Dispersion.median(starts),
      span: series.span(of: first.lowerBound..<last.upperBound))
  }

  private static func middleRatio(_ series: CountSeries) -> Double {
    let range = series.knownRange
    var ratios: [Double] = []
    let length = series.cells(Parameters.Errors.blockSeconds)
    for low in stride(from: range.lowerBound, to: range.upperBound, by: length) {
      let block = low..<min(low + length, range.upperBound)
      let requests = series.requests(in: block)
      if requests > 0 { ratios.append(Double(series.failed(in: block)) / Double(requests)) }
    }
    return Dispersion.median(ratios)
  }

  private static func bursts(_ series: CountSeries, ratio: Double) -> [Range<Int>] {
    let pause = series.cells(Rules.pauseSeconds)
    let known = series.knownRange
    var found: [Range<Int>] = []
    for index in known {
      let near = (index - 1..<index + 2).clamped(to: known)
      let failed = series.failed(in: near)
      guard failed >= Rules.hotFailed, series.failed[index] > 0 else { continue }
      let expected = ratio * Double(series.requests(in: near))
      guard Double(failed) > expected + Rules.hotErrors * expected.squareRoot() else { continue }
      if let last = found.last, index - last.upperBound <= pause {
        found[found.count - 1] = last.lowerBound..<index + 1
      } else {
        found.append(index..<index + 1)
      }
    }
    // A burst begins and ends with single failures in cells that are not hot.
    return found.map { burst in
      let low = burst.lowerBound - 1
      let high = burst.upperBound
      let begin = known.contains(low) && series.failed[low] > 0 ? low : burst.lowerBound
      let end = known.contains(high) && series.failed[high] > 0 ? high + 1 : high
      return begin..<end
    }.filter { series.failed(in: $0) >= Rules.leastFailed }
  }

  /// The bursts under the far fences of all.
  private static func alike(_ bursts: [Range<Int>], _ series: CountSeries) -> [Range<Int>] {
    func failed(_ range: Range<Int>) -> Double { Double(series.failed(in: range)) }
    func ratio(_ range: Range<Int>) -> Double {
      failed(range) / Double(max(1, series.requests(in: range)))
    }
    let fences = (
      failed: fence(bursts.map(failed)), ratio: fence(bursts.map(ratio)),
      length: fence(bursts.map { Double($0.count) })
    )
    let longest = series.cells(Int(Parameters.Incidents.joinSeconds))
    return bursts.filter { burst in
      failed(burst) <= fences.failed && ratio(burst) <= fences.ratio
        && Double(burst.count) <= fences.length && burst.count <= longest
    }
  }

  /// Q₃ · (Q₃ ÷ Q₁)³, of quartiles that are a certain part apart at least.
  private static func fence(_ values: [Double]) -> Double {
    let low = Dispersion.quantile(values, 0.25)
    let high = Dispersion.quantile(values, 0.75)
    let spread = max(Rules.leastSpread, high / max(low, 1e-9))
    return high * spread * spread * spread
  }

  private static func isHabit(
    _ alike: [Range<Int>], _ series: CountSeries, others: [Range<Int>]
  ) -> Bool {
    let known = series.knownRange
    let isShort = known.count < series.cells(Rules.leastSeconds)
    guard alike.count >= Rules.leastCount,
      alike.reduce(0, { $0 + $1.count }) * Rules.mostCover <= known.count
    else { return false }
    let starts = [known.lowerBound] + alike.map(\.lowerBound) + [known.upperBound]
    let pauses = zip(starts, starts.dropFirst()).map { low, high in
      // An outage hides the bursts of its time.
      let hidden = others.reduce(0) { $0 + $1.clamped(to: low..<high).count }
      return Double(high - low - hidden)
    }
    let middle = Dispersion.median(Array(pauses.dropFirst().dropLast()))
    let most = isShort ? Rules.longestPauseOfFew : Rules.longestPause
    return (pauses.max() ?? 0) <= most * middle
  }

  /// Whether logs, without what is told anyway, fail no more as a whole than a stretch does that is no incident.
  private static func isMild(
    _ alike: [Range<Int>], _ series: CountSeries, others: [Range<Int>]
  ) -> Bool {
    let known = series.knownRange
    let requests =
      series.requests(in: known) - others.reduce(0) { $0 + series.requests(in: $1) }
    let failed = series.failed(in: known) - others.reduce(0) { $0 + series.failed(in: $1) }
    let between = failed - alike.reduce(0) { $0 + series.failed(in: $1) }
    guard requests > 0, between >= 0 else { return false }
    let usual = ErrorIntervals.alternative(to: Double(between) / Double(requests))
    return Double(failed) < usual * Double(requests)
  }
}
