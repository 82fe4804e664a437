/// One row of the timeline.
package struct TimelineEntry: Hashable, Sendable {
  /// Where the row comes from; rows of one moment stand in this order.
  package enum Source: String, CaseIterable, Comparable, Sendable {
    case access, capacity, change, alert, note

    package static func < (left: Source, right: Source) -> Bool {
      left.rank < right.rank
    }

    private var rank: Int {
      switch self {
      case .access: 0
      case .capacity: 1
      case .change: 2
      case .alert: 3
      case .note: 4
      }
    }
  }

  /// What happened, for programs: `spike-onset`, `first-failure`, `scale-out-decided`, `launch-failed`, `note`, …
  package enum Kind: String, CaseIterable, Sendable {
    case spikeOnset = "spike-onset"
    case spikePeak = "spike-peak"
    case spikeEnd = "spike-end"
    /// Requests begin to stay away.
    case trafficLost = "traffic-lost"
    case firstFailure = "first-failure"
    case worstMinute = "worst-minute"
    /// The share of failed requests went from one level to another within an incident.
    case failedShareChanged = "failed-share-changed"
    /// The latency of answered requests went from one level to another in or near an incident.
    case latencyChanged = "latency-changed"
    /// Fewer requests were served than before though no fewer came, or as many as before again.
    case goodputChanged = "goodput-changed"
    /// The instances that were seen serving became fewer or more; where no capacity log tells it.
    case fleetChanged = "fleet-changed"
    case recovery
    case withinCapacity = "demand-within-capacity"
    case slowTail = "slow-tail"
    case lastLine = "last-line"
    case gap
    case scaleOutDecided = "scale-out-decided"
    case scaleInDecided = "scale-in-decided"
    case launchStarted = "launch-started"
    case launchFailed = "launch-failed"
    case inService = "in-service"
    case terminated
    case limitReached = "limit-reached"
    case notTriggered = "not-triggered"
    case backoff
    case configChanged = "config-changed"
    case observed
    case clockShifted = "clock-shifted"
    case note, change, alert
  }

  package var time: Instant
  package var kind: Kind
  package var source: Source
  package var service: String?
  package var group: String?
  /// Without full stop.
  package var text: Sentence
  package var evidence: [EvidenceID]
  /// `A` … `Z` where the picture marks it.
  package var mark: String?
  package var precisionSeconds: Int
  /// How many alike events the row folds.
  package var count: Int
  /// The time of the last of them.
  package var last: Instant?

  package init(
    time: Instant, kind: Kind, source: Source, service: String? = nil, group: String? = nil,
    text: Sentence, evidence: [EvidenceID], mark: String? = nil, precisionSeconds: Int = 1,
    count: Int = 1, last: Instant? = nil
  ) {
    self.time = time
    self.kind = kind
    self.source = source
    self.service = service
    self.group = group
    self.text = text
    self.evidence = evidence
    self.mark = mark
    self.precisionSeconds = precisionSeconds
    self.count = count
    self.last = last
  }
}
