internal import IncidentModel
internal import TrafficTally

/// The timeline's rows of one group's events, with repeats folded into the first of them.
struct CapacityRows {
  var curve: CapacityCurve
  var service: String?
  /// The first service's rise, for "1 min 35 s after the onset".
  var onset: Instant?
  var evidence: EvidenceCollector

  /// Two sources that tell of one decision do it within this.
  static let retoldSeconds = 60.0

  /// Arrivals, and terminations for one reason, fold while they follow each other within this.
  static let foldSeconds = 180.0

  func rows(within window: TimeSpan) -> [TimelineEntry] {
    var rows: [TimelineEntry] = []
    /// The row into which alike events fold, by what makes them alike.
    var folds: [String: Int] = [:]
    /// Where the events of each row took place.
    var zones: [Set<LogText?>] = []
    /// The decisions that have a row.
    var decided: [(event: CapacityEvent, row: Int)] = []
    for event in curve.events where window.contains(event.time) && !event.isHumanClaim {
      guard let key = Self.key(event) else { continue }
      if let index = folds[key], isOpen(rows[index], event) {
        fold(event, into: &rows[index])
        zones[index].insert(Self.zone(event))
        continue
      }
      if let index = retold(by: event, in: decided) {
        rows[decided[index].row].evidence.append(evidence.cite(event))
        complete(&decided[index].event, from: event)
        rows[decided[index].row].text = text(decided[index].event)
        continue
      }
      guard let row = row(event) else { continue }
      if Self.sizes(of: event) != nil { decided.append((event, rows.count)) }
      folds[key] = rows.count
      rows.append(row)
      zones.append([Self.zone(event)])
    }
    return zip(rows, zones).map(worded)
  }

  /// From and to which size the group shall go, upwards or downwards; nil of what is no decision.
  private static func sizes(of event: CapacityEvent) -> (isOut: Bool, from: Int?, to: Int?)? {
    switch event.kind {
    case .scaleOutDecided(let from, let to): (true, from, to)
    case .scaleInDecided(let from, let to): (false, from, to)
    default: nil
    }
  }

  /// The decision that an event tells of again: any of another input's, of its own the one before it alone.
  private func retold(
    by event: CapacityEvent, in decided: [(event: CapacityEvent, row: Int)]
  ) -> Int? {
    for index in decided.indices.reversed() {
      let first = decided[index].event
      // Events come by time, so none before this one is near enough.
      guard event.time.seconds(since: first.time) <= Self.retoldSeconds else { return nil }
      if Self.isRetold(first, by: event),
        index == decided.count - 1 || first.position.input != event.position.input
      {
        return index
      }
    }
    return nil
  }

  /// The one tells to which size, the other also from which.
  private func complete(_ first: inout CapacityEvent, from second: CapacityEvent) {
    guard case .scaleOutDecided(nil, let to) = first.kind,
      case .scaleOutDecided(let from?, _) = second.kind
    else { return }
    first.kind = .scaleOutDecided(from: from, to: to)
  }

  /// Another line tells of the same decision, to the same size.
  private static func isRetold(_ first: CapacityEvent, by second: CapacityEvent) -> Bool {
    guard let mine = sizes(of: first), let other = sizes(of: second) else { return false }
    return mine.isOut == other.isOut && mine.to != nil && mine.to == other.to
      && (mine.from == nil || other.from == nil || mine.from == other.from)
  }

  private static func zone(_ event: CapacityEvent) -> LogText? {
    event.zone.map { LogText($0, kind: .name) }
  }

  /// Limits, refusals and refusals to act fold over the whole; steps fold while they follow each other.
  private func isOpen(_ row: TimelineEntry, _ event: CapacityEvent) -> Bool {
    switch row.kind {
    case .inService, .terminated:
      event.time.seconds(since: row.last ?? row.time) <= Self.foldSeconds
    case .launchFailed, .limitReached, .notTriggered, .backoff: true
    default: false
    }
  }

  private func fold(_ event: CapacityEvent, into row: inout TimelineEntry) {
    row.count = row.count.addingSaturated(max(1, event.count))
    row.last = event.time
    // The first and the last of them are the proof.
    row.evidence = row.evidence.prefix(1) + [evidence.cite(event)]
  }

  private static func key(_ event: CapacityEvent) -> String? {
    switch event.kind {
    case .inService: "arrival"
    case .terminated(let reason): "end \(reason)"
    case .launchFailed(let reason): "failed \(reason)"
    case .limitReached: "limit"
    case .notTriggered(let reason): "still \(reason)"
    case .backoff: "backoff"
    case .scaleOutDecided, .scaleInDecided, .configChanged:
      "at \(event.position.input) \(event.position.offset) \(event.time.microseconds)"
    case .launchStarted, .observed, .note, .change, .alert: nil
    }
  }

