package import IncidentModel

/// Jetty's NCSA request log, which writes two blanks around the dashes of an unknown user: ` -  -  [`; milliseconds may stand at the end (FORMATS §1.7).
package enum Jetty: AccessFormat {
  package static let name = "jetty"
  package static let summary = "Jetty's NCSA request log, with or without latency"
  package static let example =
    "203.0.113.7 -  -  [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 5316 \"-\" \"curl/8.5\"  123"
  package static let fields: Set<FormatField> = [.client, .agent, .referrer, .duration]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 34

  /// The Common Log Format, perhaps with referrer and agent, cookies, and milliseconds.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    // To find the format the blanks must be seen; a line of a user who signed in has none.
    let blank = line.near(UInt8(ascii: " "), from: 0)
    if context.isDetecting && !line.holds(" -  -  [", at: blank) {
      throw LineError("no two blanks stand around the user", at: min(blank, line.count))
    }
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    if cursor.isAtEnd { return }
    cursor.skipBlanks()
    if cursor.next == UInt8(ascii: "\"") {
      cursor.position -= 1
      try cursor.referrerAndAgent(into: &record)
    }
    tail(&cursor, into: &record)
  }

  /// Cookies in quotes or as a dash, and the latency.
  private static func tail(_ cursor: inout LineCursor, into record: inout AccessRecord) {
    cursor.skipBlanks()
    if cursor.next == UInt8(ascii: "\"") { _ = try? cursor.quoted("") }
    if cursor.sees("- ") { cursor.position += 1 }
    cursor.skipBlanks()
    guard isDigit(cursor.next), let value = try? cursor.decimal(""), cursor.isAtEnd else { return }
    record.duration = min(value, 1 << 42) &* 1_000
  }
}
