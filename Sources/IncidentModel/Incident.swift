/// What one stretch of time did to requests. Counts are exact; nil is unknown, never 0.
package struct Impact: Hashable, Sendable {
  package var requests: Int
  package var failed: Int
  /// Of the failed, those that never reached a backend; nil where the format does not tell.
  package var shed: Int?
  package var throttled: Int
  package var abandoned: Int
  package var repeats: Int?
  package var repeatsError: Double?
  /// So many repeats at least: a part of the failed requests cannot be told from what is asked for again all the time.
  package var repeatsIsLowerBound = false
  package var bytes: Int
  /// 95th percentile of the answered requests' latency in the worst minute.
  package var p95Milliseconds: Double?
  package var p95Minute: Instant?
  package var clientsAffected: Int?
  /// Relative error of `clientsAffected`.
  package var clientsError: Double?
  /// The minute with the highest failed ratio among those with enough requests to tell.
  package var worstMinute: Instant?
  package var worstMinuteRatio: Double?
  /// Failed ratio ÷ (1 − objective).
  package var errorBudget: Double?

  package init(requests: Int, failed: Int, throttled: Int, abandoned: Int, bytes: Int) {
    self.requests = requests
    self.failed = failed
    self.throttled = throttled
    self.abandoned = abandoned
    self.bytes = bytes
  }

  /// Failed ÷ requests; nil without requests.
  package var failedRatio: Double? {
    requests > 0 ? Double(failed) / Double(requests) : nil
  }

  /// Whether so large a share failed that it is asked about even where no stretch stands out.
  package static func isMuch(failed: Int, of requests: Int) -> Bool {
    requests > 0 && Double(failed) >= askedShare * Double(requests)
  }

  private static let askedShare = 0.01
}

/// The milestones of an incident; nil where the inputs do not show one.
package struct Phases: Hashable, Sendable {
  package var onset: Instant?
  package var firstDecision: Instant?
  package var firstLaunch: Instant?
  package var firstInService: Instant?
  package var firstFailure: Instant?
  package var worst: Instant?
  package var recovery: Instant?
  /// The lines that tell of the first decision, launch and arrival.
  package var decisionProof: EvidenceID?
  package var launchProof: EvidenceID?
  package var inServiceProof: EvidenceID?

  package init() {}
}

/// A maximal stretch in which a service failed its users.
package struct Incident: Hashable, Sendable {
  package enum Detection: String, CaseIterable, Sendable {
    case errors, latency
    case trafficLoss = "traffic-loss"
  }

  package enum EndState: String, Sendable {
    case recovered, partly
    case openAtEndOfInput = "open-at-end-of-input"
  }

  /// `I1`, `I2`, … in order of start.
  package var id: String
  /// The first service to fail.
  package var service: String
  /// All services that fail within it, the first to fail first.
  package var services: [String]
  package var span: TimeSpan
  package var startUncertaintySeconds: Double
  package var endUncertaintySeconds: Double
  package var endState: EndState
  package var detectedBy: [Detection]
  /// The leading cause; nil: undetermined.
  package var cause: Cause?
  /// Ids of the spikes that overlap it.
  package var spikes: [String]
  package var impact: Impact
  /// The rest of the window, so that the two add up to the inputs.
  package var outside: Impact
  package var phases: Phases
  /// The stretch with the highest failed ratio.
  package var worstSpan: TimeSpan?
  /// One of each cause, in the order of ``Cause/allCases``.
  package var findings: [Finding]
  /// First failure, worst minute, recovery.
  package var evidence: [EvidenceID]
  package var counterfactuals: [Counterfactual]
  /// What of the incident the inputs do not show, and what to fetch next.
  package var missing: [MissingCover] = []
  /// The other services that fail within it, in the order of ``services``.
  package var others: [FailingService] = []

  package init(
    id: String, service: String, services: [String], span: TimeSpan,
    startUncertaintySeconds: Double, endUncertaintySeconds: Double, endState: EndState,
    detectedBy: [Detection], cause: Cause?, spikes: [String], impact: Impact, outside: Impact,
    phases: Phases, worstSpan: TimeSpan?, findings: [Finding], evidence: [EvidenceID],
    counterfactuals: [Counterfactual] = []
  ) {
    self.id = id
    self.service = service
    self.services = services
    self.span = span
    self.startUncertaintySeconds = startUncertaintySeconds
    self.endUncertaintySeconds = endUncertaintySeconds
    self.endState = endState
    self.detectedBy = detectedBy
    self.cause = cause
    self.spikes = spikes
    self.impact = impact
    self.outside = outside
    self.phases = phases
    self.worstSpan = worstSpan
    self.findings = findings
    self.evidence = evidence
    self.counterfactuals = counterfactuals
  }
}

