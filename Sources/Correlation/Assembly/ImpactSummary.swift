internal import IncidentModel
internal import TrafficTally

/// What a stretch of time did to a service's requests: exact counts from the finest buckets, and its worst minute.
enum ImpactSummary {
  /// A minute with fewer requests than this has no ratio worth telling.
  static let leastRequests = 20

  static func impact(
    of signal: ServiceSignal, where isInside: (Instant) -> Bool, objective: Double
  ) -> Impact {
    var sum = BucketCounts()
    var bytes = 0
    var requests = 0
    for bucket in signal.traffic.buckets where isInside(Instant(seconds: bucket.start)) {
      sum.add(bucket.counts)
      bytes = bytes.addingSaturated(Int(clamping: bucket.counts.bytes))
      requests += bucket.counts.requests
    }
    var impact = Impact(
      requests: requests, failed: sum.failed, throttled: Int(sum.throttled),
      abandoned: Int(sum.abandoned), bytes: bytes)
    impact.shed = sum.tellingShed > 0 ? Int(sum.shed) : nil
    if let ratio = impact.failedRatio, objective < 1 {
      impact.errorBudget = ratio / (1 - objective)
    }
    tellWorst(&impact, signal, isInside)
    return impact
  }

  private static func tellWorst(
    _ impact: inout Impact, _ signal: ServiceSignal, _ isInside: (Instant) -> Bool
  ) {
    let table = signal.minutes
    for index in table.cells.indices where isInside(table.time(of: index)) {
      let counts = table.cells[index]
      guard counts.requests >= leastRequests, counts.failed > 0 else { continue }
      let ratio = Double(counts.failed) / Double(counts.requests)
      if ratio > impact.worstMinuteRatio ?? 0 {
        impact.worstMinuteRatio = ratio
        impact.worstMinute = table.time(of: index)
      }
    }
    for latency in signal.traffic.latency
    where isInside(Instant(seconds: latency.start)) && latency.count >= leastRequests {
      if latency.p95 > impact.p95Milliseconds ?? 0 {
        impact.p95Milliseconds = latency.p95
        impact.p95Minute = Instant(seconds: latency.start)
      }
    }
  }
}
