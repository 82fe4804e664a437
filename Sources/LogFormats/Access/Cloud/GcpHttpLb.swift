package import IncidentModel

/// Google Cloud's HTTP(S) load balancers, and what else logs an `httpRequest` there: one LogEntry each (FORMATS §1.10).
package enum GcpHttpLb: AccessFormat {
  package static let name = "gcp-http-lb"
  package static let summary = "Google Cloud HTTP(S) load balancers: LogEntry with httpRequest"
  package static let example =
    #"{"httpRequest":{"latency":"0.123192s","remoteIp":"203.0.113.7","requestMethod":"GET","requestUrl":"https://shop.example.com/cart","responseSize":"5316","serverIp":"192.0.2.10","status":200,"userAgent":"curl/8.5"},"insertId":"h91ql8g1lpdqh2","jsonPayload":{"@type":"type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry","statusDetails":"response_sent_by_backend"},"resource":{"labels":{"backend_service_name":"shop-web","url_map_name":"shop","zone":"global"},"type":"http_load_balancer"},"timestamp":"2024-03-05T14:03:22.558637Z"}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 82
  package static let envelopes = ["entries"]

  private static let keys = JSONKeyTable([
    JSONKeyRow("timestamp", .time), JSONKeyRow("trace", .identity),
    JSONKeyRow(
      "httprequest",
      inside: [
        JSONKeyRow("requestmethod", .sign), JSONKeyRow("requesturl", .target),
        JSONKeyRow("status", .status), JSONKeyRow("responsesize", .bytes),
        JSONKeyRow("useragent", .agent), JSONKeyRow("remoteip", .client),
        JSONKeyRow("serverip", .upstreamAddress), JSONKeyRow("referer", .referrer),
        JSONKeyRow("latency", .duration, unit: .seconds),
      ]),
    JSONKeyRow(
      "jsonpayload",
      inside: [
        JSONKeyRow("statusdetails", .detail),
        JSONKeyRow("tls", inside: [JSONKeyRow("protocol", .tls)]),
      ]),
    JSONKeyRow(
      "resource",
      inside: [
        JSONKeyRow(
          "labels",
          inside: [
            JSONKeyRow("backend_service_name", .serverName, 0),
            JSONKeyRow("service_name", .serverName, 1), JSONKeyRow("url_map_name", .serverName, 2),
          ])
      ]),
  ])

  /// An entry with `httpRequest.requestMethod`; one without a status is of a client that went away.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, keys)
    guard let method = members[.sign] else {
      throw LineError("the entry has no httpRequest", at: 0)
    }
    try members.fill(&record, line, &context, needsStatus: false)
    record.method = TextRange(method.range)
    let server = members.filled(.upstreamAddress, line)
    if let server { record.backend = TextRange(server.range) }
    if members[.detail] != nil {
      record.tellsShed = true
      record.isShed =
        record.status >= 500 && server == nil
        && !members.is(.detail, "response_sent_by_backend", line)
    }
  }
}
