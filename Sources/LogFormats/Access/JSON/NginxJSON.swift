package import IncidentModel

/// nginx with a JSON `log_format`: no standard, but its variables' names give it away (FORMATS §1.3).
package enum NginxJSON: AccessFormat {
  package static let name = "nginx-json"
  package static let summary = "nginx with a JSON log_format under its variables' names"
  package static let example =
    #"{"time_iso8601":"2024-03-05T14:03:22+00:00","remote_addr":"203.0.113.7","request":"GET /cart HTTP/1.1","status":"200","body_bytes_sent":"5316","request_time":"0.123","host":"shop.example.com"}"#
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .upstream, .backend, .service, .shed,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 35

  /// One object with at least two of nginx's own names.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, UsualKeys.table)
    if ownNames(members) < 2 { throw LineError("the keys are not nginx's variables", at: 0) }
    try members.fill(&record, line, &context)
    members.fillUpstream(&record, line)
    record.arriveBeforeStamp()
  }

  /// How many meanings stand under the variable's name: ``UsualKeys`` ranks it first.
  private static func ownNames(_ members: borrowing JSONMembers) -> Int {
    var names = 0
    for meaning in [JSONMeaning.bytes, .agent, .duration, .referrer, .client]
    where members[meaning]?.rank == 0 {
      names += 1
    }
    if let rank = members[.time]?.rank, rank == 0 || rank == 5 || rank == 6 { names += 1 }
    if members[.upstreamAddress] != nil || members[.upstreamTime] != nil { names += 1 }
    return names
  }
}
