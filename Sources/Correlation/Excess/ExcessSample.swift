internal import IncidentModel
internal import TrafficTally

/// The sampled requests of a spike and of the hour before it, weighted so that they add up to the first attempts seen and to those that were usual.
///
/// Each request that failed or was given up was followed by r repeats (``RepeatDetection``) that share its client, software and route, so the first attempts of any value are its requests less r times its unanswered ones: such a row weighs 1 − r.
/// Health checks are left out of both (METHODS §7).
struct ExcessSample {
  let service: String
  private(set) var during: [ExcessRow] = []
  private(set) var before: [ExcessRow] = []
  /// First attempts over the spike, and what was usual, both without health checks.
  private(set) var total = 0.0
  private(set) var usual = 0.0
  /// How much the usual number may be off: one standard error.
  private(set) var usualError = 0.0
  private(set) var names: ExcessNames
  private(set) var width = NetworkWidth([])
  /// Networks at that width; 0 is none.
  private(set) var places: [AddressBits] = [AddressBits(isSix: false, bits: 0)]
  private(set) var placeNumbers: [AddressBits: Int32] = [:]
  /// Lines that were kept of requests in the spike, by the number of their row.
  private(set) var lines: [Int32: Exemplar] = [:]
  /// What the log tells of clients.
  private(set) var hasAddresses = false
  private(set) var hasAgents = false
  private(set) var hasReferrers = false
  /// The addresses are not those of clients: the log has those of a proxy in front.
  private(set) var isBehindProxy = false

  var excess: Double { total - usual }

  init(
    _ traffic: ServiceTraffic, span: TimeSpan, before: TimeSpan, total: Double, usual: Double,
    dispersion: Double, addresses: AddressTable, repeats: (Instant) -> Double
  ) {
    service = traffic.name
    names = ExcessNames(addresses)
    let first = read(traffic.sample, over: span, keepsLines: true, repeats: repeats)
    let past = read(traffic.sample, over: before, keepsLines: false) { _ in 0 }
    let known = Set(past.rows.map { Pairing(client: $0.client, route: $0.route) })
    during = first.rows.filter { !isCheck($0, known) }
    self.before = past.rows.filter { !isCheck($0, known) }
    self.total = Self.scale(&during, to: total, of: first.weight)
    self.usual = Self.scale(&self.before, to: usual, of: past.weight)
    usualError = (max(1, dispersion) * max(1, self.usual)).squareRoot()
    findFields()
    findPlaces()
  }

  private struct Pairing: Hashable {
    var client: Int32
    var route: Int32
  }

  /// Own health checks: software that says so, or a health page's caller who called it before.
  private func isCheck(_ row: ExcessRow, _ known: Set<Pairing>) -> Bool {
    if row.kind == .healthCheck { return true }
    return HealthChecks.isHealthPath(names.routes.text(row.route))
      && known.contains(Pairing(client: row.client, route: row.route))
  }

  /// The rows of a stretch, and the weight of all of its requests, repeats and health checks included.
  private mutating func read(
    _ strata: [ServiceTraffic.SampleStratum], over span: TimeSpan, keepsLines: Bool,
    repeats: (Instant) -> Double
  ) -> (rows: [ExcessRow], weight: Double) {
    let near = strata.filter { stratum in
      let start = Instant(seconds: stratum.start)
      let end = Instant(seconds: stratum.start + Int64(stratum.widthSeconds))
      return !stratum.requests.isEmpty && TimeSpan(start: start, end: end).overlaps(span)
    }
    let count = near.reduce(0) { $0 + $1.requests.count }
    let step = max(1, (count + ExcessParameters.mostRows - 1) / ExcessParameters.mostRows)
    var rows: [ExcessRow] = []
    var all = 0.0
    var number = 0
    for stratum in near {
      let weight = Double(stratum.count) / Double(stratum.requests.count) * Double(step)
      for request in stratum.requests {
        number += 1
        guard number % step == 0, span.contains(request.arrival) else { continue }
        all += weight
        let again = request.outcome.isUnanswered ? repeats(request.arrival) : 0
        let first = 1 - min(0.98, max(0, again))
        let row = names.row(request, weight: weight * first, number: number)
        rows.append(row)
        if keepsLines, let text = request.text {
          lines[row.number] = Exemplar(
            stratum: stratum.start, outcome: request.outcome, role: .chosen,
            arrival: request.arrival, status: request.status, position: request.position,
            text: text)
        }
      }
    }
    return (rows, all)
  }

