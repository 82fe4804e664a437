internal import IncidentModel
internal import TrafficTally

/// The same flow logged in several places: at the load balancer and at the server behind it (DESIGN §4, METHODS §5).
///
/// A service lies *inside of* another when at least half of its followed clients' requests have a twin there, beyond chance. The outermost of them
/// gives impact, capacity and incidents; the others are shown and never added.
struct Vantages: Sendable {
  /// Inner service → the outermost one of its flow.
  private(set) var outermost: [String: String] = [:]
  /// Services whose own inputs tell of the same requests, with two of those inputs.
  private(set) var doubled: [(service: String, inputs: [Int])] = []

  static let leastShare = 0.5
  /// Fewer clients, or requests with a twin, tell nothing.
  static let leastClients = 8
  static let leastMatched = 50
  /// Pairs with known durations from which their difference says which side is the outer one.
  static let leastTimed = 20
  /// Requests that are looked at, of as many clients as they make: a share of half is told from one of a tenth by some hundred, so more would cost time and tell no more.
  static let mostEvents = 24_000

  static let all = [
    Parameter(name: "vantage.least_share", value: leastShare),
    Parameter(name: "vantage.slack_s", value: TwinSearch.slackSeconds),
    Parameter(name: "vantage.least_clients", value: Double(leastClients)),
    Parameter(name: "vantage.least_matched", value: Double(leastMatched)),
  ]

  /// - Complexity: O(events of the followed clients · services that a client met).
  init(_ view: TrafficView) {
    // Work grows with the pairs of places; more than a few places share one bound.
    let places = min(64, max(view.services.count, view.inputMinutes.count))
    let clients = Self.clients(view.trails, most: Self.mostEvents / max(1, places / 4))
    let names = view.services.map(\.name)
    if names.count > 1 {
      outermost = Self.outermost(clients, view.services)
    }
    doubled = Self.doubled(clients, view)
  }

  private static func clients(_ trails: ClientTrails, most: Int) -> [[TrailEvent]] {
    var count = 0
    var clients: [[TrailEvent]] = []
    for trail in trails.clients where AgentFamily.kind(of: trail.agentFamily) != .healthCheck {
      count += trail.events.count
      clients.append(trail.events)
      if count >= most { break }
    }
    return clients
  }

  private static func outermost(
    _ clients: [[TrailEvent]], _ services: [ServiceTraffic]
  ) -> [String: String] {
    let pairs = counts(clients) { Int($0.service) }
    var outer: [Int: [(index: Int, share: Double)]] = [:]
    for (pair, count) in pairs.sorted(by: {
      ($0.key.mine, $0.key.other) < ($1.key.mine, $1.key.other)
    })
    where count.isTelling && count.share >= leastShare {
      guard services.indices.contains(pair.mine), services.indices.contains(pair.other) else {
        continue
      }
      let back = pairs[Pair(mine: pair.other, other: pair.mine)] ?? TwinCount()
      if isInside(services[pair.mine], count, of: services[pair.other], back) {
        outer[pair.mine, default: []].append((pair.other, count.share))
      }
    }
    var result: [String: String] = [:]
    for inner in outer.keys {
      let root = root(of: inner, outer)
      if root != inner { result[services[inner].name] = services[root].name }
    }
    return result
  }

  /// Up to where nothing lies further out; by the greater share where there are several ways.
  private static func root(
    of service: Int, _ outer: [Int: [(index: Int, share: Double)]]
  ) -> Int {
    var place = service
    var seen: Set<Int> = [service]
    while let next = outer[place]?.max(by: { ($0.share, $1.index) < ($1.share, $0.index) }) {
      guard seen.insert(next.index).inserted else { break }
      place = next.index
    }
    return place
  }

