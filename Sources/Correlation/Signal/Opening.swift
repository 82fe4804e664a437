internal import IncidentModel

/// The first stretch of a log that is unlike what follows and no baseline: a service that had just started, or the end of an earlier outage or rush (METHODS §3).
///
/// Behind it begins the first *level*: 10 min at least, and as long as the opening, whose halves differ by a quarter at most, or by three errors, and in which requests are answered.
/// - *Failing*: the log begins, within two minutes, in a stretch of failures. What is usual is learnt behind it, whatever its length.
/// - *Start*: under 30 min, the split gains 12 of log-likelihood over φ, and the level then holds: within 4 h it is kept for 15 min and twice the opening, a return to half of it is rarer than a fourth and not the last word.
///   It grew from nothing: the first tenth has .15 of the level at most and its first third is above that, or all of it has .03. A surge leaves a level that was there, and ends.
/// - *Lower*: it did not grow from nothing, but is under three minutes, or by less than a half lower, and the level is kept for half an hour and twice the opening; or it is under 10 min and the level is kept for an hour, as where servers' logs begin one after the other.
/// - *Higher*: under 30 min, 1.5 × the level or more that then is kept for half an hour and three times the opening. A fall to under .2 may be a loss and is left alone, but from under three minutes, which are no baseline, and behind the first lines of a *job*: the height comes back twice or more, in runs as long as one another and as far apart as the first is from the opening, that together take a third of the time at most.
struct Opening: Equatable {
  let range: Range<Int>
  let reason: NormalSource.LeftOut.Reason

  private typealias Rules = Parameters.Opening

  /// The opening of the logs; nil where their first minutes are like the rest.
  ///
  /// - Parameters:
  ///   - known: the cells that are looked at.
  ///   - failing: stretches of failures that make an incident, ascending.
  /// - Complexity: O(cells).
  static func find(
    in series: CountSeries, _ known: Range<Int>, failing: [Range<Int>], dispersion: Dispersion
  ) -> Opening? {
    let search = Search(series: series, known: known, failing: failing, dispersion: dispersion)
    return search.failing() ?? search.unlike() ?? search.job()
  }

  private struct Search {
    let series: CountSeries
    let known: Range<Int>
    let dispersion: Dispersion
    /// Prefix sums over the known range: cells in which requests were answered, and their requests.
    private var cells = [0]
    private var requests = [0]
    private let stretches: [Range<Int>]

    init(
      series: CountSeries, known: Range<Int>, failing: [Range<Int>], dispersion: Dispersion
    ) {
      self.series = series
      self.known = known
      self.dispersion = dispersion
      stretches = failing.filter { $0.overlaps(known) }
      var next = 0
      for index in known {
        while next < stretches.count, stretches[next].upperBound <= index { next += 1 }
        let isFailing = next < stretches.count && stretches[next].contains(index)
        let counts = series.known[index] && !isFailing
        cells.append(cells[cells.count - 1] + (counts ? 1 : 0))
        requests.append(requests[requests.count - 1] + (counts ? series.requests[index] : 0))
      }
    }

    private func places(_ range: Range<Int>) -> Range<Int> {
      let range = range.clamped(to: known)
      return range.lowerBound - known.lowerBound..<range.upperBound - known.lowerBound
    }

    /// Answered cells and their mean count.
    private func answered(_ range: Range<Int>) -> (cells: Int, sum: Int, mean: Double) {
      let places = places(range)
      let count = cells[places.upperBound] - cells[places.lowerBound]
      let sum = requests[places.upperBound] - requests[places.lowerBound]
      return (count, sum, Double(sum) / Double(max(1, count)))
    }

    private func mean(_ range: Range<Int>) -> Double {
      Double(series.requests(in: range)) / Double(max(1, range.count))
    }

    func failing() -> Opening? {
      let first = stretches.first { $0.upperBound > known.lowerBound }
      guard let first, first.lowerBound - known.lowerBound < series.cells(Rules.failingSeconds),
        let level = level(from: first.upperBound, steps: series.cells(60))
      else { return nil }
      return Opening(range: known.lowerBound..<level.lowerBound, reason: .failing)
    }

