internal import IncidentModel

/// One row of a table of capacity, changes or alerts, or one JSON line with the same keys.
struct CapacityRow {
  var fields: [CapacityColumn: [UInt8]]
  var context: CapacityContext
  var purpose: InputKind
  /// The row as it stands.
  var line: LogText

  /// The event that the row tells, or why it tells none.
  func event(memory: CapacityMemory) throws(LineError) -> CapacityEvent {
    guard let written = fields[.time] else { throw LineError("the row has no time", at: 0) }
    guard let stamp = stamp(written, memory) else {
      throw LineError("the time of the row is not one", at: 0)
    }
    let kind = try kind()
    let group = (fields[.group] ?? fields[.service])?.nonEmpty?.asText
    var text = line
    switch kind {
    case .note, .change, .alert:
      if let words = fields[.text]?.nonEmpty {
        text = LogText(bytes: Array(words.prefix(1024)), kind: .note)
      }
    default: break
    }
    let count = number(.count) ?? steps(kind)
    return CapacityEvent(
      time: stamp.time, kind: kind, position: context.position, text: text,
      precisionSeconds: stamp.precisionSeconds, lacksDate: stamp.lacksDate, group: group,
      zone: fields[.zone]?.nonEmpty?.asText, instance: fields[.instance]?.nonEmpty?.asText,
      count: max(1, count), key: "row|\(purpose.rawValue)|\(line.bytes.asText)")
  }

  private func stamp(
    _ written: [UInt8], _ memory: CapacityMemory
  ) -> (time: Instant, precisionSeconds: Int, lacksDate: Bool)? {
    if let stamp = WrittenStamp(written), stamp.count == written.count, stamp.second != nil {
      let moment = stamp.moment(day: memory.date ?? context.date, zone: context.zone)
      return (moment.time, stamp.precisionSeconds, moment.lacksDate)
    }
    if let time = CapacityStamp.member(.text(written), zone: context.zone) {
      return (time, 1, false)
    }
    return nil
  }

  private func number(_ column: CapacityColumn) -> Int? {
    fields[column].flatMap { JSONObject.Value.text($0).integer }.flatMap {
      (0...1_000_000).contains($0) ? $0 : nil
    }
  }

  private func steps(_ kind: CapacityEvent.Kind) -> Int {
    switch kind {
    case .scaleOutDecided(let from?, let to?), .scaleInDecided(let from?, let to?): abs(to - from)
    default: 1
    }
  }

  private func kind() throws(LineError) -> CapacityEvent.Kind {
    if let word = fields[.kind].map(CapacityTable.plain), !word.isEmpty {
      if let kind = capacityKind(word) ?? otherKind(word) { return kind }
      // Of a table of changes or alerts every row is one, whatever it is called.
      guard purpose != .capacity else { throw LineError("the kind of the row is unknown", at: 0) }
    }
    switch purpose {
    case .changes: return .change
    case .alerts: return .alert
    case .notes: return .note
    default: break
    }
    let desired = number(.desired)
    let ready = number(.ready)
    guard desired != nil || ready != nil || number(.maximum) != nil else {
      throw LineError("the row has no kind and no sizes", at: 0)
    }
    return .observed(desired: desired, ready: ready, maximum: number(.maximum))
  }

  private func capacityKind(_ word: String) -> CapacityEvent.Kind? {
    switch word {
    case "scaleoutdecided", "scaleout", "scaleup":
      .scaleOutDecided(from: number(.from), to: number(.to) ?? number(.desired))
    case "scaleindecided", "scalein", "scaledown":
      .scaleInDecided(from: number(.from), to: number(.to) ?? number(.desired))
    case "launchstarted", "launch", "launching", "launched": .launchStarted
    case "launchfailed", "failed", "fail", "refused": .launchFailed(reason)
    case "inservice", "ready", "running": .inService
    case "terminated", "terminate", "termination", "stopped": .terminated(reason)
    case "limitreached", "limit", "max", "maxreached":
      .limitReached(limit: number(.maximum), wanted: number(.to) ?? number(.desired))
    case "nottriggered", "skipped": .notTriggered(reason)
    case "backoff": .backoff(until: nil)
    case "configchanged", "config":
      purpose == .capacity
        ? .configChanged(
          minimum: number(.minimum), maximum: number(.maximum),
          desired: number(.desired) ?? number(.to))
        : .change
    case "observed", "size":
      .observed(desired: number(.desired), ready: number(.ready), maximum: number(.maximum))
    default: nil
    }
  }

  private func otherKind(_ word: String) -> CapacityEvent.Kind? {
    switch word {
    case "note", "comment": .note
    case "change", "deploy", "deployment", "release", "rollout", "rollback", "flag", "featureflag",
      "configuration":
      .change
    case "alert", "alarm", "page", "incident": .alert
    default: nil
    }
  }

  /// By the list's own names, else by the table of providers' texts.
  private var reason: CapacityEvent.Reason {
    let written = fields[.reason]?.nonEmpty ?? fields[.text]?.nonEmpty ?? []
    return switch CapacityTable.plain(written) {
    case "insufficientcapacity": .insufficientCapacity
    case "quota": .quota
    case "addressspace": .addressSpace
    case "maxsize": .maxSize
    case "badtemplate": .badTemplate
    case "backoff": .backoff
    case "timeout": .timeout
    case "unhealthy": .unhealthy
    case "scalein": .scaleIn
    case "spotreclaimed": .spotReclaimed
    case "metricmissing": .metricMissing
    case "stabilisation", "stabilization": .stabilisation
    default: ProviderReasons.reason(of: written)
    }
  }

  /// Whether the kind column holds a word of the list, or of changes and alerts.
  var namesKind: Bool {
    guard let word = fields[.kind].map(CapacityTable.plain) else { return false }
    return capacityKind(word) != nil || otherKind(word) != nil
  }
}

extension [UInt8] {
  /// Nil where empty or `-`.
  fileprivate var nonEmpty: [UInt8]? { isEmpty || self == [UInt8(ascii: "-")] ? nil : self }
}
