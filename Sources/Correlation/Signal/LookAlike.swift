internal import TrafficTally

/// Services whose counts are so alike that both may have logged the same requests (DESIGN §4, vantage).
///
/// Two services are alike when their requests agree within 5 % in at least 80 % of the minutes in which either has any, over at least 10 minutes with 20 requests or more.
/// Counts alone prove nothing: the report says "perhaps".
package enum LookAlike {
  /// For each service that has one the name of its busiest look-alike, the earlier name of equals.
  ///
  /// - Complexity: O(services² · minutes), most pairs refused by their sums.
  package static func pairs(among signals: [ServiceSignal]) -> [String: String] {
    var pairs: [String: String] = [:]
    let totals = signals.map { $0.minutes.cells.reduce(0) { $0 + $1.requests } }
    let order = signals.indices.sorted {
      (totals[$1], signals[$0].traffic.name) < (totals[$0], signals[$1].traffic.name)
    }
    for (place, left) in order.enumerated() {
      for right in order[(place + 1)...] {
        // Four fifths within 5 % leave the rest open, but sums that differ by half are never alike.
        guard 2 * totals[right] >= totals[left] else { break }
        guard areAlike(signals[left].minutes, signals[right].minutes) else { continue }
        let names = (signals[left].traffic.name, signals[right].traffic.name)
        if pairs[names.0] == nil { pairs[names.0] = names.1 }
        if pairs[names.1] == nil { pairs[names.1] = names.0 }
      }
    }
    return pairs
  }

  /// Whether the requests of two tables of one width agree minute by minute.
  package static func areAlike(_ left: CellTable, _ right: CellTable) -> Bool {
    guard left.widthSeconds == right.widthSeconds, left.start == right.start else { return false }
    var alike = 0
    var minutes = 0
    var telling = 0
    for index in 0..<max(left.cells.count, right.cells.count) {
      let one = index < left.cells.count ? left.cells[index].requests : 0
      let other = index < right.cells.count ? right.cells[index].requests : 0
      guard one > 0 || other > 0 else { continue }
      minutes += 1
      if min(one, other) >= 20 { telling += 1 }
      let difference = Double(abs(one - other))
      if difference <= Parameters.Coverage.alikeTolerance * Double(max(one, other)) { alike += 1 }
    }
    return telling >= Parameters.Coverage.alikeMinutes
      && Double(alike) >= Parameters.Coverage.alikeShare * Double(minutes)
  }
}
