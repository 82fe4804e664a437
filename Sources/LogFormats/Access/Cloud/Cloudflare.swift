package import IncidentModel

/// Cloudflare's HTTP requests by Logpush or Logpull: the job chooses keys and the form of stamps (FORMATS §1.10).
package enum Cloudflare: AccessFormat {
  package static let name = "cloudflare"
  package static let summary = "Cloudflare Logpush and Logpull of HTTP requests"
  package static let example =
    #"{"RayID":"761fde4e984e5ab2","EdgeStartTimestamp":"2024-03-05T14:03:22Z","EdgeEndTimestamp":"2024-03-05T14:03:22Z","ClientIP":"203.0.113.7","ClientRequestHost":"shop.example.com","ClientRequestMethod":"GET","ClientRequestURI":"/cart","ClientRequestUserAgent":"curl/8.5","EdgeResponseBytes":5316,"EdgeResponseStatus":200,"OriginIP":"192.0.2.10","OriginResponseStatus":200,"OriginResponseDurationMs":120,"CacheCacheStatus":"dynamic"}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 83

  private static let keys = JSONKeyTable([
    JSONKeyRow("edgestarttimestamp", .time), JSONKeyRow("edgeendtimestamp", .end),
    JSONKeyRow("edgeresponsestatus", .status), JSONKeyRow("originresponsestatus", .upstreamStatus),
    JSONKeyRow("originresponsedurationms", .upstreamTime, 0, unit: .milliseconds),
    JSONKeyRow("originresponsetime", .upstreamTime, 1, unit: .nanoseconds),
    JSONKeyRow("clientip", .client), JSONKeyRow("clientrequesthost", .host),
    JSONKeyRow("clientrequestmethod", .method), JSONKeyRow("clientrequesturi", .target, 0),
    JSONKeyRow("clientrequestpath", .target, 1), JSONKeyRow("clientrequestuseragent", .agent),
    JSONKeyRow("clientrequestreferer", .referrer), JSONKeyRow("edgeresponsebytes", .bytes),
    JSONKeyRow("rayid", .identity), JSONKeyRow("cachecachestatus", .cache),
    JSONKeyRow("clientsslprotocol", .tls), JSONKeyRow("originip", .upstreamAddress),
  ])

  /// An object with `EdgeStartTimestamp` and `EdgeResponseStatus`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, keys)
    try members.fill(&record, line, &context)
    record.upstreamDuration = members.duration(.upstreamTime, line, &context)
    if let server = members.filled(.upstreamAddress, line) {
      record.backend = TextRange(server.range)
    }
    if let end = members[.end] {
      let moment = try JSONMembers.stamp(end, line, &context)
      duration(until: moment, into: &record)
    }
    if members[.upstreamStatus] != nil {
      record.tellsShed = true
      // 520 to 526 and 530 are the origin's trouble as the edge saw it (Cloudflare's list of 5xx errors).
      let isOrigins = (520...526).contains(record.status) || record.status == 530
      record.isShed =
        record.status >= 500 && members.number(.upstreamStatus, line) <= 0 && !isOrigins
    }
  }

  /// End less start; whole seconds say less than the origin's own time does.
  private static func duration(until end: Instant, into record: inout AccessRecord) {
    let span = max(0, end.microseconds - record.stamp.microseconds)
    let isCoarse = span % 1_000_000 == 0 && record.stamp.microseconds % 1_000_000 == 0
    if !isCoarse {
      record.duration = span
    } else if record.upstreamDuration > 0 {
      record.duration = record.upstreamDuration
    } else if span > 0 {
      record.duration = span
    }
  }
}
