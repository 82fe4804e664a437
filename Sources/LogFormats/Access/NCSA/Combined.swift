package import IncidentModel

/// Apache's `combined`, the default of nginx, LiteSpeed and Gunicorn, and nginx's `main` with the forwarded addresses behind (FORMATS §1.1).
///
/// More fields may follow the agent: forwarded addresses are read, others are left alone.
package enum Combined: AccessFormat {
  package static let name = "combined"
  package static let summary = "combined of Apache, nginx, LiteSpeed, Tomcat, Gunicorn; nginx main"
  package static let example =
    "203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 5316 \"-\" \"curl/8.5\""
  package static let fields: Set<FormatField> = [.client, .agent, .referrer]
  package static let stamp: StampMeaning? = nil
  package static let strictness = 20

  /// `client ident user [time] "request" status bytes "referrer" "agent"`, and whatever follows.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    try cursor.referrerAndAgent(into: &record)
    if cursor.position + 2 < line.count {
      var tail = UpstreamTail()
      tail.read(&cursor, into: &record)
    }
  }
}
