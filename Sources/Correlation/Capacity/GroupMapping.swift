internal import IncidentModel
internal import TrafficTally

/// Which services a capacity group carries, how sure that is, and why (METHODS §6, FORMATS §6).
struct GroupMapping: Sendable {
  var group: String
  /// Empty: the group was not matched to a service, and no cause names it.
  var services: [String]
  var likelihood: Double
  var reason: Sentence
  /// Names that were taken for this group's, each with why.
  var otherNames: [Sentence] = []

  /// Less than this and a group stays unmatched.
  static let least = 0.5

  /// Words in group and load-balancer names that say nothing of what they carry.
  private static let emptyWords: Set<String> = [
    "asg", "ng", "nodegroup", "group", "prod", "production", "stage", "staging", "region", "app",
    "targetgroup", "example", "com", "net", "org", "www", "svc", "cluster", "local", "eks",
    "eksctl",
    "ecs", "service", "gke", "default", "pool", "node", "nodes", "deployment", "http", "https",
    "kubernetes", "us", "eu", "ap", "east", "west", "central", "north", "south", "stack", "grp",
  ]

  /// Maps every group; the order of groups and services does not matter. What the user configured is taken as it is.
  static func map(
    groups: [(name: String, events: [CapacityEvent])], signals: [ServiceSignal],
    configured: [ConfiguredGroup] = []
  ) -> [GroupMapping] {
    let known = Set(signals.map(\.traffic.name))
    var fixed: [String: GroupMapping] = [:]
    for choice in configured where groups.contains(where: { $0.name == choice.group }) {
      let services = choice.services.filter(known.contains)
      fixed[choice.group] = GroupMapping(
        group: choice.group, services: services, likelihood: services.isEmpty ? 0 : 1,
        reason: services.isEmpty
          ? "configured for a service that these logs do not hold" : "configured")
    }
    guard !fixed.isEmpty else { return inferred(groups, signals) }
    let taken = Set(fixed.values.flatMap(\.services))
    let rest = inferred(
      groups.filter { fixed[$0.name] == nil },
      signals.filter { !taken.contains($0.traffic.name) }, isWhole: false)
    let byName = Dictionary(rest.map { ($0.group, $0) }, uniquingKeysWith: { first, _ in first })
    return groups.compactMap { fixed[$0.name] ?? byName[$0.name] }
  }

  /// The mapping that the logs themselves suggest; what is left when others are settled (`isWhole` false) is not matched for being the only one.
  private static func inferred(
    _ groups: [(name: String, events: [CapacityEvent])], _ signals: [ServiceSignal],
    isWhole: Bool = true
  ) -> [GroupMapping] {
    let services = signals.filter { $0.traffic.name != "other" }
    if isWhole, groups.count == 1, services.count == 1 {
      return [
        GroupMapping(
          group: groups[0].name, services: [services[0].traffic.name], likelihood: 0.99,
          reason: "the only group and the only service")
      ]
    }
    let counts = services.map { $0.minutes.cells.reduce(0) { $0 + $1.requests } }
    let whole = counts.reduce(0, +)
    if isWhole, groups.count == 1, let most = counts.max(), most * 20 >= whole * 19,
      let main = counts.firstIndex(of: most)
    {
      return [
        GroupMapping(
          group: groups[0].name, services: [services[main].traffic.name], likelihood: 0.97,
          reason: "the only group and the service with nearly all requests")
      ]
    }
    var mappings = groups.map { named($0.name, $0.events, services) }
    let taken = Set(mappings.flatMap(\.services))
    let free = zip(services, counts).filter { !taken.contains($0.0.traffic.name) }
    let open = mappings.indices.filter { mappings[$0].services.isEmpty }
    let matches = MappingClues.matches(
      open.map { groups[$0] },
      free.map { MappingClues($0.0, isMain: $0.1 * 20 >= whole * 19) })
    for match in matches {
      mappings[open[match.group]].services.append(free[match.service].0.traffic.name)
      mappings[open[match.group]].likelihood = match.likelihood
      mappings[open[match.group]].reason = match.reason
    }
    if isWhole, groups.count == 1, services.count > 1, mappings[0].services.isEmpty {
      mappings[0] = GroupMapping(
        group: groups[0].name, services: services.map(\.traffic.name), likelihood: 0.6,
        reason: "the only group; all services may share it")
    }
    return mappings
  }

  private static func named(
    _ group: String, _ events: [CapacityEvent], _ services: [ServiceSignal]
  ) -> GroupMapping {
    let instances = Set(events.compactMap(\.instance))
    var shared: [String] = []
    var count = 0
    for signal in services {
      let seen = signal.traffic.backends.filter { instances.contains(host(of: $0.name)) }.count
      if seen > 0 {
        shared.append(signal.traffic.name)
        count += seen
      }
    }
    if !shared.isEmpty {
      return GroupMapping(
        group: group, services: shared, likelihood: 0.97,
        reason: "\(count: count) instances are named on both sides")
    }
    let words = tokens(group)
    let scored = services.map { ($0.traffic.name, likeness(words, tokens($0.traffic.name))) }
    guard let best = scored.map(\.1).max(), best >= least else {
      return GroupMapping(
        group: group, services: [], likelihood: 0, reason: "no service matches it")
    }
    return GroupMapping(
      group: group, services: scored.filter { $0.1 == best }.map(\.0),
      likelihood: min(0.95, 0.75 + 0.2 * best), reason: "the names share their words")
  }

  /// The share of the shorter name's words that the longer one has, too.
  static func likeness(_ left: Set<String>, _ right: Set<String>) -> Double {
    let fewer = min(left.count, right.count)
    return fewer == 0 ? 0 : Double(left.intersection(right).count) / Double(fewer)
  }

  /// The telling words of a name: lower case, without digits-only parts, random suffixes and words that all names have.
  static func tokens(_ name: String) -> Set<String> {
    let parts = name.lowercased().utf8.split { byte in
      !(byte >= 0x30 && byte <= 0x39) && !(byte >= 0x61 && byte <= 0x7a)
    }
    let words = parts.compactMap { part -> String? in
      let digits = part.filter { $0 >= 0x30 && $0 <= 0x39 }.count
      if part.count < 2 || digits * 3 > part.count || part.count > 20 { return nil }
      return String(decoding: part, as: UTF8.self)
    }
    return Set(words).subtracting(emptyWords)
  }

  /// A backend's name without its port: `192.0.2.7:8080`, `[2001:db8::1]:80`.
  static func host(of backend: String) -> String {
    if backend.hasPrefix("["), let end = backend.firstIndex(of: "]") {
      return String(backend[backend.index(after: backend.startIndex)..<end])
    }
    let colons = backend.utf8.filter { $0 == 0x3a }.count
    guard colons == 1, let colon = backend.firstIndex(of: ":") else { return backend }
    return String(backend[..<colon])
  }
}
