internal import IncidentModel

/// A number or time as reports show it; only the formatter in this file makes one, so all outputs tell it alike (REPORT §2.0).
struct Figure: Hashable {
  let text: String

  private init(_ text: String) {
    self.text = text
  }

  /// What stands for a number that is not one.
  static let unknown = Figure("not known")

  /// The figure at the beginning of a sentence.
  var capitalized: Figure { Figure(text.prefix(1).uppercased() + text.dropFirst()) }

  static func count(_ number: Int) -> Figure { Figure(Decimal.grouped(number)) }

  /// A number of alike things without thousands marks or unit, such as an evidence row's line.
  static func plain(_ number: Int) -> Figure { Figure(String(number)) }

  /// `37.4 %`; a share above 0 never shows as `0.0 %` and one below 1 never as `100.0 %`.
  static func share(_ part: Int, of whole: Int, places: Int = 1) -> Figure {
    guard whole > 0 else { return unknown }
    return Figure(percent(part, of: whole, places: places) + " %")
  }

  /// The same without the sign, for a column that carries it.
  static func percentage(_ part: Int, of whole: Int) -> Figure {
    whole > 0 ? Figure(percent(part, of: whole, places: 1)) : Figure("–")
  }

  static func share(_ part: Double, of whole: Double = 1, places: Int = 1) -> Figure {
    guard part.isFinite, whole.isFinite, whole != 0 else { return unknown }
    if whole != 1, let counted = Int(exactly: part), let all = Int(exactly: whole), all > 0 {
      return share(counted, of: all, places: places)
    }
    guard let text = Decimal.rounded(part / whole * 100, places: places) else { return unknown }
    return Figure(bounded(text, isNone: part <= 0, isAll: part / whole >= 1, places: places) + " %")
  }

  /// `99.9 %`, with as many decimals as the objective has, up to three.
  static func objective(_ objective: Double) -> Figure {
    guard var text = Decimal.rounded(objective * 100, places: 3) else { return unknown }
    while text.contains("."), text.last == "0" || text.last == "." {
      let isPoint = text.last == "."
      text.removeLast()
      if isPoint { break }
    }
    return Figure(text + " %")
  }

  /// `4.2 ×`
  static func factor(_ factor: Double) -> Figure {
    let text = Decimal.rounded(factor, places: factor >= 100 ? 0 : 1)
    return text.map { Figure($0 + " ×") } ?? unknown
  }

  /// `+1.5`, `−0.3`: what an argument adds to log-odds.
  static func weight(_ weight: Double) -> Figure {
    guard let text = Decimal.rounded(abs(weight), places: 1) else { return unknown }
    return Figure(text == "0.0" ? text : (weight < 0 ? "−" : "+") + text)
  }

  /// `210.0 requests/s`, `6.28 requests/s`, `0.752 requests/s`
  static func rate(_ rate: Double) -> Figure {
    Decimal.rounded(rate, places: ratePlaces(rate)).map { Figure($0 + " requests/s") } ?? unknown
  }

  /// `210.0`, `6.28`, `0.752`: a rate without its unit.
  static func bareRate(_ rate: Double) -> Figure {
    Decimal.rounded(rate, places: ratePlaces(rate)).map(Figure.init) ?? unknown
  }

  /// Three digits at least: who divides by a rate by hand must come to the report's number.
  private static func ratePlaces(_ rate: Double) -> Int {
    abs(rate) >= 10 || rate == 0 ? 1 : abs(rate) >= 1 ? 2 : 3
  }

  /// `5.78–6.21`, of rates; both ends with the decimals of the upper one.
  static func interval(_ interval: ClosedRange<Double>) -> Figure {
    let places = ratePlaces(interval.upperBound)
    guard let low = Decimal.rounded(interval.lowerBound, places: places),
      let high = Decimal.rounded(interval.upperBound, places: places)
    else { return unknown }
    return Figure(low == high ? low : low + "–" + high)
  }

