package import IncidentModel

/// Counts of one (service, bucket) cell. The nine outcome classes partition `requests`.
package struct BucketCounts: Hashable, Sendable {
  /// 1xx, 2xx and 3xx answers.
  package var answered: UInt32 = 0
  /// 4xx but those that count as throttled or abandoned.
  package var clientErrors: UInt32 = 0
  /// 429.
  package var throttled: UInt32 = 0
  /// 499, 444, 408, 460 and no status at all (FORMATS §0.2).
  package var abandoned: UInt32 = 0
  package var status500: UInt32 = 0
  package var status502: UInt32 = 0
  package var status503: UInt32 = 0
  package var status504: UInt32 = 0
  package var other5xx: UInt32 = 0
  /// Of the failed, those that no backend saw.
  package var shed: UInt32 = 0
  /// Of the requests, those whose format tells whether a backend was reached.
  package var tellingShed: UInt32 = 0
  /// Requests with a known duration.
  package var timed: UInt32 = 0
  /// Requests that began less requests that ended in this bucket: the running sum is the concurrency.
  package var inFlightChange: Int32 = 0
  package var bytes: UInt64 = 0
  /// Sum of the known durations, in microseconds.
  package var durationSum: UInt64 = 0

  package init() {}

  @inlinable
  package var failed: Int {
    Int(status500) + Int(status502) + Int(status503) + Int(status504) + Int(other5xx)
  }

  @inlinable
  package var requests: Int {
    Int(answered) + Int(clientErrors) + Int(throttled) + Int(abandoned) + failed
  }
}

/// What the tally knows of one service, in the form in which the analysis reads it.
package struct ServiceTraffic: Hashable, Sendable {
  package struct Bucket: Hashable, Sendable {
    /// Start of the bucket, a multiple of the view's width, in seconds since the epoch.
    package var start: Int64
    package var counts: BucketCounts

    package init(start: Int64, counts: BucketCounts) {
      self.start = start
      self.counts = counts
    }
  }

  /// Quantiles of the latency of answered, not shed requests within one stratum.
  package struct Latency: Hashable, Sendable {
    package var start: Int64
    /// 60 unless the tally had to widen.
    package var widthSeconds: Int
    package var count: Int
    /// Milliseconds.
    package var p50: Double
    package var p95: Double
    package var p99: Double

    package init(
      start: Int64, widthSeconds: Int, count: Int, p50: Double, p95: Double, p99: Double
    ) {
      self.start = start
      self.widthSeconds = widthSeconds
      self.count = count
      self.p50 = p50
      self.p95 = p95
      self.p99 = p99
    }
  }

  /// A bottom-k sample of one (service, minute), uniform over its requests.
  package struct SampleStratum: Hashable, Sendable {
    package var start: Int64
    package var widthSeconds: Int
    /// How many requests the stratum had; count ÷ requests.count is the weight of each.
    package var count: Int
    /// Ascending by (arrival, position).
    package var requests: [SampledRequest]

    package init(start: Int64, widthSeconds: Int, count: Int, requests: [SampledRequest]) {
      self.start = start
      self.widthSeconds = widthSeconds
      self.count = count
      self.requests = requests
    }
  }

  /// A backend and when it answered requests.
  package struct Backend: Hashable, Sendable {
    package var name: String
    package var first: Instant
    package var last: Instant
    /// Requests per minute: (start of the minute in seconds since the epoch, count), ascending.
    package var minutes: [Minute]

    package struct Minute: Hashable, Sendable {
      package var start: Int64
      package var count: Int
      package init(start: Int64, count: Int) {
        self.start = start
        self.count = count
      }
    }

    package init(name: String, first: Instant, last: Instant, minutes: [Minute]) {
      self.name = name
      self.first = first
      self.last = last
      self.minutes = minutes
    }
  }

  /// Estimated number of distinct clients of one stratum.
  package struct ClientStratum: Hashable, Sendable {
    package var start: Int64
    /// 21,600 unless the tally had to widen.
    package var widthSeconds: Int
    package var clients: Int

    package init(start: Int64, widthSeconds: Int, clients: Int) {
      self.start = start
      self.widthSeconds = widthSeconds
      self.clients = clients
    }
  }

  package var name: String
  /// Ascending by start; only buckets in which a request began or ended.
  package var buckets: [Bucket]
  package var latency: [Latency]
  package var sample: [SampleStratum]
  package var backends: [Backend]
  /// Ascending by (stratum, class, arrival, position).
  package var exemplars: [Exemplar]
  /// Estimated number of distinct clients over all.
  package var clients: Int
  /// Quantiles over the whole service, widthSeconds 0; nil without durations.
  package var wholeLatency: Latency?
  /// Exact sums over all buckets, in 64 bits.
  package var totals = ServiceTotals()
  package var clientStrata: [ClientStratum] = []
  /// Width of ``Backend/minutes``; 60 unless the tally had to widen.
  package var backendMinuteSeconds = 60

  package init(
    name: String, buckets: [Bucket], latency: [Latency] = [], sample: [SampleStratum] = [],
    backends: [Backend] = [], exemplars: [Exemplar] = [], clients: Int = 0,
    wholeLatency: Latency? = nil
  ) {
    self.name = name
    self.buckets = buckets
    self.latency = latency
    self.sample = sample
    self.backends = backends
    self.exemplars = exemplars
    self.clients = clients
    self.wholeLatency = wholeLatency
  }
}

