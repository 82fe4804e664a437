package import IncidentModel

/// What truly happened, minute by minute, of the lines that a format writes.
package struct MinuteTruth: Sendable {
  /// The first minute; the others follow without a gap.
  package let first: Instant
  /// Lines by the minute of their true arrival.
  package private(set) var arrivals: [Int]
  /// Of these the repeats of a failed request.
  package private(set) var repeats: [Int]
  /// Of these the answers with 5xx.
  package private(set) var failed: [Int]
  /// Of the failed those that no backend saw.
  package private(set) var shed: [Int]
  /// Health checks among the arrivals.
  package private(set) var healthChecks: [Int]
  /// Of these the requests of a surge's machines.
  package private(set) var machines: [Int]
  /// First attempts that people were planned to make beyond the usual ones.
  package private(set) var surplus: [Double]
  /// Least instances in service within the minute.
  package private(set) var ready: [Int]
  /// Mean of the instances in service over the minute.
  package private(set) var readyMean: [Double]
  /// Least desired size within the minute.
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
    machines = arrivals
    for request in incident.requests where kind.writes(request) {
      let minute = Int((request.arrival - start.microseconds) / 60_000_000)
      arrivals[minute] += 1
      if request.attempt > 0 { repeats[minute] += 1 }
      if request.isFailed { failed[minute] += 1 }
      if request.isFailed && request.backend < 0 { shed[minute] += 1 }
      if request.kind == .healthCheck { healthChecks[minute] += 1 }
      if request.kind == .machine { machines[minute] += 1 }
    }
    surplus = (0..<count).map { incident.plan.surplus(inMinute: $0) }
    func least(_ series: [Int]) -> [Int] {
      (0..<count).map { series[$0 * 60..<min(series.count, $0 * 60 + 60)].min() ?? 0 }
    }
    ready = least(incident.ready)
    readyMean = (0..<count).map { minute in
      let part = incident.ready[minute * 60..<min(incident.ready.count, minute * 60 + 60)]
      return Double(part.reduce(0, +)) / Double(max(1, part.count))
    }
    wanted = least(incident.wanted)
    let capacity = incident.plan.capacity
    func need(_ requests: Int) -> Int {
      Int((Double(requests) / 60 / capacity).rounded(.up))
    }
    needed = zip(arrivals, healthChecks).map { need($0 - $1) }
    neededFirst = zip(zip(arrivals, healthChecks), repeats).map { need($0.0 - $0.1 - $1) }
  }
}

extension MinuteTruth {
  /// Of values for each minute from `first` on what lies within a span, minutes that it cuts in part.
  fileprivate static func sum(_ series: [Double], from first: Instant, in span: TimeSpan) -> Double
  {
    series.indices.reduce(0) { sum, minute in
      let low = first.advanced(bySeconds: Double(minute * 60))
      let high = low.advanced(bySeconds: 60)
      let overlap = min(high, span.end).seconds(since: max(low, span.start))
      return overlap > 0 ? sum + series[minute] * overlap / 60 : sum
    }
  }
}

extension IncidentPlan {
  /// Failed requests that come within a span when the plan is run, minutes that the span cuts in part: ``Truth/failed(in:)`` without the rest of the truth.
  package func failed(in span: TimeSpan, access: AccessLogKind) -> Double {
    // A minute that the span cuts counts by its part, so it has to be over.
    let until = span.end.bucketStart(width: 60).advanced(bySeconds: 60)
    var failed = Array(repeating: 0.0, count: (seconds + 59) / 60)
    for request in SimulatedIncident(self, until: until).requests
    where request.isFailed && access.writes(request) {
      failed[Int((request.arrival - start.microseconds) / 60_000_000)] += 1
    }
    return MinuteTruth.sum(failed, from: start, in: span)
  }
}

