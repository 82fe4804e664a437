internal import IncidentModel

/// The directives of a W3C extended log (https://www.w3.org/TR/WD-logfile): `#Fields:` tells the columns, which may change within a file.
package struct W3CDirectives: Sendable {
  /// The columns in force.
  private(set) var fields: [W3CField] = []
  /// `#Software:` names Microsoft.
  private var isMicrosoft = false
  /// The columns that only one writer has.
  private var marks = Marks()
  /// Midnight of `#Date:`, for lines without a date; nil where none was seen.
  private var date: Int64?
  /// The last time of day of a line without a date: where it goes back by hours, a day has begun.
  private var lastTime: Int64 = 0
  /// The bytes of the last date of a line, and its midnight.
  private var dateWords: (UInt64, UInt64) = (0, 0)
  private var midnight: Int64 = 0

  private struct Marks {
    var hasEdge = false
    var hasReason = false
    var hasServerStatus = false
    var hasStatus = false
  }

  /// More columns than any writer has; what stands behind them is not read.
  static let maximumFields = 128
  private static let day: Int64 = 86_400_000_000

  /// Who wrote the log, by its columns.
  var dialect: W3CDialect {
    if fields.isEmpty { return .unknown }
    if marks.hasEdge { return .cloudFront }
    if marks.hasReason { return .httpErr }
    return marks.hasServerStatus || isMicrosoft ? .iis : .generic
  }

  /// One of the columns is the status: without it the lines are no requests of HTTP.
  var hasStatus: Bool { marks.hasStatus }

  /// Takes a line that begins with `#`; others than the directives say nothing.
  mutating func note(_ line: Span<UInt8>) {
    if line.holds("#Fields:", at: 0) {
      readFields(line)
    } else if line.holds("#Software:", at: 0) {
      isMicrosoft = line.holds("#Software: Microsoft", at: 0)
    } else if line.holds("#Date:", at: 0) {
      var cursor = LineCursor(line, at: 6)
      var clock = StampClock()
      cursor.skipBlanks()
      guard let stamp = try? cursor.isoTime(&clock) else { return }
      date = floorDivide(stamp.microseconds, Self.day) * Self.day
      lastTime = stamp.microseconds - (date ?? 0)
    }
  }

  private mutating func readFields(_ line: Span<UInt8>) {
    fields = []
    marks = Marks()
    var start = 8
    while start < line.count && fields.count < Self.maximumFields {
      let end = line.near(UInt8(ascii: " "), or: UInt8(ascii: "\t"), from: start)
      if end > start {
        let name = line.extracting(start..<end)
        let field = W3CField.named(name)
        fields.append(field)
        if field == .status { marks.hasStatus = true }
        if name.holds("x-edge-", at: 0) { marks.hasEdge = true }
        if name.isKey("s_reason") { marks.hasReason = true }
        if name.isKey("sc_win32_status") || name.isKey("sc_substatus") {
          marks.hasServerStatus = true
        }
      }
      start = end + 1
    }
  }

  /// The moment of a line's date and time, which are UTC; a line without a date has that of `#Date:`.
  mutating func moment(date: Range<Int>?, time: Range<Int>, _ line: Span<UInt8>) throws(LineError)
    -> Instant
  {
    let cursor = LineCursor(line)
    let seconds = try timeOfDay(time, line)
    guard let date else { return try undated(seconds, at: time.lowerBound) }
    let words = (line.word(at: date.lowerBound), line.word(at: date.upperBound - 8))
    if words != dateWords || words.0 == 0 {
      let civil = CivilTime(
        year: cursor.fourDigits(at: date.lowerBound),
        month: cursor.twoDigits(at: date.lowerBound + 5),
        day: cursor.twoDigits(at: date.lowerBound + 8))
      guard date.count == 10, civil.isValid, line.byte(at: date.lowerBound + 4) == 0x2D,
        line.byte(at: date.lowerBound + 7) == 0x2D
      else { throw LineError("the date is not one", at: date.lowerBound) }
      midnight = civil.instant().microseconds
      dateWords = words
    }
    return try PlausibleTime.check(
      Instant(microseconds: midnight &+ seconds), at: date.lowerBound)
  }

  /// `17:42:15`, perhaps with a fraction, in microseconds.
  private func timeOfDay(_ range: Range<Int>, _ line: Span<UInt8>) throws(LineError) -> Int64 {
    var cursor = LineCursor(line, at: range.lowerBound + 8)
    let hour = cursor.twoDigits(at: range.lowerBound)
    let minute = cursor.twoDigits(at: range.lowerBound + 3)
    let second = cursor.secondMicroseconds(at: range.lowerBound + 6)
    guard range.count >= 8, hour >= 0, hour < 24, minute >= 0, minute < 60, second >= 0,
      line.byte(at: range.lowerBound + 2) == UInt8(ascii: ":"),
      line.byte(at: range.lowerBound + 5) == UInt8(ascii: ":")
    else { throw LineError("the time is not one", at: range.lowerBound) }
    let whole = Int64(hour * 3_600 + minute * 60) &* 1_000_000 &+ second
    return range.count == 8 ? whole : whole &+ cursor.fractionMicroseconds()
  }

  private mutating func undated(_ time: Int64, at column: Int) throws(LineError) -> Instant {
    guard let start = date else {
      throw LineError("no date stands in front of the line", at: column)
    }
    // Two hours back are no disorder of a log that is written as requests end.
    if time < lastTime - 7_200_000_000 { date = start + Self.day }
    lastTime = time
    return try PlausibleTime.check(
      Instant(microseconds: (date ?? start) &+ time), at: column)
  }
}
