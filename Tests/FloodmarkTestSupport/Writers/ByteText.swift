internal import IncidentModel

/// Text with fields in it as bytes: of lines that are written by the hundred thousand no `String` is put together.
struct ByteLine: ExpressibleByStringInterpolation {
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var bytes: [UInt8] = []

    init(literalCapacity: Int, interpolationCount: Int) {
      bytes.reserveCapacity(literalCapacity + 24 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { bytes.add(literal) }
    mutating func appendInterpolation(_ text: String) { bytes.add(text) }
    mutating func appendInterpolation(_ number: some BinaryInteger) { bytes.add(Int(number)) }
  }

  fileprivate let bytes: [UInt8]

  init(stringLiteral value: String) { bytes = Array(value.utf8) }
  init(stringInterpolation: StringInterpolation) { bytes = stringInterpolation.bytes }
}

/// Building blocks of log lines, as bytes.
extension [UInt8] {
  mutating func add(_ text: String) { append(contentsOf: text.utf8) }

  mutating func add(line: ByteLine) { append(contentsOf: line.bytes) }

  mutating func add(_ number: Int) {
    if number < 0 {
      append(UInt8(ascii: "-"))
      add(-number)
      return
    }
    if number >= 10 { add(number / 10) }
    append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  mutating func add(_ number: Int, digits: Int) {
    let start = count
    append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
    var rest = number
    for place in stride(from: start + digits - 1, through: start, by: -1) where rest > 0 {
      self[place] += UInt8(rest % 10)
      rest /= 10
    }
  }

  /// Lower-case digits to base 16, without zeros in front.
  mutating func add(hexadecimal number: UInt64) {
    if number >= 16 { add(hexadecimal: number >> 4) }
    let digit = UInt8(number & 15)
    append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
  }

  /// Microseconds as seconds with three decimals, rounded down.
  mutating func add(milliseconds microseconds: Int64) {
    add(Int(microseconds / 1_000_000))
    append(UInt8(ascii: "."))
    add(Int(microseconds / 1_000 % 1_000), digits: 3)
  }

  /// Microseconds as seconds with six decimals.
  mutating func add(seconds microseconds: Int64) {
    add(Int(microseconds / 1_000_000))
    append(UInt8(ascii: "."))
    add(Int(microseconds % 1_000_000), digits: 6)
  }

  /// `2018-07-16`, or with another separator.
  mutating func add(date time: CivilTime) {
    add(time.year, digits: 4)
    add("-")
    add(time.month, digits: 2)
    add("-")
    add(time.day, digits: 2)
  }

  /// `18:00:55`
  mutating func add(clock time: CivilTime) {
    add(time.hour, digits: 2)
    add(":")
    add(time.minute, digits: 2)
    add(":")
    add(time.second, digits: 2)
  }

  /// `2018-07-16T18:00:55` and as many decimals as asked for, without a zone.
  mutating func add(stamp moment: Instant, decimals: Int = 0) {
    let time = CivilTime(moment)
    add(date: time)
    add("T")
    add(clock: time)
    if decimals == 3 {
      add(".")
      add(time.microsecond / 1_000, digits: 3)
    } else if decimals == 6 {
      add(".")
      add(time.microsecond, digits: 6)
    }
  }

  /// `16/Jul/2018:18:00:55 +0000`
  mutating func add(commonLogTime moment: Instant) {
    let time = CivilTime(moment)
    add(time.day, digits: 2)
    add("/")
    add(monthNames[(time.month - 1) % 12])
    add("/")
    add(time.year, digits: 4)
    add(":")
    add(clock: time)
    add(" +0000")
  }
}

private let monthNames = [
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

/// The text of a moment to the second, as `2018-07-16T18:00:55Z`.
func stampText(_ moment: Instant, decimals: Int = 0) -> String {
  var bytes: [UInt8] = []
  bytes.add(stamp: moment, decimals: decimals)
  bytes.add("Z")
  return String(decoding: bytes, as: UTF8.self)
}
