package import IncidentModel

/// Traefik's access log as JSON; `StartUTC` is the arrival, durations are in nanoseconds (FORMATS §1.6).
package enum TraefikJSON: AccessFormat {
  package static let name = "traefik-json"
  package static let summary = "Traefik's access log as JSON"
  package static let example =
    #"{"ClientAddr":"203.0.113.7:39496","ClientHost":"203.0.113.7","ClientUsername":"-","DownstreamContentSize":5316,"DownstreamStatus":200,"Duration":123000000,"OriginDuration":120000000,"OriginStatus":200,"RequestHost":"shop.example.com","RequestMethod":"GET","RequestPath":"/cart","RetryAttempts":0,"RouterName":"shop@docker","ServiceAddr":"192.0.2.10:80","ServiceURL":"http://192.0.2.10:80","StartUTC":"2024-03-05T14:03:22.587782192Z","level":"info","msg":"","time":"2024-03-05T14:03:22Z"}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 81

  private static let keys = JSONKeyTable([
    JSONKeyRow("startutc", .time, 0), JSONKeyRow("startlocal", .time, 1),
    JSONKeyRow("downstreamstatus", .status), JSONKeyRow("originstatus", .upstreamStatus),
    JSONKeyRow("duration", .duration, unit: .nanoseconds),
    JSONKeyRow("originduration", .upstreamTime, unit: .nanoseconds),
    JSONKeyRow("downstreamcontentsize", .bytes), JSONKeyRow("clienthost", .client, 0),
    JSONKeyRow("clientaddr", .client, 1), JSONKeyRow("clientusername", .user),
    JSONKeyRow("requestmethod", .method), JSONKeyRow("requestpath", .target),
    JSONKeyRow("requesthost", .host, 0), JSONKeyRow("requestaddr", .host, 1),
    JSONKeyRow("routername", .serverName, 0), JSONKeyRow("servicename", .serverName, 1),
    JSONKeyRow("serviceaddr", .upstreamAddress, 0),
    JSONKeyRow("serviceurl", .upstreamAddress, inside: [JSONKeyRow("host", .upstreamAddress, 1)]),
    JSONKeyRow("retryattempts", .retries), JSONKeyRow("tlsversion", .tls),
    JSONKeyRow("request_user_agent", .agent), JSONKeyRow("request_referer", .referrer),
    JSONKeyRow("request_x_request_id", .identity, 1), JSONKeyRow("trace_id", .identity, 0),
  ])

  /// An object with `DownstreamStatus` and `StartUTC`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, keys)
    try members.fill(&record, line, &context)
    record.upstreamDuration = members.duration(.upstreamTime, line, &context)
    record.upstreamRetries = UInt8(clamping: max(0, members.number(.retries, line)))
    let server = members.filled(.upstreamAddress, line)
    if let server { record.backend = TextRange(server.range) }
    // Traefik answered by itself: the status of an origin is absent or 0.
    record.tellsShed = true
    let origin = members.number(.upstreamStatus, line)
    record.isShed = record.status >= 500 && (origin <= 0 || server == nil)
  }
}
