package import IncidentModel

/// Tomcat as Atlassian's products configure it: time, client, user, thread, request and milliseconds without quotes (FORMATS §1.7).
///
/// Tomcat's `common` and `combined` are those of ``Common`` and ``Combined``.
package enum Tomcat: AccessFormat {
  package static let name = "tomcat"
  package static let summary = "Tomcat with thread and milliseconds, as Jira and Confluence have it"
  package static let example =
    "[05/Mar/2024:14:03:22 +0000] 203.0.113.7 jo http-nio-8080-exec-6 192.0.2.7 GET /index.action HTTP/1.1 200 123ms 5316 https://shop.example.com/ curl/8.5"
  package static let fields: Set<FormatField> = [.client, .agent, .referrer, .duration]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 53

  /// `[time] client user thread peer method target protocol status Nms bytes referrer agent`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.expect(UInt8(ascii: "["), "the line does not begin with a bracket")
    record.stamp = try cursor.commonLogTime(&context.clock)
    record.arrival = record.stamp
    try cursor.expect("] ", "the closing bracket of the time is missing")
    let client = try cursor.shortToken("the client is missing")
    record.client = TextRange(cursor.address(in: client))
    try cursor.blank("the user is missing")
    record.user = cursor.text(try cursor.shortToken("the user is missing"))
    try cursor.blank("the thread is missing")
    _ = try cursor.shortToken("the thread is missing")
    try cursor.blank("the peer is missing")
    let peer = try cursor.shortToken("the peer is missing")
    if !cursor.isAddress(peer) { throw LineError("the peer is no address", at: peer.lowerBound) }
    try cursor.blank("the request is missing")
    try request(&cursor, into: &record)
    record.status = try cursor.status()
    try cursor.blank("the duration is missing")
    record.duration = try cursor.microseconds(perUnit: 1_000, "the duration is not a number")
    try cursor.expect("ms", "the duration is not in milliseconds")
    try cursor.blank("the byte count is missing")
    record.byteCount = try cursor.byteCount()
    cursor.skipBlanks()
    record.referrer = cursor.text(cursor.token())
    cursor.skipBlanks()
    record.agent = cursor.text(cursor.position..<line.count)
    record.arriveBeforeStamp()
  }

  /// Up to the blank behind the protocol: a target without quotes may hold blanks.
  private static func request(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    let start = cursor.position
    var place = start
    while place < cursor.line.count && !cursor.line.holds(" HTTP/", at: place) {
      place = max(place + 1, cursor.line.near(UInt8(ascii: " "), from: place + 1))
    }
    if place >= cursor.line.count { throw LineError("the request has no protocol", at: start) }
    let end = cursor.line.near(UInt8(ascii: " "), from: place + 1)
    cursor.requestLine(start..<end, into: &record)
    cursor.position = end
    try cursor.blank("the status does not follow the request")
  }
}
