package import IncidentModel

/// Access logs of AWS Application Load Balancers: 25 to 33 fields, older lines fewer (FORMATS §1.9).
///
/// `time` is when the answer was complete; the request's arrival is `request_creation_time` where the line has it.
package enum AwsAlb: AccessFormat {
  package static let name = "aws-alb"
  package static let summary = "access logs of AWS Application Load Balancers"
  package static let example =
    "https 2024-03-05T14:03:22.186641Z app/shop-web/50dc6c495c0c9188 203.0.113.7:2817 192.0.2.10:80 0.001 0.048 0.000 200 200 120 5316 \"GET https://shop.example.com:443/cart HTTP/1.1\" \"curl/8.5\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/shop/73e2d6bc24d8a067 \"Root=1-65e72a1a-1d84f3d73c47ec4e58577259\" \"shop.example.com\" \"-\" 1 2024-03-05T14:03:22.137000Z \"forward\" \"-\" \"-\" \"192.0.2.10:80\" \"200\" \"-\" \"-\""
  package static let fields: Set<FormatField> = [
    .duration, .upstream, .backend, .service, .client, .agent, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 90

  /// The fields in the order of the AWS guide; what stands behind the TLS protocol is read as far as the line has it.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    let isWebSocket = try listener(&cursor)
    record.stamp = try cursor.isoTime(&context.clock)
    record.arrival = record.stamp
    try cursor.blank("the time is not followed by a blank")
    record.service = loadBalancer(try cursor.shortToken("the load balancer is missing"), cursor)
    record.serviceIsServerSet = true
    try cursor.blank("the client is missing")
    let client = try cursor.shortToken("the client is missing")
    record.client = TextRange(cursor.address(in: client, hasPort: true))
    try cursor.blank("the target is missing")
    record.backend = cursor.text(try cursor.shortToken("the target is missing"))
    let times = try durations(&cursor)
    let targetAnswered = try statuses(&cursor, into: &record)
    try sizes(&cursor, into: &record)
    try requestAndAgent(&cursor, into: &record)
    tail(&cursor, &context, into: &record)
    settle(times, into: &record)
    record.durationIsNoLatency = isWebSocket
    record.tellsShed = true
    record.isShed = record.status >= 500 && record.backend.isEmpty && !targetAnswered
  }

  /// The type word, and whether it means a WebSocket, whose line comes at its end.
  private static func listener(_ cursor: inout LineCursor) throws(LineError) -> Bool {
    if cursor.skip("https ") || cursor.skip("http ") || cursor.skip("h2 ") || cursor.skip("grpcs ")
    {
      return false
    }
    if cursor.skip("wss ") || cursor.skip("ws ") { return true }
    throw cursor.failure("the line does not begin with a listener type")
  }

  /// `shop-web` of `app/shop-web/50dc6c495c0c9188` or `net/shop-web/50dc6c495c0c9188`.
  static func loadBalancer(
    _ range: Range<Int>, _ cursor: borrowing LineCursor
  ) -> TextRange {
    guard
      cursor.line.holds("app/", at: range.lowerBound)
        || cursor.line.holds("net/", at: range.lowerBound)
    else { return TextRange(range) }
    let start = range.lowerBound + 4
    let slash = cursor.line.place(of: UInt8(ascii: "/"), from: start)
    return slash < range.upperBound ? TextRange(start..<slash) : TextRange(start..<range.upperBound)
  }

  /// request, target and response processing time in microseconds; -1 each where it was not reached.
  struct Times {
    var request: Int64
    var target: Int64
    var response: Int64
  }

  static func durations(_ cursor: inout LineCursor) throws(LineError) -> Times {
    try cursor.blank("the request processing time is missing")
    let request = try cursor.microseconds("the request processing time is not a number")
    try cursor.blank("the target processing time is missing")
    let target = try cursor.microseconds("the target processing time is not a number")
    try cursor.blank("the response processing time is missing")
    let response = try cursor.microseconds("the response processing time is not a number")
    return Times(request: request, target: target, response: response)
  }

  /// Both statuses; whether a target gave one.
  static func statuses(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) -> Bool {
    try cursor.blank("the status is missing")
    record.status = try cursor.status()
    try cursor.blank("the target's status is missing")
    let target = try cursor.shortToken("the target's status is missing")
    // A Classic Load Balancer writes 0 where its backend gave none.
    let isZero = target.count == 1 && cursor.line[target.lowerBound] == UInt8(ascii: "0")
    return !cursor.isDash(target) && !isZero
  }

  static func sizes(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    try cursor.blank("the received bytes are missing")
    _ = try cursor.decimalOrDash("the received bytes are not a number")
    try cursor.blank("the sent bytes are missing")
    record.byteCount = try cursor.decimalOrDash("the sent bytes are not a number")
  }

  static func requestAndAgent(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    try cursor.blank("the request is missing")
    cursor.requestLine(try cursor.quoted("the request has no opening quote"), into: &record)
    try cursor.blank("the agent is missing")
    try cursor.expect(UInt8(ascii: "\""), "the agent has no opening quote")
    let start = cursor.position
    var end = cursor.closingQuote(from: start)
    while end < cursor.line.count && !seesProtocol(behind: end, cursor) {
      // A raw quote inside of the agent.
      let later = cursor.closingQuote(from: end + 1)
      if later == cursor.line.count { break }
      end = later
    }
    if end == cursor.line.count { throw .cut(at: end) }
    record.agent = cursor.text(start..<end)
    cursor.position = end + 1
    try cursor.blank("the cipher is missing")
    _ = try cursor.shortToken("the cipher is missing")
    try cursor.blank("the TLS protocol is missing")
    record.tlsVersion = cursor.text(try cursor.shortToken("the TLS protocol is missing"))
  }

  /// Whether cipher and protocol, `ECDHE… TLSv1.2` or `- -`, stand behind the quote that may end the agent.
  @inline(__always)
  private static func seesProtocol(behind quote: Int, _ cursor: borrowing LineCursor) -> Bool {
    let blank = cursor.line.place(of: UInt8(ascii: " "), from: quote + 2)
    let first = cursor.line.byte(at: blank + 1)
    return blank > quote + 2
      && (first == UInt8(ascii: "-") || first == UInt8(ascii: "T") || first == UInt8(ascii: "S"))
      && cursor.line.byte(at: quote + 2) != UInt8(ascii: "\"")
  }

  /// target group, trace id, domain name, certificate, rule and creation time: whatever of them an older line has.
  private static func tail(
    _ cursor: inout LineCursor, _ context: inout AccessContext, into record: inout AccessRecord
  ) {
    guard cursor.skip(UInt8(ascii: " ")) else { return }
    _ = cursor.token()
    guard cursor.skip(UInt8(ascii: " ")), let trace = try? cursor.quoted("") else { return }
    record.requestID = cursor.text(traceRoot(trace, cursor))
    guard cursor.skip(UInt8(ascii: " ")), (try? cursor.quoted("")) != nil,
      cursor.skip(UInt8(ascii: " ")), (try? cursor.quoted("")) != nil,
      cursor.skip(UInt8(ascii: " "))
    else { return }
    _ = cursor.token()
    guard cursor.skip(UInt8(ascii: " ")), isDigit(cursor.next),
      let created = try? cursor.isoTime(&context.clock)
    else { return }
    record.arrival = created
  }

  /// `1-…` of `Root=1-…;Parent=…`.
  private static func traceRoot(
    _ range: Range<Int>, _ cursor: borrowing LineCursor
  ) -> Range<Int> {
    var start = range.lowerBound
    while start < range.upperBound && !cursor.line.holds("Root=", at: start) { start += 1 }
    if start == range.upperBound { return range }
    var end = start
    while end < range.upperBound && cursor.line[end] != UInt8(ascii: ";") { end += 1 }
    return start + 5..<end
  }

  /// The duration: time − creation where both are known, which holds for time-outs too, whose own times are -1.
  private static func settle(_ times: Times, into record: inout AccessRecord) {
    let known = max(0, times.request) + max(0, times.target) + max(0, times.response)
    let isComplete = times.request >= 0 && times.target >= 0 && times.response >= 0
    record.upstreamDuration = times.target
    if record.arrival < record.stamp {
      record.duration = record.stamp.microseconds - record.arrival.microseconds
    } else if isComplete {
      record.duration = known
      record.arriveBeforeStamp()
    } else if record.arrival == record.stamp && known > 0 {
      // Older lines without a creation time: the times that are known are a lower bound.
      record.duration = known
      record.durationIsNoLatency = true
      record.arriveBeforeStamp()
    }
  }
}
