/// A rise of a service's arrivals above its baseline.
package struct Spike: Hashable, Sendable {
  package enum Outcome: String, Sendable {
    case absorbed, degraded, failed
  }

  /// `S1`, `S2`, … in order of onset.
  package var id: String
  package var service: String
  package var onset: Instant
  /// Half the width of the onset's interval, in seconds.
  package var onsetUncertaintySeconds: Double
  /// Seconds from onset to the full height; 0 for a step.
  package var rampSeconds: Double
  /// Start of the busiest minute.
  package var peak: Instant
  package var end: Instant
  package var endUncertaintySeconds: Double
  /// The inputs end before the spike does.
  package var isOpen: Bool
  package var baselineRate: Double
  /// Mean arrivals per second over the busiest minute.
  package var peakRate: Double
  /// The same of first attempts; nil until repeats can be told.
  package var firstAttemptPeakRate: Double?
  package var outcome: Outcome
  package var composition: Composition
  package var response: ScalingResponse
  /// Lines at the onset and at the peak.
  package var evidence: [EvidenceID]

  package init(
    id: String, service: String, onset: Instant, onsetUncertaintySeconds: Double,
    rampSeconds: Double, peak: Instant, end: Instant, endUncertaintySeconds: Double, isOpen: Bool,
    baselineRate: Double, peakRate: Double, outcome: Outcome, composition: Composition,
    response: ScalingResponse, evidence: [EvidenceID]
  ) {
    self.id = id
    self.service = service
    self.onset = onset
    self.onsetUncertaintySeconds = onsetUncertaintySeconds
    self.rampSeconds = rampSeconds
    self.peak = peak
    self.end = end
    self.endUncertaintySeconds = endUncertaintySeconds
    self.isOpen = isOpen
    self.baselineRate = baselineRate
    self.peakRate = peakRate
    self.outcome = outcome
    self.composition = composition
    self.response = response
    self.evidence = evidence
  }

  /// Peak over baseline.
  package var ratio: Double { baselineRate > 0 ? peakRate / baselineRate : 0 }
}

/// How the autoscaler answered a spike; nil where no capacity log tells.
package struct ScalingResponse: Hashable, Sendable {
  package var firstDecision: Instant?
  package var firstInService: Instant?
  package var decisionLagSeconds: Double?
  package var inServiceLagSeconds: Double?

  package init(
    firstDecision: Instant? = nil, firstInService: Instant? = nil,
    decisionLagSeconds: Double? = nil, inServiceLagSeconds: Double? = nil
  ) {
    self.firstDecision = firstDecision
    self.firstInService = firstInService
    self.decisionLagSeconds = decisionLagSeconds
    self.inServiceLagSeconds = inServiceLagSeconds
  }
}

/// Who the excess over the baseline was.
package struct Composition: Hashable, Sendable {
  package enum Kind: String, Sendable {
    case organic
    case botLike = "bot-like"
    case retries
    case singleEndpoint = "single-endpoint"
    case mixed
    case cannotTell = "cannot-tell"
  }

  /// One value of a dimension and its part of the excess.
  package struct Segment: Hashable, Sendable {
    /// `route`, `client_network`, `client_agent`, `service`, …
    package var dimension: String
    package var value: LogText
    package var shareOfExcess: Double
    package var baselineShare: Double
    /// Half the width of the sampling interval of `shareOfExcess`.
    package var shareError: Double

    package init(
      dimension: String, value: LogText, shareOfExcess: Double, baselineShare: Double,
      shareError: Double
    ) {
      self.dimension = dimension
      self.value = value
      self.shareOfExcess = shareOfExcess
      self.baselineShare = baselineShare
      self.shareError = shareError
    }
  }

  package var kind: Kind
  /// Requests above the baseline; nil where the excess is too small to have a composition.
  package var excessRequests: Int?
  package var botShare: Double?
  package var retryShare: Double?
  /// Largest first.
  package var segments: [Segment]

  package init(
    kind: Kind, excessRequests: Int?, botShare: Double?, retryShare: Double?, segments: [Segment]
  ) {
    self.kind = kind
    self.excessRequests = excessRequests
    self.botShare = botShare
    self.retryShare = retryShare
    self.segments = segments
  }
}
