package import IncidentModel

/// morgan's `tiny`, `dev` and `short` of Node.js programs, which have no time: that of what is around them counts (FORMATS §1.1).
package enum Morgan: AccessFormat {
  package static let name = "morgan"
  package static let summary = "morgan's tiny, dev and short, behind a wrapper that tells the time"
  package static let example =
    "2024-03-05T14:03:22.195018027Z stdout F GET /cart 200 5316 - 3.412 ms"
  package static let fields: Set<FormatField> = [.client, .duration]
  package static let stamp: StampMeaning? = .completion
  package static let strictness = 71
  package static let readsHeader = true

  /// `[client user ]method target[ version] status`, then bytes and duration in either order.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    let wrapping = try TimedWrapping(line, &context)
    try wrapping.read(line, context, into: &record) { cursor, record throws(LineError) in
      try Self.request(&cursor, &record)
    }
    record.arriveBeforeStamp()
  }

  private static func request(
    _ cursor: inout LineCursor, _ record: inout AccessRecord
  ) throws(LineError) {
    cursor.skipColours()
    var first = try cursor.shortToken("the method is missing")
    let isShort = !isMethod(first, cursor.line)
    if isShort {
      record.client = cursor.text(cursor.address(in: first))
      try cursor.blank("the user does not follow the client")
      _ = try cursor.shortToken("the user is missing")
      try cursor.blank("the method does not follow the user")
      first = try cursor.shortToken("the method is missing")
      if !isMethod(first, cursor.line) {
        throw LineError("the method is none", at: first.lowerBound)
      }
    }
    record.method = TextRange(first)
    try cursor.blank("the target does not follow the method")
    record.target = TextRange(try cursor.shortToken("the target is missing"))
    try cursor.blank("the status does not follow the request")
    if isShort {
      try cursor.expect("HTTP/", "the version of HTTP is missing")
      _ = cursor.token()
      try cursor.blank("the status does not follow the request")
    }
    cursor.skipColours()
    record.status = try cursor.status()
    cursor.skipColours()
    try sizeAndDuration(&cursor, &record)
  }

  private static func isMethod(_ range: Range<Int>, _ line: Span<UInt8>) -> Bool {
    range.count >= 3 && range.count <= 20
      && line.byte(at: range.lowerBound) &- UInt8(ascii: "A") < 26
      && line.byte(at: range.upperBound - 1) &- UInt8(ascii: "A") < 26
  }

  /// ` 5316 - 3.412 ms` of tiny and short, or ` 3.412 ms - 5316` of dev.
  private static func sizeAndDuration(
    _ cursor: inout LineCursor, _ record: inout AccessRecord
  ) throws(LineError) {
    try cursor.blank("neither bytes nor duration follow the status")
    let start = cursor.position
    _ = cursor.token()
    let isDev = cursor.sees(" ms - ")
    cursor.position = start
    if isDev {
      record.duration = try cursor.microseconds(perUnit: 1_000, "the duration is not a number")
      try cursor.expect(" ms - ", "the bytes do not follow the duration")
      record.byteCount = try cursor.decimalOrDash("the byte count is not a number")
    } else {
      record.byteCount = try cursor.decimalOrDash("the byte count is not a number")
      try cursor.expect(" - ", "the duration does not follow the bytes")
      record.duration = try cursor.microseconds(perUnit: 1_000, "the duration is not a number")
      try cursor.expect(" ms", "the duration is not in milliseconds")
    }
    cursor.skipColours()
    if !cursor.isAtEnd { throw LineError("the line goes on", at: cursor.position) }
  }
}
