package import IncidentModel

/// Addresses of clients as numbers, for whoever asks which network they belong to.
package enum ClientAddress {
  /// The address of a text such as `203.0.113.7`, `2001:db8::7`, or the network of `203.0.113.0/24`; nil for a host name.
  package static func bits(_ text: String) -> AddressBits? {
    let bytes = Array(text.utf8.prefix { $0 != UInt8(ascii: "/") })
    switch ClientNetwork.address(bytes.span) {
    case .four(let value): return AddressBits(isSix: false, bits: UInt64(value) << 32)
    case .six(let value): return AddressBits(isSix: true, bits: value)
    case nil: return nil
    }
  }

  /// A network as it is written: `203.0.112.0/20`, `2001:db8::/32`.
  package static func text(_ network: AddressBits, length: Int) -> String {
    let bits = network.masked(length).bits
    if !network.isSix {
      return (0..<4).map { String(bits >> UInt64(56 - 8 * $0) & 255) }.joined(separator: ".")
        + "/\(length)"
    }
    var groups = (0..<4).map { bits >> UInt64(48 - 16 * $0) & 0xffff }
    while groups.last == 0 { groups.removeLast() }
    return groups.map { String($0, radix: 16) }.joined(separator: ":") + "::/\(length)"
  }
}
