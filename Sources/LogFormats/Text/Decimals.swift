/// Numbers in a line, read digit by digit and never through a `Double`.
extension LineCursor {
  /// A whole number of at most 18 digits.
  @inline(__always)
  package mutating func decimal(_ reason: StaticString) throws(LineError) -> Int64 {
    let start = position
    var value: Int64 = 0
    while position < line.count, isDigit(line[position]) {
      // 18 digits stay below 2^63; a longer run is refused before it is multiplied.
      if position - start == 18 { throw LineError("a number has too many digits", at: start) }
      value = value &* 10 &+ Int64(line[position] &- UInt8(ascii: "0"))
      position += 1
    }
    if position == start { throw failure(reason) }
    return value
  }

  /// A whole number, or -1 for `-` and for `-1`: unknown (FORMATS §0.4).
  @inline(__always)
  package mutating func decimalOrDash(_ reason: StaticString) throws(LineError) -> Int64 {
    if !skip(UInt8(ascii: "-")) { return try decimal(reason) }
    if isDigit(next) { _ = try decimal(reason) }
    return -1
  }

  /// Seconds as a decimal, in microseconds; digits behind the sixth are dropped.
  ///
  /// `-`, `-1` and every other negative number are -1: unknown (FORMATS §0.4).
  /// `unit` is how many microseconds a whole number counts for: 1,000,000 for seconds, 1,000 for milliseconds.
  @inline(__always)
  package mutating func microseconds(
    perUnit unit: Int64 = 1_000_000, _ reason: StaticString
  ) throws(LineError) -> Int64 {
    let isNegative = skip(UInt8(ascii: "-"))
    if isNegative && !isDigit(next) && next != UInt8(ascii: ".") { return -1 }
    let start = position
    var whole: Int64 = 0
    while position < line.count, isDigit(line[position]) {
      if position - start == 12 { throw LineError("a duration has too many digits", at: start) }
      whole = whole &* 10 &+ Int64(line[position] &- UInt8(ascii: "0"))
      position += 1
    }
    var fraction: Int64 = 0
    if position < line.count && line[position] == UInt8(ascii: ".") {
      position += 1
      var weight = unit
      while position < line.count, isDigit(line[position]) {
        weight /= 10
        fraction &+= Int64(line[position] &- UInt8(ascii: "0")) &* weight
        position += 1
      }
    }
    if position == start { throw failure(reason) }
    // `whole` has at most 12 digits: times a million that is below 2^63.
    return isNegative ? -1 : whole &* unit &+ fraction
  }
}
