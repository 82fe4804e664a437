internal import Crypto

/// The names that stand for clients, machines and users: numbered in order of first appearance (REPORT §7.1).
struct ClientLabels {
  private var clients: [NetworkAddress: Int] = [:]
  private var machines: [NetworkAddress: Int] = [:]
  private var others: [String: Int] = [:]
  private var users: [[UInt8]: Int] = [:]
  /// The distinct clients seen so far, by network.
  private var members: [String: Int] = [:]

  var clientCount: Int { clients.count + others.count }
  var machineCount: Int { machines.count }
  var userCount: Int { users.count }

  /// `client-7 (203.0.113.0/24)`, `internal-2`, or the address itself where the settings keep it.
  mutating func label(
    _ address: NetworkAddress, isClient: Bool, settings: RedactionSettings
  ) -> String? {
    if let number = clients[address] { return clientLabel(number, address, settings) }
    if address.isInternal || !isClient {
      if settings.keepPrivate && address.isInternal { return nil }
      let number = machines[address] ?? machines.count + 1
      machines[address] = number
      return "internal-\(number)"
    }
    let number = clients.count + others.count + 1
    clients[address] = number
    return clientLabel(number, address, settings)
  }

  /// The label of a client that its line names and not numbers.
  mutating func label(host: [UInt8]) -> String {
    let name = String(decoding: host, as: UTF8.self)
    let number = others[name] ?? clients.count + others.count + 1
    others[name] = number
    return "client-\(number)"
  }

  mutating func label(user: [UInt8]) -> String {
    let number = users[user] ?? users.count + 1
    users[user] = number
    return "user-\(number)"
  }

  private func clientLabel(
    _ number: Int, _ address: NetworkAddress, _ settings: RedactionSettings
  ) -> String {
    let name = settings.pseudonymKey.map { keyed(address, key: $0) } ?? "\(number)"
    guard let network = settings.keptNetwork(of: address) else { return "client-\(name)" }
    return "client-\(name) (\(network))"
  }

  /// Eight base32 letters (RFC 4648) of HMAC-SHA-256(key, family ‖ address).
  private func keyed(_ address: NetworkAddress, key: [UInt8]) -> String {
    let message = [address.isFour ? 4 : 6] + address.bytes
    let code = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key))
    var bits: UInt64 = 0
    for byte in code.prefix(5) { bits = bits << 8 | UInt64(byte) }
    let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
    return String((0..<8).map { letters[Int(bits >> UInt64(35 - 5 * $0) & 31)] })
  }
}
