package import IncidentModel

/// What people wrote during the outage: lines with a time, Markdown bullets, chat exports, or a table of `time,text`.
///
/// `[2018-07-16 17:46] alice: text`, `- 17:46 UTC text` under a heading `## 2018-07-16`, a line
/// `alice  5:46 PM` with the words on the next lines, `{"ts":"1531763160.000200","text":"…"}`. A line
/// without a time continues the note before it, so a note is told when the next one begins. The
/// author is dropped. A stamp with a fraction of a second, or a level, is a program's.
package enum Notes: CapacityFormat {
  package static let name = "notes"
  package static let summary = "Notes and chat with times: text, Markdown, Slack export, CSV"
  package static let example = "[2018-07-16 18:24] Currently out of capacity for scaling"
  package static let kind = InputKind.notes
  package static let envelopes = ["messages"]
  package static let strictness = 1

  /// Bytes of one note; what is longer is cut.
  static let textLimit = 1024

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    let outcome = try parse(record, in: context, memory: &memory)
    let held = finish(&memory)
    return held.isEmpty ? outcome : .events(held)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    if record.byte(at: 0) == UInt8(ascii: "{") {
      let draft = try chatMessage(record, context)
      return told(finish(&memory) + draft.events)
    }
    if !memory.columns.isEmpty { return try row(record, context, memory) }
    let line = NoteLine(record)
    switch line.form {
    case .program: throw LineError("a program wrote this line, not a person", at: 0)
    case .heading(let day):
      let held = finish(&memory)
      memory.date = day
      memory.hasRecord = false
      return told(held)
    case .title:
      memory.hasRecord = false
      return told(finish(&memory))
    case .stamped(let stamp, let words):
      let previous = memory.note?.time
      let held = finish(&memory)
      memory.note = draft(stamp, words, context, after: previous, &memory)
      memory.hasRecord = true
      return told(held)
    case .plain:
      if let header = CapacityTable.header(record), !memory.hasRecord,
        CapacityTable.purpose(header.columns) == .notes
      {
        memory.columns = header.columns
        memory.separator = header.separator
        return .ignored
      }
      guard memory.hasRecord else {
        throw LineError("the line has no time and follows no note", at: 0)
      }
      memory.note?.append(copied(record).trimmed)
      return .ignored
    }
  }

  package static func finish(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    defer { memory.note = nil }
    return memory.note?.events ?? []
  }

  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool {
    if record.byte(at: 0) == UInt8(ascii: "{") { return true }
    if CapacityTable.header(record) != nil { return true }
    if case .stamped = NoteLine(record).form { return true }
    return false
  }

  private static func told(_ events: [CapacityEvent]) -> CapacityOutcome {
    events.isEmpty ? .ignored : .events(events)
  }

  /// A day that is known from a heading goes on past midnight: a time over 12 h back is the next day's.
  private static func draft(
    _ stamp: WrittenStamp, _ words: [UInt8], _ context: CapacityContext, after previous: Instant?,
    _ memory: inout CapacityMemory
  ) -> NoteDraft {
    let known = memory.date ?? context.date
    var moment = stamp.moment(day: known, zone: context.zone)
    if stamp.day == nil, let known, let previous, previous.seconds(since: moment.time) > 43_200 {
      let next = known.advanced(bySeconds: 86_400)
      memory.date = next
      moment = stamp.moment(day: next, zone: context.zone)
    }
    return NoteDraft(
      time: moment.time, precisionSeconds: stamp.precisionSeconds, lacksDate: moment.lacksDate,
      position: context.position, text: words)
  }

  /// A message of a chat's export: `ts` in seconds since 1970 as text.
  private static func chatMessage(
    _ record: Span<UInt8>, _ context: CapacityContext
  ) throws(LineError) -> NoteDraft {
    let reason: StaticString = "the message has no ts with its text"
    let object = try JSONObject(record, naming: ["ts\""], or: reason)
    guard let text = object.text("text"), case .text(let stamp)? = object["ts"],
      let time = CapacityStamp.member(.text(stamp))
    else { throw LineError(reason, at: 0) }
    return NoteDraft(
      time: time, precisionSeconds: 1, lacksDate: false, position: context.position, text: text)
  }

  private static func row(
    _ record: Span<UInt8>, _ context: CapacityContext, _ memory: CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    let values = CapacityTable.split(record, memory.separator)
    guard let place = memory.columns.firstIndex(of: .time),
      let words = memory.columns.firstIndex(of: .text), place < values.count,
      words < values.count
    else { throw LineError("the row lacks its time or its text", at: 0) }
    if let stamp = WrittenStamp(values[place]), stamp.second != nil {
      let moment = stamp.moment(day: memory.date ?? context.date, zone: context.zone)
      return .events(
        NoteDraft(
          time: moment.time, precisionSeconds: stamp.precisionSeconds,
          lacksDate: moment.lacksDate, position: context.position, text: values[words]
        ).events)
    }
    guard let time = CapacityStamp.member(.text(values[place])) else {
      throw LineError("the time of the row is not one", at: 0)
    }
    return .events(
      NoteDraft(
        time: time, precisionSeconds: 1, lacksDate: false, position: context.position,
        text: values[words]
      ).events)
  }
}
