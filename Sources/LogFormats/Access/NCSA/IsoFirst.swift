package import IncidentModel

/// The Common Log's fields with an ISO time in front and the request in words: `time client user method target number status bytes "referrer" "agent"`.
package enum IsoFirst: AccessFormat {
  package static let name = "iso-first"
  package static let summary = "ISO time, client, user, method, target, number, status, bytes"
  package static let example =
    "2024-03-05T14:03:22 203.0.113.7 - GET /cart -1 200 5316 \"-\" \"curl/8.5\""
  package static let fields: Set<FormatField> = [.client, .agent, .referrer]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 24

  /// The target may stand in quotes; the number behind it says nothing that is known.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    record.stamp = try cursor.isoTime(&context.clock)
    record.arrival = record.stamp
    try cursor.blank("the client is missing")
    let client = try cursor.shortToken("the client is missing")
    if !cursor.isAddress(client) {
      throw LineError("the client is no address", at: client.lowerBound)
    }
    record.client = TextRange(cursor.address(in: client))
    try cursor.blank("the user is missing")
    record.user = cursor.text(try cursor.shortToken("the user is missing"))
    try cursor.blank("the method is missing")
    let method = try cursor.shortToken("the method is missing")
    for index in method where line[index] &- UInt8(ascii: "A") >= 26 && line[index] != 0x2D {
      throw LineError("the method is not one of HTTP", at: index)
    }
    record.method = cursor.text(method)
    try cursor.blank("the target is missing")
    record.target = cursor.text(
      cursor.next == UInt8(ascii: "\"")
        ? try cursor.quoted("the target is missing")
        : try cursor.shortToken("the target is missing"))
    try cursor.blank("the number behind the target is missing")
    _ = try cursor.decimalOrDash("the number behind the target is not one")
    try cursor.blank("the status is missing")
    record.status = try cursor.status()
    try cursor.blank("the byte count does not follow the status")
    record.byteCount = try cursor.byteCount()
    if !cursor.isAtEnd { try cursor.referrerAndAgent(into: &record) }
  }
}
