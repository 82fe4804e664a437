internal import IncidentModel
internal import TrafficTally

/// After how many seconds failed requests are asked again: peaks at 1, 2, 4 or 8 s, or at a client's time-out, betray a back-off without jitter (METHODS §7).
struct RetryIntervals {
  /// Followed unanswered requests that were asked again within each whole second, rounded to the nearest.
  private(set) var seconds = [Int](repeating: 0, count: 61)
  /// Seconds that stand out of their neighbours, ascending.
  private(set) var peaks: [Int] = []

  static let leastShare = 0.1
  static let factor = 3.0
  static let least = 20

  init(_ trails: ServiceTrails, in spans: [TimeSpan]) {
    for client in trails.clients {
      var failures: [UInt64: Instant] = [:]
      for event in client.events {
        if let failure = failures[event.key] {
          let gap = event.arrival.seconds(since: failure).rounded()
          if gap >= 0, gap < Double(seconds.count) { seconds[Int(gap)] += 1 }
        }
        let isHere = spans.contains { $0.contains(event.arrival) }
        failures[event.key] = event.outcome.isUnanswered && isHere ? event.answered : nil
      }
    }
    let all = seconds.reduce(0, +)
    guard all >= Self.least else { return }
    for place in 1..<seconds.count {
      let around = [place - 2, place - 1, place + 1, place + 2]
        .filter { seconds.indices.contains($0) }.map { Double(seconds[$0]) }.sorted()
      let usual = (around[(around.count - 1) / 2] + around[around.count / 2]) / 2
      let count = Double(seconds[place])
      if count >= Self.leastShare * Double(all), count >= Self.factor * (usual + 1) {
        peaks.append(place)
      }
    }
  }
}
