package import IncidentModel

/// Caddy's access log; its other loggers write the same kind of lines, which are refused (FORMATS §1.6).
package enum Caddy: AccessFormat {
  package static let name = "caddy"
  package static let summary = "Caddy's access log (logger http.log.access), JSON or console"
  package static let example =
    #"{"level":"info","ts":1709647402.7564995,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"203.0.113.7","remote_port":"44790","client_ip":"203.0.113.7","proto":"HTTP/2.0","method":"GET","host":"shop.example.com","uri":"/cart","headers":{"User-Agent":["curl/8.5"]}},"bytes_read":0,"user_id":"","duration":0.123,"size":5316,"status":200,"resp_headers":{"Server":["Caddy"]}}"#
  package static let fields: Set<FormatField> = [.client, .agent, .referrer, .duration, .service]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 80

  private static let keys = JSONKeyTable([
    JSONKeyRow("ts", .time), JSONKeyRow("logger", .sign), JSONKeyRow("status", .status),
    JSONKeyRow("size", .bytes), JSONKeyRow("duration", .duration, unit: .seconds),
    JSONKeyRow("user_id", .user),
    JSONKeyRow(
      "request",
      inside: [
        JSONKeyRow("client_ip", .client, 0), JSONKeyRow("remote_ip", .client, 1),
        JSONKeyRow("remote_addr", .client, 2), JSONKeyRow("method", .method),
        JSONKeyRow("host", .host), JSONKeyRow("uri", .target),
        JSONKeyRow(
          "headers",
          inside: [
            JSONKeyRow("user_agent", .agent), JSONKeyRow("referer", .referrer),
            JSONKeyRow("x_request_id", .identity),
          ]),
      ]),
  ])

  /// An object of the logger `http.log.access` or one below it; status 0 is a client that went away.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    if line.byte(at: 0) != UInt8(ascii: "{") {
      return try readConsole(line, &context, into: &record)
    }
    var members = JSONMembers()
    try members.read(line, keys)
    if !members.begins(.sign, with: "http.log.access", line) {
      throw LineError(
        "the logger is not http.log.access", at: members[.sign]?.range.lowerBound ?? 0, isOwn: true)
    }
    try members.fill(&record, line, &context)
    record.arriveBeforeStamp()
  }

  /// `2024/03/05 14:03:22.756⇥INFO⇥http.log.access⇥handled request⇥{…}`: the console encoder, in the host's zone.
  private static func readConsole(
    _ line: Span<UInt8>, _ context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    let moment = try consoleTime(&cursor, context)
    let start = line.near(UInt8(ascii: "{"), from: cursor.position)
    // Level, logger and message stand in front of the object.
    guard start < line.count, start - cursor.position < 256,
      line.extracting(cursor.position..<start).contains("http.log.access")
    else { throw LineError("the logger is not http.log.access", at: cursor.position, isOwn: true) }
    var members = JSONMembers()
    try members.read(line, keys, from: start)
    try members.fill(&record, line, &context, at: moment)
    record.arriveBeforeStamp()
  }

  private static func consoleTime(
    _ cursor: inout LineCursor, _ context: borrowing AccessContext
  ) throws(LineError) -> Instant {
    let line = cursor.line
    let slash = UInt8(ascii: "/")
    guard line.byte(at: 4) == slash, line.byte(at: 7) == slash, line.byte(at: 10) == 0x20,
      line.byte(at: 13) == UInt8(ascii: ":"), line.byte(at: 16) == UInt8(ascii: ":")
    else { throw LineError("the line is no JSON object", at: 0) }
    var civil = CivilTime(
      year: cursor.fourDigits(at: 0), month: cursor.twoDigits(at: 5),
      day: cursor.twoDigits(at: 8), hour: cursor.twoDigits(at: 11),
      minute: cursor.twoDigits(at: 14), second: cursor.twoDigits(at: 17))
    cursor.position = 19
    civil.microsecond = Int(cursor.fractionMicroseconds())
    guard civil.isValid, (1_995...2_100).contains(civil.year), cursor.next == 0x09 else {
      throw LineError("the time is not one", at: 0)
    }
    return context.clock.instant(civil: civil.instant().microseconds, offsetSeconds: nil)
  }
}
