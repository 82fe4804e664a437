internal import IncidentModel
internal import TrafficTally

/// Lays all rows on one clock and marks the most telling ones for the picture (REPORT §2.9).
struct TimelineAssembly {
  var stories: [ServiceStory]
  var spikes: [Spike]
  var incidents: [Incident]
  var events: [CapacityEvent]
  var window: TimeSpan
  var gaps: [Coverage.Gap]
  var clock: EventClock
  var evidence: EvidenceCollector
  /// Groups of no service: told where there is no service at all, else they are others' business.
  var unmatched: [GroupStory] = []
  var places = ServicePlaces([])
  /// Of the tally's series.
  var bucketSeconds = 1

  /// Rows beyond this are not told; far more than a report shows.
  static let limit = 5000
  /// Services of which levels are told where there is no incident: those with most requests.
  static let mostQuiet = 3
  static let marks = ["A", "B", "C", "D", "E", "F"]

  func entries() -> [TimelineEntry] {
    var rows: [TimelineEntry] = []
    var told: Set<String> = []
    for story in stories {
      rows += trafficRows(story)
      guard let group = story.group, group.curve.source == .log,
        told.insert(group.mapping.group).inserted
      else { continue }
      let onset = spikes.first { $0.service == story.signal.traffic.name }?.onset
      rows += CapacityRows(
        curve: group.curve, service: story.signal.traffic.name, onset: onset, evidence: evidence
      ).rows(within: window)
    }
    if stories.isEmpty {
      rows += unmatched.flatMap { group in
        CapacityRows(curve: group.curve, service: nil, onset: nil, evidence: evidence)
          .rows(within: window)
      }
    }
    if incidents.isEmpty { rows += quietRows() }
    rows += peopleRows() + gapRows() + shiftRows()
    rows = Array(sorted(rows).prefix(Self.limit))
    mark(&rows)
    return rows
  }

  /// Without an incident: where answers of the busiest services began to take longer, or less long.
  private func quietRows() -> [TimelineEntry] {
    let busiest = stories.map {
      (story: $0, requests: $0.signal.minutes.sum(over: window).requests)
    }
    .sorted {
      ($1.requests, $0.story.signal.traffic.name) < ($0.requests, $1.story.signal.traffic.name)
    }
    return busiest.prefix(Self.mostQuiet).flatMap { busy in
      LevelRows(traffic: builder(busy.story, busy.story.minutes), incident: nil).quietRows()
    }
  }

  private func builder(_ story: ServiceStory, _ minutes: [LoadMinute]) -> TrafficRows {
    TrafficRows(
      signal: story.signal, story: story.group, minutes: minutes, window: window,
      evidence: evidence, bucketSeconds: bucketSeconds)
  }

  private func trafficRows(_ story: ServiceStory) -> [TimelineEntry] {
    let name = story.signal.traffic.name
    let mine = incidents.filter { $0.service == name }
    let builder = builder(story, mine.isEmpty ? [] : story.minutes)
    var rows: [TimelineEntry] = []
    for spike in spikes where spike.service == name {
      let span = TimeSpan(start: spike.onset, end: spike.end)
      rows += builder.rows(
        of: spike,
        incident: incidents.first { $0.services.contains(name) && $0.span.overlaps(span) })
    }
    let peaks = Set(rows.filter { $0.kind == .spikePeak }.map(\.time))
    for incident in mine {
      // The peak's row tells the failures of its minute already.
      rows += builder.rows(of: incident).filter {
        $0.kind != .worstMinute || !peaks.contains($0.time)
      }
    }
    rows += builder.rest(openIncident: mine.last { $0.endState != .recovered })
    return rows.filter { $0.time >= window.start && $0.time <= window.end }
  }

  /// Notes verbatim, changes and alerts; a person's claim is told by its note.
  private func peopleRows() -> [TimelineEntry] {
    var places: Set<LogPosition> = []
    return events.compactMap { event in
      guard window.contains(event.time) else { return nil }
      let (kind, source, lead): (TimelineEntry.Kind, TimelineEntry.Source, Sentence)
      switch event.kind {
      case .note: (kind, source, lead) = (.note, .note, "Note: ")
      case .change: (kind, source, lead) = (.change, .change, "Change: ")
      case .alert: (kind, source, lead) = (.alert, .alert, "Alert: ")
      default:
        guard event.isHumanClaim else { return nil }
        (kind, source, lead) = (.note, .note, "Note: ")
      }
      guard places.insert(event.position).inserted else { return nil }
      return TimelineEntry(
        time: event.time, kind: kind, source: source, service: service(of: event),
        group: event.group, text: lead + "\(log: event.text)", evidence: [evidence.cite(event)],
        precisionSeconds: event.precisionSeconds)
    }
  }

