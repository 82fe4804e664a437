package import IncidentModel

/// Deploys, flags and configuration changes: CSV with a header or JSON lines, `time` plus any of `kind, text, service, url`.
///
/// Also the lines of `git log --format='%cI %h %s'`.
package enum Changes: CapacityFormat {
  package static let name = "changes"
  package static let summary = "Deploys and changes: CSV, JSON lines, git log lines"
  package static let example =
    #"{"time":"2018-07-16T17:40:00Z","kind":"deploy","service":"shop","text":"cart 4.2"}"#
  package static let kind = InputKind.changes
  package static let envelopes: [String] = []
  package static let strictness = 3

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    if memory.columns.isEmpty, let commit = commit(record, in: context) {
      return .events([commit])
    }
    return try record.byte(at: 0) == UInt8(ascii: "{")
      ? parseObject(record, in: context, purpose: kind)
      : parseTable(record, in: context, purpose: kind, memory: &memory)
  }

  /// `2018-07-16T17:40:00+00:00 a1b2c3d subject`: a moment with its zone, and seven to forty hexadecimal digits.
  private static func commit(
    _ record: Span<UInt8>, in context: CapacityContext
  ) -> CapacityEvent? {
    var clock = StampClock(zone: context.zone)
    var cursor = LineCursor(record)
    guard let time = try? cursor.isoTime(&clock), record.byte(at: 10) == UInt8(ascii: "T"),
      cursor.position >= 20, cursor.skip(UInt8(ascii: " "))
    else { return nil }
    let name = copied(record.extracting(cursor.token()))
    let isHash =
      (7...40).contains(name.count) && name.contains(where: isDigit)
      && name.allSatisfy { isDigit($0) || (0x61...0x66).contains($0) }
    guard isHash, cursor.skip(UInt8(ascii: " ")), !cursor.isAtEnd else { return nil }
    let words = copied(record.extracting(cursor.position..<record.count)).prefix(1_024)
    let stem = FactStem(
      time: time, position: context.position, text: LogText(bytes: Array(words), kind: .note),
      source: "commit", identity: name.asText)
    return stem.event(.change)
  }
}
