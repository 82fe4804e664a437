package import IncidentModel
internal import TrafficTally

/// Services whose counts are so alike that both may have logged the same requests (DESIGN §4, vantage), where their clients can't be compared: an inner log that has the balancer's address for every client.
///
/// Two services are alike when their requests agree within 5 % in at least 80 % of the minutes in which either has any and neither fails, over at least 10 minutes with 20 requests or more,
/// and where both were sampled their routes have at least 80 % in common. Counts alone prove nothing: the report says "perhaps".
package enum LookAlike {
  /// Sampled requests from which the routes are compared.
  static let leastSampled = 200
  static let commonRoutes = 0.8

  /// For each service that has one the name of its busiest look-alike, the earlier name of equals.
  ///
  /// - Complexity: O(services² · minutes), most pairs refused by their sums.
  package static func pairs(among signals: [ServiceSignal]) -> [String: String] {
    var pairs: [String: String] = [:]
    let spans = signals.flatMap(\.incidents).map(\.span)
    // What one side turned away counts for neither.
    let totals = signals.map { signal in
      signal.minutes.cells.indices.reduce(0) { sum, index in
        let time = signal.minutes.time(of: index)
        return spans.contains { $0.contains(time) }
          ? sum : sum + signal.minutes.cells[index].requests
      }
    }
    let order = signals.indices.sorted {
      (totals[$1], signals[$0].traffic.name) < (totals[$0], signals[$1].traffic.name)
    }
    for (place, left) in order.enumerated() {
      for right in order[(place + 1)...] {
        // Four fifths within 5 % leave the rest open, but sums that differ by half are never alike.
        guard 2 * totals[right] >= totals[left] else { break }
        let spans = (signals[left].incidents + signals[right].incidents).map(\.span)
        guard areAlike(signals[left].minutes, signals[right].minutes, without: spans),
          haveCommonRoutes(signals[left].traffic, signals[right].traffic)
        else { continue }
        let names = (signals[left].traffic.name, signals[right].traffic.name)
        if pairs[names.0] == nil { pairs[names.0] = names.1 }
        if pairs[names.1] == nil { pairs[names.1] = names.0 }
      }
    }
    return pairs
  }

  /// Whether the requests of two tables of one width agree minute by minute, some stretches left out: what a balancer sheds its servers never see.
  package static func areAlike(
    _ left: CellTable, _ right: CellTable, without spans: [TimeSpan] = []
  ) -> Bool {
    guard left.widthSeconds == right.widthSeconds, left.start == right.start else { return false }
    var alike = 0
    var minutes = 0
    var telling = 0
    for index in 0..<max(left.cells.count, right.cells.count) {
      let one = index < left.cells.count ? left.cells[index].requests : 0
      let other = index < right.cells.count ? right.cells[index].requests : 0
      guard one > 0 || other > 0 else { continue }
      let time = left.time(of: index)
      let cell = TimeSpan(start: time, end: time.advanced(bySeconds: Double(left.widthSeconds)))
      if spans.contains(where: { $0.overlaps(cell) }) { continue }
      minutes += 1
      if min(one, other) >= 20 { telling += 1 }
      let difference = Double(abs(one - other))
      if difference <= Parameters.Coverage.alikeTolerance * Double(max(one, other)) { alike += 1 }
    }
    return telling >= Parameters.Coverage.alikeMinutes
      && Double(alike) >= Parameters.Coverage.alikeShare * Double(minutes)
  }

  private static func haveCommonRoutes(_ left: ServiceTraffic, _ right: ServiceTraffic) -> Bool {
    let routes = [left, right].map(routes)
    let sums = routes.map { $0.values.reduce(0, +) }
    let counts = [left, right].map { $0.sample.reduce(0) { $0 + $1.requests.count } }
    guard counts.allSatisfy({ $0 >= leastSampled }), sums.allSatisfy({ $0 > 0 }) else {
      return true
    }
    // Summed in a fixed order, so that the last bit is the same in every run.
    let common = routes[0].keys.sorted().reduce(0.0) { sum, route in
      sum + min((routes[0][route] ?? 0) / sums[0], (routes[1][route] ?? 0) / sums[1])
    }
    return common >= commonRoutes
  }

  private static func routes(_ traffic: ServiceTraffic) -> [String: Double] {
    var routes: [String: Double] = [:]
    for stratum in traffic.sample where !stratum.requests.isEmpty {
      let weight = Double(stratum.count) / Double(stratum.requests.count)
      for request in stratum.requests { routes[request.template, default: 0] += weight }
    }
    return routes
  }
}
