package import IncidentModel

/// W3C extended logs of Microsoft's IIS, by whatever columns `#Fields:` names (FORMATS §1.8).
///
/// A file whose head is lost is read with the columns that IIS writes unless told otherwise. 503 that HTTP.sys makes by itself are not in this log but in ``IisHttpErr``'s.
package enum Iis: AccessFormat {
  package static let name = "iis"
  package static let summary = "W3C extended logs of Microsoft IIS, by their #Fields line"
  package static let example =
    "2024-03-05 14:03:22 192.0.2.10 GET /cart id=7 443 - 203.0.113.7 Mozilla/5.0+(Windows+NT+10.0) https://shop.example.com/ 200 0 0 123"
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .duration, .service,
  ]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 60

  /// What IIS 7 and later write unless they are told otherwise.
  static let usualFields: [W3CField] = [
    .date, .time, .serverAddress, .method, .stem, .query, .ignored, .user, .client, .agent,
    .referrer, .status, .ignored, .ignored, .taken,
  ]

  /// The values in the order of the last `#Fields:`; `time-taken` is in milliseconds.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var values = W3CLine()
    switch context.directives.dialect {
    case .iis:
      if !context.directives.hasStatus { throw LineError("#Fields names no status", at: 0) }
      try values.read(line, context.directives.fields)
    case .unknown: try values.read(line, usualFields)
    default: throw LineError("the columns are not those of IIS", at: 0)
    }
    try values.fill(&record, line, &context)
    try refuseOtherProtocols(record.method, line)
    try finish(values, line, &context, into: &record)
  }

  /// Duration and service, which the event log shares.
  static func finish(
    _ values: W3CLine, _ line: Span<UInt8>, _ context: inout AccessContext,
    into record: inout AccessRecord
  ) throws(LineError) {
    if let taken = values[.taken] {
      var cursor = LineCursor(line, at: taken.lowerBound)
      record.duration = try cursor.microseconds(
        perUnit: 1_000, "the time taken is not a number")
    }
    service(values, line, &context, into: &record)
    record.arriveBeforeStamp()
  }

  /// The FTP and SMTP services of IIS write the same columns: `[2]USER`, `EHLO`.
  private static func refuseOtherProtocols(
    _ method: TextRange, _ line: Span<UInt8>
  ) throws(LineError) {
    let start = Int(method.start)
    for index in start..<start + Int(method.count) {
      let byte = line.byte(at: index)
      if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "+") {
        throw LineError("the method is not one of HTTP", at: start, isOwn: true)
      }
    }
  }

  /// The host that was asked, else the site. The server's own address is none: each server of a fleet has another one, and what all of them served would fall apart.
  private static func service(
    _ values: W3CLine, _ line: Span<UInt8>, _ context: inout AccessContext,
    into record: inout AccessRecord
  ) {
    if let host = values[.host] ?? values[.edgeHost] {
      record.service = LineCursor(line).hostName(host, &context)
    } else if let site = values[.site] {
      record.service = TextRange(site)
      record.serviceIsServerSet = true
    }
  }
}
