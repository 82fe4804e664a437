package import IncidentModel

/// Akamai DataStream 2 as JSON: the stream chooses the keys, all values are strings (FORMATS §1.10; techdocs.akamai.com, data set parameters).
package enum AkamaiDataStream: AccessFormat {
  package static let name = "akamai-datastream2"
  package static let summary = "Akamai DataStream 2 as JSON"
  package static let example =
    #"{"version":1,"reqId":"1239f220","reqTimeSec":"1709647402.123","cliIP":"203.0.113.7","statusCode":"200","bytes":"5316","UA":"curl%2F8.5","reqHost":"shop.example.com","reqMethod":"GET","reqPath":"cart","queryStr":"id=7","tlsVersion":"TLSv1.3","turnAroundTimeMSec":"120","transferTimeMSec":"3","cacheStatus":"0","errorCode":"-"}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 75

  private static let keys = JSONKeyTable([
    JSONKeyRow("reqtimesec", .time), JSONKeyRow("statuscode", .status),
    JSONKeyRow("cliip", .client), JSONKeyRow("reqhost", .serverName),
    JSONKeyRow("reqmethod", .method), JSONKeyRow("reqpath", .target),
    JSONKeyRow("querystr", .query), JSONKeyRow("bytes", .bytes), JSONKeyRow("ua", .agent),
    JSONKeyRow("referer", .referrer), JSONKeyRow("cachestatus", .cache),
    JSONKeyRow("errorcode", .detail), JSONKeyRow("reqid", .identity),
    JSONKeyRow("tlsversion", .tls),
    JSONKeyRow("reqendtimemsec", .end, unit: .milliseconds),
    JSONKeyRow("turnaroundtimemsec", .upstreamTime, unit: .milliseconds),
    JSONKeyRow("transfertimemsec", .duration, unit: .milliseconds),
  ])

  /// An object with `reqTimeSec` and `statusCode`; the duration is the request's receipt, turn-around and transfer together.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, keys)
    try members.fill(&record, line, &context)
    if let code = members[.detail], line.holds("ERR_ACCESS_DENIED", at: code.range.lowerBound) {
      // A rule of the edge; where it answers with 503 it sheds. Every other code names the way to the origin.
      record.isShed = record.status >= 500
      record.tellsShed = record.isShed
    }
    let turnAround = members.duration(.upstreamTime, line, &context)
    if turnAround >= 0 {
      let receipt = max(0, members.duration(.end, line, &context))
      record.duration = max(0, record.duration) &+ turnAround &+ receipt
    }
  }
}
