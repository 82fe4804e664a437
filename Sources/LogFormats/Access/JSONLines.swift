package import IncidentModel

/// One JSON object a line, with a time and a status under any of the usual keys: nginx with a JSON `log_format`, and most programs that log requests (FORMATS §1.3).
package enum JSONLines: AccessFormat {
  package static let name = "json-lines"
  package static let summary = "JSON objects with a time and a status, of nginx and many others"
  package static let example =
    #"{"time_iso8601":"2024-03-05T14:03:22+00:00","remote_addr":"203.0.113.7","request":"GET /cart HTTP/1.1","status":"200","body_bytes_sent":"5316","request_time":"0.123","host":"shop.example.com"}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 15

  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    if line.byte(at: 0) != UInt8(ascii: "{") {
      throw LineError("the line is no JSON object", at: 0)
    }
    var members = JSONMembers()
    try members.read(line)
    try time(members, line, &context, into: &record)
    try status(members, line, into: &record)
    request(members, line, &context, into: &record)
    people(members, line, &context, into: &record)
    record.byteCount = number(members[.bytes], line)
    duration(members[.duration], line, &context, into: &record)
    upstream(members, line, &context, into: &record)
    record.arriveBeforeStamp()
  }

  /// A stamp in ISO 8601, of the Common Log Format, or since the epoch.
  private static func time(
    _ members: JSONMembers, _ line: Span<UInt8>, _ context: inout AccessContext,
    into record: inout AccessRecord
  ) throws(LineError) {
    guard let member = members[.time] else { throw LineError("no key tells the time", at: 0) }
    var cursor = LineCursor(
      line.extracting(0..<member.range.upperBound), at: member.range.lowerBound)
    if cursor.peek(2) == UInt8(ascii: "/") {
      record.stamp = try cursor.commonLogTime(&context.clock)
    } else if cursor.peek(4) == UInt8(ascii: "-") || cursor.peek(4) == UInt8(ascii: "/") {
      record.stamp = try cursor.isoTime(&context.clock)
    } else {
      record.stamp = try cursor.epochTime()
    }
    record.arrival = record.stamp
  }

  /// A number, a string with a number, or nothing; `"ok"` is another program's status.
  private static func status(
    _ members: JSONMembers, _ line: Span<UInt8>, into record: inout AccessRecord
  ) throws(LineError) {
    guard let member = members[.status] else { throw LineError("no key tells the status", at: 0) }
    if member.range.isEmpty { return }
    let text = line.extracting(0..<member.range.upperBound)
    var cursor = LineCursor(text, at: member.range.lowerBound)
    // `502, 200` is nginx's `$upstream_status` under another key: the last one went to the client.
    record.status = try cursor.status()
    while cursor.skip(", ") { record.status = try cursor.status() }
    if !cursor.isAtEnd { throw LineError("the status is not a number", at: cursor.position) }
  }

  private static func request(
    _ members: JSONMembers, _ line: Span<UInt8>, _ context: inout AccessContext,
    into record: inout AccessRecord
  ) {
    if let member = members[.request] {
      let whole = text(member, line, &context)
      requestLine(whole, line, context.scratch.span, into: &record)
      if record.method.isEmpty
        && whole.bytes(line: line, scratch: context.scratch.span).byte(at: 0)
          == UInt8(ascii: "/")
      {
        record.target = whole
      }
    }
    if let member = members[.method] { record.method = text(member, line, &context) }
    if let member = members[.target] { record.target = text(member, line, &context) }
  }

  /// Takes a request line apart that stands in the line or in the scratch buffer.
  private static func requestLine(
    _ range: TextRange, _ line: Span<UInt8>, _ scratch: Span<UInt8>,
    into record: inout AccessRecord
  ) {
    let isInScratch = range.start & TextRange.scratchFlag != 0
    let start = Int(range.start & ~TextRange.scratchFlag)
    LineCursor(isInScratch ? scratch : line)
      .requestLine(start..<start + Int(range.count), into: &record)
    if isInScratch {
      if !record.method.isEmpty { record.method.start |= TextRange.scratchFlag }
      if !record.target.isEmpty { record.target.start |= TextRange.scratchFlag }
    }
  }

  private static func people(
    _ members: JSONMembers, _ line: Span<UInt8>, _ context: inout AccessContext,
    into record: inout AccessRecord
  ) {
    let cursor = LineCursor(line)
    if let member = members[.client] { record.client = TextRange(cursor.address(in: member.range)) }
    if let member = members[.forwarded] { cursor.forwardedClient(member.range, into: &record) }
    if let member = members[.agent] { record.agent = text(member, line, &context) }
    if let member = members[.referrer] { record.referrer = text(member, line, &context) }
    if let member = members[.user] { record.user = text(member, line, &context) }
    if let member = members[.identity] { record.requestID = text(member, line, &context) }
    if let member = members[.tls] { record.tlsVersion = text(member, line, &context) }
    if let member = members[.serverName] {
      record.service = cursor.hostName(member.range, &context)
      record.serviceIsServerSet = !record.service.isEmpty
    }
    // `_` is nginx's catch-all server: it names nothing.
    if record.service.isEmpty || record.service.count == 1 {
      record.service = members[.host].map { cursor.hostName($0.range, &context) } ?? .none
      record.serviceIsServerSet = false
    }
  }

  private static func upstream(
    _ members: JSONMembers, _ line: Span<UInt8>, _ context: inout AccessContext,
    into record: inout AccessRecord
  ) {
    var lists = UpstreamLists()
    lists.addresses = members[.upstreamAddress]?.range
    lists.times = members[.upstreamTime]?.range
    lists.statuses = members[.upstreamStatus]?.range
    lists.apply(LineCursor(line), into: &record)
    if let member = members[.cache] { record.cache = text(member, line, &context) }
  }

  /// The duration in microseconds by the unit of its text, of its key, or of the file.
  private static func duration(
    _ member: JSONMember?, _ line: Span<UInt8>, _ context: inout AccessContext,
    into record: inout AccessRecord
  ) {
    guard let member, !member.range.isEmpty else { return }
    var cursor = LineCursor(
      line.extracting(0..<member.range.upperBound), at: member.range.lowerBound)
    guard let millionths = try? cursor.scientificMillionths(), millionths >= 0 else { return }
    if let value = cursor.inNamedUnit(millionths) {
      record.duration = value
    } else if member.key.unit > 0 {
      record.duration = millionths / (1_000_000 / member.key.unit)
    } else if member.key.unit < 0 {
      record.duration = millionths / 1_000_000 / 1_000
    } else if member.key.rank == 0 && millionths % 1_000_000 != 0 {
      // nginx's own variable: seconds with three digits.
      record.duration = millionths
    } else {
      if context.isDetecting { context.durationUnit.note(millionths) }
      record.duration = context.durationUnit.duration(ofMillionths: millionths)
    }
  }

  private static func number(_ member: JSONMember?, _ line: Span<UInt8>) -> Int64 {
    guard let member else { return -1 }
    var cursor = LineCursor(
      line.extracting(0..<member.range.upperBound), at: member.range.lowerBound)
    return (try? cursor.decimalOrDash("")) ?? -1
  }

  /// A member's text: in the line, or unescaped in the scratch buffer.
  private static func text(
    _ member: JSONMember, _ line: Span<UInt8>, _ context: inout AccessContext
  ) -> TextRange {
    if !member.hasEscapes { return LineCursor(line).text(member.range) }
    let start = context.scratch.count
    JSONCursor.unescape(line, member.range, into: &context.scratch)
    return TextRange(inScratch: start..<context.scratch.count)
  }
}

extension LineCursor {
  /// A decimal such as `0.123`, `12` or `2.8e-05`, in millionths.
  mutating func scientificMillionths() throws(LineError) -> Int64 {
    var value = try microseconds("the duration is not a number")
    guard next | 0x20 == UInt8(ascii: "e"),
      peek(1) == UInt8(ascii: "-") || isDigit(peek(1))
        || peek(1) == UInt8(ascii: "+")
    else { return value }
    let isSmall = peek(1) == UInt8(ascii: "-")
    position += isDigit(peek(1)) ? 1 : 2
    let exponent = try decimal("the duration has no exponent")
    for _ in 0..<min(exponent, 18) {
      value = isSmall ? value / 10 : value.multipliedReportingOverflow(by: 10).partialValue
    }
    return value
  }

  /// Millionths of the unit that follows, in microseconds: `ms`, `us`, `µs`, `ns`, `s`; nil for none.
  func inNamedUnit(_ millionths: Int64) -> Int64? {
    if sees("ms") { return millionths / 1_000 }
    if sees("us") || sees("µs") || sees("μs") { return millionths / 1_000_000 }
    if sees("ns") { return millionths / 1_000_000_000 }
    return next == UInt8(ascii: "s") ? millionths : nil
  }
}