/// The classes for which exemplars are kept.
package enum OutcomeClass: UInt8, CaseIterable, Sendable {
  case answered, clientError, throttled, abandoned, failed

  /// The client did not get what it asked for, and may ask again: the request failed, or the client gave up waiting.
  package var isUnanswered: Bool {
    switch self {
    case .failed, .abandoned: true
    case .answered, .clientError, .throttled: false
    }
  }
}

/// A line kept to prove a number: the first, the last or a hash-chosen one of its (service, minute, class).
package struct Exemplar: Hashable, Sendable {
  package enum Role: UInt8, Sendable {
    case first, last, chosen
  }
  /// Start of the stratum, in seconds since the epoch.
  package var stratum: Int64
  package var outcome: OutcomeClass
  package var role: Role
  package var arrival: Instant
  package var status: UInt16
  package var position: LogPosition
  /// The line, cut to 1 KiB.
  package var text: LogText

  package init(
    stratum: Int64, outcome: OutcomeClass, role: Role, arrival: Instant, status: UInt16,
    position: LogPosition, text: LogText
  ) {
    self.stratum = stratum
    self.outcome = outcome
    self.role = role
    self.arrival = arrival
    self.status = status
    self.position = position
    self.text = text
  }
}

/// One request of a sample with its dimensions; a dimension that the line lacks is empty.
package struct SampledRequest: Hashable, Sendable {
  package var arrival: Instant
  /// Microseconds, -1 unknown.
  package var duration: Int64
  package var status: UInt16
  package var outcome: OutcomeClass
  package var isShed: Bool
  /// The path with numbers and ids replaced, and without its query: `/orders/{n}/items`.
  package var template: String
  package var method: String
  package var client: String
  /// `203.0.113.0/24`, `2001:db8:1::/48`; empty for host names.
  package var network: String
  /// `Chrome`, `Mobile Safari`, `curl`, `Googlebot`, …
  package var agentFamily: String
  /// The whole agent's hash.
  package var agentSignature: UInt64
  /// The major version that the agent states; -1 for none.
  package var agentMajor = -1
  package var referrerHost: String
  package var zone: String
  package var backend: String
  package var isAsset: Bool
  package var position: LogPosition
  /// Kept for the 8 smallest hashes of each stratum.
  package var text: LogText?

  package init(
    arrival: Instant, duration: Int64, status: UInt16, outcome: OutcomeClass, isShed: Bool,
    template: String, method: String, client: String, network: String, agentFamily: String,
    agentSignature: UInt64, referrerHost: String, zone: String, backend: String, isAsset: Bool,
    position: LogPosition, text: LogText?
  ) {
    self.arrival = arrival
    self.duration = duration
    self.status = status
    self.outcome = outcome
    self.isShed = isShed
    self.template = template
    self.method = method
    self.client = client
    self.network = network
    self.agentFamily = agentFamily
    self.agentSignature = agentSignature
    self.referrerHost = referrerHost
    self.zone = zone
    self.backend = backend
    self.isAsset = isAsset
    self.position = position
    self.text = text
  }
}

