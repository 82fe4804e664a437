/// A moment as a calendar shows it, in the proleptic Gregorian calendar.
package struct CivilTime: Hashable, Sendable {
  package var year: Int
  package var month: Int
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int
  package var microsecond: Int

  package init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }

  /// What a clock `offsetSeconds` east of Greenwich shows at `moment`.
  package init(_ moment: Instant, offsetSeconds: Int = 0) {
    let local = moment.microseconds + Int64(offsetSeconds) * 1_000_000
    let days = floorDivide(local, 86_400_000_000)
    let rest = Int(local - days * 86_400_000_000)
    (year, month, day) = Self.date(daysSinceEpoch: days)
    hour = rest / 3_600_000_000
    minute = rest / 60_000_000 % 60
    second = rest / 1_000_000 % 60
    microsecond = rest % 1_000_000
  }

  /// The moment at which a clock `offsetSeconds` east of Greenwich shows this.
  ///
  /// A leap second (`23:59:60`) becomes the last millisecond of the second before it.
  package func instant(offsetSeconds: Int = 0) -> Instant {
    let leap = second == 60
    let seconds =
      Self.daysSinceEpoch(year: year, month: month, day: day) * 86_400
      + Int64(hour * 3_600 + minute * 60 + (leap ? 59 : second)) - Int64(offsetSeconds)
    return Instant(microseconds: seconds * 1_000_000 + (leap ? 999_000 : Int64(microsecond)))
  }

  /// Whether such a day and such a time of day exist.
  package var isValid: Bool {
    (1...12).contains(month) && day >= 1
      && day <= Self.length(ofMonth: month, year: year)
      && (0...23).contains(hour) && (0...59).contains(minute)
      && ((0...59).contains(second) || (second == 60 && minute == 59))
      && (0...999_999).contains(microsecond)
  }

  /// The days of a month, by the Gregorian rule.
  package static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: return 30
    default: return 31
    }
  }

  /// Days from 1970-01-01 to a date: Howard Hinnant's `days_from_civil`
  /// (<https://howardhinnant.github.io/date_algorithms.html>), exact for every year.
  package static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int64 {
    let shifted = Int64(month <= 2 ? year - 1 : year)
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let monthFromMarch = Int64((month + 9) % 12)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The date that lies `days` after 1970-01-01: Hinnant's `civil_from_days`.
  package static func date(daysSinceEpoch days: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    return (year, month, Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1))
  }
}

/// The offsets of one time zone over the years: a value, so that no module asks the system's clock or database.
package struct ZoneOffsets: Hashable, Sendable {
  /// From this moment on, local time is UTC + `seconds`.
  package struct Transition: Hashable, Sendable {
    package var start: Instant
    package var seconds: Int

    package init(start: Instant, seconds: Int) {
      self.start = start
      self.seconds = seconds
    }
  }

  package static let utc = ZoneOffsets(name: "UTC", first: 0, transitions: [])

  /// The name that the user gave, such as `America/Los_Angeles`.
  package let name: String
  /// The offset before the first transition, in seconds east of Greenwich.
  package let first: Int
  /// Ascending by start.
  package let transitions: [Transition]

  package init(name: String, first: Int, transitions: [Transition]) {
    self.name = name
    self.first = first
    self.transitions = transitions
  }

  /// Seconds east of Greenwich at a moment.
  ///
  /// - Complexity: O(log *n*) in the transitions.
  package func offset(at moment: Instant) -> Int {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].start <= moment { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? first : transitions[low - 1].seconds
  }

  /// The moment at which a wall clock in this zone shows `civil`; of two the earlier.
  package func instant(of civil: CivilTime) -> Instant {
    let guess = civil.instant(offsetSeconds: offset(at: civil.instant()))
    let before = civil.instant(offsetSeconds: offset(at: guess.advanced(bySeconds: -10_800)))
    if offset(at: before) == offset(at: guess.advanced(bySeconds: -10_800)) { return before }
    return civil.instant(offsetSeconds: offset(at: guess))
  }
}
