package import IncidentModel

/// `Rack::CommonLogger` of Puma, Unicorn and other Ruby servers: the Common Log Format with seconds behind (FORMATS §1.7).
package enum Rack: AccessFormat {
  package static let name = "rack"
  package static let summary = "Rack::CommonLogger of Puma and other Ruby servers"
  package static let example =
    "203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 5316 0.1230"
  package static let fields: Set<FormatField> = [.client, .duration]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 27

  /// `client - user [time] "request" status bytes seconds`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    try cursor.blank("the duration does not follow the byte count")
    let start = cursor.position
    record.duration = try cursor.microseconds("the duration is not a number")
    let isWhole = line.near(UInt8(ascii: "."), from: start) >= cursor.position
    if isWhole || !cursor.isAtEnd {
      throw LineError("the duration is no decimal at the end of the line", at: start)
    }
    record.arriveBeforeStamp()
  }
}
