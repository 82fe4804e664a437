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
    let counts = signals.map { Counts($0.minutes, without: $0.incidents.map(\.span)) }
    for (place, left) in order.enumerated() {
      for right in order[(place + 1)...] {
        // Four fifths within 5 % leave the rest open, but sums that differ by half are never alike.
        guard 2 * totals[right] >= totals[left] else { break }
        guard counts[left].isAlike(counts[right]),
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
    Counts(left, without: spans).isAlike(Counts(right, without: spans))
  }

  /// The requests of a table's cells, made once for all that it is compared with.
  private struct Counts {
    let start: Int64
    let widthSeconds: Int
    let requests: [Int]
    private let spans: [TimeSpan]
    /// Cells that count for nothing.
    private var marks: [Bool] = []

    init(_ table: CellTable, without spans: [TimeSpan]) {
      start = table.start
      widthSeconds = table.widthSeconds
      requests = table.cells.map(\.requests)
      self.spans = spans
      marks = requests.indices.map { isOverlapped($0) }
    }

    private func isOverlapped(_ index: Int) -> Bool {
      if spans.isEmpty { return false }
      let time = Instant(seconds: start + Int64(index) * Int64(widthSeconds))
      let cell = TimeSpan(start: time, end: time.advanced(bySeconds: Double(widthSeconds)))
      return spans.contains { $0.overlaps(cell) }
    }

    private func isLeftOut(_ index: Int) -> Bool {
      index < marks.count ? marks[index] : isOverlapped(index)
    }

    func isAlike(_ other: Counts) -> Bool {
      guard widthSeconds == other.widthSeconds, start == other.start else { return false }
      let cells = max(requests.count, other.requests.count)
      // More that differ are too many even if every cell counts.
      let most = (1 - Parameters.Coverage.alikeShare) * Double(cells) + 1
      var alike = 0
      var minutes = 0
      var telling = 0
      for index in 0..<cells {
        let one = index < requests.count ? requests[index] : 0
        let two = index < other.requests.count ? other.requests[index] : 0
        guard one > 0 || two > 0 else { continue }
        if isLeftOut(index) || other.isLeftOut(index) { continue }
        minutes += 1
        if min(one, two) >= 20 { telling += 1 }
        let difference = Double(abs(one - two))
        if difference <= Parameters.Coverage.alikeTolerance * Double(max(one, two)) {
          alike += 1
        } else if Double(minutes - alike) > most {
          return false
        }
      }
      return telling >= Parameters.Coverage.alikeMinutes
        && Double(alike) >= Parameters.Coverage.alikeShare * Double(minutes)
    }
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
