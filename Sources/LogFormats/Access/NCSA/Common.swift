package import IncidentModel

/// The Common Log Format: Apache's `"%h %l %u %t \"%r\" %>s %b"` (FORMATS §1.1).
package enum Common: AccessFormat {
  package static let name = "common"
  package static let summary = "Common Log Format of Apache and many others"
  package static let example =
    "203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 5316"
  package static let fields: Set<FormatField> = [.client]
  package static let stamp: StampMeaning? = nil
  package static let strictness = 10

  /// `client ident user [time] "request" status bytes`, and unquoted fields behind.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    if cursor.isAtEnd { return }
    let quote = line.near(UInt8(ascii: "\""), from: cursor.position)
    if quote < line.count { throw LineError("a quoted field follows the byte count", at: quote) }
  }
}
