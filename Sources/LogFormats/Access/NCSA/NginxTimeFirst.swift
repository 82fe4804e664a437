package import IncidentModel

/// nginx with the time in front, then host, client and seconds: the order of many hand-made formats (FORMATS §1.1).
package enum NginxTimeFirst: AccessFormat {
  package static let name = "nginx-time-first"
  package static let summary = "nginx with time, host, client and $request_time in front"
  package static let example =
    "[05/Mar/2024:14:03:22 +0000] shop.example.com 203.0.113.7 0.123 \"GET /cart HTTP/2.0\" 200 5316 440 - curl/8.5"
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .service,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 51

  /// `[time] host client seconds "request" status bytes length referrer agent`; the agent has no quotes.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.expect(UInt8(ascii: "["), "the line does not begin with a bracket")
    record.stamp = try cursor.commonLogTime(&context.clock)
    record.arrival = record.stamp
    try cursor.expect("] ", "the closing bracket of the time is missing")
    let host = try cursor.shortToken("the host is missing")
    // `_` is nginx's catch-all server: it names nothing.
    if host.count > 1 { record.service = cursor.hostName(host, &context) }
    try cursor.blank("the client is missing")
    let client = try cursor.shortToken("the client is missing")
    if !cursor.isAddress(client) {
      throw LineError("the client is no address", at: client.lowerBound)
    }
    record.client = TextRange(cursor.address(in: client))
    try cursor.blank("the duration is missing")
    record.duration = try cursor.microseconds("the duration is not a number")
    try cursor.blank("the request is missing")
    try cursor.commonBody(into: &record)
    cursor.skipBlanks()
    if isDigit(cursor.next) { _ = try cursor.decimal("the length is not a number") }
    cursor.skipBlanks()
    record.referrer = cursor.text(cursor.token())
    cursor.skipBlanks()
    record.agent = cursor.text(cursor.position..<line.count)
    record.arriveBeforeStamp()
  }
}