    func unlike() -> Opening? {
      // Of the shortest openings every cell counts.
      guard let found = level(from: known.lowerBound + series.cells(30), steps: 1) else {
        return nil
      }
      let level = trimmed(found)
      let usual = answered(level.lowerBound..<level.upperBound)
      let range = known.lowerBound..<level.lowerBound
      guard isSplit(range, level), isAnswered(level, after: range) else { return nil }
      let opening = mean(range)
      if opening < usual.mean {
        return lower(range, opening, usual.mean).map { Opening(range: range, reason: $0) }
      }
      guard opening >= Parameters.Spike.minimumRatio * usual.mean,
        usual.mean > Parameters.Loss.shortBaselineRatio * opening
          || range.count <= series.cells(Rules.shortSeconds)
          || isJob(range, opening, usual: usual.mean)
      else { return nil }
      let kept = minutes(from: level.lowerBound, usual.mean).filter { $0 == .kept }.count
      let least = max(Rules.keptMinutesAfterMore, 3 * range.count / series.cells(60))
      return kept >= least ? Opening(range: range, reason: .higher) : nil
    }

    /// The first level behind a cell that begins within half an hour.
    private func level(from start: Int, steps: Int) -> Range<Int>? {
      let ten = series.cells(Parameters.Normal.firstSeconds)
      let last = start + series.cells(Rules.longestSeconds)
      for index in stride(from: start, through: last, by: steps) {
        let length = max(ten, min(index - start, index - known.lowerBound))
        guard index + length <= known.upperBound else { return nil }
        let range = index..<index + length
        if isLevel(range) { return range }
      }
      return nil
    }

    private func isLevel(_ range: Range<Int>) -> Bool {
      let middle = range.lowerBound + range.count / 2
      let left = answered(range.lowerBound..<middle)
      let right = answered(middle..<range.upperBound)
      guard (left.cells + right.cells) * 5 >= range.count * 4, left.cells > 0, right.cells > 0,
        left.sum + right.sum > 0
      else { return false }
      let mean = (left.mean + right.mean) / 2
      let variance =
        dispersion.factor(at: mean) * mean * (1 / Double(left.cells) + 1 / Double(right.cells))
      let distance = abs(left.mean - right.mean)
      return distance <= Rules.levelTolerance * min(left.mean, right.mean)
        || distance * distance <= 9 * variance
    }

    /// The level from where a minute first has the height of its second half.
    private func trimmed(_ level: Range<Int>) -> Range<Int> {
      let minute = series.cells(60)
      let middle = level.lowerBound + level.count / 2
      let usual = answered(middle..<level.upperBound).mean
      let isBelow = mean(known.lowerBound..<level.lowerBound) < usual
      let error = (dispersion.factor(at: usual) * usual / Double(minute)).squareRoot()
      let first = (level.lowerBound..<middle).first { index in
        let here = mean(index..<index + minute)
        return isBelow
          ? here >= Rules.reached * usual - error : here * Rules.reached <= usual + error
      }
      return (first ?? middle)..<level.upperBound
    }

    /// Whether two means tell the opening and the level apart from one.
    private func isSplit(_ opening: Range<Int>, _ level: Range<Int>) -> Bool {
      let left = series.requests(in: opening)
      let right = series.requests(in: level)
      let whole = opening.count + level.count
      let gain =
        ChangeEdge.flat(left, over: opening.count) + ChangeEdge.flat(right, over: level.count)
        - ChangeEdge.flat(left + right, over: whole)
      let factor = dispersion.factor(at: Double(left + right) / Double(max(1, whole)))
      return gain / factor > Parameters.Normal.firstCut
    }

    /// A level that fails as the opening did not is no level of a healthy service, even where it fills so much of the logs that it passes for usual.
    private func isAnswered(_ level: Range<Int>, after opening: Range<Int>) -> Bool {
      func ratio(_ range: Range<Int>) -> Double {
        Double(series.failed(in: range)) / Double(max(1, series.requests(in: range)))
      }
      return ratio(level) < ErrorIntervals.alternative(to: ratio(opening))
    }

    /// Why an opening below the level is none of what is usual; nil: the level may be a surge.
    private func lower(
      _ range: Range<Int>, _ opening: Double, _ usual: Double
    ) -> NormalSource.LeftOut.Reason? {
      let head = mean(range.prefix(max(1, range.count / 10)))
      let third = mean(range.prefix(max(1, range.count / 3)))
      let minutes = range.count / series.cells(60)
      if opening <= Rules.nothing * usual
        || head <= Rules.little * usual && third >= Rules.growth * head
      {
        let least = max(Rules.keptMinutes, 2 * minutes)
        return isKept(usual, from: range.upperBound, least) ? .start : nil
      }
      let isBrief =
        range.count <= series.cells(Rules.shortSeconds) && opening <= Rules.shortRatio * usual
      // No spike could be told of so small a rise, and it would hide the next.
      let isSlight = opening * Parameters.Spike.minimumRatio > usual
      if isBrief || isSlight {
        let least = max(Rules.keptMinutesAfterMore, 2 * minutes)
        return isKept(usual, from: range.upperBound, least) ? .lower : nil
      }
      guard range.count <= series.cells(Parameters.Normal.firstSeconds) else { return nil }
      let hour = series.cells(Parameters.Normal.trailingSeconds) / series.cells(60)
      return isKept(usual, from: range.upperBound, hour) ? .lower : nil
    }

