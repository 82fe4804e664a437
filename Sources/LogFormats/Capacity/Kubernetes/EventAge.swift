internal import IncidentModel

/// The ages that `kubectl` prints in place of times, and the moment they count from.
enum EventAge {
  /// When and how coarsely.
  struct Moment {
    var time: Instant
    /// The smallest unit that the age names.
    var precisionSeconds: Int
  }

  /// What a cell such as `5m12s` or `3m (x12 over 1h)` tells.
  struct Cell {
    var last: Moment
    /// The first of several occurrences.
    var first: Moment?
    var count = 1
  }

  /// The moments of a cell that was printed at `reference`; nil: it holds no age.
  static func cell(_ bytes: [UInt8], at reference: Instant) -> Cell? {
    var cursor = MessageCursor(bytes)
    guard let last = moment(cursor.word(), at: reference) else { return nil }
    var cell = Cell(last: last)
    if cursor.take(" (x"), let count = cursor.integer(), cursor.take(" over ") {
      cell.count = max(1, min(count, 1_000_000))
      cell.first = moment(cursor.word().filter { $0 != UInt8(ascii: ")") }, at: reference)
    }
    return cell
  }

  /// `5m12s` before `reference`.
  private static func moment(_ word: [UInt8], at reference: Instant) -> Moment? {
    var seconds = 0
    var precision = 0
    var digits = 0
    var count = 0
    for byte in word {
      if isDigit(byte) {
        count += 1
        if count > 6 { return nil }
        digits = digits * 10 + Int(byte - UInt8(ascii: "0"))
        continue
      }
      guard count > 0, let unit = unit(byte) else { return nil }
      seconds += digits * unit
      precision = unit
      (digits, count) = (0, 0)
    }
    guard precision > 0, count == 0, seconds < 3_660 * 86_400 else { return nil }
    return Moment(
      time: reference.advanced(bySeconds: -Double(seconds)), precisionSeconds: precision)
  }

  private static func unit(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "s"): 1
    case UInt8(ascii: "m"): 60
    case UInt8(ascii: "h"): 3_600
    case UInt8(ascii: "d"): 86_400
    case UInt8(ascii: "y"): 365 * 86_400
    default: nil
    }
  }

  /// Zones that have one meaning wherever they are written.
  private static let zones: [String: Int] = [
    "UTC": 0, "GMT": 0, "CET": 3_600, "CEST": 7_200, "EDT": -14_400, "PDT": -25_200,
    "MDT": -21_600,
  ]

  /// A line that holds a moment and nothing else, as `date` prints it: `Mon Jul 16 18:30:00 UTC 2018`, its form of twelve hours, of RFC 5322 or of ISO 8601.
  static func printedMoment(_ record: Span<UInt8>) -> Instant? {
    guard (19...48).contains(record.count) else { return nil }
    let line = copied(record).trimmed
    if let stamp = CapacityStamp.iso(line), stamp.count == line.count {
      // Without its zone a moment is none.
      let hasZone = line.dropFirst(19).contains { "Zz+-".utf8.contains($0) }
      return hasZone ? stamp.time : nil
    }
    let words = line.split { $0 == 0x20 || $0 == UInt8(ascii: ",") }.map { Array($0).asText }
    guard (5...7).contains(words.count), words[0].utf8.count == 3 else { return nil }
    // `Mon, 16 Jul 2018 18:30:00 +0000` has the day first.
    let isMail = words[1].utf8.allSatisfy(isDigit)
    var rest = Array(words.dropFirst(isMail ? 4 : 3))
    guard let month = month(isMail ? words[2] : words[1]),
      let day = Int(isMail ? words[1] : words[2]), let clock = rest.first
    else { return nil }
    rest.removeFirst()
    let hour = clock.split(separator: ":").compactMap { Int($0) }
    guard hour.count == 3 else { return nil }
    var first = hour[0]
    if let half = rest.first, half == "AM" || half == "PM" {
      rest.removeFirst()
      guard (1...12).contains(first) else { return nil }
      first = first % 12 + (half == "PM" ? 12 : 0)
    }
    guard let zone = rest.first.flatMap(offset),
      let year = Int(isMail ? words[3] : rest.dropFirst().first ?? "")
    else { return nil }
    let civil = CivilTime(
      year: year, month: month, day: day, hour: first, minute: hour[1], second: hour[2])
    guard civil.isValid, (1_995...2_100).contains(year) else { return nil }
    return civil.instant(offsetSeconds: zone)
  }

  private static func month(_ name: String) -> Int? {
    let bytes = Array(name.utf8)
    let month = LineCursor(bytes.span).monthName(at: 0)
    return bytes.count == 3 && month > 0 ? month : nil
  }

  /// `UTC`, `+0200`.
  private static func offset(_ name: String) -> Int? {
    if let known = zones[name] { return known }
    let digits = name.dropFirst()
    guard let sign = name.first, sign == "+" || sign == "-", digits.utf8.count == 4,
      let number = Int(digits), number >= 0
    else { return nil }
    let seconds = number / 100 * 3_600 + number % 100 * 60
    return seconds <= 54_000 ? (sign == "-" ? -seconds : seconds) : nil
  }
}
