internal import IncidentModel
internal import TrafficTally

/// One minute (or wider cell) of a service beside its group: what came, what an instance worked off, what was ready.
struct LoadMinute: Hashable, Sendable {
  var start: Instant
  var seconds: Double
  var counts: BucketCounts
  /// Time-weighted mean of the instances in service; nil where not known.
  var ready: Double?
  /// The fleet did not change in the minute.
  var isSteady: Bool
  var p95Milliseconds: Double?
  var p50Milliseconds: Double?
  /// Access logs speak of this minute.
  var isCovered: Bool
  /// Of the requests about so many are health checks, which are no work.
  var healthChecks = 0.0

  var span: TimeSpan { TimeSpan(start: start, end: start.advanced(bySeconds: seconds)) }
  var requests: Int { counts.requests }
  var failed: Int { counts.failed }
  /// Requests that failed, or that their client gave up waiting for.
  var unanswered: Int { counts.failed.addingSaturated(Int(counts.abandoned)) }
  /// Requests per second that are to be worked on: all but health checks.
  var rate: Double { max(0, Double(requests) - healthChecks) / seconds }
  var failedRatio: Double { requests > 0 ? Double(failed) / Double(requests) : 0 }

  /// Requests that an instance worked on: all but those shed before a backend; where the format does not tell, all but its 503s.
  ///
  /// What times out consumed capacity and counts (METHODS §6).
  var worked: Int {
    let tells = Int(counts.tellingShed) * 2 >= requests && requests > 0
    return max(0, requests - (tells ? Int(counts.shed) : Int(counts.status503)))
  }

  /// Worked requests that also came to their end: all but what was shed, refused or timed out.
  var completed: Int { max(0, min(worked, requests - overloadFailures)) }

  /// Failures that speak of too little capacity: 503, 504 and what a load balancer answered by itself.
  var overloadFailures: Int {
    min(failed, max(Int(counts.status503) + Int(counts.status504), Int(counts.shed)))
  }

  /// Worked requests per second and ready instance.
  var workedPerInstance: Double? {
    guard let ready, ready > 0 else { return nil }
    return max(0, Double(worked) - healthChecks) / seconds / ready
  }

  /// Completed requests per second and ready instance.
  var completedPerInstance: Double? {
    guard let ready, ready > 0 else { return nil }
    return max(0, Double(completed) - healthChecks) / seconds / ready
  }

  /// The minutes of a service, with gaps marked.
  ///
  /// - Complexity: O(minutes · log steps).
  static func minutes(
    of signal: ServiceSignal, curve: CapacityCurve?, gaps: [Coverage.Gap]
  ) -> [LoadMinute] {
    var latencies: [Int64: ServiceTraffic.Latency] = [:]
    for latency in signal.traffic.latency { latencies[latency.start] = latency }
    let table = signal.minutes
    let checks = healthCheckRate(of: signal.traffic) * Double(table.widthSeconds)
    let holes = gaps.filter { $0.input == nil }.map(\.span)
    return table.cells.indices.map { index in
      let start = table.time(of: index)
      let width = Double(table.widthSeconds)
      let span = TimeSpan(start: start, end: start.advanced(bySeconds: width))
      let latency = latencies[start.seconds]
      let range = curve?.ready.range(over: span)
      var minute = LoadMinute(
        start: start, seconds: width, counts: table.cells[index],
        ready: curve?.ready.mean(over: span),
        isSteady: range.map { $0.lowerBound == $0.upperBound } ?? false,
        p95Milliseconds: latency?.p95, p50Milliseconds: latency?.p50,
        isCovered: !holes.contains { $0.overlaps(span) })
      minute.healthChecks = min(checks, Double(minute.requests))
      return minute
    }
  }

  /// Health checks per second, from the request sample over all of the service: they come as regularly as nothing else does.
  static func healthCheckRate(of traffic: ServiceTraffic) -> Double {
    var checks = 0.0
    var seconds = 0
    for stratum in traffic.sample where !stratum.requests.isEmpty {
      seconds = seconds.addingSaturated(stratum.widthSeconds)
      let hits = stratum.requests.count { AgentFamily.kind(of: $0.agentFamily) == .healthCheck }
      guard hits > 0 else { continue }
      checks += Double(hits) * Double(stratum.count) / Double(stratum.requests.count)
    }
    return seconds > 0 ? checks / Double(seconds) : 0
  }
}
