package import IncidentModel

/// Envoy with a JSON format, as Envoy Gateway, Contour and Istio write it: the operator chooses the keys, these are the frequent ones (FORMATS §1.5).
package enum EnvoyJSON: AccessFormat {
  package static let name = "envoy-json"
  package static let summary = "Envoy, Envoy Gateway, Contour and Istio as JSON"
  package static let example =
    #"{":authority":"shop.example.com","bytes_received":0,"bytes_sent":5316,"downstream_remote_address":"203.0.113.7:59292","duration":123,"method":"GET","protocol":"HTTP/2","response_code":200,"response_code_details":"via_upstream","response_flags":"-","start_time":"2024-03-05T14:03:22.479Z","upstream_cluster":"httproute/shop/web/rule/0","upstream_host":"192.0.2.10:8080","user-agent":"curl/8.5","x-envoy-origin-path":"/cart","x-envoy-upstream-service-time":"120","x-forwarded-for":"203.0.113.7","x-request-id":"3bbc0252-2d5c-49fe-bd89-104e9b61770b"}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 79

  private static let keys = JSONKeyTable([
    JSONKeyRow("start_time", .time), JSONKeyRow("response_code", .status),
    JSONKeyRow("response_flags", .detail), JSONKeyRow("response_code_details", .reason),
    JSONKeyRow("bytes_sent", .bytes), JSONKeyRow("duration", .duration, unit: .milliseconds),
    JSONKeyRow("upstream_service_time", .upstreamTime, 0, unit: .milliseconds),
    JSONKeyRow("x_envoy_upstream_service_time", .upstreamTime, 1, unit: .milliseconds),
    JSONKeyRow("method", .method), JSONKeyRow("path", .target, 1),
    JSONKeyRow("x_envoy_origin_path", .target, 0), JSONKeyRow("x_envoy_original_path", .target, 0),
    JSONKeyRow("authority", .host), JSONKeyRow(":authority", .host),
    JSONKeyRow(":method", .method), JSONKeyRow(":path", .target, 2),
    JSONKeyRow("x_forwarded_for", .forwarded), JSONKeyRow("downstream_remote_address", .client, 1),
    JSONKeyRow("user_agent", .agent), JSONKeyRow("referer", .referrer),
    JSONKeyRow("request_id", .identity, 0), JSONKeyRow("x_request_id", .identity, 1),
    JSONKeyRow("upstream_host", .upstreamAddress), JSONKeyRow("upstream_cluster", .sign),
    JSONKeyRow("downstream_tls_version", .tls),
  ])

  /// An object with `start_time` and `response_code`; code 0 is a client that went away.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, keys)
    try members.fill(&record, line, &context)
    if let forwarded = members.filled(.forwarded, line) {
      LineCursor(line).listedClient(forwarded.range, into: &record)
    }
    record.upstreamDuration = members.duration(.upstreamTime, line, &context)
    if let cluster = members.filled(.sign, line) {
      EnvoyCluster.service(cluster.range, LineCursor(line), into: &record)
    }
    let host = members.filled(.upstreamAddress, line)
    if let host { record.backend = TextRange(host.range) }
    let flags = EnvoyFlags(line, members.filled(.detail, line)?.range ?? 0..<0)
    record.tellsShed = members[.upstreamAddress] != nil || members[.detail] != nil
    record.isShed =
      record.status >= 500
      && (flags.isShed || members[.upstreamAddress] != nil && host == nil)
  }
}
