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

  /// What the tests of people or machines look at (METHODS §7).
  package enum Family: String, CaseIterable, Sendable {
    case origin, pacing, content, identity
  }

  /// One test of people or machines and what it saw in one part of the excess.
  package struct Test: Hashable, Sendable {
    /// Why a test has no weight.
    package enum State: String, Sendable {
      /// It weighed for people or for machines.
      case weighed
      /// What it saw lies between its two bounds.
      case silent
      /// It says nothing of this part: addresses stand for many people, or the part was chosen by what the test looks at.
      case void
      /// The inputs lack the field, or too few requests were sampled.
      case missing
    }

    /// `pacing.timers`
    package var name: String
    package var family: Family
    package var state: State
    /// What it adds to the log-odds of machines; 0 where it did not weigh.
    package var weight: Double
    /// Decides a family more than the others may.
    package var isDecisive: Bool
    /// Floodmark's own words, no full stop.
    package var saw: Sentence

    package init(
      name: String, family: Family, state: State, weight: Double, isDecisive: Bool = false,
      saw: Sentence
    ) {
      self.name = name
      self.family = family
      self.state = state
      self.weight = weight
      self.isDecisive = isDecisive
      self.saw = saw
    }
  }

  /// A part of the excess that was judged alone.
  package struct Part: Hashable, Sendable {
    package enum Selection: String, Sendable {
      case whole, agents, networks
      /// What the agents or networks of the other part leave.
      case rest
    }
    package enum Verdict: String, Sendable {
      case people, machines
      case cannotTell = "cannot-tell"
    }

    package var selection: Selection
    /// The client software or the networks that make the part, most requests first; empty for the whole and the rest.
    package var values: [LogText]
    /// Of the excess of first attempts.
    package var share: Double
    /// Half the width of the interval of `share`.
    package var shareError: Double
    package var verdict: Verdict
    /// Log-odds of machines.
    package var logOdds: Double
    /// Of a part that machines made, about so much that people did who came with them; 0 where nothing tells them apart.
    package var peopleShare = 0.0
    /// Many people stand behind each address.
    package var isShared: Bool
    package var tests: [Test]
    /// What keeps it from being told; no full stop.
    package var obstacle: Sentence?
    package var evidence: [EvidenceID] = []

    package init(
      selection: Selection, values: [LogText], share: Double, shareError: Double,
      verdict: Verdict, logOdds: Double, isShared: Bool, tests: [Test], obstacle: Sentence? = nil
    ) {
      self.selection = selection
      self.values = values
      self.share = share
      self.shareError = shareError
      self.verdict = verdict
      self.logOdds = logOdds
      self.isShared = isShared
      self.tests = tests
      self.obstacle = obstacle
    }
  }

  /// Two values that come together, and their part of the excess.
  package struct Pair: Hashable, Sendable {
    package var first: Segment
    package var second: Segment
    package var shareOfExcess: Double
    package var baselineShare: Double
    package var shareError: Double

    package init(
      first: Segment, second: Segment, shareOfExcess: Double, baselineShare: Double,
      shareError: Double
    ) {
      self.first = first
      self.second = second
      self.shareOfExcess = shareOfExcess
      self.baselineShare = baselineShare
      self.shareError = shareError
    }
  }

  /// A declared crawler in the excess.
  package struct Crawler: Hashable, Sendable {
    package enum Standing: String, Sendable {
      /// Its requests come from the list that its operator publishes.
      case verified
      /// Most of them come from elsewhere.
      case claimed
      /// No list was given.
      case unchecked
    }
    package var name: LogText
    package var shareOfExcess: Double
    package var standing: Standing

    package init(name: LogText, shareOfExcess: Double, standing: Standing) {
      self.name = name
      self.shareOfExcess = shareOfExcess
      self.standing = standing
    }
  }

  package var kind: Kind
  /// Requests above the baseline; nil where the excess is too small to have a composition.
  package var excessRequests: Int?
  package var botShare: Double?
  package var retryShare: Double?
  /// By dimension, the most surprising first (Adtributor, NSDI 2014), and in each the largest first.
  package var segments: [Segment]
  /// Half the width of the interval of `botShare`.
  package var botShareError: Double?
  /// The machine-made part of the excess of first attempts; nil where no part could be judged.
  package var machineShare: Double?
  /// The part of the excess of first attempts of which nobody can tell.
  package var undecidedShare: Double?
  /// What was judged, largest first; their shares are those of first attempts.
  package var parts: [Part] = []
  /// Largest first.
  package var pairs: [Pair] = []
  /// Largest first.
  package var crawlers: [Crawler] = []
  /// Fields and inputs that would have decided it.
  package var needs: [Sentence] = []

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
