internal import IncidentModel

/// One step of a written moment: a part of `strftime`, or a byte between parts.
enum ClockPart: Sendable, Equatable {
  case year, shortYear, month, monthName, day, hour, twelveHour, half, minute, second
  /// Digits behind the second.
  case fraction
  case zone, zoneName, epoch
  /// Letters that say nothing more, such as the name of the weekday.
  case word
  case byte(UInt8)
}

/// The pattern of a moment taken apart.
enum ClockPattern {
  /// The parts of a `strftime` pattern; nil at the first directive that is not known, with its offset.
  static func parts(of pattern: [UInt8]) -> Result<[ClockPart], UnknownPart> {
    var parts: [ClockPart] = []
    var index = 0
    while index < pattern.count {
      let byte = pattern[index]
      guard byte == UInt8(ascii: "%"), index + 1 < pattern.count else {
        parts.append(.byte(byte))
        index += 1
        continue
      }
      var end = index + 1
      // Envoy's `%3f`, and the flags of strftime.
      while end < pattern.count - 1, isDigit(pattern[end]) || pattern[end] == UInt8(ascii: "-") {
        end += 1
      }
      guard let found = part(pattern[end]) else { return .failure(UnknownPart(offset: index)) }
      parts += found
      index = end + 1
    }
    return .success(parts)
  }

  struct UnknownPart: Error {
    var offset: Int
  }

  private static func part(_ letter: UInt8) -> [ClockPart]? {
    let slash = ClockPart.byte(UInt8(ascii: "/"))
    let colon = ClockPart.byte(UInt8(ascii: ":"))
    let dash = ClockPart.byte(UInt8(ascii: "-"))
    switch Character(Unicode.Scalar(letter)) {
    case "Y": return [.year]
    case "y": return [.shortYear]
    case "m": return [.month]
    case "b", "B", "h": return [.monthName]
    case "d", "e": return [.day]
    case "H", "k": return [.hour]
    case "I", "l": return [.twelveHour]
    case "p", "P": return [.half]
    case "M": return [.minute]
    case "S": return [.second]
    case "f": return [.fraction]
    case "z": return [.zone]
    case "Z": return [.zoneName]
    case "s": return [.epoch]
    case "a", "A": return [.word]
    case "T": return [.hour, colon, .minute, colon, .second]
    case "R": return [.hour, colon, .minute]
    case "F": return [.year, dash, .month, dash, .day]
    case "D": return [.month, slash, .day, slash, .shortYear]
    case "n": return [.byte(0x0a)]
    case "t": return [.byte(0x09)]
    case "%": return [.byte(UInt8(ascii: "%"))]
    default: return nil
    }
  }

  /// The quickest form that reads the same: the usual patterns have readers of their own.
  static func form(of parts: [ClockPart]) -> ClockForm {
    if parts == common || parts == commonFraction { return .common }
    if parts == [.epoch] { return .epoch }
    if parts == [.epoch, .byte(UInt8(ascii: ".")), .fraction] { return .epoch }
    let date = dashed + [.byte(UInt8(ascii: "T"))] + face
    let dot = ClockPart.byte(UInt8(ascii: "."))
    let tails: [[ClockPart]] = [
      [], [.zone], [.byte(UInt8(ascii: "Z"))], [dot, .fraction], [dot, .fraction, .zone],
      [dot, .fraction, .byte(UInt8(ascii: "Z"))],
    ]
    // Without a zone the reader would take a `Z` or a number behind the stamp for one.
    if tails.dropFirst().contains(where: { $0.last != .fraction && parts == date + $0 }) {
      return .iso
    }
    return .pattern(parts)
  }

  private static let face: [ClockPart] = part(UInt8(ascii: "T")) ?? []
  private static let dashed: [ClockPart] = part(UInt8(ascii: "F")) ?? []
  private static let slashed: [ClockPart] = [
    .day, .byte(UInt8(ascii: "/")), .monthName, .byte(UInt8(ascii: "/")), .year,
    .byte(UInt8(ascii: ":")),
  ]
  private static let common: [ClockPart] = slashed + face + [.byte(0x20), .zone]
  private static let commonFraction: [ClockPart] =
    slashed + face + [.byte(UInt8(ascii: ".")), .fraction, .byte(0x20), .zone]

