/// Finds addresses in running text, with or without port and brackets around them.
enum AddressScanner {
  /// The address that begins at `index`, and where it stands.
  static func address(_ text: Scannable, _ index: Int) -> (range: Range<Int>, NetworkAddress)? {
    guard let first = text.byte(index), first.isHex || first == UInt8(ascii: ":"),
      startsAddress(text, index)
    else { return nil }
    return first.isDigit ? four(text, index) ?? six(text, index) : six(text, index)
  }

  /// Not inside a longer word, number or group.
  private static func startsAddress(_ text: Scannable, _ index: Int) -> Bool {
    guard let before = text.byte(index - 1) else { return true }
    if before == UInt8(ascii: ".") || before == UInt8(ascii: ":") {
      // `host:192.0.2.1` begins an address, `1.192.0.2.1` and `a:b::1` do not.
      return before == UInt8(ascii: ":") && text.byte(index) != UInt8(ascii: ":")
        && !(text.byte(index - 2)?.isHex ?? false)
    }
    return !before.isWord && before != UInt8(ascii: "-") || before == UInt8(ascii: "_")
  }

  private static func four(
    _ text: Scannable, _ index: Int
  ) -> (range: Range<Int>, NetworkAddress)? {
    var end = text.run(from: index, limit: 32) { $0.isDigit || $0 == UInt8(ascii: ".") }
    while end > index, text.byte(end - 1) == UInt8(ascii: ".") { end -= 1 }
    if let next = text.byte(end), next.isWord { return nil }
    guard let address = NetworkAddress(text.bytes(index..<end)),
      !isVersion(text, index, bytes: address.bytes)
    else { return nil }
    return (index..<end, address)
  }

  /// `Chrome/120.0.0.0`: a product's version and no address.
  private static func isVersion(_ text: Scannable, _ index: Int, bytes: [UInt8]) -> Bool {
    guard text.byte(index - 1) == UInt8(ascii: "/") else { return false }
    var start = index - 1
    while index - start < 64, let byte = text.byte(start - 1), byte.isWordOrHyphen { start -= 1 }
    guard start < index - 1, let initial = text.byte(start), initial.isLetter else { return false }
    if let before = text.byte(start - 1), !before.isSpace && !Array("\"([;,+".utf8).contains(before)
    {
      return false
    }
    return initial.isUpper || bytes.dropFirst().allSatisfy { $0 == 0 }
  }

  private static func six(
    _ text: Scannable, _ index: Int
  ) -> (range: Range<Int>, NetworkAddress)? {
    var end = text.run(from: index, limit: 46) {
      $0.isHex || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
    }
    if let next = text.byte(end), next.isWord { return nil }
    while end > index + 2 {
      let last = text.byte(end - 1)
      let isDouble = last == UInt8(ascii: ":") && text.byte(end - 2) == UInt8(ascii: ":")
      guard last == UInt8(ascii: ".") || (last == UInt8(ascii: ":") && !isDouble) else {
        break
      }
      end -= 1
    }
    var bytes = text.bytes(index..<end)
    if NetworkAddress(bytes) == nil, let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
      bytes[(colon + 1)...].allSatisfy(\.isDigit)
    {
      // HAProxy writes the port behind a bare address: five digits are no group of it.
      bytes = Array(bytes[..<colon])
      end = index + bytes.count
    }
    // `18:20:04` and `::` alone are a time and punctuation.
    guard bytes.filter({ $0 == UInt8(ascii: ":") }).count >= 2, bytes.count >= 3,
      let address = NetworkAddress(bytes)
    else { return nil }
    return (index..<end, address)
  }
}
