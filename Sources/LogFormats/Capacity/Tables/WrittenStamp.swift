internal import IncidentModel

/// A stamp as people and tables write it: a date, a time of day to the minute or second, a zone, or parts of these.
struct WrittenStamp: Hashable, Sendable {
  /// Year, month and day as a day's midnight; nil where only a time of day is written.
  var day: Instant?
  /// Seconds since midnight; nil where only a date is written.
  var second: Int?
  /// 60 for `18:24`, 1 for `18:24:05`.
  var precisionSeconds = 60
  /// A fraction of a second is written: a program did it.
  var hasFraction = false
  var microsecond = 0
  var offset: Int?
  /// Bytes that the stamp takes.
  var count = 0

  /// The stamp at the front of `bytes`; nil where none stands there.
  init?(_ bytes: [UInt8]) {
    var cursor = LineCursor(bytes.span)
    if let day = Self.date(&cursor) {
      self.day = day
      count = cursor.position
      if cursor.next == UInt8(ascii: "T") || cursor.next == UInt8(ascii: " ") {
        cursor.position += 1
        readTime(&cursor)
      }
    } else {
      readTime(&cursor)
      guard second != nil else { return nil }
    }
  }

  /// `2018-07-16` or `2018/07/16`.
  private static func date(_ cursor: inout LineCursor) -> Instant? {
    let year = cursor.fourDigits(at: cursor.position)
    let dash = cursor.peek(4)
    guard (1995...2100).contains(year), dash == UInt8(ascii: "-") || dash == UInt8(ascii: "/"),
      cursor.peek(7) == dash, !isDigit(cursor.peek(10))
    else { return nil }
    let civil = CivilTime(
      year: year, month: cursor.twoDigits(at: cursor.position + 5),
      day: cursor.twoDigits(at: cursor.position + 8))
    guard civil.isValid else { return nil }
    cursor.position += 10
    return civil.instant()
  }

  /// `18:24`, `18:24:05`, `5:46 PM`, each with or without a zone.
  private mutating func readTime(_ cursor: inout LineCursor) {
    let start = cursor.position
    var width = 2
    var hour = cursor.twoDigits(at: start)
    if hour < 0, isDigit(cursor.next), cursor.peek(1) == UInt8(ascii: ":") {
      width = 1
      hour = Int(cursor.next - UInt8(ascii: "0"))
    }
    let minute = cursor.twoDigits(at: start + width + 1)
    guard (0...23).contains(hour), (0...59).contains(minute),
      cursor.peek(width) == UInt8(ascii: ":"), !isDigit(cursor.peek(width + 3))
    else { return }
    cursor.position += width + 3
    var seconds = 0
    if cursor.next == UInt8(ascii: ":"), !isDigit(cursor.peek(3)) {
      let written = cursor.twoDigits(at: cursor.position + 1)
      if (0...60).contains(written) {
        seconds = min(written, 59)
        precisionSeconds = 1
        cursor.position += 3
        let before = cursor.position
        microsecond = Int(cursor.fractionMicroseconds())
        hasFraction = cursor.position > before
      }
    }
    let half = (cursor.next == UInt8(ascii: " ") ? cursor.peek(1) : cursor.next) | 0x20
    let mark = cursor.next == UInt8(ascii: " ") ? 1 : 0
    let isHalf =
      (half == UInt8(ascii: "a") || half == UInt8(ascii: "p"))
      && cursor.peek(mark + 1) | 0x20 == UInt8(ascii: "m") && !isLetter(cursor.peek(mark + 2))
      && (1...12).contains(hour)
    if isHalf {
      hour = hour % 12 + (half == UInt8(ascii: "p") ? 12 : 0)
      cursor.position += mark + 2
    }
    // A zone behind a blank is a name or four digits; `-5 nodes` is none.
    offset = cursor.zoneOffset()
    second = hour * 3_600 + minute * 60 + seconds
    count = cursor.position
  }

  /// The moment, on `day` where the stamp itself has no date; without either on 1970-01-01.
  func moment(day known: Instant?, zone: ZoneOffsets) -> (time: Instant, lacksDate: Bool) {
    let date = CivilTime(day ?? known ?? Instant(seconds: 0))
    let seconds = second ?? 0
    let civil = CivilTime(
      year: date.year, month: date.month, day: date.day, hour: seconds / 3_600,
      minute: seconds / 60 % 60, second: seconds % 60, microsecond: microsecond)
    let lacksDate = day == nil && known == nil
    if let offset { return (civil.instant(offsetSeconds: offset), lacksDate) }
    return (zone.instant(of: civil), lacksDate)
  }
}
