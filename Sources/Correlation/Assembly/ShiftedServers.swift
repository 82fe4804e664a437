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
    /// The server's later files, all of them off by the same.
    var more: [Int] = []
  }

  static let quarter: Int64 = 900
  static let least: Int64 = 1_800
  static let slack: Int64 = 120
  static let binSeconds: Int64 = 300
  static let leastBins = 12
  /// Longer archives are not searched: their load repeats by the day.
  static let mostBins = 4_032
  static let mostInputs = 64

  /// What is told is compared this far around it, and over two days at most.
  static let aroundSeconds = 21_600.0
  static let mostSeconds: Int64 = 172_800

  /// Those by whole quarters from half an hour on, then the smaller ones that ``CourseShift`` finds around some stretches.
  static func shifts(in view: TrafficView, of inputs: [InputSummary], around spans: [TimeSpan])
    -> [Shift]
  {
    let far = shifts(among: view.inputMinutes, of: inputs)
    let known = view.inputMinutes.filter {
      inputs.indices.contains($0.input) && !inputs[$0.input].isBaseline && !$0.minutes.isEmpty
    }
    // Where nothing rose and nothing failed, a clock that is off by minutes changes nothing.
    guard view.inputMinuteSeconds == 60, let start = spans.map(\.start).min(),
      let end = spans.map(\.end).max()
    else { return far }
    let from = start.advanced(bySeconds: -aroundSeconds).seconds
    let near =
      from..<max(from, min(end.advanced(bySeconds: aroundSeconds).seconds, from + mostSeconds))
    let servers = servers(known, named: inputs)
    guard servers.count >= 3, servers.count <= mostInputs else { return far }
    let courses = servers.map { course(of: $0, in: near) }
    return far
      + servers.indices.compactMap { place in
        let files = servers[place].map(\.input)
        guard !far.contains(where: { files.contains($0.input) }),
          let seconds = CourseShift.seconds(of: place, among: courses)
        else { return nil }
        return Shift(input: files[0], seconds: Int64(seconds), more: Array(files.dropFirst()))
      }
  }

  /// Files of one folder with one name in front of the first dot, each of which ends before the next begins, are one server's.
  private static func servers(
    _ known: [TrafficView.InputMinutes], named inputs: [InputSummary]
  ) -> [[TrafficView.InputMinutes]] {
    func stem(_ input: Int) -> Substring {
      let name = inputs[input].name.joined
      let separator = name.lastIndex { $0 == "/" || $0 == "!" }
      let base = separator.map { name.index(after: $0) } ?? name.startIndex
      let end = name[base...].firstIndex(of: ".") ?? name.endIndex
      return name[..<end]
    }
    let ordered = known.sorted {
      ($0.minutes[0].start, $0.input) < ($1.minutes[0].start, $1.input)
    }
    var servers: [[TrafficView.InputMinutes]] = []
    var places: [Substring: Int] = [:]
    for file in ordered {
      let stem = stem(file.input)
      if let place = places[stem], let last = servers[place].last?.minutes.last?.start,
        last <= file.minutes[0].start
      {
        servers[place].append(file)
      } else {
        places[stem] = servers.count
        servers.append([file])
      }
    }
    return servers.sorted { $0[0].input < $1[0].input }
  }

  /// The minutes of a server's files but the first and the last, which lines may reach only in part.
  private static func course(
    of files: [TrafficView.InputMinutes], in seconds: Range<Int64>
  ) -> ServerCourse {
    let minutes = files.flatMap(\.minutes).filter { seconds.contains($0.start) }
    guard let first = minutes.first?.start, let last = minutes.last?.start, last - first >= 120
    else { return ServerCourse(first: 0, counts: []) }
    let low = first / 60 + 1
    var counts = [Double](repeating: 0, count: Int(last / 60 - low))
    for minute in minutes {
      let index = Int(minute.start / 60 - low)
      if counts.indices.contains(index) { counts[index] += Double(minute.count) }
    }
    return ServerCourse(first: Int(low), counts: counts).withoutDips
  }

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
