internal import IncidentModel
internal import TrafficTally

/// What the followed clients tell of one service beside its exact counts.
struct ClientStory: Sendable {
  let trails: ServiceTrails
  /// nil: too few followed clients had an unanswered request.
  let repeats: RepeatDetection?
  /// Requests that failed or were given up: (start of the bucket in seconds since the epoch, number), ascending, number > 0.
  private let unanswered: [(start: Int64, failed: Int)]

  /// nil: the log names no clients.
  init?(_ view: TrafficView, of signal: ServiceSignal) {
    guard let index = view.services.firstIndex(where: { $0.name == signal.traffic.name }),
      let trails = ServiceTrails(view.trails, service: index)
    else { return nil }
    self.trails = trails
    unanswered = signal.traffic.buckets.compactMap { bucket in
      let number = bucket.counts.failed.addingSaturated(Int(bucket.counts.abandoned))
      return number > 0 ? (bucket.start, number) : nil
    }
    let spans = signal.incidents.map(\.span)
    let end = signal.traffic.buckets.last.map {
      Instant(seconds: $0.start + Int64(max(1, view.bucketSeconds)))
    }
    guard let end, !spans.isEmpty else {
      repeats = nil
      return
    }
    let width = Int64(max(1, view.bucketSeconds))
    let hidden = HiddenFailures(trails, failed: unanswered, bucketSeconds: width, spans: spans)
    repeats = RepeatDetection(
      trails, spans: spans, end: end, hidden: hidden, bucketSeconds: width)
  }

  private func failures(in span: TimeSpan) -> ArraySlice<(start: Int64, failed: Int)> {
    func place(_ moment: Instant) -> Int {
      var (low, high) = (0, unanswered.count)
      while low < high {
        let middle = (low + high) / 2
        if Instant(seconds: unanswered[middle].start) < moment {
          low = middle + 1
        } else {
          high = middle
        }
      }
      return low
    }
    let from = place(span.start)
    return unanswered[from..<max(from, place(span.end))]
  }

  /// Repeats of the unanswered requests of some stretches, and half the width of the interval; nil where they can't be told.
  func repeats(in spans: [TimeSpan]) -> (count: Double, error: Double)? {
    guard let repeats else { return nil }
    return repeats.repeats(of: spans.flatMap { Array(failures(in: $0)) })
  }

  /// The same of one stretch, without the interval: of a minute, say.
  func count(in span: TimeSpan) -> Double? {
    guard let repeats else { return nil }
    return failures(in: span).reduce(0) { sum, bucket in
      sum + Double(bucket.failed) * repeats.share(at: Instant(seconds: bucket.start))
    }
  }

  /// Fills in what only clients can tell of the impact of some stretches.
  func tell(_ impact: inout Impact, of spans: [TimeSpan]) {
    if let repeats = repeats(in: spans) {
      impact.repeats = min(impact.requests, Int(repeats.count.rounded()))
      impact.repeatsError = repeats.error.rounded()
      impact.repeatsIsLowerBound = self.repeats?.isLowerBound ?? false
    }
    if let affected = ClientsAffected(trails, in: spans) {
      impact.clientsAffected = affected.failed
      impact.clientsError = affected.relativeError
    }
  }

  /// Adds the repeats to what is known of a rise: they are requests above the baseline, and no demand of their own.
  func tell(_ spike: inout DetectedSpike) {
    let span = TimeSpan(start: spike.onset, end: spike.end)
    guard let excess = spike.composition.excessRequests, excess > 0,
      let repeats = repeats(in: [span])
    else { return }
    let share = min(1, max(0, repeats.count / Double(excess)))
    spike.composition.retryShare = (share * 1e6).rounded() / 1e6
    if share >= ClientParameters.retriesShare { spike.composition.kind = .retries }
  }

  /// Unanswered lines of one client that asked for the same again and again: three of them where one did.
  func proof(in span: TimeSpan) -> [Exemplar] {
    var pair: [Exemplar] = []
    for client in trails.clients where client.trail.texts.count > 1 {
      var chains: [UInt64: [Exemplar]] = [:]
      for event in client.events
      where event.outcome.isUnanswered && span.contains(event.arrival) {
        guard let text = client.trail.text(at: event.position) else { continue }
        let chain = chains[event.key] ?? []
        let isNear = chain.last.map {
          event.arrival.seconds(since: $0.arrival) <= ClientParameters.horizons[0]
        }
        let longer = (isNear == true ? chain : []) + [Self.exemplar(event, text)]
        if longer.count == 3 { return longer }
        if longer.count == 2, pair.isEmpty { pair = longer }
        chains[event.key] = longer
      }
    }
    return pair
  }

  static func exemplar(_ event: TrailEvent, _ text: LogText) -> Exemplar {
    Exemplar(
      stratum: event.arrival.bucketStart(width: 60).seconds, outcome: event.outcome, role: .chosen,
      arrival: event.arrival, status: event.status, position: event.position, text: text)
  }
}
