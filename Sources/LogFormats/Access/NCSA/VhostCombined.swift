package import IncidentModel

/// `combined`, or `common`, with the virtual host in front (Debian's Apache, nginx's `$host`) (FORMATS §1.1).
package enum VhostCombined: AccessFormat {
  package static let name = "vhost-combined"
  package static let summary = "combined or common with the virtual host in front"
  package static let example =
    "shop.example.com:443 203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 5316 \"-\" \"curl/8.5\""
  package static let fields: Set<FormatField> = [.client, .agent, .referrer, .service]
  package static let stamp: StampMeaning? = nil
  package static let strictness = 25

  /// `host client ident user [time] …`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try head(&cursor, &context, into: &record)
    try cursor.bracketedTime(&context, into: &record)
    try cursor.commonBody(into: &record)
    if cursor.isAtEnd { return }
    try cursor.referrerAndAgent(into: &record)
    if cursor.position + 2 < line.count {
      var tail = UpstreamTail()
      tail.read(&cursor, into: &record)
      record.arriveBeforeStamp()
    }
  }

  /// `vhost client ident user [`.
  private static func head(
    _ cursor: inout LineCursor, _ context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    let first = try cursor.shortToken("the line begins with a blank")
    // A path or a stamp in front belongs to a wrapper.
    let slash = cursor.line.near(UInt8(ascii: "/"), from: first.lowerBound)
    if slash < first.upperBound || Wrapper.stampEnd(cursor.line) != nil {
      throw LineError("the first column is no host", at: first.lowerBound)
    }
    let bracket = try cursor.timeBracket()
    try cursor.blank("the first column is not followed by a blank")
    let second = cursor.token()
    if !cursor.isHostLike(second) {
      throw LineError("the line names no virtual host", at: second.lowerBound)
    }
    cursor.skipBlanks()
    _ = cursor.token()
    cursor.skipBlanks()
    if cursor.position >= bracket {
      throw LineError("the time follows three columns", at: bracket)
    }
    record.user = cursor.userName(endingAt: bracket)
    record.client = TextRange(cursor.address(in: second))
    record.service = cursor.hostName(first, &context)
    cursor.position = bracket + 1
  }
}