  /// `0.0–57.7`: the ends of a series without its unit.
  static func range(_ low: Double, _ high: Double, places: Int) -> Figure {
    guard let low = Decimal.rounded(low, places: places),
      let high = Decimal.rounded(high, places: places)
    else { return unknown }
    return Figure(low == high ? low : low + "–" + high)
  }

  static func interval(_ interval: ClosedRange<Int>) -> Figure {
    let low = Decimal.grouped(interval.lowerBound)
    let high = Decimal.grouped(interval.upperBound)
    return Figure(low == high ? low : low + "–" + high)
  }

  /// Whole milliseconds up to 9,999, then `12.3 s`.
  static func latency(milliseconds: Double) -> Figure {
    guard milliseconds.isFinite, milliseconds >= 0 else { return unknown }
    if milliseconds > 0, milliseconds < 0.5 { return Figure("< 1 ms") }
    if milliseconds < 9_999.5, let text = Decimal.rounded(milliseconds, places: 0) {
      return Figure(text + " ms")
    }
    return Decimal.rounded(milliseconds / 1000, places: 1).map { Figure($0 + " s") } ?? unknown
  }

  /// `1 h 28 min 40 s`: at most three units, no decimals; under a second in milliseconds.
  static func duration(seconds: Double) -> Figure {
    guard seconds.isFinite, abs(seconds) < 1e12 else { return unknown }
    if seconds < 0 { return Figure("-" + duration(seconds: -seconds).text) }
    if seconds < 1, seconds > 0 {
      let text = Decimal.rounded(seconds * 1000, places: 0) ?? "0"
      return Figure(text == "0" ? "< 1 ms" : text == "1,000" ? "1 s" : text + " ms")
    }
    let whole = Int(seconds.rounded(.toNearestOrAwayFromZero))
    let units = [(whole / 86_400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "min")]
    var parts = (units + [(whole % 60, "s")]).drop { $0.0 == 0 }.prefix(3)
    while let last = parts.last, last.0 == 0 { parts.removeLast() }
    return Figure(
      parts.isEmpty
        ? "0 s" : parts.map { Decimal.grouped($0.0) + " " + $0.1 }.joined(separator: " "))
  }

  /// `12.3 MiB`
  static func size(bytes: Int) -> Figure {
    let mebi = Double(bytes) / 1_048_576
    let (value, unit) = mebi >= 1024 ? (mebi / 1024, " GiB") : (mebi, " MiB")
    return Decimal.rounded(value, places: 1).map { Figure($0 + unit) } ?? unknown
  }

  /// `about 61,400` to three digits, or the exact number where there is no error; ``margin(_:)`` stands behind it.
  static func estimate(_ number: Int, error: Double?) -> Figure {
    guard let error, error > 0, error.isFinite else { return count(number) }
    var step = 1
    while number / step >= 1000 { step *= 10 }
    let (sum, overflow) = number.addingReportingOverflow(step / 2)
    return Figure("about " + Decimal.grouped(overflow ? number : sum / step * step))
  }

  /// `(± 2 %)`; nil where there is no error.
  static func margin(_ error: Double?) -> Figure? {
    guard let error, error > 0, error.isFinite else { return nil }
    return Figure("(± \(share(error, places: 0).text))")
  }

  /// Times and dates, which ``Clock`` spells.
  static func moment(_ spelled: Clock.Spelled) -> Figure { Figure(spelled.text) }

  private static func percent(_ part: Int, of whole: Int, places: Int) -> String {
    let text =
      Decimal.ratio(part, of: whole, scale: 100, places: places)
      ?? Decimal.rounded(Double(part) / Double(whole) * 100, places: places) ?? "not known"
    return bounded(text, isNone: part <= 0, isAll: part >= whole, places: places)
  }

  private static func bounded(_ text: String, isNone: Bool, isAll: Bool, places: Int) -> String {
    let (zero, one) = places == 0 ? ("0", "100") : ("0.0", "100.0")
    if text == zero, !isNone { return places == 0 ? "< 1" : "< 0.1" }
    if text == one, !isAll { return places == 0 ? "> 99" : "> 99.9" }
    return text
  }
}
