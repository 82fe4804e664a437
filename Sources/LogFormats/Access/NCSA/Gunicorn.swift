package import IncidentModel

/// Gunicorn where its access lines go through its own log: `[time] [pid] [INFO] ` in front of `combined` (FORMATS §1.7).
///
/// Without that head its lines are ``Combined``'s.
package enum Gunicorn: AccessFormat {
  package static let name = "gunicorn"
  package static let summary = "Gunicorn's access lines behind its own time, process and level"
  package static let example =
    "[2024-03-05 14:03:22 +0000] [31] [INFO] 203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 5316 \"-\" \"curl/8.5\" 0.123456"
  package static let fields: Set<FormatField> = [.client, .agent, .referrer, .duration]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 54

  /// The head, `combined`, and perhaps `%(L)s` in seconds or `%(D)s` in microseconds.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.expect(UInt8(ascii: "["), "the line does not begin with a bracket")
    _ = try cursor.isoTime(&context.clock)
    try cursor.expect("] [", "the process does not follow the time")
    _ = try cursor.decimal("the process is not a number")
    try cursor.expect("] [", "the level does not follow the process")
    _ = try cursor.take(until: UInt8(ascii: "]"), "the level has no closing bracket")
    try cursor.blank("the client does not follow the level")
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    try cursor.referrerAndAgent(into: &record)
    cursor.skipBlanks()
    _ = cursor.skip(UInt8(ascii: "\""))
    guard isDigit(cursor.next) else { return }
    let start = cursor.position
    record.duration = try cursor.microseconds("the duration is not a number")
    let isWhole = line.near(UInt8(ascii: "."), from: start) >= cursor.position
    if isWhole { record.duration /= 1_000_000 }
    record.arriveBeforeStamp()
  }
}
