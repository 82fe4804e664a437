package import IncidentModel

/// Azure Application Gateway, v1 and v2: records of `ApplicationGatewayAccessLog` (FORMATS §1.10).
package enum AzureAppGateway: AccessFormat {
  package static let name = "azure-app-gateway"
  package static let summary = "access logs of Azure Application Gateway v1 and v2"
  package static let example =
    #"{"time":"2024-03-05T14:03:22+00:00","category":"ApplicationGatewayAccessLog","listenerName":"https","properties":{"instanceId":"appgw_2","clientIP":"203.0.113.7","httpMethod":"GET","requestUri":"/cart","userAgent":"curl/8.5","httpStatus":200,"httpVersion":"HTTP/1.1","sentBytes":5316,"timeTaken":0.123,"sslProtocol":"TLSv1.2","serverRouted":"192.0.2.10:443","serverStatus":"200","serverResponseLatency":"0.120","originalHost":"shop.example.com"}}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 84
  package static let envelopes = ["records"]

  private static let keys = JSONKeyTable([
    JSONKeyRow("time", .time, 0), JSONKeyRow("timestamp", .time, 1),
    JSONKeyRow("category", .sign), JSONKeyRow("listenername", .serverName),
    JSONKeyRow(
      "properties",
      inside: [
        JSONKeyRow("clientip", .client), JSONKeyRow("httpmethod", .method),
        JSONKeyRow("originalrequesturiwithargs", .target, 0), JSONKeyRow("requesturi", .target, 1),
        JSONKeyRow("useragent", .agent), JSONKeyRow("httpstatus", .status),
        JSONKeyRow("sentbytes", .bytes), JSONKeyRow("timetaken", .duration, unit: .seconds),
        JSONKeyRow("transactionid", .identity), JSONKeyRow("sslprotocol", .tls),
        JSONKeyRow("serverrouted", .upstreamAddress),
        JSONKeyRow("serverresponselatency", .upstreamTime, unit: .seconds),
        JSONKeyRow("originalhost", .host, 0), JSONKeyRow("host", .host, 1),
        JSONKeyRow("error_info", .detail),
      ]),
  ])

  /// A record of the category; `timeTaken` without a decimal point is in milliseconds, as v1 writes it.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, keys)
    if !members.is(.sign, "ApplicationGatewayAccessLog", line) {
      throw LineError(
        "the category is not ApplicationGatewayAccessLog",
        at: members[.sign]?.range.lowerBound ?? 0, isOwn: members[.sign] != nil)
    }
    try members.fill(&record, line, &context)
    // The host that was asked names the service better than its listener.
    if let host = members.filled(.host, line) {
      record.service = LineCursor(line).hostName(host.range, &context)
      record.serviceIsServerSet = false
    }
    if let taken = members[.duration]?.range, record.duration > 0,
      line.near(UInt8(ascii: "."), from: taken.lowerBound) >= taken.upperBound
    {
      record.duration /= 1_000
    }
    record.upstreamDuration = members.duration(.upstreamTime, line, &context)
    let server = members.filled(.upstreamAddress, line)
    if let server { record.backend = TextRange(server.range) }
    let isDown = members.is(.detail, "ERRORINFO_UPSTREAM_NO_LIVE", line)
    record.tellsShed = members[.upstreamAddress] != nil || isDown
    record.isShed = record.status >= 500 && (isDown || server == nil) && record.tellsShed
    record.arriveBeforeStamp()
  }
}
