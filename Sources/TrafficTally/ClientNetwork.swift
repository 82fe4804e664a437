/// The network of a client's address, as text.
enum ClientNetwork {
  /// An address as its leading 64 bits (IPv6) or its 32 bits (IPv4).
  enum Address: Hashable {
    case four(UInt32)
    case six(UInt64)
  }

  /// Reads an address as RFC 4291 section 2.2 and plain dotted decimal write it; nil for a host name.
  static func address(_ text: [UInt8]) -> Address? {
    if text.contains(UInt8(ascii: ":")) { return six(text) }
    return four(text[...]).map { .four($0) }
  }

  private static func four(_ text: ArraySlice<UInt8>) -> UInt32? {
    var value: UInt32 = 0
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    for part in parts {
      guard !part.isEmpty, part.count <= 3 else { return nil }
      var number: UInt32 = 0
      for byte in part {
        guard byte >= 0x30, byte <= 0x39 else { return nil }
        number = number * 10 + UInt32(byte - 0x30)
      }
      guard number <= 255 else { return nil }
      value = value << 8 | number
    }
    return value
  }

  private static func six(_ text: [UInt8]) -> Address? {
    var groups: [UInt16] = []
    var gap: Int?
    var parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)[...]
    guard parts.count > 2 else { return nil }
    if parts.first?.isEmpty == true { parts.removeFirst() }
    if parts.last?.isEmpty == true { parts.removeLast() }
    for part in parts {
      if part.isEmpty {
        guard gap == nil else { return nil }
        gap = groups.count
      } else if part.contains(UInt8(ascii: ".")) {
        guard let value = four(part) else { return nil }
        if groups == [0xffff] || groups == [0, 0, 0, 0, 0, 0xffff] { return .four(value) }
        groups += [UInt16(value >> 16), UInt16(value & 0xffff)]
      } else {
        guard let group = group(part) else { return nil }
        groups.append(group)
      }
    }
    guard groups.count == 8 || gap != nil && groups.count < 8 else { return nil }
    if let gap {
      groups.insert(contentsOf: [UInt16](repeating: 0, count: 8 - groups.count), at: gap)
    }
    return .six(groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) })
  }

  private static func group(_ part: ArraySlice<UInt8>) -> UInt16? {
    guard part.count <= 4 else { return nil }
    var value: UInt16 = 0
    for byte in part {
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt16(byte - 0x30)
      case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt16((byte | 0x20) - 0x57)
      default: return nil
      }
    }
    return value
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
