/// Addresses with and without a port (FORMATS §0.5).
extension LineCursor {
  /// An address without brackets, port and the prefix of an IPv4 address in IPv6 clothes (`::ffff:`).
  ///
  /// With `hasPort` the port is everything behind the last colon, which is the only reading of `2001:db8::1:443`;
  /// without it a port is taken off only where brackets or dots leave no doubt.
  package func address(in range: Range<Int>, hasPort: Bool = false) -> Range<Int> {
    var low = range.lowerBound
    var high = range.upperBound
    let isPlain =
      high <= line.count && line.byte(at: low) != UInt8(ascii: "[")
      && line.extracting(range).near(UInt8(ascii: ":"), from: 0) == range.count
    // Most addresses are dotted, and most hosts have no port.
    if isPlain { return range }
    if line.byte(at: low) == UInt8(ascii: "[") {
      var closing = low
      while closing < high && line.byte(at: closing) != UInt8(ascii: "]") { closing += 1 }
      if closing < high { return unmapped(low + 1..<closing) }
    }
    var colons = 0
    var lastColon = high
    for index in low..<high where line.byte(at: index) == UInt8(ascii: ":") {
      colons += 1
      lastColon = index
    }
    if colons == 1 || (hasPort && colons > 1) { high = lastColon }
    low = min(low, high)
    return unmapped(low..<high)
  }

  /// The same address without `::ffff:` in front of a dotted one.
  private func unmapped(_ range: Range<Int>) -> Range<Int> {
    guard range.count > 8, line.byte(at: range.lowerBound) == UInt8(ascii: ":"),
      line.holds("::ffff:", at: range.lowerBound) || line.holds("::FFFF:", at: range.lowerBound)
    else { return range }
    return range.lowerBound + 7..<range.upperBound
  }

  /// Whether a token can be an address: digits, hex letters, dots and colons, and one of the latter two.
  package func isAddress(_ range: Range<Int>) -> Bool {
    var marks = 0
    for index in range {
      switch line.byte(at: index) {
      case UInt8(ascii: "."), UInt8(ascii: ":"): marks += 1
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "["), UInt8(ascii: "]"): break
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): break
      default: return false
      }
    }
    // `cafe.bad` has a dot and hex letters only; a dotted address ends in a digit.
    let last = line.byte(at: range.upperBound - 1)
    return marks > 0
      && (isDigit(last) || last == UInt8(ascii: "]")
        || line.byte(at: range.lowerBound) == UInt8(ascii: ":") || marks > 1 && hasColon(range))
  }

  private func hasColon(_ range: Range<Int>) -> Bool {
    for index in range where line.byte(at: index) == UInt8(ascii: ":") { return true }
    return false
  }
}
