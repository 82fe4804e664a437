package import IncidentModel

/// Kubernetes events: `kubectl get events -o json`, one object a line as exporters and watches write them, or the printed table.
///
/// Both schemas, `v1` and `events.k8s.io/v1`. The cluster keeps events for an hour, so an export
/// that was taken late lacks the beginning. The table has ages in place of times: they count from
/// the moment that a line in front of the table tells, as `date` prints it; without one the rows
/// are notes without a time.
/// <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>
package enum KubernetesEvents: CapacityFormat {
  package static let name = "kubernetes-events"
  package static let summary = "Kubernetes events as list, JSON lines or kubectl table"
  package static let example = """
    {"kind":"Event","metadata":{"name":"web-1.17","namespace":"shop","uid":"e1"},"involvedObject":\
    {"kind":"Pod","namespace":"shop","name":"web-1"},"reason":"TriggeredScaleUp","message":"pod \
    triggered scale-up: [{shop-web 10->15 (max: 15)}]","firstTimestamp":"2018-07-16T18:02:30Z",\
    "lastTimestamp":"2018-07-16T18:02:30Z","count":1,"type":"Normal"}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["items"]
  package static let strictness = 8

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    guard record.byte(at: 0) == UInt8(ascii: "{") else {
      return try EventTable.outcome(of: record, in: context, memory: &memory)
    }
    let object = try JSONObject(
      record, naming: ["involvedObject\"", "regarding\"", "Event\""],
      or: "the object has no involvedObject or regarding with a reason")
    let event = try KubernetesEvent(object, record, context)
    let events = event.events(&memory)
    return events.isEmpty ? .ignored : .events(events)
  }

  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool {
    record.byte(at: 0) == UInt8(ascii: "{") || EventTable.margins(of: record) != nil
  }
}

/// The table that `kubectl get events` prints.
enum EventTable {
  private static let headings = [
    "NAMESPACE", "LAST SEEN", "FIRST SEEN", "COUNT", "NAME", "KIND", "TYPE", "REASON", "OBJECT",
    "SUBOBJECT", "SOURCE", "MESSAGE",
  ]

  /// Where the columns of a heading begin; nil where the line is none.
  static func margins(of record: Span<UInt8>) -> [String: Int]? {
    // Every line of every log is asked, so most must go before anything is made of them.
    guard record.count <= 1_024, record.contains("LAST SEEN"), record.contains("MESSAGE") else {
      return nil
    }
    let line = copied(record)
    var margins: [String: Int] = [:]
    for heading in headings {
      var cursor = MessageCursor(line)
      while let place = cursor.place(of: heading) {
        let end = place + heading.utf8.count
        let isWord =
          (place == 0 || line[place - 1] == 0x20) && (end == line.count || line[end] == 0x20)
        if isWord && !(heading == "NAME" && margins["NAMESPACE"] == place) {
          margins[heading] = place
          break
        }
        cursor.position = end
      }
    }
    let needed = ["LAST SEEN", "TYPE", "REASON", "MESSAGE"]
    return needed.allSatisfy { margins[$0] != nil } ? margins : nil
  }

  static func outcome(
    of record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    if let margins = margins(of: record) {
      memory.margins = margins
      return .ignored
    }
    if let moment = EventAge.printedMoment(record) {
      memory.date = moment
      return .ignored
    }
    guard !memory.margins.isEmpty else {
      throw LineError("the line stands under no heading of an event table", at: 0)
    }
    let line = copied(record)
    func cell(_ heading: String) throws(LineError) -> [UInt8] {
      guard let start = memory.margins[heading] else { return [] }
      guard start < line.count, start == 0 || line[start - 1] == 0x20 else {
        throw LineError("the row does not stand under its headings", at: min(start, line.count))
      }
      let end = memory.margins.values.filter { $0 > start }.min() ?? line.count
      return Array(line[start..<max(start, min(end, line.count))]).trimmed
    }
    let row = Row(
      reason: try cell("REASON").asText, message: try cell("MESSAGE"), object: try cell("OBJECT"),
      space: try cell("NAMESPACE").asText)
    let age = try cell("LAST SEEN")
    guard !row.reason.isEmpty, isAge(age) else {
      throw LineError("the row has no age with its reason", at: 0)
    }
    if let reference = memory.date, let seen = EventAge.cell(age, at: reference) {
      let events = row.events(seen, record, context, &memory)
      return events.isEmpty ? .ignored : .events(events)
    }
    return row.note(record, context)
  }

  /// `5m12s`, `3m (x12 over 1h)`, `<unknown>`.
  private static func isAge(_ cell: [UInt8]) -> Bool {
    if cell.first == UInt8(ascii: "<") { return true }
    guard let first = cell.first, isDigit(first) else { return false }
    let unit = cell.first { !isDigit($0) }
    return unit.map { "smhdy".utf8.contains($0) } ?? false
  }
}

extension EventTable {
  /// A row of the table.
  struct Row {
    var reason: String
    var message: [UInt8]
    var object: [UInt8]
    var space: String

    private var subject: EventSubject {
      let parts = object.split(separator: UInt8(ascii: "/"), maxSplits: 1)
      return EventSubject(
        kind: parts.first.map { Array($0).asText.lowercased() } ?? "",
        name: parts.count > 1 ? Array(parts[1]).asText : "", space: space.isEmpty ? nil : space)
    }

    /// The last occurrence, and the first of several: those between have no time.
    func events(
      _ seen: EventAge.Cell, _ record: Span<UInt8>, _ context: CapacityContext,
      _ memory: inout CapacityMemory
    ) -> [CapacityEvent] {
      let reason = EventReason(reason, message, subject)
      func stem(_ moment: EventAge.Moment) -> FactStem {
        // The same row in a later table has another age, and a moment within the age's width.
        let width = Int64(max(600, 2 * moment.precisionSeconds))
        let bucket = floorDivide(moment.time.seconds, width)
        return FactStem(
          time: moment.time, position: context.position, text: clipped(record),
          source: "k8s-table",
          identity: "\(space)|\(object.asText)|\(self.reason)|\(message.asText)|\(bucket)",
          group: subject.group, precisionSeconds: moment.precisionSeconds)
      }
      var events: [CapacityEvent] = []
      if let first = seen.first, seen.count > 1, first.time < seen.last.time {
        events = reason.events(stem(first), &memory)
      }
      for var event in reason.events(stem(seen.last), &memory) {
        let times = events.isEmpty ? seen.count : seen.count - 1
        event.count = max(
          1, min(event.count.multipliedReportingOverflow(by: times).partialValue, 1_000_000))
        events.append(event)
      }
      return events
    }

    /// An age from an unknown moment is no time: the fact is kept as a note, with its words.
    func note(_ record: Span<UInt8>, _ context: CapacityContext) -> CapacityOutcome {
      let stem = FactStem(
        time: context.date ?? Instant(seconds: 0), position: context.position,
        text: clipped(record), source: "k8s-table", identity: "\(context.position.line)",
        group: subject.group, precisionSeconds: 86_400, lacksDate: context.date == nil)
      var scratch = CapacityMemory()
      let facts = EventReason(reason, message, subject).events(stem, &scratch)
      let isFact = !facts.isEmpty || !scratch.aims.isEmpty || !scratch.held.isEmpty
      return isFact ? .events([stem.event(.note)]) : .ignored
    }
  }
}
