package import IncidentModel

/// Access logs of AWS Classic Load Balancers: 15 fields, lines of 2014 have 12 (FORMATS §1.9).
///
/// Unlike an Application Load Balancer's, `time` is when the request came in.
package enum AwsElb: AccessFormat {
  package static let name = "aws-elb"
  package static let summary = "access logs of AWS Classic Load Balancers"
  package static let example =
    "2024-03-05T14:03:22.186641Z shop-web 203.0.113.7:2817 192.0.2.10:80 0.000073 0.048000 0.000057 200 200 120 5316 \"GET https://shop.example.com:443/cart HTTP/1.1\" \"curl/8.5\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2"
  package static let fields: Set<FormatField> = [
    .duration, .upstream, .backend, .service, .client, .agent, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 88

  /// The fields in the order of the AWS guide; agent, cipher and protocol are younger than the others.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    record.stamp = try cursor.isoTime(&context.clock)
    record.arrival = record.stamp
    try cursor.blank("the time is not followed by a blank")
    record.service = TextRange(try cursor.shortToken("the load balancer is missing"))
    record.serviceIsServerSet = true
    try cursor.blank("the client is missing")
    let client = try cursor.shortToken("the client is missing")
    record.client = TextRange(cursor.address(in: client, hasPort: true))
    try cursor.blank("the backend is missing")
    record.backend = cursor.text(try cursor.shortToken("the backend is missing"))
    let times = try AwsAlb.durations(&cursor)
    let answered = try AwsAlb.statuses(&cursor, into: &record)
    try AwsAlb.sizes(&cursor, into: &record)
    try cursor.blank("the request is missing")
    cursor.requestLine(try cursor.quoted("the request has no opening quote"), into: &record)
    if cursor.sees(" \"") { try agent(&cursor, into: &record) }
    record.tellsShed = true
    settle(times, answered, into: &record)
  }

  private static func agent(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    try cursor.blank("the agent is missing")
    record.agent = cursor.text(try cursor.quoted("the agent has no opening quote"))
    try cursor.blank("the cipher is missing")
    _ = try cursor.shortToken("the cipher is missing")
    try cursor.blank("the TLS protocol is missing")
    record.tlsVersion = cursor.text(try cursor.shortToken("the TLS protocol is missing"))
  }

  /// Durations, and the end of a TCP listener's connection, which has neither status nor request.
  private static func settle(
    _ times: AwsAlb.Times, _ answered: Bool, into record: inout AccessRecord
  ) {
    let isComplete = times.request >= 0 && times.target >= 0 && times.response >= 0
    let known = max(0, times.request) + max(0, times.target) + max(0, times.response)
    record.upstreamDuration = times.target
    if isComplete || known > 0 {
      record.duration = known
      record.durationIsNoLatency = !isComplete
    }
    if record.status == 0 && !answered && record.method.isEmpty {
      record.isConnection = true
      record.durationIsNoLatency = true
      record.status = record.backend.isEmpty ? 503 : 200
    }
    record.isShed = record.status >= 500 && record.backend.isEmpty && !answered
  }
}
