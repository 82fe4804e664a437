package import IncidentModel

/// uvicorn's access log, which has no time: that of the container runtime, journald or syslog around it counts (FORMATS §1.1).
package enum Uvicorn: AccessFormat {
  package static let name = "uvicorn"
  package static let summary = "uvicorn's access log, behind a wrapper that tells the time"
  package static let example =
    "2024-03-05T14:03:22.195018027Z stdout F INFO:     203.0.113.7:52458 - \"GET /cart HTTP/1.1\" 200 OK"
  package static let fields: Set<FormatField> = [.client]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 72
  package static let readsHeader = true

  /// `INFO:     client:port - "request" status reason` inside of its wrapper.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    let wrapping = try TimedWrapping(line, &context)
    try wrapping.read(line, context, into: &record) { cursor, record throws(LineError) in
      try Self.request(&cursor, &record)
    }
  }

  private static func request(
    _ cursor: inout LineCursor, _ record: inout AccessRecord
  ) throws(LineError) {
    cursor.skipColours()
    // A syslog header may have taken the level for its tag.
    if cursor.skip("INFO") {
      cursor.skipColours()
      try cursor.expect(UInt8(ascii: ":"), "the level is not followed by a colon")
    }
    cursor.skipBlanks()
    let client = try cursor.shortToken("the client is missing")
    try cursor.expect(" - ", "the client is not followed by a dash")
    cursor.skipColours()
    record.client = cursor.text(cursor.address(in: client, hasPort: true))
    try cursor.requestAndStatus(into: &record)
    if record.method.isEmpty { throw LineError("the line tells no request", at: cursor.position) }
  }
}
