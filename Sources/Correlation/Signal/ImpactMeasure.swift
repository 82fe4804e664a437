package import IncidentModel
package import TrafficTally

/// What a stretch did to requests, exactly (METHODS §5).
///
/// A bucket belongs to the stretch in which it begins, so that disjoint stretches which cover the window add up to all of it.
/// Latency strata and minutes belong to the stretch that holds their middle.
package struct ImpactMeasure: Sendable {
  let traffic: ServiceTraffic
  let bucketSeconds: Int
  let objective: Double
  private let tellsShed: Bool

  /// Measures one service against the objective for the share of requests that do not fail.
  package init(_ traffic: ServiceTraffic, bucketSeconds: Int, objective: Double) {
    self.traffic = traffic
    self.bucketSeconds = max(1, bucketSeconds)
    self.objective = objective
    tellsShed = traffic.buckets.contains { $0.counts.tellingShed > 0 }
  }

  /// The impact of one stretch.
  package func impact(of span: TimeSpan) -> Impact { impact(of: [span]) }

  /// The impact of the window without a stretch: the two add up to the window.
  package func impact(outside span: TimeSpan, window: TimeSpan) -> Impact {
    impact(of: Self.rest(of: window, without: span), apartFrom: span)
  }

  static func rest(of window: TimeSpan, without span: TimeSpan) -> [TimeSpan] {
    [
      TimeSpan(start: window.start, end: min(max(span.start, window.start), window.end)),
      TimeSpan(start: max(min(span.end, window.end), window.start), end: window.end),
    ]
  }

  /// The impact of disjoint stretches together.
  ///
  /// `incident`: the slowest minute must not touch it, as what its first minute shows is nothing of the time outside it.
  package func impact(of spans: [TimeSpan], apartFrom incident: TimeSpan? = nil) -> Impact {
    var impact = Impact(requests: 0, failed: 0, throttled: 0, abandoned: 0, bytes: 0)
    var shed = 0
    for span in spans where span.start < span.end {
      for bucket in traffic.buckets(in: span) {
        impact.requests += bucket.counts.requests
        impact.failed += bucket.counts.failed
        impact.throttled += Int(bucket.counts.throttled)
        impact.abandoned += Int(bucket.counts.abandoned)
        impact.bytes = impact.bytes.addingSaturated(Int(clamping: bucket.counts.bytes))
        shed += Int(bucket.counts.shed)
      }
    }
    if tellsShed { impact.shed = shed }
    if let worst = worstMinute(of: spans) {
      impact.worstMinute = worst.start
      impact.worstMinuteRatio = worst.ratio
    }
    if let slowest = slowestStratum(of: spans, apartFrom: incident) {
      impact.p95Milliseconds = slowest.p95
      impact.p95Minute = Instant(seconds: slowest.start)
    }
    if objective < 1, let ratio = impact.failedRatio {
      impact.errorBudget = ratio / (1 - objective)
    }
    return impact
  }

  private struct MinuteRatio {
    var start: Instant
    var requests: Int
    var failed: Int
    var ratio: Double { requests > 0 ? Double(failed) / Double(requests) : 0 }
  }

  /// Requests and failures of each minute (or bucket, if wider) of a stretch, occupied ones only, ascending.
  private func minutes(of span: TimeSpan) -> [MinuteRatio] {
    let width = Int64(max(Parameters.Cells.impactSeconds, bucketSeconds))
    var minutes: [MinuteRatio] = []
    for bucket in traffic.buckets(in: span) {
      let start = Instant(seconds: bucket.start).bucketStart(width: width)
      if minutes.last?.start != start {
        minutes.append(MinuteRatio(start: start, requests: 0, failed: 0))
      }
      minutes[minutes.count - 1].requests += bucket.counts.requests
      minutes[minutes.count - 1].failed += bucket.counts.failed
    }
    return minutes
  }

  /// The minute of the highest failed ratio among those with ≥ 20 requests, the earliest of equals; nil where nothing failed.
  ///
  /// A minute counts whole, as in the series, where at least half of it lies in a span; where none does, the parts that do.
  private func worstMinute(of spans: [TimeSpan]) -> MinuteRatio? {
    let width = max(Parameters.Cells.impactSeconds, bucketSeconds)
    func worst(_ minutes: [MinuteRatio]) -> MinuteRatio? {
      minutes.reduce(nil) { worst, minute in
        minute.failed > 0 && minute.requests >= Parameters.Incidents.worstMinuteRequests
          && minute.ratio > worst?.ratio ?? 0 ? minute : worst
      }
    }
    let known = spans.filter { $0.start < $0.end }
    let whole = known.flatMap { span in
      let first = span.start.bucketStart(width: Int64(width))
      let last = span.end.bucketStart(width: Int64(width)).advanced(bySeconds: Double(width))
      return minutes(of: TimeSpan(start: first, end: last)).filter { minute in
        let end = min(span.end, minute.start.advanced(bySeconds: Double(width)))
        return 2 * end.seconds(since: max(span.start, minute.start)) >= Double(width)
      }
    }
    return worst(whole) ?? worst(known.flatMap { minutes(of: $0) })
  }

  private func slowestStratum(
    of spans: [TimeSpan], apartFrom incident: TimeSpan?
  ) -> ServiceTraffic.Latency? {
    var slowest: ServiceTraffic.Latency?
    for stratum in traffic.latency where stratum.count >= Parameters.Slowness.farRequests {
      let start = Instant(seconds: stratum.start)
      let width = Double(stratum.widthSeconds)
      let middle = start.advanced(bySeconds: width / 2)
      let minute = TimeSpan(start: start, end: start.advanced(bySeconds: width))
      guard spans.contains(where: { $0.contains(middle) }), incident?.overlaps(minute) != true
      else { continue }
      if stratum.p95 > slowest?.p95 ?? -1 { slowest = stratum }
    }
    return slowest
  }

  /// The sustained stretch of the highest failed ratio; nil where no minute can tell.
  ///
  /// Of all runs of minutes around the worst one that which most exceeds half of its ratio: the greatest sum of failed − θ·requests, θ = ½ · worst.
  /// A long stretch that stays bad beats a single bad minute, and a mild tail is left out.
  package func worstSpan(in span: TimeSpan) -> TimeSpan? {
    guard let worst = worstMinute(of: [span]) else { return nil }
    let threshold = Parameters.Incidents.worstShare * worst.ratio
    let width = Double(max(Parameters.Cells.impactSeconds, bucketSeconds))
    let minutes = minutes(of: span)
    guard let place = minutes.firstIndex(where: { $0.start == worst.start }) else { return nil }
    func reach(_ places: some Sequence<Int>) -> Int {
      var (sum, best, reached) = (0.0, 0.0, place)
      for index in places {
        sum += Double(minutes[index].failed) - threshold * Double(minutes[index].requests)
        if sum > best { (best, reached) = (sum, index) }
      }
      return reached
    }
    let first = minutes[reach((0..<place).reversed())].start
    let last = minutes[reach(place + 1..<minutes.count)].start.advanced(bySeconds: width)
    return TimeSpan(start: max(first, span.start), end: min(last, span.end))
  }
}
