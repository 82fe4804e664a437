internal import IncidentModel
internal import TrafficTally

/// Brings all events onto the report's one clock: the years and dates that stamps lack, and each input's uncertainty.
///
/// METHODS §2, FORMATS §5: the year, or the day, is the one in which most of an input's lines fall into the access logs;
/// a line of January after one of December begins a new year, and a clock that goes back by more than twelve hours a new day.
struct EventClock: Sendable {
  /// Ascending by (time, position).
  private(set) var events: [CapacityEvent]
  private(set) var inputs: [InputSummary]
  private(set) var clocks: [Coverage.Clock] = []

  /// Lines this long before the access logs begin or after they end still speak of the same events.
  static let slackSeconds = 7200.0

  /// The first corrected line of each input whose clock was wrong by a zone.
  private(set) var shifts: [(input: Int, first: CapacityEvent, seconds: Int)] = []

  init(
    events: [CapacityEvent], inputs: [InputSummary], access: TimeSpan?, load: [Double] = []
  ) {
    self.inputs = inputs
    self.events = []
    let reference = access ?? Self.span(of: events)
    for (input, lines) in Self.byInput(events) {
      var lines = lines
      if let reference {
        completeYears(&lines, input, reference)
        completeDates(&lines, input, reference)
      }
      let ahead = correctZone(&lines, input, access, load)
      noteClock(of: lines, input, ahead: ahead, isGuessed: access == nil)
      self.events += lines
    }
    self.events.sort { ($0.time, $0.position) < ($1.time, $1.position) }
  }

  /// Shifts a capacity input whose zone was taken for another; people's lines and changes stay as they are.
  private mutating func correctZone(
    _ lines: inout [CapacityEvent], _ input: Int, _ access: TimeSpan?, _ load: [Double]
  ) -> Int {
    guard let access, !lines.contains(where: \.isHumanClaim),
      let seconds = ZoneError.offset(of: lines, load: load, from: access.start)
    else { return 0 }
    for index in lines.indices {
      lines[index].time = lines[index].time.advanced(bySeconds: -Double(seconds))
    }
    if let first = lines.min(by: { ($0.time, $0.position) < ($1.time, $1.position) }) {
      shifts.append((input, first, seconds))
    }
    report(
      input, .clockShifted,
      "its clock was \(duration: Double(abs(seconds))) \(Self.direction(seconds)) the access logs; its times were corrected"
    )
    return seconds
  }

  static func direction(_ seconds: Int) -> Sentence { seconds > 0 ? "ahead of" : "behind" }

  private static func byInput(
    _ events: [CapacityEvent]
  ) -> [(input: Int, lines: [CapacityEvent])] {
    var grouped: [Int: [CapacityEvent]] = [:]
    for event in events { grouped[event.position.input, default: []].append(event) }
    return grouped.sorted { $0.key < $1.key }.map { input, lines in
      (input, lines.sorted { ($0.position, $0.time) < ($1.position, $1.time) })
    }
  }

  /// The stretch of the events whose stamps are whole.
  private static func span(of events: [CapacityEvent]) -> TimeSpan? {
    let times = events.filter { !$0.lacksYear && !$0.lacksDate }.map(\.time)
    guard let first = times.min(), let last = times.max() else { return nil }
    return TimeSpan(start: first, end: last.advanced(bySeconds: 1))
  }

  private mutating func completeYears(
    _ lines: inout [CapacityEvent], _ input: Int, _ reference: TimeSpan
  ) {
    let places = lines.indices.filter { lines[$0].lacksYear }
    guard !places.isEmpty else { return }
    let around = CivilTime(reference.start).year
    func time(_ place: Int, _ year: Int) -> Instant {
      var civil = CivilTime(lines[place].time)
      civil.year = year
      return civil.instant()
    }
    var later = 0
    var turns: [Int] = []
    for (index, place) in places.enumerated() {
      // Half a year back is the turn of the year; a few lines out of order are not.
      if index > 0, lines[place].time.seconds(since: lines[places[index - 1]].time) < -15_800_000 {
        later += 1
      }
      turns.append(later)
    }
    let best = Self.best(of: [around - later, around - 1, around, around + 1], reference) { year in
      zip(places, turns).map { time($0, year + $1) }
    }
    for (place, turn) in zip(places, turns) {
      lines[place].time = time(place, best + turn)
      lines[place].lacksYear = false
    }
    report(
      input, .assumedYear,
      "the stamps carry no year; " + Sentence(stringLiteral: "\(best)")
        + " is the one that overlaps the access logs")
  }

