package import IncidentModel

/// Azure Front Door, standard, premium and classic: records of `FrontDoorAccessLog` (FORMATS §1.10).
package enum AzureFrontDoor: AccessFormat {
  package static let name = "azure-front-door"
  package static let summary = "access logs of Azure Front Door"
  package static let example =
    #"{"time":"2024-03-05T14:03:22.0000000Z","category":"FrontDoorAccessLog","properties":{"trackingReference":"20240305T140322Z-17587c8c466d76cz","httpMethod":"GET","requestUri":"https://shop.example.com:443/cart","responseBytes":"5316","userAgent":"curl/8.5","clientIp":"203.0.113.7","timeTaken":"0.123","securityProtocol":"TLS 1.3","httpStatusCode":"200","cacheStatus":"CONFIG_NOCACHE","errorInfo":"NoError","hostName":"shop.example.com","originIp":"192.0.2.10:443","originName":"web.example.com:443"}}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 85
  package static let envelopes = ["records"]

  private static let keys = JSONKeyTable([
    JSONKeyRow("time", .time), JSONKeyRow("category", .sign),
    JSONKeyRow(
      "properties",
      inside: [
        JSONKeyRow("trackingreference", .identity), JSONKeyRow("httpmethod", .method),
        JSONKeyRow("requesturi", .target), JSONKeyRow("responsebytes", .bytes),
        JSONKeyRow("useragent", .agent), JSONKeyRow("clientip", .client),
        JSONKeyRow("timetaken", .duration, unit: .seconds), JSONKeyRow("securityprotocol", .tls),
        JSONKeyRow("httpstatuscode", .status), JSONKeyRow("cachestatus", .cache),
        JSONKeyRow("errorinfo", .detail), JSONKeyRow("hostname", .serverName, 0),
        JSONKeyRow("endpoint", .serverName, 1), JSONKeyRow("originip", .upstreamAddress, 0),
        JSONKeyRow("backendhostname", .upstreamAddress, 1), JSONKeyRow("referer", .referrer),
        JSONKeyRow("isreceivedfromclient", .reason),
      ]),
  ])

  /// A record of the category; of a classic profile's two lines with an origin shield the client's is read.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, keys)
    if !members.is(.sign, "FrontDoorAccessLog", line)
      && !members.is(.sign, "FrontdoorAccessLog", line)
    {
      throw LineError(
        "the category is not FrontDoorAccessLog",
        at: members[.sign]?.range.lowerBound ?? 0, isOwn: members[.sign] != nil)
    }
    if members.is(.reason, "false", line), let place = members[.reason]?.range.lowerBound {
      throw LineError("the line repeats a request at the origin shield", at: place, isOwn: true)
    }
    try members.fill(&record, line, &context)
    var server = members.filled(.upstreamAddress, line)
    if members.is(.upstreamAddress, "N/A", line) { server = nil }
    if let server { record.backend = TextRange(server.range) }
    if members[.upstreamAddress] != nil {
      record.tellsShed = true
      var wasAsked = false
      if let detail = members[.detail] { wasAsked = isOriginsFault(line, at: detail.range) }
      record.isShed = record.status >= 500 && server == nil && !wasAsked
    }
    record.arriveBeforeStamp()
  }

  /// What `errorInfo` may begin with where the origin was asked and failed (Front Door's list of error information).
  private static let originFaults: [StaticString] = [
    "Origin", "DNS", "SSL", "Certificate", "ResponseHeader",
  ]

  private static func isOriginsFault(_ line: Span<UInt8>, at detail: Range<Int>) -> Bool {
    originFaults.contains { line.holds($0, at: detail.lowerBound) }
  }
}
