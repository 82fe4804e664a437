/// The network of a client's address, as text.
enum ClientNetwork {
  /// An address as its leading 64 bits (IPv6) or its 32 bits (IPv4).
  enum Address: Hashable {
    case four(UInt32)
    case six(UInt64)
  }

  /// Reads an address as RFC 4291 section 2.2 and plain dotted decimal write it; nil for a host name.
  static func address(_ text: Span<UInt8>) -> Address? {
    for index in text.indices where text[index] == UInt8(ascii: ":") { return six(text) }
    return four(text).map { .four($0) }
  }

  private static func four(_ text: Span<UInt8>) -> UInt32? {
    var value: UInt32 = 0
    var number: UInt32 = 0
    var (digits, dots) = (0, 0)
    for index in text.indices {
      let byte = text[index]
      if byte == UInt8(ascii: ".") {
        guard digits > 0, dots < 3 else { return nil }
        value = value << 8 | number
        (number, digits) = (0, 0)
        dots += 1
        continue
      }
      // A number that begins with 0 would be octal to some.
      guard byte >= 0x30, byte <= 0x39, digits == 0 || number > 0 else { return nil }
      number = number * 10 + UInt32(byte - 0x30)
      digits += 1
      guard number <= 255 else { return nil }
    }
    return dots == 3 && digits > 0 ? value << 8 | number : nil
  }

  /// The groups of an IPv6 address as they are written, and where `::` stands among them.
  private struct Groups {
    var values = InlineArray<8, UInt16>(repeating: 0)
    var count = 0
    var gap = -1

    /// The leading 64 bits; nil where groups lack or are too many.
    var prefix: UInt64? {
      guard gap < 0 ? count == 8 : count < 8 else { return nil }
      var value: UInt64 = 0
      for place in 0..<4 {
        var group: UInt16 = 0
        if gap < 0 || place < gap {
          group = values[place]
        } else if place >= gap + 8 - count {
          group = values[place - 8 + count]
        }
        value = value << 16 | UInt64(group)
      }
      return value
    }

    /// `::ffff:` or the same written out (RFC 4291 section 2.5.5.2).
    var isMapped: Bool {
      if gap == 0, count == 1 { return values[0] == 0xffff }
      guard gap < 0, count == 6, values[5] == 0xffff else { return false }
      for place in 0..<5 where values[place] != 0 { return false }
      return true
    }
  }

  private static func six(_ text: Span<UInt8>) -> Address? {
    var groups = Groups()
    var index = 0
    if text.count >= 2, text[0] == UInt8(ascii: ":") {
      guard text[1] == UInt8(ascii: ":") else { return nil }
      groups.gap = 0
      index = 2
    }
    while index < text.count {
      let start = index
      var value: UInt16 = 0
      while index < text.count, let digit = hexDigit(text[index]) {
        guard index - start < 4 else { return nil }
        value = value << 4 | UInt16(digit)
        index += 1
      }
      if index < text.count, text[index] == UInt8(ascii: ".") {
        guard let four = four(text.extracting(start...)) else { return nil }
        if groups.isMapped { return .four(four) }
        guard groups.count <= 6 else { return nil }
        groups.values[groups.count] = UInt16(truncatingIfNeeded: four >> 16)
        groups.values[groups.count + 1] = UInt16(truncatingIfNeeded: four)
        groups.count += 2
        break
      }
      guard index > start, groups.count < 8 else { return nil }
      groups.values[groups.count] = value
      groups.count += 1
      if index == text.count { break }
      // After a group: a colon and another group, or the one `::`.
      guard text[index] == UInt8(ascii: ":"), index + 1 < text.count else { return nil }
      index += 1
      if text[index] == UInt8(ascii: ":") {
        guard groups.gap < 0 else { return nil }
        groups.gap = groups.count
        index += 1
      }
    }
    return groups.prefix.map { .six($0) }
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46, 0x61...0x66: (byte | 0x20) - 0x57
    default: nil
    }
  }

  /// The address without what ``narrow(_:)`` leaves out.
  static func narrowed(_ address: Address) -> Address {
    switch address {
    case .four(let value): .four(value & 0xffff_ff00)
    case .six(let value): .six(value & 0xffff_ffff_ffff_0000)
    }
  }

  /// `203.0.113.0/24` or `2001:db8:1::/48`.
  static func narrow(_ address: Address) -> String { text(address, four: 24, six: 48) }

  /// `203.0.0.0/16` or `2001:db8::/32`.
  static func wide(_ address: Address) -> String { text(address, four: 16, six: 32) }

  private static func text(_ address: Address, four: UInt32, six: UInt64) -> String {
    switch address {
    case .four(let value):
      let masked = value & ~(UInt32.max >> four)
      return "\(masked >> 24).\(masked >> 16 & 255).\(masked >> 8 & 255).0/\(four)"
    case .six(let value):
      var groups = (0..<Int(six / 16)).map { value >> UInt64(48 - 16 * $0) & 0xffff }
      while groups.last == 0 { groups.removeLast() }
      return groups.map { String($0, radix: 16) }.joined(separator: ":") + "::/\(six)"
    }
  }
}