  /// Whether the parts tell a moment: a day and at least a minute, or seconds since 1970.
  static func tellsMoment(_ parts: [ClockPart]) -> Bool {
    if parts.contains(.epoch) { return true }
    let hasYear = parts.contains(.year) || parts.contains(.shortYear)
    let hasMonth = parts.contains(.month) || parts.contains(.monthName)
    let hasHour = parts.contains(.hour) || parts.contains(.twelveHour)
    return hasYear && hasMonth && parts.contains(.day) && hasHour && parts.contains(.minute)
  }
}

/// The parts of a moment that have been read.
struct ClockFace {
  private var year = 0
  private var month = 0
  private var day = 0
  private var hour = 0
  private var minute = 0
  private var microseconds: Int64 = 0
  private var isAfternoon: Bool?
  private var offset: Int?
  private var epoch: Int64?

  /// Reads a moment by its pattern.
  static func read(
    _ parts: [ClockPart], _ cursor: inout LineCursor, _ clock: borrowing StampClock
  ) throws(LineError) -> Instant {
    let start = cursor.position
    var face = ClockFace()
    for part in parts { try face.read(part, &cursor) }
    return try PlausibleTime.check(try face.moment(clock, at: start), at: start)
  }

  private mutating func read(
    _ part: ClockPart, _ cursor: inout LineCursor
  ) throws(LineError) {
    switch part {
    case .byte(let byte): try cursor.expect(byte, "the time is not one")
    case .year: year = try Self.digits(&cursor, most: 4)
    case .shortYear:
      let short = try Self.digits(&cursor, most: 2)
      year = short < 69 ? 2_000 + short : 1_900 + short
    case .month: month = try Self.digits(&cursor, most: 2)
    case .monthName:
      month = cursor.monthName(at: cursor.position)
      if month == 0 { throw cursor.failure("the time is not one") }
      Self.skipLetters(&cursor)
    case .day: day = try Self.digits(&cursor, most: 2)
    case .hour, .twelveHour: hour = try Self.digits(&cursor, most: 2)
    case .half:
      isAfternoon = cursor.next | 0x20 == UInt8(ascii: "p")
      Self.skipLetters(&cursor)
    case .minute: minute = try Self.digits(&cursor, most: 2)
    case .second:
      let second = cursor.secondMicroseconds(at: cursor.position)
      if second < 0 { throw cursor.failure("the time is not one") }
      cursor.position += 2
      microseconds &+= second
    case .fraction: microseconds &+= try Self.fraction(&cursor)
    case .zone: offset = cursor.zoneOffset() ?? offset
    case .zoneName:
      if let known = cursor.zoneOffset() { offset = known } else { Self.skipLetters(&cursor) }
    case .epoch:
      epoch = try cursor.epochTime().microseconds
    case .word: Self.skipLetters(&cursor)
    }
  }

  private func moment(
    _ clock: borrowing StampClock, at start: Int
  ) throws(LineError) -> Instant {
    if let epoch { return Instant(microseconds: epoch &+ microseconds) }
    var hour = hour
    if let isAfternoon { hour = hour % 12 + (isAfternoon ? 12 : 0) }
    let civil = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute)
    guard civil.isValid, hour < 24, minute < 60 else {
      throw LineError("there is no such day", at: start)
    }
    return clock.instant(
      civil: civil.instant().microseconds &+ microseconds, offsetSeconds: offset)
  }

  /// Up to `most` digits; a blank may stand for the first (`%e`, `%k`).
  private static func digits(
    _ cursor: inout LineCursor, most: Int
  ) throws(LineError) -> Int {
    _ = cursor.skip(UInt8(ascii: " "))
    let start = cursor.position
    var value = 0
    while cursor.position - start < most, isDigit(cursor.next) {
      value = value * 10 + Int(cursor.next - UInt8(ascii: "0"))
      cursor.position += 1
    }
    if cursor.position == start { throw cursor.failure("the time is not one") }
    return value
  }

  /// Digits behind the second's point, in microseconds; those behind the sixth are dropped.
  static func fraction(_ cursor: inout LineCursor) throws(LineError) -> Int64 {
    let start = cursor.position
    var weight: Int64 = 100_000
    var value: Int64 = 0
    while cursor.position - start < 9, isDigit(cursor.next) {
      value += Int64(cursor.next - UInt8(ascii: "0")) * weight
      weight /= 10
      cursor.position += 1
    }
    if cursor.position == start { throw cursor.failure("the fraction of the second is missing") }
    return value
  }

  private static func skipLetters(_ cursor: inout LineCursor) {
    while (cursor.next | 0x20) &- UInt8(ascii: "a") < 26 { cursor.position += 1 }
  }
}
