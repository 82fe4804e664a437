package import IncidentModel

/// HAProxy's `option httplog clf`: the Common Log Format with everything of `httplog` behind, each value on its own (HAProxy doc §8.2.3).
package enum HAProxyClf: AccessFormat {
  package static let name = "haproxy-clf"
  package static let summary = "HAProxy with option httplog clf"
  package static let example =
    "203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 2750 \"\" \"\" 33317 655 \"http-in\" \"shop\" \"web-1\" 10 0 30 69 109 \"----\" 1 1 1 1 0 0 0 \"-\" \"-\" \"\" \"\""
  package static let fields: Set<FormatField> = [
    .client, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 55

  /// The Common Log Format, two empty strings, port, milliseconds, frontend, backend, server, five timers, state, five counts.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.commonHead(&context, into: &record)
    try cursor.requestAndStatus(into: &record)
    try cursor.blank("the byte count does not follow the status")
    _ = cursor.skip(UInt8(ascii: "+"))
    record.byteCount = try cursor.byteCount()
    try cursor.blank("the two empty strings are missing")
    try cursor.expect("\"\" \"\" ", "the two empty strings are missing")
    _ = try number(&cursor, "the port is not a number")
    let fraction = try number(&cursor, "the milliseconds are not a number")
    record.stamp.microseconds &+= max(0, min(fraction, 999)) &* 1_000
    record.arrival = record.stamp
    _ = try name(&cursor, "the frontend is missing")
    record.service = cursor.text(try name(&cursor, "the backend is missing"))
    record.serviceIsServerSet = !record.service.isEmpty
    let server = try name(&cursor, "the server is missing")
    let hasServer = line.byte(at: server.lowerBound) != UInt8(ascii: "<")
    record.backend = hasServer ? cursor.text(server) : .none
    let timers = try timers(&cursor)
    _ = try name(&cursor, "the termination state is missing")
    for _ in 0..<4 { _ = try number(&cursor, "a connection count is not a number") }
    _ = cursor.skip(UInt8(ascii: "+"))
    let retries = try number(&cursor, "the retries are not a number")
    record.upstreamRetries = UInt8(clamping: max(0, retries))
    record.setDurations(timers)
    record.tellsShed = true
    record.isShed = record.status >= 500 && (!hasServer || timers.connect < 0)
  }

  private static func timers(_ cursor: inout LineCursor) throws(LineError) -> HAProxyTimers {
    _ = try number(&cursor, "a timer is not a number")
    _ = try number(&cursor, "a timer is not a number")
    let connect = try number(&cursor, "a timer is not a number")
    let response = try number(&cursor, "a timer is not a number")
    _ = cursor.skip(UInt8(ascii: "+"))
    let total = try number(&cursor, "a timer is not a number")
    return HAProxyTimers(
      connect: connect < 0 ? -1 : connect &* 1_000, response: response < 0 ? -1 : response &* 1_000,
      total: total < 0 ? -1 : total &* 1_000)
  }

  /// A number and the blank behind it, perhaps in quotes.
  private static func number(
    _ cursor: inout LineCursor, _ reason: StaticString
  ) throws(LineError) -> Int64 {
    let isQuoted = cursor.skip(UInt8(ascii: "\""))
    let value = try cursor.decimalOrDash(reason)
    if isQuoted { try cursor.expect(UInt8(ascii: "\""), reason) }
    if !cursor.isAtEnd { try cursor.blank(reason) }
    return value
  }

  /// A name and the blank behind it, perhaps in quotes.
  private static func name(
    _ cursor: inout LineCursor, _ reason: StaticString
  ) throws(LineError) -> Range<Int> {
    let range =
      cursor.next == UInt8(ascii: "\"") ? try cursor.quoted(reason) : try cursor.shortToken(reason)
    try cursor.blank(reason)
    return range
  }
}
