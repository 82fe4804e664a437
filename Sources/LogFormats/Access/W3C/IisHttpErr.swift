package import IncidentModel

/// Logs of HTTP.sys, which answers in front of IIS: its 503 are the requests that no worker process ever saw (FORMATS §1.8).
///
/// The columns are those of Microsoft's "Format of the HTTP Server API Error Logs"; newer systems name theirs in `#Fields:`.
package enum IisHttpErr: AccessFormat {
  package static let name = "iis-httperr"
  package static let summary = "logs of HTTP.sys in front of IIS: requests that no worker saw"
  package static let example =
    "2024-03-05 14:03:22 203.0.113.7 2094 192.0.2.10 80 HTTP/1.1 GET /cart 503 1 QueueFull shop-pool"
  package static let fields: Set<FormatField> = [.client, .service, .shed]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 61

  /// The columns of a log without `#Fields:`; the queue's name came later.
  static let usualFields: [W3CField] = [
    .date, .time, .client, .ignored, .serverAddress, .ignored, .ignored, .method, .uri, .status,
    .site, .reason, .queue,
  ]
  static let oldFields = Array(usualFields.dropLast())

  /// The values in the order of the last `#Fields:`, or of Microsoft's table.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var values = W3CLine()
    switch context.directives.dialect {
    case .httpErr: try values.read(line, context.directives.fields)
    case .unknown:
      // Without columns the protocol's place is what tells this log from one of IIS.
      if !namesProtocol(line) {
        throw LineError("no protocol stands in the seventh column", at: 0)
      }
      do throws(LineError) {
        try values.read(line, usualFields)
      } catch {
        values = W3CLine()
        try values.read(line, oldFields)
      }
    default: throw LineError("the columns are not those of HTTP.sys", at: 0)
    }
    try values.fill(&record, line, &context)
    guard let reason = values[.reason] else { throw LineError("the reason is missing", at: 0) }
    if values[.method] == nil && values[.status] == nil && values[.uri] == nil {
      throw LineError(
        "the line tells of a connection without a request", at: reason.lowerBound, isOwn: true)
    }
    if let pool = values[.queue] ?? values[.host] ?? values[.site] {
      record.service = TextRange(pool)
      record.serviceIsServerSet = true
    }
    // HTTP.sys answers these itself: no worker process was asked.
    record.tellsShed = true
    record.isShed = record.status >= 500
  }

  /// Whether the seventh value is `HTTP/1.1` or its like.
  private static func namesProtocol(_ line: Span<UInt8>) -> Bool {
    var cursor = LineCursor(line)
    for _ in 0..<6 {
      _ = cursor.token()
      cursor.skipBlanks()
    }
    return cursor.sees("HTTP/")
  }
}