    /// Whether the level holds so many minutes, and falls back seldom and not for good.
    private func isKept(_ usual: Double, from start: Int, _ least: Int) -> Bool {
      let story = minutes(from: start, usual)
      let kept = story.filter { $0 == .kept }.count
      let fallen = story.filter { $0 == .fallen }.count
      guard kept >= least, fallen * 4 <= kept else { return false }
      let last = story.lastIndex(of: .fallen) ?? -1
      return fallen == 0 || story[(last + 1)...].filter { $0 == .kept }.count >= Rules.backMinutes
    }

    /// A job that the logs begin in, and that is long enough for a level of its own.
    func job() -> Opening? {
      let ten = series.cells(Parameters.Normal.firstSeconds)
      let first = known.lowerBound + series.cells(Rules.shortSeconds)
      let last = known.lowerBound + series.cells(Rules.longestSeconds)
      for index in stride(from: first, through: last, by: series.cells(60)) {
        guard index + ten <= known.upperBound else { return nil }
        let height = mean(known.lowerBound..<index)
        guard mean(index..<index + ten) <= Parameters.Loss.shortBaselineRatio * height,
          isLevel(index..<index + ten)
        else { continue }
        let level = trimmed(index..<index + ten)
        let usual = answered(level).mean
        let range = known.lowerBound..<level.lowerBound
        guard isSplit(range, level), isAnswered(level, after: range),
          isJob(range, mean(range), usual: usual)
        else { return nil }
        return Opening(range: range, reason: .higher)
      }
      return nil
    }

    /// Whether the opening's height comes back and goes again as that of a job does.
    private func isJob(_ opening: Range<Int>, _ height: Double, usual: Double) -> Bool {
      let minute = series.cells(60)
      let behind = opening.upperBound..<known.upperBound
      let least = (height * usual).squareRoot()
      var runs: [Range<Int>] = []
      for low in stride(from: behind.lowerBound, to: behind.upperBound - minute + 1, by: minute)
      where mean(low..<low + minute) >= least {
        if let last = runs.last, low - last.upperBound <= minute {
          runs[runs.count - 1] = last.lowerBound..<low + minute
        } else {
          runs.append(low..<low + minute)
        }
      }
      // Of the last one the logs may not show the end.
      let whole = runs.filter { $0.upperBound + minute <= behind.upperBound }
      let alike = runs.allSatisfy {
        let ratio = mean($0) / height
        return ratio >= Rules.jobHeight && ratio * Rules.jobHeight <= 1
      }
      let ends = [opening.upperBound] + runs.map(\.upperBound)
      return runs.count >= Rules.jobRuns && alike
        && runs.reduce(0, { $0 + $1.count }) * Rules.jobCover <= behind.count
        && areEven(whole.map(\.count))
        && opening.count <= (whole.map(\.count).max() ?? 0) + 2 * minute
        && areEven(zip(ends, runs).map { $1.lowerBound - $0 })
    }

    /// Lengths that differ by a quarter and two minutes at most.
    private func areEven(_ lengths: [Int]) -> Bool {
      guard let least = lengths.min(), let most = lengths.max() else { return false }
      return most <= least + least / 4 + 2 * series.cells(60)
    }

    private enum Minute { case kept, fallen, other }

    /// The minutes of the four hours behind a cell in which requests were answered.
    private func minutes(from start: Int, _ usual: Double) -> [Minute] {
      let minute = series.cells(60)
      let end = min(known.upperBound, start + series.cells(Parameters.Normal.levelSeconds))
      return stride(from: start, to: max(start, end - minute + 1), by: minute).compactMap { low in
        let found = answered(low..<low + minute)
        guard found.cells * 2 >= minute else { return nil }
        if found.mean <= Rules.fallen * usual { return .fallen }
        let isKept = found.mean >= Rules.kept * usual && found.mean * Rules.kept <= usual
        return isKept ? .kept : .other
      }
    }
  }
}

extension Range<Int> {
  fileprivate func prefix(_ count: Int) -> Range<Int> {
    lowerBound..<Swift.min(upperBound, lowerBound + count)
  }
}
