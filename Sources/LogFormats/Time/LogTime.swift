package import IncidentModel

/// Stamps as access logs and autoscalers write them.
extension LineCursor {
  /// The time of the Common Log Format, without its brackets: `10/Oct/2000:13:55:36 -0700`.
  ///
  /// Also takes a blank before the hour, a fraction behind the second, and a missing zone (FORMATS §1.1).
  @inline(__always)
  package mutating func commonLogTime(
    _ clock: inout StampClock
  ) throws(LineError) -> Instant {
    // `10/Oct/2`, `000:13:5`, then `5:` and ` -0700`: all but the second, which lies between them.
    let words = (
      line.word(at: position), line.word(at: position + 8),
      line.word(at: position + 18) & ~0xFFFF | line.word(at: position + 10) >> 48
    )
    if words == clock.words && words.0 != 0 {
      let second = secondMicroseconds(at: position + 18)
      if second >= 0 && line.byte(at: position + 17) == UInt8(ascii: ":") {
        position += 26
        return Instant(microseconds: clock.minute &+ second)
      }
    }
    return try newCommonLogTime(&clock, words: words)
  }

  @inline(never)
  private mutating func newCommonLogTime(
    _ clock: inout StampClock, words: (UInt64, UInt64, UInt64)
  ) throws(LineError) -> Instant {
    let start = position
    let day = twoDigits(at: start)
    let month = monthName(at: start + 3)
    let year = fourDigits(at: start + 7)
    let separator = line.byte(at: start + 11)
    guard day > 0, line.byte(at: start + 2) == UInt8(ascii: "/"), month > 0, year >= 0,
      line.byte(at: start + 6) == UInt8(ascii: "/"),
      separator == UInt8(ascii: ":") || separator == UInt8(ascii: " ")
    else { throw dateFailure(from: start, length: 26) }
    position = start + 12
    let civil = try clockFace(year: year, month: month, day: day)
    let fraction = fractionMicroseconds()
    let afterFraction = position
    let offset = zoneOffset()
    let moment = clock.instant(civil: civil + fraction, offsetSeconds: offset)
    let plausible = try PlausibleTime.check(moment, at: start)
    let isCanonical = afterFraction == start + 20 && position == start + 26
    if isCanonical, offset != nil {
      clock.words = words
      clock.minute =
        plausible.microseconds - max(0, secondMicroseconds(at: start + 18))
    }
    return plausible
  }

  /// As ``commonLogTime(_:)`` for writers that leave out the zone and add a fraction: `06/Feb/2009:12:14:14.655`.
  @inline(__always)
  package mutating func localLogTime(_ clock: inout StampClock) throws(LineError) -> Instant {
    let start = position
    let words = (line.word(at: start), line.word(at: start + 8), line.byte(at: start + 16))
    if words == clock.localWords && words.0 != 0 && line.byte(at: start + 17) == UInt8(ascii: ":") {
      let second = secondMicroseconds(at: start + 18)
      if second >= 0 {
        position = start + 20
        let fraction = fractionMicroseconds()
        if next == UInt8(ascii: "]") {
          return Instant(microseconds: clock.localMinute &+ second &+ fraction)
        }
        position = start
      }
    }
    let moment = try commonLogTime(&clock)
    if next == UInt8(ascii: "]") && line.byte(at: position - 4) == UInt8(ascii: ".") {
      var fraction = LineCursor(line, at: start + 20)
      clock.localMinute =
        moment.microseconds - max(0, secondMicroseconds(at: start + 18))
        - fraction.fractionMicroseconds()
      clock.localWords = words
    }
    return moment
  }

  /// A stamp of ISO 8601 or RFC 3339: `2018-11-30T22:23:00.186641Z`, with `T` or a blank, 0 to 9 digits of fraction behind a dot or comma, and any zone or none.
  @inline(__always)
  package mutating func isoTime(_ clock: inout StampClock) throws(LineError) -> Instant {
    // `2018-11-` and `30T22:23`.
    let start = position
    let words = (line.word(at: start), line.word(at: start + 8))
    if words == clock.isoWords && words.0 != 0 && line.byte(at: start + 16) == UInt8(ascii: ":") {
      let second = secondMicroseconds(at: start + 17)
      if second >= 0 {
        position = start + 19
        return try zonedTime(clock.isoMinute &+ second, clock, from: start)
      }
    }
    return try newISOTime(&clock, words: words)
  }

