package import IncidentModel

/// logfmt lines with a time and a status under any of the usual keys: what Go programs, Rails with lograge and many others write (FORMATS §1.3).
package enum Logfmt: AccessFormat {
  package static let name = "logfmt"
  package static let summary = "key=value lines with a time and a status under the usual keys"
  package static let example =
    "time=2024-03-05T14:03:22Z level=info msg=request method=GET path=/cart status=200 duration=123ms client_ip=203.0.113.7 bytes=5316 host=shop.example.com"
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .upstream, .backend, .service,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 14
  package static let isCatchAll = true

  /// Pairs in any order.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var members = JSONMembers()
    if try members.readPairs(line, UsualKeys.table, &context.pairs, from: 0) < 3 {
      throw LineError("the line does not consist of key=value pairs", at: 0)
    }
    try members.fill(&record, line, &context)
    members.fillUpstream(&record, line)
    record.arriveBeforeStamp()
  }
}
