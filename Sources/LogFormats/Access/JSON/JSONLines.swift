package import IncidentModel

/// One JSON object a line, with a time and a status under any of the usual keys: what most programs write that log requests (FORMATS §1.3).
package enum JSONLines: AccessFormat {
  package static let name = "json-lines"
  package static let summary = "JSON objects with a time and a status under the usual keys"
  package static let example =
    #"{"time":"2024-03-05T14:03:22Z","client_ip":"203.0.113.7","method":"GET","path":"/cart","status":200,"bytes":5316,"duration_ms":123,"host":"shop.example.com"}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 15
  package static let isCatchAll = true

  /// One object: its known members are collected first, for their order is free.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, UsualKeys.table)
    try members.fill(&record, line, &context)
    members.fillUpstream(&record, line)
    record.arriveBeforeStamp()
  }
}
