package import IncidentModel

/// LiteSpeed where its log format's own quotes are written too: a quote stands in front of the client (FORMATS §1.1).
///
/// Without them its lines are ``Combined``'s.
package enum LiteSpeed: AccessFormat {
  package static let name = "litespeed"
  package static let summary = "combined and common of LiteSpeed in quotes of their own"
  package static let example =
    "\"203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 5316 \"-\" \"curl/8.5\"\""
  package static let fields: Set<FormatField> = [.client, .agent, .referrer]
  package static let stamp: StampMeaning? = nil
  package static let strictness = 40

  /// A quote, then `combined` or `common`, perhaps with a quote at the end.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    if line.byte(at: 0) != UInt8(ascii: "\"") {
      throw LineError("no quote stands in front of the client", at: 0)
    }
    let end = line.count - (isClosed(line) ? 1 : 0)
    var cursor = LineCursor(line.extracting(0..<end), at: 1)
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    if !cursor.isAtEnd { try cursor.referrerAndAgent(into: &record) }
  }

  /// Whether the last quote is the format's own: it follows another quote or the byte count.
  private static func isClosed(_ line: Span<UInt8>) -> Bool {
    let last = line.count - 1
    if line.byte(at: last) != UInt8(ascii: "\"") { return false }
    var place = last - 1
    while isDigit(line.byte(at: place)) { place -= 1 }
    return line.byte(at: last - 1) == UInt8(ascii: "\"")
      || place < last - 1 && line.byte(at: place) == UInt8(ascii: " ")
  }
}
