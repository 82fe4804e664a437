internal import IncidentModel

/// Spells moments in UTC: the date once in the title, and again wherever the day is another one (REPORT §2.0).
struct Clock {
  /// A spelled moment, so that nothing else passes for one.
  struct Spelled {
    let text: String

    fileprivate init(_ text: String) {
      self.text = text
    }
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// The day that the title names.
  let titleDay: CivilTime

  init(titleDay moment: Instant) {
    titleDay = CivilTime(moment)
  }

  /// `18:01:20`, or `18:01` where the source knows no more; `17 July, 00:00:12` on another day than the title's.
  func time(_ moment: Instant, precisionSeconds: Int = 1, offsetSeconds: Int = 0) -> Figure {
    let civil = CivilTime(moment, offsetSeconds: offsetSeconds)
    let date = Self.isSameDay(civil, titleDay) ? "" : Self.date(civil, from: titleDay) + ", "
    return .moment(Spelled(date + Self.clock(civil, precisionSeconds)))
  }

  /// A time in a column of ascending times: the date stands where the day changes, `day` moves along.
  func time(
    _ moment: Instant, precisionSeconds: Int, offsetSeconds: Int = 0, after day: inout CivilTime
  ) -> Figure {
    let civil = CivilTime(moment, offsetSeconds: offsetSeconds)
    let date = Self.isSameDay(civil, day) ? "" : Self.date(civil, from: day) + ", "
    day = civil
    return .moment(Spelled(date + Self.clock(civil, precisionSeconds)))
  }

  /// `17 July` in a column of days.
  func day(_ moment: Instant) -> Figure {
    .moment(Spelled(Self.date(CivilTime(moment), from: titleDay)))
  }

  /// `18:01–18:54`, to the minute, or to the second where the minutes are the same.
  func span(_ span: TimeSpan) -> Figure {
    let isShort = span.start.bucketStart(width: 60) == span.end.bucketStart(width: 60)
    return self.span(span, precisionSeconds: isShort ? 1 : 60)
  }

  func span(_ span: TimeSpan, precisionSeconds: Int) -> Figure {
    var day = CivilTime(span.start)
    let start = time(span.start, precisionSeconds: precisionSeconds)
    let end = time(span.end, precisionSeconds: precisionSeconds, after: &day)
    let dash = end.text.contains(",") || start.text.contains(",") ? " – " : "–"
    return .moment(Spelled(start.text + dash + end.text))
  }

  /// `16 July 2018, 18:01–19:30 UTC`
  func titleSpan(_ span: TimeSpan) -> Figure {
    let civil = CivilTime(span.start)
    let date = "\(civil.day) \(Self.month(civil)) \(civil.year)"
    return .moment(Spelled(date + ", " + Clock(titleDay: span.start).span(span).text + " UTC"))
  }

  /// `2018-07-16 18:01`, where rows are days apart.
  func dated(_ moment: Instant) -> Figure {
    let civil = CivilTime(moment)
    let day = "\(Self.pad(civil.year, 4))-\(Self.pad(civil.month))-\(Self.pad(civil.day))"
    return .moment(Spelled(day + " " + Self.clock(civil, 60)))
  }

  /// `UTC−07:00`
  static func offset(seconds: Int) -> Figure {
    let minutes = abs(seconds) / 60
    let sign = seconds < 0 ? "−" : "+"
    return .moment(Spelled("UTC" + sign + pad(minutes / 60) + ":" + pad(minutes % 60)))
  }

  /// The label of a picture's or table's column.
  static func tick(_ moment: Instant, cellSeconds: Int) -> String {
    let civil = CivilTime(moment)
    if cellSeconds >= 6 * 3600 { return "\(civil.day) \(month(civil).prefix(3))" }
    return clock(civil, cellSeconds % 60 == 0 ? 60 : 1)
  }

  /// The label of a drawing's tick: the time, or the date where a day begins and no finer step is marked.
  static func tick(_ moment: Instant, stepSeconds: Int64, isLong: Bool) -> Figure {
    let civil = CivilTime(moment)
    let isDay = moment.bucketStart(width: 86_400) == moment
    if stepSeconds >= 86_400 || (isLong && isDay) {
      return .moment(Spelled("\(civil.day) \(month(civil).prefix(3))"))
    }
    return .moment(Spelled(clock(civil, stepSeconds % 60 == 0 ? 60 : 1)))
  }

  /// RFC 3339 in UTC, with a fraction only where there is one.
  static func rfc3339(_ moment: Instant) -> String {
    let civil = CivilTime(moment)
    var fraction = ""
    if civil.microsecond != 0 {
      fraction = "." + pad(civil.microsecond, 6)
      while fraction.hasSuffix("0") { fraction.removeLast() }
    }
    let year = civil.year < 0 ? "-" + pad(-civil.year, 4) : pad(civil.year, 4)
    return "\(year)-\(pad(civil.month))-\(pad(civil.day))T\(clock(civil, 1))\(fraction)Z"
  }

  static func isSameDay(_ left: CivilTime, _ right: CivilTime) -> Bool {
    (left.year, left.month, left.day) == (right.year, right.month, right.day)
  }

  private static func date(_ civil: CivilTime, from day: CivilTime) -> String {
    let year = civil.year == day.year ? "" : " \(civil.year)"
    return "\(civil.day) \(month(civil))\(year)"
  }

  private static func month(_ civil: CivilTime) -> String {
    months.indices.contains(civil.month - 1) ? months[civil.month - 1] : ""
  }

  private static func clock(_ civil: CivilTime, _ precisionSeconds: Int) -> String {
    let minute = pad(civil.hour) + ":" + pad(civil.minute)
    return precisionSeconds >= 60 ? minute : minute + ":" + pad(civil.second)
  }

  private static func pad(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
