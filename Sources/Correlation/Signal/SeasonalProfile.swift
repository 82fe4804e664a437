internal import IncidentModel

/// What the same minute of earlier weeks or days had (METHODS §3): the shape of a day, to which the last hour gives the height.
///
/// Value of a minute = midmean (mean of the middle half) of the same minute ± 2 of every earlier week, if there are two, else of every earlier day, if there are two;
/// minutes that were not calm are left out but where the minute itself was not calm on most days only those count: what comes every night is a habit. The midmean is as robust as the median here and does not stick to whole numbers at low rates.
struct SeasonalProfile {
  private let series: CountSeries
  private let minuteCells: Int
  private let first: Int
  private let day: Int

  init(_ series: CountSeries) {
    self.series = series
    minuteCells = series.cells(60)
    first = series.knownRange.lowerBound
    day = series.cells(86_400)
  }

  /// Which level of baseline the inputs before a cell allow.
  func level(at index: Int) -> Baseline.Level {
    // Who gives an earlier day wants it taken, though one day is a poor guide.
    let isGiven = series.baselineCells.map { $0 > first && index >= $0 } ?? false
    let periods = isGiven ? 1 : Parameters.Normal.minimumPeriods
    if index - first >= periods * 7 * day { return .weeks }
    return index - first >= periods * day ? .days : .trailing
  }

  /// Expected requests per cell in the minute that begins at `index`; nil where earlier days tell nothing.
  func value(at index: Int, calm: [Bool]) -> Double? {
    switch level(at: index) {
    case .weeks:
      return value(at: index, every: 7 * day, calm: calm)
        ?? value(at: index, every: day, calm: calm)
    case .days: return value(at: index, every: day, calm: calm)
    default: return nil
    }
  }

  private func value(at index: Int, every period: Int, calm: [Bool]) -> Double? {
    var calmValues: [Double] = []
    var otherValues: [Double] = []
    var days = (calm: 0, other: 0)
    let reach = Parameters.Normal.neighbourMinutes
    // It is asked for every minute of every service.
    calmValues.reserveCapacity(Parameters.Normal.maximumPeriods * (2 * reach + 1))
    for back in 1...Parameters.Normal.maximumPeriods {
      let centre = index - back * period
      guard centre >= first else { break }
      for minute in -reach...reach {
        let low = centre + minute * minuteCells
        guard low >= first, low + minuteCells <= index else { continue }
        let cells = low..<low + minuteCells
        guard areAll(series.known, in: cells) else { continue }
        let value = Double(series.requests(in: cells)) / Double(minuteCells)
        let isCalm = areAll(calm, in: cells)
        if isCalm { calmValues.append(value) } else { otherValues.append(value) }
        if minute == 0, isCalm { days.calm += 1 }
        if minute == 0, !isCalm { days.other += 1 }
      }
    }
    var values = days.calm >= days.other ? calmValues : otherValues
    guard values.count >= 2 else { return nil }
    values.sort()
    let middle = values[(values.count / 4)..<(values.count - values.count / 4)]
    return middle.reduce(0, +) / Double(middle.count)
  }

  @inline(__always)
  private func areAll(_ marks: [Bool], in cells: Range<Int>) -> Bool {
    for cell in cells where !marks[cell] { return false }
    return true
  }
}
