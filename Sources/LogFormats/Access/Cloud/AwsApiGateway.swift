package import IncidentModel

/// Amazon API Gateway with a JSON access log format: the author chooses the keys, these are those of the AWS guide (FORMATS §1.9).
package enum AwsApiGateway: AccessFormat {
  package static let name = "aws-apigateway"
  package static let summary = "access logs of Amazon API Gateway as JSON"
  package static let example =
    #"{"requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","ip":"203.0.113.7","requestTime":"05/Mar/2024:14:03:22 +0000","httpMethod":"GET","resourcePath":"/cart","status":"200","protocol":"HTTP/1.1","responseLength":"5316","responseLatency":"123","integrationStatus":"200","integrationLatency":"120"}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .duration, .upstream, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 78

  private static let keys = JSONKeyTable([
    JSONKeyRow("requesttimeepoch", .time, 0), JSONKeyRow("requesttime", .time, 1),
    JSONKeyRow("status", .status), JSONKeyRow("ip", .client, 0),
    JSONKeyRow("sourceip", .client, 1), JSONKeyRow("httpmethod", .method),
    JSONKeyRow("path", .target, 0), JSONKeyRow("resourcepath", .target, 1),
    JSONKeyRow("routekey", .request), JSONKeyRow("responselength", .bytes),
    JSONKeyRow("responselatency", .duration, unit: .milliseconds),
    JSONKeyRow("integrationlatency", .upstreamTime, unit: .milliseconds),
    JSONKeyRow("integrationstatus", .upstreamStatus, 0),
    JSONKeyRow("integration_status", .upstreamStatus, 1),
    JSONKeyRow("domainname", .serverName, 0), JSONKeyRow("apiid", .serverName, 1),
    JSONKeyRow("requestid", .identity, 0), JSONKeyRow("extendedrequestid", .identity, 1),
    JSONKeyRow("useragent", .agent), JSONKeyRow("user", .user),
  ])

  /// An object with `requestTime` or `requestTimeEpoch`; a template without quotes writes a bare `-` where a value is missing.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, keys)
    try members.fill(&record, line, &context)
    record.upstreamDuration = members.duration(.upstreamTime, line, &context)
    if members[.upstreamStatus] != nil {
      record.tellsShed = true
      record.isShed = record.status >= 500 && members.filled(.upstreamStatus, line) == nil
    }
  }
}
