internal import IncidentModel
internal import TrafficTally

/// One sampled request as numbers, so that many tests can look at many of them.
struct ExcessRow: Sendable {
  /// Requests that it stands for.
  var weight: Double
  var arrival: Instant
  var route: Int32
  var method: Int32
  var referrer: Int32
  /// The exact agent; 0 where the log has none.
  var agent: Int32
  var family: Int32
  /// Family and major version.
  var version: Int32
  var client: Int32
  /// The network that a report shows.
  var network: Int32
  /// The network at the width of ``NetworkWidth``; 0 without an address.
  var place: Int32
  /// Owner of the client's network among the lists that were given; -1 for none.
  var owner: Int32
  var major: Int
  var status: UInt16
  var outcome: OutcomeClass
  var kind: AgentFamily.Kind
  var isAsset: Bool
  /// Its number among the requests that were read, for the lines that prove a part.
  var number: Int32
}

/// The texts behind the numbers of ``ExcessRow``; 0 is the empty text.
struct ExcessNames {
  struct Table {
    private(set) var texts = [""]
    private var numbers: [String: Int32] = ["": 0]

    mutating func number(_ text: String) -> Int32 {
      if let known = numbers[text] { return known }
      let number = Int32(texts.count)
      numbers[text] = number
      texts.append(text)
      return number
    }

    func known(_ text: String) -> Int32? { numbers[text] }
    func text(_ number: Int32) -> String {
      texts.indices.contains(Int(number)) ? texts[Int(number)] : ""
    }
  }

  var routes = Table()
  var methods = Table()
  var referrers = Table()
  var families = Table()
  var versions = Table()
  var clients = Table()
  var networks = Table()
  /// By the number of a client.
  private var owners: [Int32?] = [-1]
  private var kinds: [AgentFamily.Kind?] = [.unknown]
  private var agents: [UInt64: Int32] = [0: 0]
  private(set) var agentSignatures: [UInt64] = [0]
  /// By the number of an agent: family and version as a report shows them.
  private(set) var agentVersions: [Int32] = [0]

  let addresses: AddressTable

  init(_ addresses: AddressTable) {
    self.addresses = addresses
  }

  func agent(_ signature: UInt64) -> Int32? { agents[signature] }

  mutating func row(
    _ request: SampledRequest, weight: Double, number: Int
  ) -> ExcessRow {
    let family = families.number(request.agentFamily)
    while kinds.count <= Int(family) { kinds.append(nil) }
    let kind = kinds[Int(family)] ?? AgentFamily.kind(of: request.agentFamily)
    kinds[Int(family)] = kind
    let version = versions.number(
      request.agentMajor >= 0
        ? "\(request.agentFamily) \(request.agentMajor)" : request.agentFamily)
    let client = clients.number(request.client)
    return ExcessRow(
      weight: weight, arrival: request.arrival, route: routes.number(request.template),
      method: methods.number(request.method), referrer: referrers.number(request.referrerHost),
      agent: agent(request.agentSignature, version), family: family, version: version,
      client: client, network: networks.number(request.network), place: 0,
      owner: owner(client, request.client), major: request.agentMajor, status: request.status,
      outcome: request.outcome, kind: kind, isAsset: request.isAsset, number: Int32(number))
  }

  private mutating func agent(_ signature: UInt64, _ version: Int32) -> Int32 {
    if let known = agents[signature] { return known }
    let number = Int32(agentSignatures.count)
    agents[signature] = number
    agentSignatures.append(signature)
    agentVersions.append(version)
    return number
  }

  private mutating func owner(_ client: Int32, _ text: String) -> Int32 {
    if addresses.isEmpty { return -1 }
    while owners.count <= Int(client) { owners.append(nil) }
    if let known = owners[Int(client)] { return known }
    let found = ClientAddress.bits(text).flatMap { addresses.owner(of: $0) }.map(Int32.init) ?? -1
    owners[Int(client)] = found
    return found
  }
}
