package import IncidentModel

/// lighttpd's default: `combined` with the virtual host in the ident column (FORMATS §1.1).
package enum Lighttpd: AccessFormat {
  package static let name = "lighttpd"
  package static let summary = "lighttpd's default: combined with the host in the second column"
  package static let example =
    "203.0.113.7 shop.example.com - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 5316 \"-\" \"curl/8.5\""
  package static let fields: Set<FormatField> = [.client, .agent, .referrer, .service]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 26

  /// `client host user [time] …`; three numbers behind the bytes are `%I %O %T`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    let client = try cursor.shortToken("the line begins with a blank")
    let bracket = try cursor.timeBracket()
    try cursor.blank("the client is not followed by a blank")
    let host = cursor.token()
    if !cursor.isHostLike(host) {
      throw LineError("the second column names no host", at: host.lowerBound)
    }
    cursor.skipBlanks()
    let user = cursor.token()
    cursor.skipBlanks()
    if cursor.position != bracket {
      throw LineError("the time does not follow three columns", at: cursor.position)
    }
    record.client = cursor.isDash(client) ? .none : TextRange(cursor.address(in: client))
    record.service = cursor.hostName(host, &context)
    record.user = cursor.text(user)
    cursor.position = bracket + 1
    try cursor.bracketedTime(&context, into: &record)
    try cursor.commonBody(into: &record)
    try cursor.referrerAndAgent(into: &record)
  }
}
