package import IncidentModel

/// HAProxy's http, https and tcp lines and its connection errors, with or without a syslog header in front (FORMATS §1.4).
///
/// The bracket is when the request's first byte came, in the host's local time.
package enum HAProxy: AccessFormat {
  package static let name = "haproxy"
  package static let summary = "HAProxy: httplog, httpslog, tcplog and connection errors"
  package static let example =
    "Mar  5 14:03:22 lb-1 haproxy[14389]: 203.0.113.7:33317 [05/Mar/2024:14:03:22.655] http-in shop/web-1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {shop.example.com} {} \"GET /cart HTTP/1.1\""
  package static let fields: Set<FormatField> = [
    .client, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 70
  package static let readsHeader = true

  /// `client:port [time] frontend backend/server timers …`, or `client:port [time] frontend/bind: message`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try client(&cursor, into: &record)
    record.stamp = try cursor.localLogTime(&context.clock)
    record.arrival = record.stamp
    try cursor.expect("] ", "the closing bracket of the time is missing")
    let frontend = try cursor.shortToken("the frontend is missing")
    if line[frontend.upperBound - 1] == UInt8(ascii: ":") {
      return try connectionError(frontend, cursor, into: &record)
    }
    try cursor.blank("the backend is missing")
    let hasServer = try backend(&cursor, into: &record)
    try cursor.blank("the timers are missing")
    let timers = try HAProxyTimers(&cursor)
    try cursor.blank("the line ends behind the timers")
    if timers.count == 5 {
      try httpLine(&cursor, timers, hasServer: hasServer, into: &record)
    } else {
      try connectionLine(&cursor, timers, hasServer: hasServer, into: &record)
    }
  }

  /// The client stands in front of the time's bracket; a syslog header in front of it says nothing that the line doesn't.
  private static func client(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    let bracket = try timeBracket(cursor)
    var start = bracket - 1
    while start > 0 && cursor.line[start - 1] != UInt8(ascii: " ") { start -= 1 }
    if bracket < 2 || start >= bracket - 1 {
      throw LineError("no client stands in front of the time", at: max(0, bracket))
    }
    let address = start..<bracket - 1
    let port = cursor.address(in: address, hasPort: true)
    if port == address { throw LineError("the client has no port", at: start) }
    record.client = TextRange(port)
    cursor.position = bracket + 1
  }

  /// The time's bracket; a line with HAProxy's tag and no time is one of its notices.
  private static func timeBracket(_ cursor: borrowing LineCursor) throws(LineError) -> Int {
    do throws(LineError) {
      return try cursor.timeBracket()
    } catch {
      var notice = error
      notice.isOwn = names(cursor.line)
      throw notice
    }
  }

  /// Whether the tag `haproxy[` stands within a header's length.
  private static func names(_ line: Span<UInt8>) -> Bool {
    var place = line.near(UInt8(ascii: "h"), from: 0)
    while place < min(line.count, 128) {
      if line.holds("haproxy[", at: place) { return true }
      place = line.near(UInt8(ascii: "h"), from: place + 1)
    }
    return false
  }

  /// `frontend/bind: SSL handshake failure`: a connection that never became a request.
  private static func connectionError(
    _ frontend: Range<Int>, _ cursor: borrowing LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    let slash = cursor.line.near(UInt8(ascii: "/"), from: frontend.lowerBound)
    if slash >= frontend.upperBound {
      throw LineError("the frontend of the error names no bind", at: frontend.lowerBound)
    }
    record.service = TextRange(frontend.lowerBound..<slash)
    record.serviceIsServerSet = true
    record.isConnection = true
  }

  /// `backend/server`; whether a server is named.
  private static func backend(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) -> Bool {
    let whole = try cursor.shortToken("the backend is missing")
    let slash = cursor.line.near(UInt8(ascii: "/"), from: whole.lowerBound)
    if slash >= whole.upperBound {
      throw LineError("no server stands behind the backend", at: whole.upperBound)
    }
    record.service = TextRange(whole.lowerBound..<slash)
    record.serviceIsServerSet = true
    // `<NOSRV>`, `<STATS>` and other names in brackets are no servers.
    if cursor.line.byte(at: slash + 1) == UInt8(ascii: "<") { return false }
    record.backend = TextRange(whole)
    return true
  }

  private static func httpLine(
    _ cursor: inout LineCursor, _ timers: HAProxyTimers, hasServer: Bool,
    into record: inout AccessRecord
  ) throws(LineError) {
    record.status = try cursor.status()
    try cursor.blank("the byte count does not follow the status")
    _ = cursor.skip(UInt8(ascii: "+"))
    record.byteCount = max(0, try cursor.decimalOrDash("the byte count is not a number"))
    try cursor.blank("the request's cookie is missing")
    _ = try cursor.shortToken("the request's cookie is missing")
    try cursor.blank("the answer's cookie is missing")
    _ = try cursor.shortToken("the answer's cookie is missing")
    try cursor.blank("the termination state is missing")
    _ = try cursor.shortToken("the termination state is missing")
    try connections(&cursor, into: &record)
    record.setDurations(timers)
    record.tellsShed = true
    record.isShed = record.status >= 500 && (!hasServer || timers.connect < 0)
    try request(&cursor, into: &record)
  }

  /// A connection of tcp mode fails by its termination state: it has no status of its own.
  private static func connectionLine(
    _ cursor: inout LineCursor, _ timers: HAProxyTimers, hasServer: Bool,
    into record: inout AccessRecord
  ) throws(LineError) {
    _ = cursor.skip(UInt8(ascii: "+"))
    record.byteCount = max(0, try cursor.decimalOrDash("the byte count is not a number"))
    try cursor.blank("the termination state is missing")
    let state = try cursor.shortToken("the termination state is missing")
    if state.count != 2 {
      throw LineError("the termination state is not one", at: state.lowerBound)
    }
    try connections(&cursor, into: &record)
    record.setDurations(timers)
    record.isConnection = true
    record.durationIsNoLatency = true
    switch cursor.line[state.lowerBound] {
    case UInt8(ascii: "C"), UInt8(ascii: "c"): record.status = 499
    case UInt8(ascii: "s"): record.status = 504
    case UInt8(ascii: "-"): record.status = hasServer ? 200 : 503
    default: record.status = 503
    }
    record.tellsShed = true
    record.isShed = record.status >= 500 && (!hasServer || timers.connect < 0)
  }

  /// ` actconn/feconn/beconn/srv_conn/retries srv_queue/backend_queue`; `+3` retries were redispatched.
  private static func connections(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    try cursor.blank("the connection counts are missing")
    for _ in 0..<4 {
      _ = try cursor.decimal("a connection count is not a number")
      try cursor.expect(UInt8(ascii: "/"), "there are five connection counts")
    }
    _ = cursor.skip(UInt8(ascii: "+"))
    record.upstreamRetries = UInt8(
      clamping: try cursor.decimal("the retries are not a number"))
    try cursor.blank("the queues are missing")
    _ = try cursor.decimal("the server's queue is not a number")
    try cursor.expect(UInt8(ascii: "/"), "the backend's queue is missing")
    _ = try cursor.decimal("the backend's queue is not a number")
  }

  /// Captured headers in braces, then the request, which HAProxy cuts at 1,024 bytes with no closing quote.
  private static func request(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    let quote = cursor.line.near(UInt8(ascii: "\""), from: cursor.position)
    if quote == cursor.line.count { throw .cut(at: quote) }
    let end = cursor.closingQuote(from: quote + 1)
    cursor.requestLine(quote + 1..<end, into: &record)
    if end + 1 < cursor.line.count { tls(behind: end + 1, cursor, into: &record) }
  }

  /// `httpslog` writes ` …/… sni/TLSv1.3/cipher` behind the request.
  @inline(never)
  private static func tls(
    behind start: Int, _ cursor: borrowing LineCursor, into record: inout AccessRecord
  ) {
    var slash = cursor.line.near(UInt8(ascii: "/"), from: start)
    while slash < cursor.line.count {
      if cursor.line.holds("TLSv", at: slash + 1) {
        let end = cursor.line.near(UInt8(ascii: "/"), from: slash + 1)
        record.tlsVersion = TextRange(slash + 1..<end)
        return
      }
      slash = cursor.line.near(UInt8(ascii: "/"), from: slash + 1)
    }
  }
}
