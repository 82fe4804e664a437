/// Everything that a report tells: the whole result of one run, as values.
///
/// The fields of the JSON contract (DESIGN §7) are the fields here; ReportWriting adds words and escapes, never numbers.
package struct Analysis: Sendable {
  /// The stretch that the report covers.
  package struct Window: Hashable, Sendable {
    package var span: TimeSpan
    /// The width of the tally's buckets.
    package var bucketSeconds: Int

    package init(span: TimeSpan, bucketSeconds: Int) {
      self.span = span
      self.bucketSeconds = bucketSeconds
    }
  }

  package var options: AnalysisOptions
  package var window: Window
  /// Sorted by name; ``LogPosition/input`` is an index into it.
  package var inputs: [InputSummary]
  /// Most requests first, then by name; at most 64 and `other`.
  package var services: [ServiceSummary]
  package var series: [ServiceSeries]
  package var spikes: [Spike]
  package var incidents: [Incident]
  package var capacity: [CapacityAccount]
  /// Ascending by time, then source, then position.
  package var timeline: [TimelineEntry]
  /// Ascending by time, file, member and line; the id is the index + 1.
  package var evidence: [Evidence]
  package var openQuestions: [OpenQuestion]
  package var coverage: Coverage
  /// The named constants of the methods, for the appendix.
  package var parameters: [Parameter]

  package init(
    options: AnalysisOptions, window: Window, inputs: [InputSummary], services: [ServiceSummary],
    series: [ServiceSeries], spikes: [Spike], incidents: [Incident], capacity: [CapacityAccount],
    timeline: [TimelineEntry], evidence: [Evidence], openQuestions: [OpenQuestion],
    coverage: Coverage, parameters: [Parameter]
  ) {
    self.options = options
    self.window = window
    self.inputs = inputs
    self.services = services
    self.series = series
    self.spikes = spikes
    self.incidents = incidents
    self.capacity = capacity
    self.timeline = timeline
    self.evidence = evidence
    self.openQuestions = openQuestions
    self.coverage = coverage
    self.parameters = parameters
  }
}

/// A time that the user gave for `--from` or `--to`: a moment, or a time of day if the inputs cover one day.
package enum WindowBound: Hashable, Sendable {
  case moment(Instant)
  case timeOfDay(seconds: Int)
}

/// The options that change what the analysis says.
package struct AnalysisOptions: Hashable, Sendable {
  package var from: WindowBound?
  package var to: WindowBound?
  /// The objective for the share of requests that do not fail.
  package var objective: Double = 0.999
  /// The objective was given by the user and is not the default.
  package var objectiveIsGiven: Bool = false
  /// Only this service is reported.
  package var service: String?
  /// Which services capacity groups carry, where the user settled it.
  package var groups: [ConfiguredGroup] = []
  /// Whose networks are known, from files that the user named.
  package var addressLists: [AddressList] = []
  /// What the user typed, in the order of DESIGN §6's table, for the report's last line: `--from 17:30`.
  package var given: [String] = []

  package init() {}
}

/// The services that a capacity group carries, as the user's configuration says.
package struct ConfiguredGroup: Hashable, Sendable {
  package var group: String
  package var services: [String]

  package init(group: String, services: [String]) {
    self.group = group
    self.services = services
  }
}

/// One service over the whole window.
package struct ServiceSummary: Hashable, Sendable {
  package var name: String
  package var impact: Impact
  package var p50Milliseconds: Double?
  package var p95Milliseconds: Double?
  package var p99Milliseconds: Double?
  /// The outer service in whose flow this one lies (METHODS: vantages); nil: none was found.
  package var insideOf: String?
  /// A service whose counts are so alike that both may have logged the same requests.
  package var perhapsSameAs: String?
  /// From what its usual arrivals were learnt.
  package var normal: NormalSource?
  /// Failures that come in bursts all day; nil: they don't.
  package var usualBursts: UsualFailureBursts?

  package init(name: String, impact: Impact) {
    self.name = name
    self.impact = impact
  }
}

/// Failures that come in bursts all day long, and are no incidents (METHODS §5).
package struct UsualFailureBursts: Hashable, Sendable {
  package var count: Int
  /// Failed requests of the mildest and of the worst.
  package var failed: ClosedRange<Int>
  package var longestSeconds: Double
  /// The middle distance of their beginnings.
  package var everySeconds: Double
  /// From the first to the last of them.
  package var span: TimeSpan

  package init(
    count: Int, failed: ClosedRange<Int>, longestSeconds: Double, everySeconds: Double,
    span: TimeSpan
  ) {
    self.count = count
    self.failed = failed
    self.longestSeconds = longestSeconds
    self.everySeconds = everySeconds
    self.span = span
  }
}

