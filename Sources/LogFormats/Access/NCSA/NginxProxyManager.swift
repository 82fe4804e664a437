package import IncidentModel

/// Nginx Proxy Manager's `proxy` and `standard` formats (FORMATS §1.1).
package enum NginxProxyManager: AccessFormat {
  package static let name = "nginx-proxy-manager"
  package static let summary = "the proxy and standard formats of Nginx Proxy Manager"
  package static let example =
    "[05/Mar/2024:14:03:22 +0000] - 200 200 - GET https shop.example.com \"/cart\" [Client 203.0.113.7] [Length 5316] [Gzip 2.45] [Sent-to 192.0.2.10] \"curl/8.5\" \"-\""
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 56

  /// `[time] cache upstream-status status - method scheme host "path" [Client …] [Length …] [Gzip …] [Sent-to …] "agent" "referrer"`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.expect(UInt8(ascii: "["), "the line does not begin with a bracket")
    record.stamp = try cursor.commonLogTime(&context.clock)
    record.arrival = record.stamp
    try cursor.expect("] ", "the closing bracket of the time is missing")
    let hasUpstream = try statuses(&cursor, into: &record)
    record.method = cursor.text(try cursor.shortToken("the method is missing"))
    try cursor.blank("the scheme is missing")
    _ = try cursor.shortToken("the scheme is missing")
    try cursor.blank("the host is missing")
    let host = try cursor.shortToken("the host is missing")
    record.service = cursor.hostName(host, &context)
    try cursor.blank("the path is missing")
    record.target = cursor.text(try cursor.quoted("the path has no opening quote"))
    try cursor.expect(" [Client ", "the client is missing")
    let client = try cursor.take(until: UInt8(ascii: "]"), "the client has no closing bracket")
    record.client = TextRange(cursor.address(in: client))
    try cursor.expect(" [Length ", "the length is missing")
    record.byteCount = max(0, try cursor.decimalOrDash("the length is not a number"))
    try cursor.expect("] [Gzip ", "the gzip ratio is missing")
    _ = try cursor.take(until: UInt8(ascii: "]"), "the gzip ratio has no closing bracket")
    if cursor.skip(" [Sent-to ") {
      let server = try cursor.take(until: UInt8(ascii: "]"), "the server has no closing bracket")
      record.backend = cursor.text(server)
      record.tellsShed = true
      record.isShed = record.status >= 500 && !hasUpstream
    }
    try cursor.blank("the agent is missing")
    record.agent = cursor.text(try cursor.quoted("the agent has no opening quote"))
    try cursor.blank("the referrer is missing")
    record.referrer = cursor.text(try cursor.quoted("the referrer has no opening quote"))
  }

  /// `200 - ` or `HIT 200 200 - `, the last number being the client's; whether an upstream gave one.
  private static func statuses(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) -> Bool {
    var numbers = 0
    var hasUpstream = false
    // Cache, upstream lists of a few attempts, status, dash.
    for _ in 0..<16 {
      if isDigit(cursor.next) {
        hasUpstream = hasUpstream || numbers > 0
        record.status = try cursor.status()
        numbers += 1
        _ = cursor.skip(UInt8(ascii: ","))
      } else {
        let word = try cursor.shortToken("the status is missing")
        if cursor.isDash(word) && numbers > 0 {
          try cursor.blank("the method is missing")
          return hasUpstream
        }
      }
      try cursor.blank("the status is missing")
    }
    throw LineError("the status is missing", at: cursor.position)
  }
}