/// A service that failed together with another one, over the stretch in which it failed.
package struct FailingService: Hashable, Sendable {
  package var service: String
  package var span: TimeSpan
  package var requests: Int
  package var failed: Int
  package var evidence: [EvidenceID]

  package init(
    service: String, span: TimeSpan, requests: Int, failed: Int, evidence: [EvidenceID]
  ) {
    self.service = service
    self.span = span
    self.requests = requests
    self.failed = failed
    self.evidence = evidence
  }
}

/// Which of some incidents the reader asks about first: by failed requests, where they are what made it one, and then by how long it was.
///
/// The few that fail on any day say nothing of which of two was worse.
package struct IncidentWeight: Hashable, Comparable, Sendable {
  private let failed: Int
  private let seconds: Double

  /// - Parameter isByErrors: failures made it an incident, not slow answers alone, nor requests that stayed away.
  package init(failed: Int, isByErrors: Bool, seconds: Double) {
    self.failed = isByErrors ? failed : 0
    self.seconds = seconds
  }

  package static func < (left: IncidentWeight, right: IncidentWeight) -> Bool {
    (left.failed, left.seconds) < (right.failed, right.seconds)
  }
}

extension Incident {
  /// Its place among others.
  package var weight: IncidentWeight {
    IncidentWeight(
      failed: impact.failed, isByErrors: detectedBy.contains(.errors), seconds: span.seconds)
  }
}

extension [Incident] {
  /// The worst first, of equals the earlier.
  package var worstFirst: [Incident] {
    enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
      .map(\.element)
  }
}

/// What would have failed under another decision: an interval with its assumptions.
package struct Counterfactual: Hashable, Sendable {
  /// What is taken to have been otherwise.
  package enum Change: String, CaseIterable, Sendable {
    case largerMaximum = "larger-maximum"
    case earlierDecision = "earlier-decision"
    case schedule
    case fleetKept = "fleet-kept"
    case noRepeats = "no-repeats"
    case noMachineExcess = "no-machine-excess"
  }

  /// An interval of this part of all failed requests, or more, says nothing.
  package static let widest = 0.9

  package var change: Change
  package var kind: Sentence
  package var span: TimeSpan
  package var failedLow: Int
  package var failedHigh: Int
  package var assumptions: [Sentence]

  package init(
    change: Change, kind: Sentence, span: TimeSpan, failedLow: Int, failedHigh: Int,
    assumptions: [Sentence]
  ) {
    self.change = change
    self.kind = kind
    self.span = span
    self.failedLow = failedLow
    self.failedHigh = failedHigh
    self.assumptions = assumptions
  }

  /// Whether the interval tells anything beside the `failed` requests that there were: from hardly any to nearly all does not.
  package func tellsAnything(of failed: Double) -> Bool {
    Double(failedHigh) - Double(failedLow) < Self.widest * failed
  }
}

/// A part of an incident that the inputs do not show (METHODS §5).
package struct MissingCover: Hashable, Sendable {
  package enum Kind: String, Sendable {
    /// The inputs begin, or end, inside the incident.
    case beginning, end
    /// Some of the inputs are silent in it, or all of them.
    case gap
  }

  package var kind: Kind
  package var span: TimeSpan
  /// nil: all access inputs together.
  package var input: Int?
  /// What is missing: a clause without full stop.
  package var text: Sentence
  /// What to fetch next, such as `the access logs from 19:30:00 on`.
  package var fetch: Sentence

  package init(kind: Kind, span: TimeSpan, input: Int? = nil, text: Sentence, fetch: Sentence) {
    self.kind = kind
    self.span = span
    self.input = input
    self.text = text
    self.fetch = fetch
  }
}
