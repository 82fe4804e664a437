package import IncidentModel

/// W3C extended logs of other writers (Imperva, WebLogic, TMG, NetScaler), by whatever columns `#Fields:` names (FORMATS §1.8).
package enum W3CExtended: AccessFormat {
  package static let name = "w3c-extended"
  package static let summary = "W3C extended logs of other writers, by their #Fields line"
  package static let example =
    "#Fields: date time c-ip cs-username s-ip cs-method cs-uri sc-status sc-bytes time-taken cs(User-Agent)\n2024-03-05 14:03:22 203.0.113.7 - 192.0.2.10 GET https://shop.example.com/cart?id=7 200 5316 0.123 \"Mozilla/5.0 (Windows NT 10.0; Win64; x64)\""
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .service,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 58

  /// The values in the order of the last `#Fields:`, which must name the status.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    guard context.directives.dialect == .generic else {
      throw LineError("no #Fields line with general columns stands in front", at: 0)
    }
    guard context.directives.hasStatus else {
      throw LineError("#Fields names no status", at: 0)
    }
    var values = W3CLine()
    try values.read(line, context.directives.fields)
    try values.fill(&record, line, &context)
    if let taken = values[.taken] {
      var cursor = LineCursor(line, at: taken.lowerBound)
      let millionths = try cursor.microseconds("the time taken is not a number")
      if context.isDetecting { context.durationUnit.note(millionths) }
      record.duration = context.durationUnit.duration(ofMillionths: millionths)
    }
    let cursor = LineCursor(line)
    if let host = values[.host] ?? values[.edgeHost] {
      record.service = cursor.hostName(host, &context)
    } else if let site = values[.site] {
      record.service = TextRange(site)
      record.serviceIsServerSet = true
    }
    record.arriveBeforeStamp()
  }
}
