internal import IncidentModel
internal import TrafficTally

/// The unanswered requests of followed clients that no trail shows.
///
/// Of a client with more requests than are kept only some blocks stay (METHODS §1). It is often the client that asks again without end, a gateway or an application gone wild: in the blocks that went
/// its failures are in the exact counts and in no trail, and what the other clients did there says nothing of them. A stretch's hidden failures are those counted less those of all kept
/// trails × 2ⁿ, together at most as many requests as were not kept of such clients. The requests at the end of a kept block, of which nobody knows whether they were asked again, count with those that went.
struct HiddenFailures {
  /// By start of the stretch, where there are any.
  private var shares: [Int64: Double] = [:]
  private let width: Int64

  /// - Parameter failed: (start of the bucket in seconds since the epoch, unanswered), ascending.
  init(
    _ trails: ServiceTrails, failed: [(start: Int64, failed: Int)], bucketSeconds: Int64,
    spans: [TimeSpan]
  ) {
    // Where one client in many is followed, a minute's difference is mostly chance.
    let least = trails.scale > 1 ? ClientParameters.blockSeconds : ClientParameters.minuteSeconds
    width = max(least, bucketSeconds)
    let horizon = ClientParameters.horizons[0]
    func isShown(_ event: TrailEvent, _ trail: ClientTrail) -> Bool {
      let end = event.answered.advanced(bySeconds: horizon)
      return trail.cut == nil || trail.knows(TimeSpan(start: event.arrival, end: end))
    }
    let unkept = trails.clients.reduce(0.0) { sum, client in
      guard client.trail.cut != nil else { return sum }
      let shown = client.events.count { isShown($0, client.trail) }
      return sum + Double(max(0, client.trail.count - shown))
    }
    guard unkept > 0 else { return }
    func isInside(_ moment: Instant) -> Bool { spans.contains { $0.contains(moment) } }
    var counted: [Int64: Double] = [:]
    for bucket in failed where isInside(Instant(seconds: bucket.start)) {
      counted[stretch(Instant(seconds: bucket.start)), default: 0] += Double(bucket.failed)
    }
    var shown: [Int64: Double] = [:]
    for client in trails.clients {
      for event in client.events
      where event.outcome.isUnanswered && isInside(event.arrival) && isShown(event, client.trail) {
        shown[stretch(event.arrival), default: 0] += trails.scale
      }
    }
    var hidden: [(start: Int64, count: Double)] = []
    for (start, count) in counted.sorted(by: { $0.key < $1.key }) {
      let rest = count - (shown[start] ?? 0)
      if rest > 0 { hidden.append((start, rest)) }
    }
    let all = hidden.reduce(0) { $0 + $1.count }
    guard all > 0 else { return }
    let part = min(1, unkept * trails.scale / all)
    for (start, count) in hidden {
      shares[start] = part * count / max(count, counted[start] ?? count)
    }
  }

  /// The part of a moment's failed requests that no trail shows.
  func share(at moment: Instant) -> Double { shares[stretch(moment)] ?? 0 }

  private func stretch(_ moment: Instant) -> Int64 { moment.bucketStart(width: width).seconds }
}
