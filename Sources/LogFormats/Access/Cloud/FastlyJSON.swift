package import IncidentModel

/// Fastly's real-time logs as JSON with the keys of its documentation, with or without a syslog header in front (FORMATS §1.10).
package enum FastlyJSON: AccessFormat {
  package static let name = "fastly-json"
  package static let summary = "Fastly real-time logs as JSON with the documented keys"
  package static let example =
    #"{"timestamp":"2024-03-05T14:03:22+0000","client_ip":"203.0.113.7","geo_country":"germany","host":"shop.example.com","url":"/cart","request_method":"GET","request_protocol":"HTTP/1.1","request_referer":"","request_user_agent":"curl/8.5","response_state":"MISS-CLUSTER","response_status":200,"response_body_size":5316,"time_elapsed":123000,"fastly_server":"cache-cdg20764-CDG","fastly_is_edge":true}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 76
  package static let readsHeader = true

  private static let keys = JSONKeyTable([
    JSONKeyRow("timestamp", .time), JSONKeyRow("client_ip", .client), JSONKeyRow("host", .host),
    JSONKeyRow("url", .target), JSONKeyRow("request_method", .method),
    JSONKeyRow("request_referer", .referrer), JSONKeyRow("request_user_agent", .agent),
    JSONKeyRow("response_state", .cache), JSONKeyRow("response_status", .status),
    JSONKeyRow("response_reason", .detail), JSONKeyRow("response_body_size", .bytes),
    JSONKeyRow("fastly_server", .sign),
    JSONKeyRow("fastly_is_edge", .reason),
    JSONKeyRow("time_elapsed", .duration, unit: .microseconds),
    JSONKeyRow("time_elapsed_usec", .duration, unit: .microseconds),
    JSONKeyRow("elapsed_usec", .duration, unit: .microseconds),
  ])

  /// The object behind whatever header; with shielding a request is logged twice, and the edge's line is read.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    // No syslog header is longer than this.
    let start = line.near(UInt8(ascii: "{"), from: 0)
    try members.read(line, keys, from: start < 256 ? start : 0)
    if members[.sign] == nil && members[.reason] == nil {
      throw LineError("neither fastly_server nor fastly_is_edge is there", at: 0)
    }
    if members.is(.reason, "false", line), let place = members[.reason]?.range.lowerBound {
      throw LineError("the line repeats a request at the shield", at: place, isOwn: true)
    }
    try members.fill(&record, line, &context)
    if record.status >= 500, let reason = members[.detail] {
      record.isShed = refusals.contains { line.holds($0, at: reason.range.lowerBound) }
      // Another 503 may come from behind: whether a balancer there shed it, this log does not tell.
      record.tellsShed = record.isShed
    }
  }

  /// The reasons with which the edge refuses without asking the origin (Fastly's list of common 503 errors).
  private static let refusals: [StaticString] = [
    "Maximum threads for service reached", "Backend is unhealthy", "backend is unhealthy",
    "No healthy backends", "Quorum weight not reached", "No stale object available",
    "Loop detected",
  ]
}
