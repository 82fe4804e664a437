package import IncidentModel

/// `combined` of nginx with times and upstream fields behind, in whichever of the usual shapes (FORMATS §1.1):
/// bare or quoted seconds, `rt=… urt=…`, or the variables' full names.
package enum NginxTimed: AccessFormat {
  package static let name = "nginx-timed"
  package static let summary = "combined of nginx with $request_time and upstream fields behind"
  package static let example =
    "203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 5316 \"-\" \"curl/8.5\" rt=0.123 urt=\"0.120\" ua=\"192.0.2.10:8080\" us=\"200\""
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .upstream, .backend, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 30

  /// `combined`, then at least the request time.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    try cursor.referrerAndAgent(into: &record)
    var tail = UpstreamTail()
    tail.read(&cursor, into: &record)
    if record.duration < 0 {
      // A file of several servers may hold plain combined lines; to find the format they prove nothing.
      if context.isDetecting || cursor.isAtEnd && !tail.isEmpty {
        throw LineError("no request time follows the agent", at: cursor.position)
      }
    }
    record.arriveBeforeStamp()
  }
}