/// The whole tally as the analysis reads it.
package struct TrafficView: Hashable, Sendable {
  /// How many lines of one access input fall into a minute, for gaps and clocks.
  package struct InputMinutes: Hashable, Sendable {
    package var input: Int
    /// (start of the minute in seconds since the epoch, records), ascending.
    package var minutes: [ServiceTraffic.Backend.Minute]

    package init(input: Int, minutes: [ServiceTraffic.Backend.Minute]) {
      self.input = input
      self.minutes = minutes
    }
  }

  /// 1, 5, 15, 60, 300, 900 or 3,600.
  package var bucketSeconds: Int
  /// Most requests first, then by name; at most 64, the rest is summed as `other`.
  package var services: [ServiceTraffic]
  /// Capacity events, notes, changes and alerts, without duplicates, as their inputs stamp them.
  package var events: [CapacityEvent]
  /// The manifest, sorted by name.
  package var inputs: [InputSummary]
  package var inputMinutes: [InputMinutes]
  package var rejected: [RejectSummary]
  /// Width of ``inputMinutes``; 60 unless the tally had to widen.
  package var inputMinuteSeconds = 60
  /// Estimated number of distinct clients over all services.
  package var clients = 0
  /// Distinct client addresses in the request sample by network, such as `203.0.113.0/24`, `203.0.0.0/16`, `2001:db8:1::/48` and `2001:db8::/32`: lower bounds, an IPv6 /64 counts once.
  package var networkClients: [String: Int] = [:]
  /// All requests of some clients.
  package var trails = ClientTrails()
  /// Lines of capacity events, notes, changes and alerts, duplicates included.
  package var eventsSeen = 0
  /// There were more events than the tally keeps: ``events`` is a sample in which people's lines and decisions come first.
  package var eventsAreCut = false
  /// Where the inputs that were given for their normal alone end and the others begin; nil without such inputs.
  package var baselineEnd: Instant?

  package init(
    bucketSeconds: Int, services: [ServiceTraffic], events: [CapacityEvent] = [],
    inputs: [InputSummary] = [], inputMinutes: [InputMinutes] = [], rejected: [RejectSummary] = []
  ) {
    self.bucketSeconds = bucketSeconds
    self.services = services
    self.events = events
    self.inputs = inputs
    self.inputMinutes = inputMinutes
    self.rejected = rejected
  }
}

extension BucketCounts {
  /// Adds another cell's counts; a count that would pass 2³² − 1 stays there.
  @inlinable
  package mutating func add(_ other: BucketCounts) {
    answered = answered.addingSaturated(other.answered)
    clientErrors = clientErrors.addingSaturated(other.clientErrors)
    throttled = throttled.addingSaturated(other.throttled)
    abandoned = abandoned.addingSaturated(other.abandoned)
    status500 = status500.addingSaturated(other.status500)
    status502 = status502.addingSaturated(other.status502)
    status503 = status503.addingSaturated(other.status503)
    status504 = status504.addingSaturated(other.status504)
    other5xx = other5xx.addingSaturated(other.other5xx)
    shed = shed.addingSaturated(other.shed)
    tellingShed = tellingShed.addingSaturated(other.tellingShed)
    timed = timed.addingSaturated(other.timed)
    inFlightChange = inFlightChange.addingSaturated(other.inFlightChange)
    bytes = bytes.addingSaturated(other.bytes)
    durationSum = durationSum.addingSaturated(other.durationSum)
  }
}

extension FixedWidthInteger {
  /// The sum, or the nearest bound where it does not fit: a count from a log never stops the run.
  @inlinable
  package func addingSaturated(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }
}
