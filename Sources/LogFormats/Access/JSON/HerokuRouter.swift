package import IncidentModel

/// Heroku's router: logfmt behind a syslog header, with the code of what went wrong (FORMATS §1.6).
package enum HerokuRouter: AccessFormat {
  package static let name = "heroku-router"
  package static let summary = "Heroku's router, from a drain or heroku logs"
  package static let example =
    "2024-03-05T14:03:22.195018+00:00 heroku[router]: at=info method=GET path=\"/cart\" host=shop.example.com request_id=c01bb5b7 fwd=\"203.0.113.7\" dyno=web.1 connect=3ms service=120ms status=200 bytes=5316 protocol=https"
  package static let fields: Set<FormatField> = [
    .client, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 86
  package static let readsHeader = true

  private static let keys = JSONKeyTable([
    JSONKeyRow("at", .sign), JSONKeyRow("code", .detail), JSONKeyRow("method", .method),
    JSONKeyRow("path", .target), JSONKeyRow("host", .host), JSONKeyRow("request_id", .identity),
    JSONKeyRow("fwd", .forwarded), JSONKeyRow("dyno", .upstreamAddress),
    JSONKeyRow("connect", .duration, unit: .milliseconds),
    JSONKeyRow("service", .upstreamTime, unit: .milliseconds), JSONKeyRow("status", .status),
    JSONKeyRow("bytes", .bytes), JSONKeyRow("tls_version", .tls),
  ])

  /// The header, then pairs; the duration is `connect` and `service` together.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    let (stamp, start) = try header(line, &context)
    var members = JSONMembers()
    _ = try members.readPairs(line, keys, &context.pairs, from: start)
    if members[.sign] == nil { throw LineError("the router's at= is missing", at: start) }
    try members.fill(&record, line, &context, at: stamp)
    record.upstreamDuration = members.duration(.upstreamTime, line, &context)
    if record.duration >= 0 || record.upstreamDuration >= 0 {
      record.duration = max(0, record.duration) &+ max(0, record.upstreamDuration)
    }
    let dyno = members.filled(.upstreamAddress, line)
    if let dyno { record.backend = TextRange(dyno.range) }
    // H11 is a full backlog: the router answers by itself whatever dyno it names.
    record.tellsShed = true
    record.isShed =
      record.status >= 500 && (dyno == nil || members.is(.detail, "H11", line))
    record.arriveBeforeStamp()
  }

  /// The stamp in front of `heroku[router]: ` or `heroku router - - `, and where the pairs begin.
  private static func header(
    _ line: Span<UInt8>, _ context: inout AccessContext
  ) throws(LineError) -> (Instant, Int) {
    var cursor = LineCursor(line)
    var stamp: Instant?
    // Octet count, priority with version, time, host, `heroku`.
    for _ in 0..<6 {
      if cursor.skip("heroku[router]: ") || cursor.skip("heroku router - - ") {
        guard let stamp else { throw LineError("the header has no time", at: 0) }
        return (stamp, cursor.position)
      }
      if cursor.peek(4) == UInt8(ascii: "-") && cursor.peek(10) == UInt8(ascii: "T") {
        stamp = try cursor.isoTime(&context.clock)
      } else {
        _ = cursor.token()
      }
      cursor.skipBlanks()
    }
    throw LineError("the header does not name Heroku's router", at: 0)
  }
}