  private mutating func completeDates(
    _ lines: inout [CapacityEvent], _ input: Int, _ reference: TimeSpan
  ) {
    let places = lines.indices.filter { lines[$0].lacksDate }
    guard !places.isEmpty else { return }
    let day: Int64 = 86_400_000_000
    var later: Int64 = 0
    var turns: [Int64] = []
    for (index, place) in places.enumerated() {
      if index > 0, lines[place].time.seconds(since: lines[places[index - 1]].time) < -43_200 {
        later += 1
      }
      turns.append(later)
    }
    let first = floorDivide(reference.start.microseconds, day) - later - 1
    let last = min(floorDivide(reference.end.microseconds, day), first + later + 400)
    func time(_ place: Int, _ days: Int64) -> Instant {
      Instant(microseconds: lines[place].time.microseconds.addingSaturated(days * day))
    }
    let best = Self.best(of: Array(first...max(first, last)), reference) { base in
      zip(places, turns).map { time($0, base + $1) }
    }
    for (place, turn) in zip(places, turns) {
      lines[place].time = time(place, best + turn)
      lines[place].lacksDate = false
    }
    let date = CivilTime(Instant(microseconds: best * day))
    let text = "\(date.year)-\(Self.padded(date.month))-\(Self.padded(date.day))"
    report(
      input, .assumedDate,
      "the stamps carry no date; " + Sentence(stringLiteral: text)
        + " is the day that overlaps the access logs")
  }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// The candidate with most lines in the reference, then with the nearest ones, then the earliest.
  private static func best<Candidate: Comparable>(
    of candidates: [Candidate], _ reference: TimeSpan, _ times: (Candidate) -> [Instant]
  ) -> Candidate {
    let wide = TimeSpan(
      start: reference.start.advanced(bySeconds: -slackSeconds),
      end: reference.end.advanced(bySeconds: slackSeconds))
    var best: (candidate: Candidate, inside: Int, distance: Double)?
    for candidate in candidates.sorted() {
      let moments = times(candidate)
      let inside =
        moments.filter(wide.contains).count + moments.filter(reference.contains).count
      let distance = moments.map { moment in
        max(0, reference.start.seconds(since: moment), moment.seconds(since: reference.end))
      }.reduce(0, +)
      if let now = best, (now.inside, -now.distance) >= (inside, -distance) { continue }
      best = (candidate, inside, distance)
    }
    return best?.candidate ?? candidates[0]
  }

  private mutating func report(_ input: Int, _ kind: InputProblem.Kind, _ detail: Sentence) {
    guard inputs.indices.contains(input) else { return }
    inputs[input].problems.append(InputProblem(kind: kind, detail: detail))
  }

  /// An offset that nothing tells is 0 ± the input's own resolution.
  private mutating func noteClock(
    of lines: [CapacityEvent], _ input: Int, ahead: Int, isGuessed: Bool
  ) {
    let resolution = lines.map(\.precisionSeconds).max() ?? 1
    let isCoarse = resolution >= 60
    clocks.append(
      Coverage.Clock(
        input: input, offsetSeconds: Double(ahead),
        uncertaintySeconds: isCoarse ? Double(resolution) / 2 : Double(max(1, resolution)),
        reason: ahead != 0
          ? "its scaling under pressure fits the load only after this shift"
          : isGuessed
            ? "there are no access logs to compare it with"
            : isCoarse
              ? "its stamps carry minutes only"
              : "no offset could be measured; its stamps carry seconds"))
    if inputs.indices.contains(input) {
      inputs[input].first = lines.map(\.time).min()
      inputs[input].last = lines.map(\.time).max()
    }
  }

  /// How far a comparison with this event's time can be trusted, in seconds.
  func uncertainty(of event: CapacityEvent) -> Double {
    clocks.first { $0.input == event.position.input }?.uncertaintySeconds
      ?? Double(event.precisionSeconds)
  }
}