  /// Makes the rows' weights add up to their part of a count, which is given back.
  private static func scale(_ rows: inout [ExcessRow], to count: Double, of all: Double) -> Double {
    let weight = rows.reduce(0) { $0 + $1.weight }
    guard weight > 0, all > 0 else { return 0 }
    let factor = count / all
    for index in rows.indices { rows[index].weight *= factor }
    return weight * factor
  }

  private mutating func findFields() {
    func share(_ holds: (ExcessRow) -> Bool) -> Double {
      let all = during.reduce(0) { $0 + $1.weight }
      let some = during.reduce(0) { holds($1) ? $0 + $1.weight : $0 }
      return all > 0 ? some / all : 0
    }
    hasAgents = share { $0.agent != 0 || $0.family != 0 } >= 0.5
    hasReferrers = (before + during).contains { $0.referrer != 0 }
    let clients = PairCounts(before, by: \.client)
    let own = PairCounts(during, by: \.client)
    isBehindProxy =
      clients.effective < ExcessParameters.leastAddresses
      && own.effective < ExcessParameters.leastAddresses
    hasAddresses = !isBehindProxy && share { $0.network != 0 } >= 0.5
  }

  private mutating func findPlaces() {
    let addresses = names.networks.texts.map { ClientAddress.bits($0) }
    func address(_ row: ExcessRow) -> AddressBits? { addresses[Int(row.network)] }
    width = NetworkWidth(before.map { (address($0), $0.weight) })
    func place(_ rows: inout [ExcessRow]) {
      for index in rows.indices {
        guard let found = address(rows[index]).map({ width.place(of: $0) }) else { continue }
        let number = placeNumbers[found] ?? Int32(places.count)
        if number == Int32(places.count) {
          placeNumbers[found] = number
          places.append(found)
        }
        rows[index].place = number
      }
    }
    place(&during)
    place(&before)
  }

  /// The number of a followed client's network, where the sample has it.
  func place(ofNetwork text: String) -> Int32? {
    ClientAddress.bits(text).flatMap { placeNumbers[width.place(of: $0)] }
  }

  /// A network as the report shows it.
  func text(ofPlace place: Int32) -> String {
    guard place > 0, places.indices.contains(Int(place)) else { return "" }
    let network = places[Int(place)]
    return ClientAddress.text(network, length: width.length(network.isSix))
  }
}

/// Paths that load balancers, probes and monitors ask for.
enum HealthChecks {
  static let paths: Set<String> = [
    "/health", "/healthz", "/healthcheck", "/health-check", "/health/live", "/health/ready",
    "/livez", "/readyz", "/live", "/ready", "/ping", "/status", "/_health", "/up",
    "/actuator/health", "/server-status", "/nginx_status",
  ]

  static func isHealthPath(_ path: String) -> Bool { paths.contains(path) }
}

/// Collision probabilities of weighted samples, unbiased by their size: Σ (W² − Σw²) of the values ÷ (W² − Σw²) of the whole.
struct PairCounts {
  private(set) var weights: [Int32: Double] = [:]
  private var squares: [Int32: Double] = [:]
  private(set) var whole = 0.0
  private var wholeSquares = 0.0

  init(_ rows: [ExcessRow], by value: (ExcessRow) -> Int32) {
    for row in rows {
      let value = value(row)
      weights[value, default: 0] += row.weight
      squares[value, default: 0] += row.weight * row.weight
      whole += row.weight
      wholeSquares += row.weight * row.weight
    }
  }

  /// The probability that two requests have the same value.
  var collision: Double {
    let pairs = whole * whole - wholeSquares
    guard pairs > 0 else { return 1 }
    var same = 0.0
    for value in weights.keys.sorted() {
      let weight = weights[value] ?? 0
      same += weight * weight - (squares[value] ?? 0)
    }
    return max(0, same / pairs)
  }

  /// The number of equally frequent values that would collide as often; infinite where none did.
  var effective: Double { collision > 0 ? 1 / collision : .infinity }

  /// The probability that a request of one and a request of the other have the same value.
  func collision(with other: PairCounts) -> Double {
    guard whole > 0, other.whole > 0 else { return 0 }
    var same = 0.0
    for value in weights.keys.sorted() {
      same += (weights[value] ?? 0) * (other.weights[value] ?? 0)
    }
    return same / (whole * other.whole)
  }
}
