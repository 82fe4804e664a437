package import IncidentModel
package import TrafficTally

/// What the traffic alone tells of a service: normal, rises, failures.
///
/// The arrivals are tracked twice: a first pass with the noise of all cells finds what is calm, the second one uses the noise of that.
package enum SignalDetection {
  /// The signal of one service over all inputs; `gaps` are stretches without lines, which are no zeros.
  ///
  /// - Complexity: O(buckets + cells), and for each spike O(feet · shapes) and the sampled requests of its span.
  package static func signal(
    of traffic: ServiceTraffic, bucketSeconds: Int, window: TimeSpan, gaps: [TimeSpan],
    options: AnalysisOptions, baselineEnd: Instant? = nil
  ) -> ServiceSignal {
    let bucket = max(1, bucketSeconds)
    let scale = SignalScale(
      traffic, bucketSeconds: bucket, window: window, baselineEnd: baselineEnd)
    let series = CountSeries(
      traffic, widthSeconds: scale.detectionSeconds, span: scale.span, gaps: gaps,
      bucketSeconds: bucket, baselineEnd: baselineEnd)
    let bursts = UsualBursts(series)
    let usual = UsualFailures(bursts.calmed)
    let errors = ErrorIntervals(bursts.calmed, usual: usual)
    let failing = errors.incidents()
    let all = [Bool](repeating: true, count: series.count)
    let rough = RateTrack(
      series, dispersion: Dispersion(series, calm: all), failing: failing)
    let dispersion = Dispersion(series, calm: rough.calm)
    let track = RateTrack(series, dispersion: dispersion, failing: failing)
    let spikes = SpikeDetection(
      traffic: traffic, bucketSeconds: bucket, series: series, dispersion: dispersion,
      track: track
    ).spikes()
    let found = Disturbances(
      traffic: traffic, bucketSeconds: bucket, series: series, dispersion: dispersion,
      track: track, usual: usual, errors: errors, failing: failing, bursts: bursts)
    let baseline = baseline(
      series, track: track, dispersion: dispersion, found: found, bursts: bursts,
      asOf: [spikes.first?.onset, found.incidents.first?.span.start].compactMap { $0 }.min())
    return ServiceSignal(
      traffic: traffic,
      minutes: CellTable(
        traffic, bucketSeconds: bucket, widthSeconds: scale.impactSeconds, over: scale.span),
      baseline: baseline, spikes: spikes, incidents: found.incidents, slowTails: found.slowTails)
  }

  /// The level of the baseline is the one that judged the first spike or incident, else the last cell.
  private static func baseline(
    _ series: CountSeries, track: RateTrack, dispersion: Dispersion, found: Disturbances,
    bursts: UsualBursts, asOf moment: Instant?
  ) -> Baseline {
    let range = series.knownRange
    let judged = moment.map { series.range(of: TimeSpan(start: $0, end: $0)).lowerBound }
    // What lies in an opening is held against what follows it.
    let index = max(track.begin, judged ?? max(range.lowerBound, range.upperBound - 1))
    var level = SeasonalProfile(series).level(at: index)
    if !track.isSeasonal(index), level != .trailing { level = .trailing }
    let first = track.firstCells.last { $0.contains(index) }
    if level == .trailing, first != nil { level = .firstMinutes }
    let usual = Dispersion.median(range.map { track.expected[$0] })
    var baseline = Baseline(
      level: level, start: series.start, widthSeconds: series.widthSeconds,
      rates: track.expected.map { $0 / Double(series.widthSeconds) },
      dispersion: dispersion.factor(at: usual), failedRatio: found.failedRatio,
      p95Milliseconds: found.latency?.p95, p50Milliseconds: found.latency?.p50)
    baseline.learntFrom = learntFrom(series, level, index, first, from: track.begin)
    baseline.bursts = bursts.habit(series)
    baseline.leftOut = track.opening.map {
      NormalSource.LeftOut(span: series.span(of: $0.range), reason: $0.reason)
    }
    return baseline
  }

  /// The stretch whose arrivals made the baseline of a cell.
  private static func learntFrom(
    _ series: CountSeries, _ level: Baseline.Level, _ index: Int, _ first: Range<Int>?,
    from begin: Int
  ) -> TimeSpan? {
    let range = begin..<max(begin, series.knownRange.upperBound)
    guard !range.isEmpty else { return nil }
    let pause = series.cells(Parameters.Normal.guardSeconds)
    let hour = series.cells(Parameters.Normal.trailingSeconds)
    switch level {
    case .weeks, .days:
      // Where the height is not yet learnt from the last hour, the baseline ends with what was given.
      let last = series.newStretch.flatMap { series.known[..<$0].lastIndex(of: true) }
      return series.span(
        of: range.lowerBound..<max(range.lowerBound + 1, last.map { $0 + 1 } ?? index))
    case .trailing:
      let low = max(range.lowerBound, index - pause - hour)
      return series.span(of: low..<max(low + 1, index - pause))
    case .firstMinutes:
      let low = first?.lowerBound ?? range.lowerBound
      let high = min(low + series.cells(Parameters.Normal.firstSeconds), range.upperBound)
      return series.span(of: low..<max(low + 1, high))
    }
  }
}

/// The incidents of one service with the baselines of failures and latency that they were held against.
struct Disturbances {
  let failedRatio: Double
  let latency: LatencyIntervals.Normal?
  let incidents: [DetectedIncident]
  let slowTails: [TimeSpan]

  init(
    traffic: ServiceTraffic, bucketSeconds: Int, series: CountSeries, dispersion: Dispersion,
    track: RateTrack, usual: UsualFailures, errors: ErrorIntervals, failing: [Range<Int>],
    bursts: UsualBursts
  ) {
    failedRatio = bursts.ratio(beside: usual.ratio, failing, series)
    let detection = IncidentDetection(
      traffic: traffic, bucketSeconds: bucketSeconds, series: series, errors: errors,
      baselineRatio: failedRatio)
    var parts = detection.errorParts(failing)
    let losses = TrafficLoss(series: series, dispersion: dispersion, track: track)
    let slowness = LatencyIntervals(traffic: traffic, series: series)
    latency = slowness.normal(without: parts.map(\.span))
    if let latency { parts += detection.parts(slowness.stretches(latency), .latency) }
    parts += detection.parts(losses.stretches(errors: errors), .trafficLoss)
    incidents = detection.incidents(parts)
    let spans = incidents.map(\.span)
    slowTails = latency.map { slowness.slowTails($0, without: spans) } ?? []
  }
}
