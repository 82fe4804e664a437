package import IncidentModel

/// TLS listener logs of AWS Network Load Balancers: connections, not requests (FORMATS §1.9).
package enum AwsNlb: AccessFormat {
  package static let name = "aws-nlb"
  package static let summary = "TLS connection logs of AWS Network Load Balancers"
  package static let example =
    "tls 2.0 2024-03-05T14:03:22 net/shop-edge/c6e77e28c25b2234 g3d4b5e8bb8464cd 203.0.113.7:51341 192.0.2.10:443 5000 2 98 246 - arn:aws:acm:us-east-2:123456789012:certificate/2a108f19 - ECDHE-RSA-AES128-SHA tlsv12 - shop.example.com h2 h2 \"h2\",\"http/1.1\" 2024-03-05T14:03:17"
  package static let fields: Set<FormatField> = [
    .duration, .backend, .service, .client, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 89

  /// The fields in the order of the AWS guide; the time is UTC without saying so, durations are in milliseconds.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.expect("tls ", "the line does not begin with tls")
    _ = try cursor.shortToken("the version is missing")
    try cursor.blank("the time is missing")
    var clock = StampClock()
    record.stamp = try cursor.isoTime(&clock)
    record.arrival = record.stamp
    try cursor.blank("the load balancer is missing")
    let balancer = try cursor.shortToken("the load balancer is missing")
    record.service = AwsAlb.loadBalancer(balancer, cursor)
    record.serviceIsServerSet = true
    try cursor.blank("the listener is missing")
    _ = try cursor.shortToken("the listener is missing")
    try cursor.blank("the client is missing")
    let client = try cursor.shortToken("the client is missing")
    record.client = TextRange(cursor.address(in: client, hasPort: true))
    try cursor.blank("the destination is missing")
    record.backend = cursor.text(try cursor.shortToken("the destination is missing"))
    try cursor.blank("the connection time is missing")
    record.duration = try cursor.microseconds(
      perUnit: 1_000, "the connection time is not a number")
    try cursor.blank("the handshake time is missing")
    let handshake = try cursor.decimalOrDash("the handshake time is not a number")
    try cursor.blank("the received bytes are missing")
    _ = try cursor.decimalOrDash("the received bytes are not a number")
    try cursor.blank("the sent bytes are missing")
    record.byteCount = try cursor.decimalOrDash("the sent bytes are not a number")
    try cursor.blank("the alert is missing")
    try tail(&cursor, into: &record)
    end(handshake, into: &record)
  }

  /// alert, certificate, serial, cipher, protocol, and whatever a newer release adds.
  private static func tail(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    for _ in 0..<4 {
      _ = try cursor.shortToken("the cipher is missing")
      try cursor.blank("the TLS protocol is missing")
    }
    record.tlsVersion = cursor.text(try cursor.shortToken("the TLS protocol is missing"))
  }

  /// Nobody sends a status here: a connection without a handshake was abandoned, one without a destination failed.
  private static func end(_ handshake: Int64, into record: inout AccessRecord) {
    record.isConnection = true
    record.durationIsNoLatency = true
    if handshake >= 0 { record.status = record.backend.isEmpty ? 503 : 200 }
    record.tellsShed = true
    record.isShed = record.status >= 500
    record.arriveBeforeStamp()
  }
}
