/// What is known of one group's capacity over the window.
package struct CapacityAccount: Hashable, Sendable {
  package enum Source: String, Sendable {
    /// From autoscaler logs.
    case log
    /// The fleet that was seen serving stands in.
    case inferred
  }

  /// One change of the group's size.
  package struct Step: Hashable, Sendable {
    package var time: Instant
    package var ready: Int?
    package var wanted: Int?
    package var evidence: [EvidenceID]

    package init(time: Instant, ready: Int?, wanted: Int?, evidence: [EvidenceID]) {
      self.time = time
      self.ready = ready
      self.wanted = wanted
      self.evidence = evidence
    }
  }

  /// The launches that failed for one reason.
  package struct Refusals: Hashable, Sendable {
    package var reason: CapacityEvent.Reason
    package var count: Int
    package var first: Instant
    package var last: Instant
    package var evidence: [EvidenceID]

    package init(
      reason: CapacityEvent.Reason, count: Int, first: Instant, last: Instant,
      evidence: [EvidenceID]
    ) {
      self.reason = reason
      self.count = count
      self.first = first
      self.last = last
      self.evidence = evidence
    }
  }

  /// The phases of one scale-out, exact from events.
  package struct ScaleOut: Hashable, Sendable {
    package var decision: Instant
    package var from: Int?
    package var to: Int?
    package var firstLaunch: Instant?
    package var firstInService: Instant?
    package var lastInService: Instant?
    package var firstServed: Instant?
    package var evidence: [EvidenceID]

    package init(
      decision: Instant, from: Int?, to: Int?, firstLaunch: Instant?, firstInService: Instant?,
      lastInService: Instant?, firstServed: Instant?, evidence: [EvidenceID]
    ) {
      self.decision = decision
      self.from = from
      self.to = to
      self.firstLaunch = firstLaunch
      self.firstInService = firstInService
      self.lastInService = lastInService
      self.firstServed = firstServed
      self.evidence = evidence
    }
  }

  /// The Universal Scalability Law fitted to the sizes that the group had: X(n) = λn ÷ (1 + α(n − 1) + βn(n − 1)) (Gunther 2007).
  package struct Scalability: Hashable, Sendable {
    /// λ: requests per second of one instance alone.
    package var rate: Double
    /// α: contention.
    package var contention: Double
    /// β: the cost of keeping each other up to date.
    package var coherence: Double
    /// The part of the variance that the fit explains.
    package var determination: Double
    /// Different sizes that were seen working to the full.
    package var sizes: Int

    package init(
      rate: Double, contention: Double, coherence: Double, determination: Double, sizes: Int
    ) {
      self.rate = rate
      self.contention = contention
      self.coherence = coherence
      self.determination = determination
      self.sizes = sizes
    }
  }

  package var group: String
  package var services: [String]
  /// How sure the mapping of group to services is, 0 … 1.
  package var mappingLikelihood: Double
  /// Why they were put together: `the only group and the only service`.
  package var mappingReason: Sentence
  /// Names that were taken for this group's, each with why: clauses without full stop.
  package var otherNames: [Sentence] = []
  package var perInstanceRate: Double?
  package var perInstanceRateInterval: ClosedRange<Double>?
  /// Never saturated: the group can carry at least this.
  package var perInstanceRateIsLowerBound: Bool
  /// Over one-minute means, at the minute of the greatest shortfall.
  package var peakNeeded: Int?
  package var peakNeededInterval: ClosedRange<Int>?
  package var peakNeededFirstAttempts: Int?
  package var peakReady: Int?
  package var peakMinute: Instant?
  /// nil: cannot be told, or there was none to tell of because the group never saturated.
  package var shortfall: Int?
  package var shortfallInterval: ClosedRange<Int>?
  /// First and last minute in which more was needed than ready.
  package var shortfallSpan: TimeSpan?
  package var instanceMinutesShort: Double?
  /// The lowest maximum in force while the incident lasted, else the last known.
  package var maximumSize: Int?
  /// Where the maximum was read; nil: nowhere.
  package var maximumSource: EvidenceID?
  package var source: Source
  /// Where the first value of `ready` comes from, such as `the from of the first decision`.
  package var readySource: Sentence
  package var ordered: Int?
  package var served: Int?
  package var steps: [Step]
  package var refusals: [Refusals]
  package var scaleOuts: [ScaleOut]
  /// nil: too few sizes, or the law does not fit.
  package var scalability: Scalability?

  package init(
    group: String, services: [String], mappingLikelihood: Double, mappingReason: Sentence,
    source: Source, readySource: Sentence
  ) {
    self.group = group
    self.services = services
    self.mappingLikelihood = mappingLikelihood
    self.mappingReason = mappingReason
    self.perInstanceRateIsLowerBound = false
    self.source = source
    self.readySource = readySource
    self.steps = []
    self.refusals = []
    self.scaleOuts = []
  }
}
