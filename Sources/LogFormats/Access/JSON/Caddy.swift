package import IncidentModel

/// Caddy's access log; its other loggers write the same kind of lines, which are refused (FORMATS §1.6).
package enum Caddy: AccessFormat {
  package static let name = "caddy"
  package static let summary = "Caddy's JSON access log (logger http.log.access)"
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
    var members = JSONMembers()
    try members.read(line, keys)
    if !members.begins(.sign, with: "http.log.access", line) {
      throw LineError(
        "the logger is not http.log.access", at: members[.sign]?.range.lowerBound ?? 0, isOwn: true)
    }
    try members.fill(&record, line, &context)
    record.arriveBeforeStamp()
  }
}