  private func row(_ event: CapacityEvent) -> TimelineEntry? {
    guard let kind = Self.kind(event.kind) else { return nil }
    return TimelineEntry(
      time: event.time, kind: kind, source: .capacity, service: service, group: curve.group,
      text: text(event), evidence: [evidence.cite(event)],
      precisionSeconds: event.precisionSeconds, count: max(1, event.count))
  }

  private static func kind(_ kind: CapacityEvent.Kind) -> TimelineEntry.Kind? {
    switch kind {
    case .scaleOutDecided: .scaleOutDecided
    case .scaleInDecided: .scaleInDecided
    case .launchFailed: .launchFailed
    case .inService: .inService
    case .terminated: .terminated
    case .limitReached: .limitReached
    case .notTriggered: .notTriggered
    case .backoff: .backoff
    case .configChanged: .configChanged
    case .launchStarted, .observed, .note, .change, .alert: nil
    }
  }

  private func text(_ event: CapacityEvent) -> Sentence {
    switch event.kind {
    case .scaleOutDecided(let from, let to):
      return "Scale-out decided" + Self.sizes(from, to) + afterOnset(event.time)
    case .scaleInDecided(let from, let to):
      return "Scale-in decided" + Self.sizes(from, to)
    case .launchFailed(let reason): return ReasonWords.clause(reason) + place(event)
    case .terminated(let reason): return ReasonWords.clause(reason)
    case .notTriggered(let reason): return "The scaler did nothing: " + ReasonWords.clause(reason)
    case .limitReached(let limit, let wanted):
      switch (limit, wanted) {
      case (let limit?, let wanted?):
        return "A limit held the group back: \(count: limit) allowed, \(count: wanted) wanted"
      case (let limit?, nil): return "A limit held the group back: \(count: limit) allowed"
      default: return "A limit held the group back"
      }
    case .backoff(let until?): return "The scaler waits until \(time: until) after a failure"
    case .backoff(nil): return "The scaler waits after a failure"
    case .configChanged(let minimum, let maximum, let desired):
      return configuration(event, minimum, maximum, desired)
    default: return ""
    }
  }

  private func place(_ event: CapacityEvent) -> Sentence {
    Self.zone(event).map { " in \(log: $0)" } ?? ""
  }

  /// The one zone of all, or how many there were; nothing where an event names none.
  private static func place(_ zones: Set<LogText?>) -> Sentence {
    guard let first = zones.first, !zones.contains(nil) else { return "" }
    return zones.count == 1
      ? first.map { " in \(log: $0)" } ?? "" : " in \(count: zones.count) zones"
  }

  private static func sizes(_ from: Int?, _ to: Int?) -> Sentence {
    switch (from, to) {
    case (let from?, let to?): ": \(count: from) → \(instances: to)"
    case (nil, let to?): ": to \(instances: to)"
    default: ""
    }
  }

  private func afterOnset(_ time: Instant) -> Sentence {
    guard let onset, time >= onset, time.seconds(since: onset) < 7200 else { return "" }
    return " (\(duration: time.seconds(since: onset)) after the onset)"
  }

  private func configuration(
    _ event: CapacityEvent, _ minimum: Int?, _ maximum: Int?, _ desired: Int?
  ) -> Sentence {
    let before = event.time.advanced(bySeconds: -0.001)
    var parts: [Sentence] = []
    if let minimum { parts.append("minimum \(count: minimum)") }
    if let maximum {
      let old = curve.maximum.value(at: before)
      parts.append(
        old.map { "maximum \(count: $0) → \(count: maximum)" } ?? "maximum \(count: maximum)")
    }
    if let desired {
      let old = curve.wanted.value(at: before)
      parts.append(
        old.map { "desired \(count: $0) → \(count: desired)" } ?? "desired \(count: desired)")
    }
    var text: Sentence = "Configuration changed"
    for (index, part) in parts.enumerated() { text = text + (index == 0 ? ": " : ", ") + part }
    return text
  }

  /// Gives folded rows their numbers.
  private func worded(_ row: TimelineEntry, in zones: Set<LogText?>) -> TimelineEntry {
    var row = row
    let last = row.last ?? row.time
    switch row.kind {
    case .inService:
      row.text =
        row.count == 1 ? "1 instance in service" : "\(instances: row.count) instances in service"
      if let ready = curve.ready.value(at: last) { row.text = row.text + ": \(count: ready) ready" }
      if last > row.time { row.text = row.text + " at \(time: last)" }
    case .terminated:
      row.text =
        (row.count == 1 ? "1 instance" : "\(instances: row.count) instances") + " terminated"
        + Self.place(zones) + ": " + row.text
      if last > row.time { row.text = row.text + "; the last at \(time: last)" }
    case .launchFailed:
      let reason = row.text
      row.text =
        row.count == 1
        ? "A launch failed: " + reason
        : "First launch failed: " + reason
    default: break
    }
    return row
  }
}
