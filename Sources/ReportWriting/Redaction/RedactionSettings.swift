/// How log text is masked (REPORT §7).
package struct RedactionSettings: Sendable {
  /// `false` is `--no-redact`: nothing is masked, and the report's head says so.
  package var isOn = true
  /// A client's network is kept only if at least so many clients share it.
  package var k = 5
  /// The width of an IPv4 network that may be kept, 8 … 32; of IPv6 it is twice as wide.
  package var networkBits = 24
  /// Private and loopback addresses are shown.
  package var keepPrivate = false
  /// At least 32 bytes: pseudonyms that agree between reports.
  package var pseudonymKey: [UInt8]?
  /// Regular expressions of the user's own, masked before all else; those that do not compile mask nothing.
  package var patterns: [String] = []
  /// Distinct clients in a network such as `203.0.113.0/24`; nil: not known, and the network is not kept.
  package var networkClients: @Sendable (_ network: String) -> Int? = { _ in nil }

  package init() {}

  /// The narrowest network around an address that enough clients share.
  func keptNetwork(of address: NetworkAddress) -> String? {
    guard !address.isInternal else { return nil }
    let narrow = min(max(networkBits, 8), 32) * (address.isFour ? 1 : 2)
    let wide = address.isFour ? 16 : 32
    return [narrow, wide].filter { $0 <= narrow }
      .map { address.network(bits: $0) }
      .first { (networkClients($0) ?? 0) >= k }
  }
}