/// The truth beside an archive: everything a report on it may be held against.
package struct Truth: Sendable {
  package let scenario: Scenario
  package let seed: UInt64
  package let accessFormat: AccessLogKind
  package let capacityFormat: CapacityLogKind
  /// The cause that leads; nil where nothing is to be found.
  package let cause: Cause?
  package let host: String
  package let group: String
  package let start: Instant
  /// The first moment after the logs.
  package let end: Instant
  /// When the surge begins.
  package let onset: Instant?
  /// First attempts rise.
  package let rises: Bool
  /// Seconds from the onset to the full surge.
  package let ramp: Int
  /// c*: requests per second that one instance can work.
  package let capacity: Double
  /// Instances at the start.
  package let size: Int
  /// The scaler's limit at the start.
  package let maximum: Int
  /// The same by the minute.
  package let minutes: MinuteTruth
  package let decisions: [ScalingDecision]
  package let activities: [FleetActivity]
  /// When the scaler first wanted more than its maximum.
  package let limitReached: Instant?
  /// Requests that are written as lines.
  package private(set) var total = 0
  /// Requests answered with 5xx.
  package private(set) var failed = 0
  /// Of the failed those that no backend saw.
  package private(set) var shed = 0
  /// Repeats of a failed request.
  package private(set) var repeats = 0
  /// Different pairs of address and agent.
  package private(set) var clients = 0
  /// Requests by the status that is written.
  package private(set) var statuses: [UInt16: Int] = [:]
  /// Lines that no reader can take for requests.
  package var brokenLines = 0
  /// The archive's files.
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
    rises = plan.demand.corners.contains { $0.factor >= 1.3 }
    ramp = plan.ramp
    capacity = plan.capacity
    size = plan.size
    maximum = plan.policy.maximum
    minutes = MinuteTruth(incident: incident, kind: access)
    decisions = incident.fleet.decisions
    activities = incident.fleet.activities
    limitReached = incident.fleet.limitReached
    var seen = Array(repeating: false, count: incident.crowd.clients.count)
    var counts = Array(repeating: 0, count: 1_000)
    for request in incident.requests where access.writes(request) {
      total += 1
      counts[Int(access.written(request.status))] += 1
      if request.isFailed { failed += 1 }
      if request.isFailed && request.backend < 0 { shed += 1 }
      if request.attempt > 0 { repeats += 1 }
      seen[Int(request.client)] = true
    }
    clients = seen.count { $0 }
    for (status, count) in counts.enumerated() where count > 0 {
      statuses[UInt16(status)] = count
    }
  }

  /// The largest shortfall of a minute: needed less ready.
  package var peakShortfall: Int {
    zip(minutes.needed, minutes.ready).map { $0 - $1 }.max() ?? 0
  }

  /// The same against the mean of the minute's fleet, as a report counts it: the minute, instances needed and instances ready.
  package var worstMinute: (minute: Int, needed: Int, ready: Int)? {
    let worst = minutes.needed.indices.max {
      Double(minutes.needed[$0]) - minutes.readyMean[$0]
        < Double(minutes.needed[$1]) - minutes.readyMean[$1]
    }
    return worst.map { ($0, minutes.needed[$0], Int(minutes.readyMean[$0].rounded())) }
  }

  /// Repeats of failed requests within a span, minutes that it cuts in part.
  package func repeats(in span: TimeSpan) -> Double {
    sum(minutes.repeats.map(Double.init), in: span)
  }

  /// Failed requests that came within a span, minutes that it cuts in part.
  package func failed(in span: TimeSpan) -> Double {
    sum(minutes.failed.map(Double.init), in: span)
  }

  private func sum(_ series: [Double], in span: TimeSpan) -> Double {
    MinuteTruth.sum(series, from: minutes.first, in: span)
  }

  /// Machines' part of the first attempts above the usual ones within a span; nil where hardly any were planned.
  package func machineShare(in span: TimeSpan) -> Double? {
    let machines = sum(minutes.machines.map(Double.init), in: span)
    let extra = machines + sum(minutes.surplus, in: span)
    let all = sum(minutes.arrivals.map(Double.init), in: span)
    return extra >= 0.05 * all && extra > 0 ? machines / extra : nil
  }

  /// Arrivals of the busiest minute.
  package var peakArrivals: Int { minutes.arrivals.max() ?? 0 }
}
