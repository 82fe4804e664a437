package import IncidentModel

/// Kong's file-log and http-log plug-ins: `started_at` is the arrival, `tries` has one entry for each attempt (FORMATS §1.6).
package enum Kong: AccessFormat {
  package static let name = "kong"
  package static let summary = "Kong's file-log and http-log as JSON"
  package static let example =
    #"{"client_ip":"203.0.113.7","started_at":1709647402123,"latencies":{"request":123,"kong":3,"proxy":120},"request":{"method":"GET","uri":"/cart","url":"http://shop.example.com:8000/cart","size":"120","headers":{"host":"shop.example.com","user-agent":"curl/8.5"}},"response":{"status":200,"size":"5316"},"service":{"name":"shop-web"},"route":{"name":"cart"},"tries":[{"ip":"192.0.2.10","port":80,"balancer_latency":0}]}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .upstream, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 74

  private static let keys = JSONKeyTable([
    JSONKeyRow("started_at", .time), JSONKeyRow("client_ip", .client),
    JSONKeyRow("tries", .retries),
    JSONKeyRow(
      "latencies",
      inside: [
        JSONKeyRow("request", .duration, unit: .milliseconds),
        JSONKeyRow("proxy", .upstreamTime, unit: .milliseconds),
      ]),
    JSONKeyRow(
      "request",
      inside: [
        JSONKeyRow("method", .method), JSONKeyRow("uri", .target), JSONKeyRow("id", .identity),
        JSONKeyRow(
          "headers",
          inside: [
            JSONKeyRow("host", .host), JSONKeyRow("user_agent", .agent),
            JSONKeyRow("referer", .referrer),
          ]),
      ]),
    JSONKeyRow("response", inside: [JSONKeyRow("status", .status), JSONKeyRow("size", .bytes)]),
    JSONKeyRow("service", inside: [JSONKeyRow("name", .serverName, 0)]),
    JSONKeyRow("route", inside: [JSONKeyRow("name", .serverName, 1)]),
  ])

  /// An object with `started_at` and `response.status`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, keys)
    try members.fill(&record, line, &context)
    record.upstreamDuration = members.duration(.upstreamTime, line, &context)
    if members[.retries] != nil {
      record.upstreamRetries = UInt8(clamping: max(0, members.attempts - 1))
      record.tellsShed = true
      record.isShed = record.status >= 500 && members.attempts == 0
    }
  }
}
