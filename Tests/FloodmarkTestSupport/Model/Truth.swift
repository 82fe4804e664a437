package import IncidentModel

/// What truly happened, minute by minute, of the lines that a format writes.
package struct MinuteTruth: Sendable {
  /// The first minute; the others follow without a gap.
  package let first: Instant
  package private(set) var arrivals: [Int]
  package private(set) var repeats: [Int]
  package private(set) var failed: [Int]
  package private(set) var shed: [Int]
  package private(set) var healthChecks: [Int]
  /// Least instances in service within the minute.
  package private(set) var ready: [Int]
  package private(set) var wanted: [Int]
  /// ⌈arrivals without health checks ÷ 60 ÷ c*⌉
  package private(set) var needed: [Int]
  /// The same of first attempts alone.
  package private(set) var neededFirst: [Int]

  package init(incident: SimulatedIncident, kind: AccessLogKind) {
    let start = incident.plan.start
    first = start
    let count = (incident.plan.seconds + 59) / 60
    arrivals = Array(repeating: 0, count: count)
    repeats = arrivals
    failed = arrivals
    shed = arrivals
    healthChecks = arrivals
    for request in incident.requests where kind.writes(request) {
      let minute = Int((request.arrival - start.microseconds) / 60_000_000)
      arrivals[minute] += 1
      if request.attempt > 0 { repeats[minute] += 1 }
      if request.isFailed { failed[minute] += 1 }
      if request.isFailed && request.backend < 0 { shed[minute] += 1 }
      if request.kind == .healthCheck { healthChecks[minute] += 1 }
    }
    func least(_ series: [Int]) -> [Int] {
      (0..<count).map { series[$0 * 60..<min(series.count, $0 * 60 + 60)].min() ?? 0 }
    }
    ready = least(incident.ready)
    wanted = least(incident.wanted)
    let capacity = incident.plan.capacity
    func need(_ requests: Int) -> Int {
      Int((Double(requests) / 60 / capacity).rounded(.up))
    }
    needed = zip(arrivals, healthChecks).map { need($0 - $1) }
    neededFirst = zip(zip(arrivals, healthChecks), repeats).map { need($0.0 - $0.1 - $1) }
  }
}

/// The truth beside an archive: everything a report on it may be held against.
package struct Truth: Sendable {
  package let scenario: Scenario
  package let seed: UInt64
  package let accessFormat: AccessLogKind
  package let capacityFormat: CapacityLogKind
  package let cause: Cause?
  package let host: String
  package let group: String
  package let start: Instant
  package let end: Instant
  package let onset: Instant?
  /// Seconds from the onset to the full surge.
  package let ramp: Int
  /// c*: requests per second that one instance can work.
  package let capacity: Double
  /// Instances at the start.
  package let size: Int
  package let maximum: Int
  package let minutes: MinuteTruth
  package let decisions: [ScalingDecision]
  package let activities: [FleetActivity]
  /// When the scaler first wanted more than its maximum.
  package let limitReached: Instant?
  package private(set) var total = 0
  package private(set) var failed = 0
  package private(set) var shed = 0
  package private(set) var repeats = 0
  package private(set) var clients = 0
  /// Requests by the status that is written.
  package private(set) var statuses: [UInt16: Int] = [:]
  /// Lines that no reader can take for requests.
  package var brokenLines = 0
  package var files: [String] = []

  package init(
    incident: SimulatedIncident, access: AccessLogKind, capacity capacityFormat: CapacityLogKind
  ) {
    let plan = incident.plan
    scenario = plan.scenario
    seed = plan.seed
    accessFormat = access
    self.capacityFormat = capacityFormat
    cause = plan.scenario.cause
    host = plan.host
    group = plan.group
    start = plan.start
    end = plan.start.advanced(bySeconds: Double(plan.seconds))
    onset = plan.onset.map { plan.start.advanced(bySeconds: Double($0)) }
    ramp = plan.ramp
    capacity = plan.capacity
    size = plan.size
    maximum = plan.policy.maximum
    minutes = MinuteTruth(incident: incident, kind: access)
    decisions = incident.fleet.decisions
    activities = incident.fleet.activities
    limitReached = incident.fleet.limitReached
    var seen: Set<Int32> = []
    for request in incident.requests where access.writes(request) {
      total += 1
      statuses[access.written(request.status), default: 0] += 1
      if request.isFailed { failed += 1 }
      if request.isFailed && request.backend < 0 { shed += 1 }
      if request.attempt > 0 { repeats += 1 }
      seen.insert(request.client)
    }
    clients = seen.count
  }

  /// The largest shortfall of a minute: needed less ready.
  package var peakShortfall: Int {
    zip(minutes.needed, minutes.ready).map { $0 - $1 }.max() ?? 0
  }

  package var peakArrivals: Int { minutes.arrivals.max() ?? 0 }
}
