/// Who comes: clients with an address and an agent, few of them often and most of them once.
///
/// Addresses come from the ranges that are reserved for documentation (RFC 5737, RFC 3849), so that none of them is anybody's. Of IPv4 that is three networks only: crowds with many networks come by IPv6.
package struct Crowd: Sendable {
  /// Who asks: an address with an agent.
  package struct Client: Hashable, Sendable {
    package var address: String
    /// Index into ``agents``.
    package var agent: Int
    /// Text of the port that a load balancer sees.
    package var port: Int
  }

  /// The software that clients name.
  package private(set) var agents: [String]
  package private(set) var clients: [Client] = []
  private let agentChoice: WeightedChoice
  private let networks: WeightedChoice
  private let returning: Double
  private let sixShare: Double
  private var sessions: [Int32] = []
  package let crawlers: Range<Int>
  package let checkers: Range<Int>
  package let pollers: Range<Int>
  package let batch: Int

  /// - Parameters:
  ///   - returning: share of sessions whose client was here before; a client that came often comes the more often.
  ///   - sixShare: share of new clients that come by IPv6.
  ///   - agentCount: how many different browsers there are.
  init(
    returning: Double, sixShare: Double, agentCount: Int, networkCount: Int, pollerCount: Int
  ) {
    let browsers = Self.browsers.prefix(max(2, agentCount))
    agents = Array(browsers) + Self.machines
    agentChoice = WeightedChoice(zipf: browsers.count, exponent: 0.9)
    networks = WeightedChoice(zipf: networkCount, exponent: 0.8, shift: 4)
    self.returning = returning
    self.sixShare = sixShare
    let machine = browsers.count
    for index in 0..<4 {
      clients.append(Client(address: "198.51.100.\(11 + index)", agent: machine, port: 40_001))
    }
    crawlers = 0..<4
    for index in 0..<2 {
      clients.append(Client(address: "203.0.113.\(241 + index)", agent: machine + 1, port: 1_024))
    }
    checkers = 4..<6
    for index in 0..<pollerCount {
      clients.append(
        Client(address: "192.0.2.\(20 + index % 200)", agent: machine + 2, port: 50_000 + index))
    }
    pollers = 6..<6 + pollerCount
    batch = clients.count
    clients.append(Client(address: "203.0.113.77", agent: machine + 3, port: 52_001))
  }

  /// A person who starts a session: a new one, or one who was here before.
  mutating func arrive(_ dice: inout Dice) -> Int32 {
    if !sessions.isEmpty && dice.chance(returning) {
      let again = sessions[dice.below(sessions.count)]
      sessions.append(again)
      return again
    }
    let network = networks.draw(&dice)
    let address: String
    if dice.chance(sixShare) {
      // A provider's network of 48 bits, and in it a line of 64 bits for each customer.
      let (line, low) = (dice.below(65_535) + 1, dice.below(65_535) + 1)
      address =
        "2001:db8:" + [network + 1, line].map { String($0, radix: 16) + ":" }.joined()
        + ":" + String(low, radix: 16)
    } else {
      let prefix = ["192.0.2", "198.51.100", "203.0.113"][network % 3]
      address = "\(prefix).\(dice.integer(1...254))"
    }
    let index = Int32(clients.count)
    clients.append(
      Client(address: address, agent: agentChoice.draw(&dice), port: 32_768 + dice.below(28_000)))
    sessions.append(index)
    return index
  }

  /// A client that does not come by chance.
  mutating func admit(address: String, agent: String) -> Int32 {
    let known = agents.firstIndex(of: agent)
    if known == nil { agents.append(agent) }
    clients.append(
      Client(
        address: address, agent: known ?? agents.count - 1, port: 49_152 + clients.count % 16_000))
    return Int32(clients.count - 1)
  }

  /// Addresses and agents as servers write them that log neither.
  mutating func hide() {
    for index in clients.indices { clients[index].address = "-" }
    for index in agents.indices { agents[index] = "-" }
  }

  private static let browsers = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 11_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
      + " Version/11.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
      + " Chrome/67.0.3396.99 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 8.0.0; SM-G950U) AppleWebKit/537.36 (KHTML, like Gecko)"
      + " Chrome/67.0.3396.87 Mobile Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/605.1.15 (KHTML, like Gecko)"
      + " Version/11.1.2 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:61.0) Gecko/20100101 Firefox/61.0",
    "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
      + " Chrome/66.0.3359.181 Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 11_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
      + " Version/11.0 Mobile/15E148 Safari/604.1",
    "ExampleShop/4.12 (iOS 11.4) CFNetwork/901.1 Darwin/17.6.0",
    "ExampleShop/4.11 okhttp/3.10.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Firefox/60.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
      + " Chrome/64.0.3282.140 Safari/537.36 Edge/17.17134",
    "Mozilla/5.0 (Linux; Android 7.0; SM-J730F) AppleWebKit/537.36 (KHTML, like Gecko)"
      + " SamsungBrowser/7.2 Chrome/59.0.3071.125 Mobile Safari/537.36",
  ]

  private static let machines = [
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +http://www.example.org/bot.html)",
    "ELB-HealthChecker/2.0",
    "shop-kiosk/1.4",
    "python-requests/2.19.1",
  ]
}
