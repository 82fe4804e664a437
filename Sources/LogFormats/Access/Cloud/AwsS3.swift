package import IncidentModel

/// Server access logs of Amazon S3: 18 to 26 fields, delivered late and not in order (FORMATS §1.9).
package enum AwsS3: AccessFormat {
  package static let name = "aws-s3"
  package static let summary = "server access logs of Amazon S3"
  package static let example =
    "79a59df900b949e55d96a1e698fbaced shop-assets [05/Mar/2024:14:03:22 +0000] 203.0.113.7 - 3E57427F3EXAMPLE REST.GET.OBJECT img/logo.png \"GET /img/logo.png HTTP/1.1\" 200 - 5316 5316 123 120 \"-\" \"curl/8.5\" - s9lzHYrFp76ZVxRcpX9 SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader shop-assets.s3.us-west-1.amazonaws.com TLSv1.2 - -"
  package static let fields: Set<FormatField> = [
    .duration, .upstream, .service, .client, .agent, .referrer,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 87

  /// The fields in the order of the AWS guide, up to the agent; older lines end behind it.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    _ = try cursor.shortToken("the owner is missing")
    try cursor.blank("the bucket is missing")
    record.service = cursor.text(try cursor.shortToken("the bucket is missing"))
    record.serviceIsServerSet = true
    try cursor.blank("the time is missing")
    try cursor.expect(UInt8(ascii: "["), "the time has no opening bracket")
    record.stamp = try cursor.commonLogTime(&context.clock)
    record.arrival = record.stamp
    try cursor.expect("] ", "the closing bracket of the time is missing")
    let client = cursor.text(try cursor.shortToken("the client is missing"))
    record.client = client
    try cursor.blank("the requester is missing")
    record.user = cursor.text(try cursor.shortToken("the requester is missing"))
    try cursor.blank("the request's id is missing")
    record.requestID = cursor.text(try cursor.shortToken("the request's id is missing"))
    try cursor.blank("the operation is missing")
    let operation = try cursor.shortToken("the operation is missing")
    if line.near(UInt8(ascii: "."), from: operation.lowerBound) >= operation.upperBound {
      throw LineError("the operation is not one of S3", at: operation.lowerBound)
    }
    try cursor.blank("the key is missing")
    _ = try cursor.shortToken("the key is missing")
    try cursor.blank("the request is missing")
    try cursor.requestAndStatus(into: &record)
    try numbers(&cursor, into: &record)
    try cursor.blank("the referrer is missing")
    record.referrer = cursor.text(try cursor.quoted("the referrer has no opening quote"))
    try cursor.blank("the agent is missing")
    record.agent = cursor.text(try cursor.quoted("the agent has no opening quote"))
  }

  /// error, bytes, size, total and turn-around time in milliseconds.
  private static func numbers(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    try cursor.blank("the error is missing")
    _ = try cursor.shortToken("the error is missing")
    try cursor.blank("the bytes are missing")
    record.byteCount = max(0, try cursor.decimalOrDash("the bytes are not a number"))
    try cursor.blank("the size is missing")
    _ = try cursor.decimalOrDash("the size is not a number")
    try cursor.blank("the total time is missing")
    record.duration = try cursor.microseconds(perUnit: 1_000, "the total time is not a number")
    try cursor.blank("the turn-around time is missing")
    record.upstreamDuration = try cursor.microseconds(
      perUnit: 1_000, "the turn-around time is not a number")
  }
}
