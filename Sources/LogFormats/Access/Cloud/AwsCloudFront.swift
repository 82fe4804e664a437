package import IncidentModel

/// Standard logs (v1) of Amazon CloudFront: W3C extended with tabs (FORMATS §1.9).
///
/// Lines come in no order and up to a day late. Agents stay percent-encoded, as CloudFront writes them.
package enum AwsCloudFront: AccessFormat {
  package static let name = "aws-cloudfront"
  package static let summary =
    "standard access logs (v1) of Amazon CloudFront, by their #Fields line"
  package static let example =
    "2024-03-05\t14:03:22\tFRA56-P4\t5316\t203.0.113.7\tGET\td111111abcdef8.cloudfront.net\t/cart\t200\t-\tcurl/8.5\tid=7\t-\tMiss\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\tshop.example.com\thttps\t120\t0.123\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tMiss\tHTTP/2.0\t-\t-\t11040\t0.120\tMiss\ttext/html\t5000\t-\t-"
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 62

  /// The columns of a file whose head is lost: the 33 of the AWS guide; older files have the first 26.
  static let usualFields: [W3CField] = [
    .date, .time, .ignored, .bytes, .client, .method, .edgeHost, .stem, .status, .referrer, .agent,
    .query, .ignored, .edgeResult, .identity, .host, .ignored, .ignored, .taken, .forwarded, .tls,
    .ignored, .ignored, .ignored, .ignored, .ignored, .ignored, .ignored, .edgeDetail, .ignored,
    .ignored, .ignored, .ignored,
  ]
  static let oldFields = Array(usualFields.prefix(26))

  /// The values in the order of the last `#Fields:`; `time-taken` is in seconds.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var values = W3CLine()
    switch context.directives.dialect {
    case .cloudFront:
      // Streams of RTMP have the edge's columns too, and no status.
      if !context.directives.hasStatus { throw LineError("#Fields names no status", at: 0) }
      try values.read(line, context.directives.fields)
    case .unknown:
      if line.byte(at: 10) != UInt8(ascii: "\t") {
        throw LineError("no tab stands behind the date", at: min(10, line.count))
      }
      do throws(LineError) {
        try values.read(line, usualFields)
      } catch {
        values = W3CLine()
        try values.read(line, oldFields)
      }
    default: throw LineError("the columns are not those of CloudFront", at: 0)
    }
    try values.fill(&record, line, &context)
    if let taken = values[.taken] {
      var cursor = LineCursor(line, at: taken.lowerBound)
      record.duration = try cursor.microseconds("the time taken is not a number")
    }
    // The alias that was asked is the server's own; the distribution's name stands in for it.
    if let host = values[.host] ?? values[.edgeHost] {
      record.service = LineCursor(line).hostName(host, &context)
      record.serviceIsServerSet = true
    }
    record.requestID = values[.identity].map { TextRange($0) } ?? .none
    record.tlsVersion = values[.tls].map { TextRange($0) } ?? .none
    record.cache = values[.edgeResult].map { TextRange($0) } ?? .none
    shed(values, line, into: &record)
    record.arriveBeforeStamp()
  }

  /// `CapacityExceeded` and `LimitExceeded` are the edge's own answers; what came from behind it may have been shed there.
  private static func shed(
    _ values: W3CLine, _ line: Span<UInt8>, into record: inout AccessRecord
  ) {
    guard let result = values[.edgeResult] else { return }
    let isLimit =
      line.holds("CapacityExceeded", at: result.lowerBound)
      || line.holds("LimitExceeded", at: result.lowerBound)
    record.isShed = record.status >= 500 && isLimit
    // Another 503 came from behind: whether a balancer there shed it, this log does not tell.
    record.tellsShed = record.isShed
  }
}
