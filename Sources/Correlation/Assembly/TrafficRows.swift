internal import IncidentModel
internal import TrafficTally

/// The timeline's rows that the access logs alone tell.
struct TrafficRows {
  var signal: ServiceSignal
  var story: GroupStory?
  /// All minutes, with the fleet where one is known; asked for only where the service has an incident.
  var minutes: [LoadMinute]
  var window: TimeSpan
  var evidence: EvidenceCollector
  /// Of the tally's series.
  var bucketSeconds = 1

  private var service: String { signal.traffic.name }

  func line(
    _ outcome: OutcomeClass?, near moment: Instant, seconds: Double = 120
  ) -> [EvidenceID] {
    let span = TimeSpan(
      start: moment.advanced(bySeconds: -seconds), end: moment.advanced(bySeconds: seconds))
    let found = Exemplars.nearest(to: moment, outcome, in: span, of: signal.traffic)
    return found.map { [evidence.cite($0)] } ?? []
  }

  /// An answered line from a moment on, that tells what was so then; one before it where none follows.
  private func answered(from moment: Instant) -> [EvidenceID] {
    let after = TimeSpan(start: moment, end: moment.advanced(bySeconds: 300))
    let found = Exemplars.nearest(to: moment, .answered, in: after, of: signal.traffic)
    return found.map { [evidence.cite($0)] } ?? line(.answered, near: moment)
  }

  func row(
    _ time: Instant, _ kind: TimelineEntry.Kind, _ text: Sentence, _ proof: [EvidenceID],
    precision: Int = 1
  ) -> TimelineEntry {
    TimelineEntry(
      time: time, kind: kind, source: .access, service: service, text: text, evidence: proof,
      precisionSeconds: precision)
  }

  func rows(of spike: Spike, incident: Incident?) -> [TimelineEntry] {
    // Stamps in whole seconds tell nothing finer.
    let error = max(1, spike.onsetUncertaintySeconds)
    let onset: Sentence =
      spike.rampSeconds > 0
      ? "Demand begins to rise, over \(duration: spike.rampSeconds) (± \(duration: error))"
      : "Demand leaves its usual range (± \(duration: error))"
    var rows = [row(spike.onset, .spikeOnset, onset, line(.answered, near: spike.onset))]
    var peak: Sentence =
      "Peak: \(rate: spike.peakRate), \(factor: spike.ratio) the baseline"
    let counts = minute(spike.peak)
    if incident != nil, let counts, counts.requests > 0 {
      peak =
        peak
        + "; \(share: Double(counts.failed), of: Double(counts.requests)) failed in this minute"
    }
    rows.append(
      row(
        spike.peak, .spikePeak, peak, line(nil, near: spike.peak.advanced(bySeconds: 30)),
        precision: 60))
    if !spike.isOpen, incident == nil {
      rows.append(
        row(
          spike.end, .spikeEnd, "Demand is back in its usual range",
          answered(from: spike.end)))
    }
    return rows
  }

  private func minute(_ moment: Instant) -> BucketCounts? {
    signal.minutes.index(of: moment).map { signal.minutes.cells[$0] }
  }

  func rows(of incident: Incident) -> [TimelineEntry] {
    let isLoss = incident.detectedBy == [.trafficLoss]
    var rows: [TimelineEntry] = []
    if isLoss || incident.cause == .trafficLoss {
      let start = incident.span.start
      rows.append(
        row(start, .trafficLost, "Requests begin to stay away", line(.answered, near: start)))
    }
    if !isLoss, let first = incident.phases.firstFailure {
      rows.append(firstFailure(first, in: incident))
    }
    if !isLoss, let worst = incident.impact.worstMinute,
      let ratio = incident.impact.worstMinuteRatio
    {
      rows.append(
        row(
          worst, .worstMinute, "Worst minute: \(share: ratio) of requests failed",
          line(.failed, near: worst.advanced(bySeconds: 30)), precision: 60))
    }
    rows += withinCapacity(incident)
    if incident.endState == .recovered {
      let end = incident.span.end
      rows.append(
        row(
          end, .recovery,
          isLoss ? "Requests have come back" : "Failures and latency are back to normal",
          answered(from: end)))
    }
    return rows + LevelRows(traffic: self, incident: incident).rows(beside: rows)
  }

  /// Not every line is kept: that of the very first failure may not be, and then the next one stands for it.
  private func firstFailure(_ first: Instant, in incident: Incident) -> TimelineEntry {
    let near = TimeSpan(start: first, end: first.advanced(bySeconds: 120))
    let rest = TimeSpan(start: first, end: max(first, incident.span.end))
    let line =
      FailedLines.nearest(to: first, in: near, of: signal)
      ?? FailedLines.nearest(to: first, in: rest, of: signal)
    var text: Sentence = "First failed request of the incident"
    if let line, line.arrival.seconds(since: first) >= Double(max(1, bucketSeconds)) {
      text = text + "; the first of which the line is kept came at \(time: line.arrival)"
    }
    // Where the request's own line was not kept, the time is that of its bucket.
    return row(
      first, .firstFailure, text, line.map { [evidence.cite($0)] } ?? [],
      precision: line?.arrival == first ? 1 : max(1, bucketSeconds))
  }

  /// When need fell to what was ready, and the failed share around it.
  private func withinCapacity(_ incident: Incident) -> [TimelineEntry] {
    guard let shortage = story?.shortfall?.span(within: incident.span),
      shortage.end < window.end, let before = minute(shortage.end.advanced(bySeconds: -60)),
      let after = minute(shortage.end.advanced(bySeconds: 60)), before.requests > 0,
      after.requests > 0
    else { return [] }
    let text: Sentence =
      "Demand back within ready capacity; failed requests go from \(share: Double(before.failed), of: Double(before.requests)) to \(share: Double(after.failed), of: Double(after.requests))"
    return [
      row(
        shortage.end, .withinCapacity, text, answered(from: shortage.end), precision: 60)
    ]
  }

  /// How far back the last row looks.
  private static let tailSeconds = 600.0

  /// Slow minutes without an incident, and where the lines end while something is still wrong.
  func rest(openIncident: Incident?) -> [TimelineEntry] {
    var rows = signal.slowTails.filter { $0.overlaps(window) }.prefix(20).map { span in
      row(
        span.start, .slowTail,
        "Slow tail for \(duration: span.seconds): the slowest answers took longer, the rest did not",
        line(.answered, near: span.start), precision: 60)
    }
    if let openIncident, let last = lastLine() {
      let tail = TimeSpan(start: window.end.advanced(bySeconds: -Self.tailSeconds), end: window.end)
      let counts = signal.minutes.sum(over: tail)
      var text: Sentence = "Last line read"
      if counts.requests > 0, openIncident.impact.failed > 0 {
        text =
          text
          + ". Of the last \(duration: Self.tailSeconds) \(share: Double(counts.failed), of: Double(counts.requests)) of requests failed"
      }
      rows.append(row(last.arrival, .lastLine, text, [evidence.cite(last)]))
    }
    return rows
  }

  private func lastLine() -> Exemplar? {
    signal.traffic.exemplars.filter { window.contains($0.arrival) }
      .max { ($0.arrival, $0.position) < ($1.arrival, $1.position) }
  }
}
