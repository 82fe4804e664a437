package import IncidentModel

/// uWSGI's own request log (FORMATS §1.7).
package enum Uwsgi: AccessFormat {
  package static let name = "uwsgi"
  package static let summary = "uWSGI's own request log"
  package static let example =
    "[pid: 88185|app: 0|req: 1/1] 203.0.113.7 () {38 vars in 696 bytes} [Tue Mar  5 14:03:22 2024] GET /cart => generated 5316 bytes in 123 msecs (HTTP/1.1 200) 9 headers in 378 bytes (1 switches on core 3)"
  package static let fields: Set<FormatField> = [.client, .duration]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 67

  /// `[pid…] client (user) {vars} [ctime] method target => generated N bytes in N msecs (protocol status) …`.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.expect("[pid: ", "the line does not begin with the process")
    try cursor.skip(past: UInt8(ascii: "]"), "the process has no closing bracket")
    try cursor.blank("the client is missing")
    let client = try cursor.shortToken("the client is missing")
    record.client = TextRange(cursor.address(in: client))
    try cursor.expect(" (", "the user is missing")
    let user = try cursor.take(until: UInt8(ascii: ")"), "the user has no closing bracket")
    record.user = cursor.text(user)
    try cursor.skip(past: UInt8(ascii: "["), "the time has no opening bracket")
    record.stamp = try cursor.calendarTime(&context.clock)
    record.arrival = record.stamp
    try cursor.expect("] ", "the closing bracket of the time is missing")
    try request(&cursor, into: &record)
    record.byteCount = try cursor.decimal("the byte count is not a number")
    try cursor.expect(" bytes in ", "the duration is missing")
    let elapsed = try cursor.decimal("the duration is not a number")
    record.duration = min(elapsed, 1 << 42) &* (cursor.sees(" micros") ? 1 : 1_000)
    try cursor.skip(past: UInt8(ascii: "("), "the status is missing")
    _ = try cursor.shortToken("the protocol is missing")
    try cursor.blank("the status is missing")
    record.status = try cursor.status()
  }

  /// `GET /cart => generated `.
  private static func request(
    _ cursor: inout LineCursor, into record: inout AccessRecord
  ) throws(LineError) {
    record.method = cursor.text(try cursor.shortToken("the method is missing"))
    try cursor.blank("the target is missing")
    let start = cursor.position
    while !cursor.isAtEnd && !cursor.sees(" => generated ") {
      cursor.position = cursor.line.near(UInt8(ascii: " "), from: cursor.position + 1)
    }
    record.target = cursor.text(start..<cursor.position)
    try cursor.expect(" => generated ", "the answer is missing")
  }
}

extension LineCursor {
  /// A stamp of C's `ctime`: `Tue Mar  5 14:03:22 2024`, in the clock's zone.
  mutating func calendarTime(_ clock: inout StampClock) throws(LineError) -> Instant {
    let start = position
    let month = monthName(at: start + 4)
    let tens = line.byte(at: start + 8) == UInt8(ascii: " ") ? 0 : twoDigits(at: start + 8) / 10
    let ones = Int(line.byte(at: start + 9)) - 0x30
    let hour = twoDigits(at: start + 11)
    let minute = twoDigits(at: start + 14)
    let second = secondMicroseconds(at: start + 17)
    let civil = CivilTime(
      year: fourDigits(at: start + 20), month: month, day: max(0, tens) * 10 + ones,
      hour: max(0, hour), minute: max(0, minute))
    guard line.count - start >= 24, month > 0, (0...9).contains(ones), (0...23).contains(hour),
      (0...59).contains(minute), second >= 0, civil.year > 0, civil.isValid
    else { throw LineError("the time is not one", at: start) }
    position = start + 24
    let moment = clock.instant(
      civil: civil.instant().microseconds &+ second, offsetSeconds: nil)
    return try PlausibleTime.check(moment, at: start)
  }
}