  @inline(never)
  private mutating func newISOTime(
    _ clock: inout StampClock, words: (UInt64, UInt64)
  ) throws(LineError) -> Instant {
    let start = position
    let year = fourDigits(at: start)
    let month = twoDigits(at: start + 5)
    let day = twoDigits(at: start + 8)
    let dash = line.byte(at: start + 4)
    let separator = line.byte(at: start + 10)
    guard year >= 0, (1...12).contains(month), day > 0,
      dash == UInt8(ascii: "-") || dash == UInt8(ascii: "/"), line.byte(at: start + 7) == dash,
      separator == UInt8(ascii: "T") || separator == UInt8(ascii: " ")
        || separator == UInt8(ascii: "t")
    else { throw dateFailure(from: start, length: 19) }
    position = start + 11
    let civil = try clockFace(year: year, month: month, day: day)
    clock.isoWords = words
    clock.isoMinute = civil - max(0, secondMicroseconds(at: start + 17))
    return try zonedTime(civil, clock, from: start)
  }

  /// Fraction and zone behind the second, and the moment that comes out.
  @inline(__always)
  private mutating func zonedTime(
    _ civil: Int64, _ clock: borrowing StampClock, from start: Int
  ) throws(LineError) -> Instant {
    let fraction = fractionMicroseconds()
    let offset: Int?
    if next == UInt8(ascii: "Z") {
      position += 1
      offset = 0
    } else {
      offset = zoneOffset()
    }
    let moment = clock.instant(civil: civil &+ fraction, offsetSeconds: offset)
    return try PlausibleTime.check(moment, at: start)
  }

  /// `13:55:36` behind a date: the clock's face as if it were UTC, in microseconds.
  private mutating func clockFace(
    year: Int, month: Int, day: Int
  ) throws(LineError) -> Int64 {
    let hour = twoDigits(at: position)
    let minute = twoDigits(at: position + 3)
    let second = secondMicroseconds(at: position + 6)
    guard (0...23).contains(hour), (0...59).contains(minute), second >= 0,
      peek(2) == UInt8(ascii: ":"), peek(5) == UInt8(ascii: ":")
    else { throw dateFailure(from: position, length: 8) }
    let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute)
    if !civil.isValid { throw LineError("there is no such day", at: position) }
    position += 8
    return civil.instant().microseconds + second
  }

  /// *Cut* where the line ends inside the stamp, else a stamp that is none.
  private func dateFailure(from start: Int, length: Int) -> LineError {
    if line.count - start < length && line.count - start >= 0 && looksCut(from: start) {
      return .cut(at: line.count)
    }
    return LineError("the time is not one", at: start)
  }

  /// Whether what is left of the line could be the head of a stamp.
  private func looksCut(from start: Int) -> Bool {
    for index in start..<line.count {
      let byte = line[index]
      let isStampByte =
        isDigit(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ":")
        || byte == UInt8(ascii: "-") || (byte | 0x20) &- UInt8(ascii: "a") < 26
      if !isStampByte { return false }
    }
    return true
  }

  /// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by magnitude: below 1e11, 1e14, 1e17 and above (FORMATS §5).
  ///
  /// Reads the decimal text, fraction and exponent included, and never goes through a `Double`.
  package mutating func epochTime() throws(LineError) -> Instant {
    let start = position
    var digits: Int64 = 0
    var taken = 0
    var point: Int?
    while position < line.count {
      let byte = line[position]
      if isDigit(byte) {
        // 18 digits fit; those behind are below a nanosecond of any stamp and only move the point.
        if taken < 18 { digits = digits * 10 + Int64(byte - UInt8(ascii: "0")) }
        taken += 1
      } else if byte == UInt8(ascii: "."), point == nil, isDigit(peek(1)) {
        point = taken
      } else {
        break
      }
      position += 1
    }
    if taken == 0 { throw failure("the time is not a number") }
    let exponent = try epochExponent()
    let whole = (point ?? taken) + exponent
    let moment = Self.epochMicroseconds(digits: digits, kept: min(taken, 18), whole: whole)
    return try PlausibleTime.check(Instant(microseconds: moment), at: start)
  }

  private mutating func epochExponent() throws(LineError) -> Int {
    guard next | 0x20 == UInt8(ascii: "e") else { return 0 }
    position += 1
    _ = skip(UInt8(ascii: "+"))
    let exponent = try decimal("the time has no exponent")
    if exponent > 20 { throw LineError("the time lies outside 1995 to 2100", at: position) }
    return Int(exponent)
  }

  /// `digits` has `kept` digits, of which the first `whole` stand before the point; 0 where that is no stamp.
  private static func epochMicroseconds(digits: Int64, kept: Int, whole: Int) -> Int64 {
    var value = digits
    // The point stands `whole` digits in; microseconds want it further right by the unit's power.
    let power: Int
    switch whole {
    case ...11: power = 6
    case 12...14: power = 3
    case 15...17: power = 0
    default: power = -3
    }
    var shift = whole + power - kept
    while shift < 0 && value != 0 {
      value /= 10
      shift += 1
    }
    while shift > 0 {
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      if overflows { return 0 }
      value = product
      shift -= 1
    }
    return value
  }
}
