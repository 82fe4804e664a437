internal import IncidentModel
internal import TrafficTally

/// Access logs whose clock is off by whole quarters of an hour beside those of the other servers.
///
/// One begins and ends later, or earlier, than all others together by the same multiple of 15 min from half an hour on (± 2 min), and its requests
/// per 5 min follow theirs after that shift: r ≥ .5, and better than without it by .2. Two others at least, for of two logs nobody can tell which is wrong.
/// Nothing is corrected: the report asks for a run that is told, and no cause is said with 80 % or more until then.
enum ShiftedServers {
  struct Shift: Hashable {
    var input: Int
    /// The clock is ahead of the others' by so many.
    var seconds: Int64
  }

  static let quarter: Int64 = 900
  static let least: Int64 = 1_800
  static let slack: Int64 = 120
  static let binSeconds: Int64 = 300
  static let leastBins = 12
  /// Longer archives are not searched: their load repeats by the day.
  static let mostBins = 4_032
  static let mostInputs = 64

  /// The shifts among the inputs that are reported on.
  static func shifts(
    among minutes: [TrafficView.InputMinutes], of inputs: [InputSummary]
  ) -> [Shift] {
    shifts(
      among: minutes.filter { inputs.indices.contains($0.input) && !inputs[$0.input].isBaseline })
  }

  static func shifts(among inputs: [TrafficView.InputMinutes]) -> [Shift] {
    let known = inputs.filter { !$0.minutes.isEmpty }
    guard known.count >= 3, known.count <= mostInputs else { return [] }
    return known.compactMap { one in
      shift(of: one, beside: known.filter { $0.input != one.input })
    }
  }

  private static func shift(
    of one: TrafficView.InputMinutes, beside others: [TrafficView.InputMinutes]
  ) -> Shift? {
    guard others.count >= 2, let first = one.minutes.first?.start,
      let last = one.minutes.last?.start,
      let begin = others.compactMap({ $0.minutes.first?.start }).min(),
      let end = others.compactMap({ $0.minutes.last?.start }).max()
    else { return nil }
    let ahead = first - begin
    let round = (ahead + (ahead < 0 ? -quarter : quarter) / 2) / quarter * quarter
    guard abs(round) >= least, abs(ahead - round) <= slack, abs(last - end - round) <= slack
    else { return nil }
    let mine = bins([one])
    let theirs = bins(others)
    let range = first / binSeconds...last / binSeconds
    guard range.count >= leastBins, range.count <= mostBins else { return nil }
    let own = range.map { mine[$0] ?? 0 }
    let moved = range.map { theirs[$0 - round / binSeconds] ?? 0 }
    let plain = range.map { theirs[$0] ?? 0 }
    let fit = ZoneError.correlation(own, moved)
    guard fit >= ZoneError.leastCorrelation,
      fit >= ZoneError.correlation(own, plain) + ZoneError.leastGain
    else { return nil }
    return Shift(input: one.input, seconds: round)
  }

  private static func bins(_ inputs: [TrafficView.InputMinutes]) -> [Int64: Double] {
    var sums: [Int64: Double] = [:]
    for input in inputs {
      for minute in input.minutes {
        sums[minute.start / binSeconds, default: 0] += Double(minute.count)
      }
    }
    return sums
  }
}
