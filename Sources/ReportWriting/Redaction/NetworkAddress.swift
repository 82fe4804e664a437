/// An IPv4 or IPv6 address as bytes; an IPv4-mapped IPv6 address is the IPv4 one.
struct NetworkAddress: Hashable {
  /// 4 or 16.
  let bytes: [UInt8]

  /// Reads dotted decimal (RFC 6943, strict form) or RFC 4291's text forms.
  init?(_ text: [UInt8]) {
    if let four = Self.dotted(text[...]) {
      bytes = four
    } else if let sixteen = Self.colons(text) {
      let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
      bytes = Array(sixteen.prefix(12)) == mapped ? Array(sixteen.suffix(4)) : sixteen
    } else {
      return nil
    }
  }

  var isFour: Bool { bytes.count == 4 }

  /// Loopback, private, link-local, carrier-grade, unspecified (RFC 6890).
  var isInternal: Bool {
    if isFour {
      switch (bytes[0], bytes[1]) {
      case (0, _), (10, _), (127, _), (169, 254), (192, 168): return true
      case (172, 16...31), (100, 64...127): return true
      default: return false
      }
    }
    let isLoopback = bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] <= 1
    return isLoopback || bytes[0] & 0xfe == 0xfc || (bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80)
  }

  /// The address as reports name it; IPv6 by RFC 5952 without the shortening of runs inside a network.
  func network(bits: Int) -> String {
    let width = min(max(bits, 0), bytes.count * 8)
    var kept = bytes
    for index in kept.indices {
      let left = width - index * 8
      kept[index] =
        left >= 8 ? kept[index] : left <= 0 ? 0 : kept[index] & (0xff << UInt8(8 - left))
    }
    if isFour { return kept.map(String.init).joined(separator: ".") + "/\(width)" }
    let groups = stride(from: 0, to: 16, by: 2).map { UInt16(kept[$0]) << 8 | UInt16(kept[$0 + 1]) }
    let shown = groups.prefix((width + 15) / 16).map { String($0, radix: 16) }
    return shown.joined(separator: ":") + (shown.count < 8 ? "::" : "") + "/\(width)"
  }

  private static func dotted(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4, text.count <= 15 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      guard !part.isEmpty, part.allSatisfy({ $0.isDigit }), part.count == 1 || part.first != 0x30,
        let byte = UInt8(String(decoding: part, as: UTF8.self))
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private static func colons(_ text: [UInt8]) -> [UInt8]? {
    guard text.count <= 45, text.contains(UInt8(ascii: ":")) else { return nil }
    var head: [UInt8] = []
    var tail: [UInt8]?
    var parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    if parts.count >= 3, parts[0].isEmpty, parts[1].isEmpty { parts.removeFirst() }
    if parts.count >= 3, parts[parts.count - 1].isEmpty, parts[parts.count - 2].isEmpty {
      parts.removeLast()
    }
    for (place, part) in parts.enumerated() {
      if part.isEmpty {
        guard tail == nil else { return nil }
        tail = []
        continue
      }
      guard let value = group(part, isLast: place == parts.count - 1) else { return nil }
      if tail == nil { head += value } else { tail? += value }
    }
    let known = head.count + (tail?.count ?? 0)
    guard tail == nil ? known == 16 : known <= 14 else { return nil }
    return head + [UInt8](repeating: 0, count: 16 - known) + (tail ?? [])
  }

  private static func group(_ part: ArraySlice<UInt8>, isLast: Bool) -> [UInt8]? {
    if isLast, part.contains(UInt8(ascii: ".")) { return dotted(part) }
    guard part.count <= 4, part.allSatisfy({ $0.isHex }),
      let value = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
    else { return nil }
    return [UInt8(value >> 8), UInt8(value & 0xff)]
  }
}