  /// The service that a person's line means, if it means one.
  private func service(of event: CapacityEvent) -> String? {
    guard case .services(let names) = places.place(of: event.group), names.count == 1 else {
      return nil
    }
    return names.first
  }

  private func gapRows() -> [TimelineEntry] {
    gaps.filter { $0.input == nil && $0.span.overlaps(window) }.map { gap in
      TimelineEntry(
        time: max(gap.span.start, window.start), kind: .gap, source: .access,
        text: "No access log holds a line for \(duration: gap.span.seconds)", evidence: [],
        precisionSeconds: 60)
    }
  }

  private func shiftRows() -> [TimelineEntry] {
    clock.shifts.filter { window.contains($0.first.time) }.map { input, first, seconds in
      let name = clock.inputs.indices.contains(input) ? clock.inputs[input].name.file : ""
      return TimelineEntry(
        time: first.time, kind: .clockShifted, source: .capacity, group: first.group,
        text:
          "The clock of \(log: LogText(name, kind: .file)) was \(duration: Double(abs(seconds))) \(EventClock.direction(seconds)) the access logs; its times are corrected here",
        evidence: [evidence.cite(first)], precisionSeconds: first.precisionSeconds)
    }
  }

  private func sorted(_ rows: [TimelineEntry]) -> [TimelineEntry] {
    rows.enumerated().sorted { left, right in
      if left.element.time != right.element.time { return left.element.time < right.element.time }
      if left.element.source != right.element.source {
        return left.element.source < right.element.source
      }
      return left.offset < right.offset
    }.map(\.element)
  }

  /// Gives up to six letters to the rows that tell most of the worst incident.
  private func mark(_ rows: inout [TimelineEntry]) {
    guard let worst = incidents.worstFirst.first else { return }
    let span = TimeSpan(
      start: (worst.phases.onset ?? worst.span.start).advanced(bySeconds: -1800),
      end: worst.span.end.advanced(bySeconds: 300))
    let groups = Set(
      stories.filter { worst.services.contains($0.signal.traffic.name) }
        .compactMap { $0.group?.mapping.group })
    var seen: Set<TimelineEntry.Kind> = []
    let places = rows.indices.filter { index in
      let row = rows[index]
      return span.contains(row.time) && belongs(row, to: worst, groups)
        && !Self.isToldByRecovery(row, rows)
    }
    let scored = places.map { index -> (index: Int, score: Int) in
      let isFirst = seen.insert(rows[index].kind).inserted
      return (index, Self.weight(rows[index].kind) * 2 + (isFirst ? 5 : 0))
    }
    let chosen = scored.filter { $0.score > 5 }
      .sorted { $0.score != $1.score ? $0.score > $1.score : $0.index < $1.index }
      .prefix(Self.marks.count).map(\.index).sorted()
    for (letter, index) in zip(Self.marks, chosen) { rows[index].mark = letter }
  }

  /// What names no service, nor a group of one, may be of any.
  private func belongs(_ row: TimelineEntry, to incident: Incident, _ groups: Set<String>) -> Bool {
    if let service = row.service { return incident.services.contains(service) }
    guard let group = row.group, !groups.contains(group) else { return true }
    return places.place(of: group) == .unknown
  }

  /// Demand that fits again in the minute in which all is well again is one moment, and has one letter.
  private static func isToldByRecovery(_ row: TimelineEntry, _ rows: [TimelineEntry]) -> Bool {
    row.kind == .withinCapacity
      && rows.contains {
        $0.kind == .recovery && $0.service == row.service
          && abs($0.time.seconds(since: row.time)) < 60
      }
  }

  private static func weight(_ kind: TimelineEntry.Kind) -> Int {
    switch kind {
    case .firstFailure, .trafficLost: 10
    case .launchFailed: 9
    case .limitReached, .notTriggered: 8
    case .configChanged, .recovery: 7
    case .withinCapacity, .terminated, .change, .scaleInDecided, .fleetChanged: 6
    case .scaleOutDecided, .note: 5
    case .inService: 4
    case .alert, .backoff, .latencyChanged, .goodputChanged: 3
    default: 0
    }
  }
}
