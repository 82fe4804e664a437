internal import IncidentModel
internal import TrafficTally

/// Stretches in which the answered requests were slow, and those in which only the tail was (METHODS §5).
///
/// Slow: p95 ≥ 3 × baseline and + 200 ms *and* median ≥ 2 × its baseline in three consecutive minutes of ≥ 200 requests, or p95 ≥ 10 × and + 1 s for five.
/// Otherwise the same p95 is a slow tail: a fleet near its utilisation target has one every busy day.
/// Baselines: the medians over the minutes outside every failing and slow stretch, found first against the lowest decile; of the minutes before
/// the first failing stretch where there are ten, for a fleet that grew in answer to it is faster than the one that met it.
struct LatencyIntervals {
  struct Normal {
    var p95: Double
    var p50: Double
  }

  let traffic: ServiceTraffic
  let series: CountSeries

  private struct Minute {
    var span: TimeSpan
    var latency: ServiceTraffic.Latency
  }

  private var minutes: [Minute] {
    let range = series.span(of: 0..<series.count)
    return traffic.latency.compactMap { stratum in
      let start = Instant(seconds: stratum.start)
      guard range.contains(start), stratum.widthSeconds > 0, stratum.count > 0 else { return nil }
      let end = Instant(seconds: stratum.start + Int64(stratum.widthSeconds))
      return Minute(span: TimeSpan(start: start, end: end), latency: stratum)
    }
  }

  /// What latency was when all was well; nil without durations.
  func normal(without disturbed: [TimeSpan]) -> Normal? {
    let all = minutes
    let full = all.filter { $0.latency.count >= Parameters.Slowness.farRequests }
    var usable = full.isEmpty ? all : full
    guard !usable.isEmpty else { return nil }
    if let first = disturbed.map(\.start).min() {
      let before = usable.filter { $0.span.end <= first }
      let seconds = before.reduce(0) { $0 + $1.span.seconds }
      if seconds >= Double(Parameters.Normal.firstSeconds) { usable = before }
    }
    let low = Normal(
      p95: Dispersion.quantile(usable.map(\.latency.p95), 0.1),
      p50: Dispersion.quantile(usable.map(\.latency.p50), 0.1))
    let slow = disturbed + slowSpans(all, low) + tailSpans(all, low)
    let calm = Self.outside(usable, slow)
    guard calm.count * 20 >= usable.count else { return low }
    return Normal(
      p95: Dispersion.median(calm.map(\.latency.p95)),
      p50: Dispersion.median(calm.map(\.latency.p50)))
  }

  /// Both lists ascend, so one pass is enough.
  private static func outside(_ minutes: [Minute], _ spans: [TimeSpan]) -> [Minute] {
    let spans = spans.sorted { $0.start < $1.start }
    var reach: Instant?
    var next = 0
    return minutes.filter { minute in
      while next < spans.count, spans[next].start < minute.span.end {
        reach = max(reach ?? spans[next].end, spans[next].end)
        next += 1
      }
      guard let reach else { return true }
      return reach <= minute.span.start
    }
  }

  /// Slow stretches with their edges on the detection cells.
  func stretches(_ normal: Normal) -> [Range<Int>] {
    let spans = slowSpans(minutes, normal)
    guard !spans.isEmpty else { return [] }
    var covered = [Bool](repeating: false, count: series.count)
    for span in spans { for index in series.range(of: span) { covered[index] = true } }
    var timed = 0.0
    var count = 0.0
    for index in covered.indices where !covered[index] {
      if let mean = series.meanMilliseconds(in: index..<index + 1) {
        timed += mean
        count += 1
      }
    }
    let usual = count > 0 ? timed / count : normal.p50
    return spans.map { edges(of: series.range(of: $0), usual: usual) }
  }

  /// First and last cell whose mean is ≥ 3 × normal, up to a minute outside the minutes that alarmed.
  private func edges(of range: Range<Int>, usual: Double) -> Range<Int> {
    let reach = series.cells(60)
    let wide = max(0, range.lowerBound - reach)..<min(series.count, range.upperBound + reach)
    func isSlow(_ index: Int) -> Bool {
      guard let mean = series.meanMilliseconds(in: index..<index + 1) else { return false }
      return mean >= Parameters.Slowness.edgeFactor * usual
    }
    guard let low = wide.first(where: isSlow), let high = wide.last(where: isSlow) else {
      return range
    }
    return low..<high + 1
  }

  /// Runs of minutes whose tail rose while no slow stretch covers them.
  func slowTails(_ normal: Normal, without incidents: [TimeSpan]) -> [TimeSpan] {
    tailSpans(minutes, normal).filter { tail in !incidents.contains { $0.overlaps(tail) } }
  }

  private func slowSpans(_ minutes: [Minute], _ normal: Normal) -> [TimeSpan] {
    let slow = runs(minutes, lasting: Parameters.Slowness.minutes) { latency in
      hasSlowTail(latency, normal)
        && latency.p50 >= Parameters.Slowness.medianFactor * normal.p50
    }
    let far = runs(minutes, lasting: Parameters.Slowness.farMinutes) { latency in
      latency.count >= Parameters.Slowness.farRequests
        && latency.p95 >= Parameters.Slowness.farFactor * normal.p95
        && latency.p95 >= normal.p95 + Parameters.Slowness.farMilliseconds
    }
    return slow + far
  }

  private func tailSpans(_ minutes: [Minute], _ normal: Normal) -> [TimeSpan] {
    runs(minutes, lasting: Parameters.Slowness.minutes) { hasSlowTail($0, normal) }
  }

  private func hasSlowTail(_ latency: ServiceTraffic.Latency, _ normal: Normal) -> Bool {
    latency.count >= Parameters.Slowness.minimumRequests
      && latency.p95 >= Parameters.Slowness.tailFactor * normal.p95
      && latency.p95 >= normal.p95 + Parameters.Slowness.tailMilliseconds
  }

  /// Consecutive strata that all hold and together last so many minutes.
  private func runs(
    _ minutes: [Minute], lasting least: Int, where holds: (ServiceTraffic.Latency) -> Bool
  ) -> [TimeSpan] {
    var found: [TimeSpan] = []
    var run: TimeSpan?
    func close() {
      if let run, run.seconds >= 60 * Double(least) { found.append(run) }
    }
    for minute in minutes {
      guard holds(minute.latency) else {
        close()
        run = nil
        continue
      }
      if let open = run, open.end == minute.span.start {
        run = TimeSpan(start: open.start, end: minute.span.end)
      } else {
        close()
        run = minute.span
      }
    }
    close()
    return found
  }
}