  /// Which of two sides of one flow is the inner one: the one whose answers took less time; else the one that can't tell what was shed while the other can; else the one of which more has a twin, or with fewer requests.
  private static func isInside(
    _ inner: ServiceTraffic, _ count: TwinCount, of outer: ServiceTraffic, _ back: TwinCount
  ) -> Bool {
    guard back.isTelling, back.share >= leastShare else { return true }
    if count.longer.count >= leastTimed {
      let middle = count.longer.sorted()[count.longer.count / 2]
      if middle != 0 { return middle > 0 }
    }
    let tells = (tellsShed(inner), tellsShed(outer))
    if tells.0 != tells.1 { return tells.1 }
    let shares = (count.share, back.share)
    if abs(shares.0 - shares.1) > 0.02 { return shares.0 > shares.1 }
    let requests = (inner.totals.requests, outer.totals.requests)
    return requests.0 != requests.1 ? requests.0 < requests.1 : inner.name > outer.name
  }

  private static func tellsShed(_ traffic: ServiceTraffic) -> Bool {
    traffic.buckets.contains { $0.counts.tellingShed > 0 }
  }

  private struct Pair: Hashable {
    var mine: Int
    var other: Int
  }

  /// Counts twins between all pairs of places that the same client met; a place that a client did not meet counts as one without twins.
  private static func counts(
    _ clients: [[TrailEvent]], by place: (TrailEvent) -> Int
  ) -> [Pair: TwinCount] {
    var sides: [Int: [Int: [TrailEvent]]] = [:]
    var spans: [Int: TimeSpan] = [:]
    for (number, events) in clients.enumerated() {
      for event in events where place(event) >= 0 {
        let key = place(event)
        sides[number, default: [:]][key, default: []].append(event)
        let known = spans[key] ?? TimeSpan(start: event.arrival, end: event.arrival)
        spans[key] = TimeSpan(
          start: min(known.start, event.arrival), end: max(known.end, event.arrival))
      }
    }
    let met = Set(
      sides.values.flatMap { side in
        side.keys.flatMap { mine in
          side.keys.filter { $0 != mine }.map { Pair(mine: mine, other: $0) }
        }
      })
    var counts: [Pair: TwinCount] = [:]
    for pair in met {
      guard let span = spans[pair.other] else { continue }
      var count = TwinCount()
      for number in clients.indices {
        guard let mine = sides[number]?[pair.mine] else { continue }
        // What one log tells of a time of which the other has nothing speaks neither way.
        let both = mine.filter { span.start <= $0.arrival && $0.arrival <= span.end }
        count.add(both, among: sides[number]?[pair.other] ?? [])
      }
      counts[pair] = count
    }
    return counts
  }

  /// Services of which two inputs, each with a tenth of the followed requests, tell of the same ones: their counts are doubled.
  private static func doubled(
    _ clients: [[TrailEvent]], _ view: TrafficView
  ) -> [(service: String, inputs: [Int])] {
    guard view.inputMinutes.count > 1 else { return [] }
    var found: [(service: String, inputs: [Int])] = []
    for (index, service) in view.services.enumerated().prefix(8) {
      let mine = clients.map { $0.filter { Int($0.service) == index } }.filter { !$0.isEmpty }
      var sizes: [Int: Int] = [:]
      for event in mine.joined() { sizes[Int(event.input), default: 0] += 1 }
      let whole = sizes.values.reduce(0, +)
      let large = Set(sizes.filter { $0.value * 20 >= whole }.keys)
      guard large.count > 1, large.count <= 32 else { continue }
      if let twins = inputsWithTwins(mine, large) { found.append((service.name, twins)) }
    }
    return found
  }

  /// Two inputs that share requests, where at least half of one input's requests have a twin in the others together.
  private static func inputsWithTwins(
    _ clients: [[TrailEvent]], _ inputs: Set<Int>
  ) -> [Int]? {
    for input in inputs.sorted() {
      var whole = TwinCount()
      for events in clients {
        let mine = events.filter { Int($0.input) == input }
        if !mine.isEmpty { whole.add(mine, among: events.filter { Int($0.input) != input }) }
      }
      guard whole.isTelling, whole.share >= leastShare else { continue }
      let partner = whole.partners.max { ($0.value, $1.key) < ($1.value, $0.key) }
      return [input] + [partner.map { Int($0.key) }].compactMap { $0 }
    }
    return nil
  }
}
