package import IncidentModel

/// IIS requests that were written to the Windows event log: one XML event a line, with W3C's names (FORMATS §1.8).
package enum IisEvent: AccessFormat {
  package static let name = "iis-event"
  package static let summary = "IIS requests from the Windows event log, one XML event a line"
  package static let example =
    "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System><Provider Name=\"Microsoft-Windows-IIS-Logging\"/><EventID>6200</EventID></System><EventData><Data Name=\"date\">2024-03-05</Data><Data Name=\"time\">14:03:22</Data><Data Name=\"c-ip\">203.0.113.7</Data><Data Name=\"cs-method\">GET</Data><Data Name=\"cs-uri-stem\">/cart</Data><Data Name=\"sc-status\">200</Data><Data Name=\"time-taken\">123</Data></EventData></Event>"
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .service,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 63

  /// The `Data` elements by their names; entities stay as they are.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    if !line.holds("<Event", at: 0) {
      throw LineError("the line does not begin with <Event", at: 0)
    }
    var values = W3CLine()
    try values.readElements(line)
    try values.fill(&record, line, &context)
    try Iis.finish(values, line, &context, into: &record)
  }
}

extension W3CLine {
  /// Takes the values out of `<Data Name="c-ip">203.0.113.7</Data>`.
  mutating func readElements(_ line: Span<UInt8>) throws(LineError) {
    var place = line.near(UInt8(ascii: "<"), from: 0)
    while place < line.count {
      if line.holds("<Data Name=\"", at: place) {
        let name = place + 12
        let nameEnd = line.near(UInt8(ascii: "\""), from: name)
        let value = nameEnd + 2
        let end = line.near(UInt8(ascii: "<"), from: value)
        if end >= line.count { throw .cut(at: line.count) }
        if line.byte(at: nameEnd + 1) == UInt8(ascii: ">") {
          note(Self.field(line.extracting(name..<nameEnd)), value..<end, line)
        }
        place = end
      } else {
        place = line.near(UInt8(ascii: "<"), from: place + 1)
      }
    }
  }

  /// The event log leaves the brackets of `cs(User-Agent)` out.
  private static func field(_ name: Span<UInt8>) -> W3CField {
    if name.isKey("csuser_agent") { return .agent }
    if name.isKey("csreferer") { return .referrer }
    return W3CField.named(name)
  }
}