/// What a service's usual arrivals were learnt from (METHODS §3).
package struct NormalSource: Hashable, Sendable {
  package enum Level: String, Sendable {
    case weeks, days, trailing
    case firstMinutes = "first-minutes"
  }

  /// The first stretch of the logs, where it was unlike what follows.
  package struct LeftOut: Hashable, Sendable {
    package enum Reason: String, CaseIterable, Sendable {
      /// Traffic came up from nothing, as when a service has just started.
      case start
      /// Requests failed from the first line on.
      case failing
      /// There was less traffic than in the many minutes that follow.
      case lower
      /// There was more traffic than ever in the minutes that follow.
      case higher
    }

    package var span: TimeSpan
    package var reason: Reason

    package init(span: TimeSpan, reason: Reason) {
      self.span = span
      self.reason = reason
    }
  }

  package var level: Level
  /// From the first request that was read to the first that was judged.
  package var span: TimeSpan
  /// What stands before it and was not learnt from.
  package var leftOut: LeftOut?

  package init(level: Level, span: TimeSpan, leftOut: LeftOut? = nil) {
    self.level = level
    self.span = span
    self.leftOut = leftOut
  }
}

/// One service's numbers over the window in equal cells; nil is a gap or unknown, never 0.
package struct ServiceSeries: Hashable, Sendable {
  package var service: String
  package var start: Instant
  package var bucketSeconds: Int
  package var requests: [Int?] = []
  package var failed: [Int?] = []
  package var repeats: [Int?] = []
  package var needed: [Int?] = []
  package var neededFirstAttempts: [Int?] = []
  package var wanted: [Int?] = []
  package var ready: [Int?] = []
  /// Instances that answered requests.
  package var serving: [Int?] = []
  /// The maximum size in force.
  package var maximum: [Int?] = []
  package var p95Milliseconds: [Double?] = []

  package init(service: String, start: Instant, bucketSeconds: Int) {
    self.service = service
    self.start = start
    self.bucketSeconds = bucketSeconds
  }
}

/// Something the logs do not explain, and the input that would.
package struct OpenQuestion: Hashable, Sendable {
  /// A bold lead such as `Why 3 % of requests still fail after 18:54`, without full stop.
  package var title: Sentence
  /// What it would take; a whole sentence with its full stop.
  package var text: Sentence
  package var evidence: [EvidenceID]
  package var needs: [Sentence]

  package init(
    title: Sentence, text: Sentence, evidence: [EvidenceID] = [], needs: [Sentence] = []
  ) {
    self.title = title
    self.text = text
    self.evidence = evidence
    self.needs = needs
  }
}

/// What was read and what was not.
package struct Coverage: Hashable, Sendable {
  /// A stretch in which an input that should speak is silent.
  package struct Gap: Hashable, Sendable {
    /// nil: all access inputs together.
    package var input: Int?
    package var span: TimeSpan

    package init(input: Int?, span: TimeSpan) {
      self.input = input
      self.span = span
    }
  }

  /// How far an input's clock is ahead of the access logs'.
  package struct Clock: Hashable, Sendable {
    package var input: Int
    package var offsetSeconds: Double
    package var uncertaintySeconds: Double
    package var reason: Sentence

    package init(
      input: Int, offsetSeconds: Double, uncertaintySeconds: Double, reason: Sentence
    ) {
      self.input = input
      self.offsetSeconds = offsetSeconds
      self.uncertaintySeconds = uncertaintySeconds
      self.reason = reason
    }
  }

  /// An incident in whose minutes access-log lines were rejected more often than in the others.
  package struct RejectRise: Hashable, Sendable {
    package var incident: String
    /// Rejected lines in the minutes of the incident.
    package var count: Int
    /// Rejected lines of all minutes.
    package var total: Int

    package init(incident: String, count: Int, total: Int) {
      self.incident = incident
      self.count = count
      self.total = total
    }
  }

  package var gaps: [Gap]
  package var clock: [Clock]
  package var rejected: [RejectSummary]
  package var rejectRises: [RejectRise]

  package init(
    gaps: [Gap] = [], clock: [Clock] = [], rejected: [RejectSummary] = [],
    rejectRises: [RejectRise] = []
  ) {
    self.gaps = gaps
    self.clock = clock
    self.rejected = rejected
    self.rejectRises = rejectRises
  }
}

/// A named constant of a method, as the appendix shows it.
package struct Parameter: Hashable, Sendable {
  /// `spike.minimum_ratio`
  package var name: String
  package var value: Double

  package init(name: String, value: Double) {
    self.name = name
    self.value = value
  }
}
