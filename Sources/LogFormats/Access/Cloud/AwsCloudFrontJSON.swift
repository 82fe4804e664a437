package import IncidentModel

/// Standard logging (v2) of Amazon CloudFront as JSON: v1's field names as keys (FORMATS §1.9).
package enum AwsCloudFrontJSON: AccessFormat {
  package static let name = "aws-cloudfront-json"
  package static let summary = "standard access logs (v2) of Amazon CloudFront as JSON"
  package static let example =
    #"{"date":"2024-03-05","time":"14:03:22","x-edge-location":"FRA56-P4","sc-bytes":"5316","c-ip":"203.0.113.7","cs-method":"GET","cs(Host)":"d111111abcdef8.cloudfront.net","cs-uri-stem":"/cart","sc-status":"200","cs(Referer)":"-","cs(User-Agent)":"curl/8.5","cs-uri-query":"id=7","x-edge-result-type":"Miss","x-edge-request-id":"SOX4xwn4XV6Q4rgb7XiVGO","x-host-header":"shop.example.com","time-taken":"0.123"}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 77

  private static let keys = JSONKeyTable([
    JSONKeyRow("date", .date), JSONKeyRow("time", .time, 1), JSONKeyRow("timestamp(ms)", .end, 0),
    JSONKeyRow("timestamp", .end, 1), JSONKeyRow("x_edge_location", .sign),
    JSONKeyRow("x_edge_result_type", .cache), JSONKeyRow("x_edge_request_id", .identity),
    JSONKeyRow("sc_bytes", .bytes), JSONKeyRow("c_ip", .client), JSONKeyRow("cs_method", .method),
    JSONKeyRow("cs(host)", .host), JSONKeyRow("x_host_header", .serverName),
    JSONKeyRow("cs_uri_stem", .target), JSONKeyRow("cs_uri_query", .query),
    JSONKeyRow("sc_status", .status), JSONKeyRow("cs(referer)", .referrer),
    JSONKeyRow("cs(user_agent)", .agent), JSONKeyRow("time_taken", .duration, unit: .seconds),
    JSONKeyRow("x_forwarded_for", .forwarded), JSONKeyRow("ssl_protocol", .tls),
  ])

  /// An object with `sc-status` and `date` and `time`, or `timestamp`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, keys)
    let moment: Instant
    if let date = members[.date], let time = members[.time] {
      moment = try context.directives.moment(date: date.range, time: time.range, line)
    } else if let stamp = members[.end] {
      moment = try JSONMembers.stamp(stamp, line, &context)
    } else {
      throw LineError("no key tells the time", at: 0)
    }
    try members.fill(&record, line, &context, at: moment)
    if let result = members[.cache] {
      let isLimit =
        line.holds("CapacityExceeded", at: result.range.lowerBound)
        || line.holds("LimitExceeded", at: result.range.lowerBound)
      record.isShed = record.status >= 500 && isLimit
      // Another 503 came from behind: whether a balancer there shed it, this log does not tell.
      record.tellsShed = record.isShed
    }
    record.arriveBeforeStamp()
  }
}
