package import IncidentModel

/// Apache's `combined` with `%D` or `%T`: a lone whole number behind the agent or between bytes and referrer, or `%T/%D` (FORMATS §1.1).
///
/// A lone number has no unit: over a file with a median above 60 it is `%D`, microseconds, else `%T`, seconds.
package enum ApacheTimed: AccessFormat {
  package static let name = "apache-timed"
  package static let summary = "combined of Apache with %D, %T or %T/%D"
  package static let example =
    "203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET /cart HTTP/1.1\" 200 5316 \"-\" \"curl/8.5\" 0/123456"
  package static let fields: Set<FormatField> = [.client, .agent, .referrer, .duration]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 29

  /// `combined` with exactly one duration; two numbers are `%I %O` of `combinedio`, which are bytes.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    var numbers = WholeNumbers()
    try cursor.blank("the referrer does not follow the byte count")
    try numbers.read(&cursor)
    cursor.position -= 1
    try cursor.referrerAndAgent(into: &record)
    cursor.skipBlanks()
    if numbers.count == 0 && !cursor.isAtEnd { try numbers.read(&cursor) }
    guard numbers.count == 1 else {
      if context.isDetecting || numbers.count == 0 && !cursor.isAtEnd {
        throw LineError("no duration stands behind the agent", at: cursor.position)
      }
      return
    }
    record.duration =
      numbers.isExact ? numbers.first : duration(of: numbers.first, &context)
  }

  private static func duration(of number: Int64, _ context: inout AccessContext) -> Int64 {
    let millionths = min(number, 1 << 42) &* 1_000_000
    if context.isDetecting { context.durationUnit.note(millionths, skipsMilliseconds: true) }
    return context.durationUnit.duration(ofMillionths: millionths)
  }
}

/// Whole numbers that follow each other, with blanks between and behind.
private struct WholeNumbers {
  var count = 0
  var first: Int64 = -1
  /// It was `seconds/microseconds`, so `first` is in microseconds.
  var isExact = false

  mutating func read(_ cursor: inout LineCursor) throws(LineError) {
    // No format has more numbers in a row than this.
    while count < 8 {
      let start = cursor.position
      _ = cursor.skip("**")
      guard isDigit(cursor.next) else {
        cursor.position = start
        return
      }
      var value = try cursor.decimal("the duration is not a number")
      if cursor.skip(UInt8(ascii: "/")) {
        isExact = true
        value = try cursor.decimal("the microseconds are not a number")
      }
      _ = cursor.skip("**")
      if !cursor.isAtEnd && cursor.next != UInt8(ascii: " ") {
        throw LineError("the duration is not a number", at: cursor.position)
      }
      cursor.skipBlanks()
      if count == 0 { first = value }
      count += 1
    }
  }
}
