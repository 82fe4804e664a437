internal import IncidentModel
internal import TrafficTally

/// A capacity group beside the service that it carries.
struct GroupStory: Sendable {
  var mapping: GroupMapping
  var curve: CapacityCurve
  /// The service's minutes with this group's fleet.
  var minutes: [LoadMinute]
  var capacity: InstanceCapacity?
  var shortfall: Shortfall?
}

/// Everything that a cause may look at in one incident: the same group, zone and service, and nothing else.
struct CauseContext {
  var service: String
  var incident: DetectedIncident
  var signal: ServiceSignal
  /// The group that carries the service; the fleet seen serving where no log tells of one; nil without backends, too.
  var group: GroupStory?
  /// Machine lines of the group from half an hour before the incident to its end, and people's claims on capacity.
  var events: [CapacityEvent]
  /// Deploys, flags and configuration changes near the incident, of this service or of what they do not tell.
  var changes: [CapacityEvent]
  /// Those of them that name no service, nor a group of one.
  private(set) var placelessChanges: [CapacityEvent]
  /// All minutes of the service, with the group's fleet where one is known.
  var allMinutes: [LoadMinute]
  /// The rise that came before or with the failures.
  var spike: DetectedSpike?
  /// An autoscaler's log was among the inputs and belongs to this service.
  var hasCapacityLog: Bool
  var evidence: EvidenceCollector
  var clock: EventClock
  /// What of the incident the inputs do not show.
  var missing: [MissingCover] = []
  /// An access log's clock seems to be off, so its requests and failures stand at the wrong time.
  var hasShiftedServer = false
  /// (start, failed) of the incident's buckets with a failure, ascending.
  private var failures: [(start: Instant, failed: Int)]

  /// Machine lines this long before the first failure still belong to the incident.
  static let lookBack = 1800.0

  init(
    service: String, incident: DetectedIncident, signal: ServiceSignal, group: GroupStory?,
    events: [CapacityEvent], allMinutes: [LoadMinute], evidence: EvidenceCollector,
    clock: EventClock, places: ServicePlaces = ServicePlaces([])
  ) {
    self.service = service
    self.incident = incident
    self.signal = signal
    self.group = group
    self.allMinutes = allMinutes
    minutes = allMinutes.filter { $0.isCovered && $0.span.overlaps(incident.span) }
    self.evidence = evidence
    self.clock = clock
    hasCapacityLog = group?.curve.source == .log
    let span = incident.span
    let from = span.start.advanced(bySeconds: -Self.lookBack)
    // What ended the failures stands at their end, and its stamp within a minute or two of it.
    let until = span.end.advanced(bySeconds: max(120, incident.endUncertaintySeconds))
    let name = group?.curve.source == .log ? group?.mapping.group : nil
    self.events = events.filter { event in
      guard event.time >= from, event.time < until else { return false }
      if event.isHumanClaim { return event.group == nil || event.group == name }
      return name != nil && event.group == name
    }
    let near = events.filter { $0.kind == .change && $0.time >= from && $0.time < span.end }
      .map { (change: $0, place: places.place(of: $0.group)) }
    changes = near.filter { _, place in
      switch place {
      case .unknown: true
      case .services(let names): names.contains(service)
      case .elsewhere: false
      }
    }.map(\.change)
    placelessChanges = near.filter { $0.place == .unknown }.map(\.change)
    failures = signal.traffic.buckets.compactMap { bucket in
      let start = Instant(seconds: bucket.start)
      return bucket.counts.failed > 0 && span.contains(start)
        ? (start, bucket.counts.failed) : nil
    }
    spike = Self.spike(of: signal, before: incident, failing: bulkStart ?? incident.span.start)
  }

  var span: TimeSpan { incident.span }
  var baseline: Baseline { signal.baseline }
  /// The incident's minutes of which access logs speak.
  private(set) var minutes: [LoadMinute]
  var machineEvents: [CapacityEvent] { events.filter { !$0.isHumanClaim } }
  /// The group's lines stand on a clock that was corrected by a guess (METHODS §2).
  var isShifted: Bool {
    machineEvents.contains { event in
      clock.shifts.contains { $0.input == event.position.input }
    }
  }
  var failed: Int { failures.reduce(0) { $0 + $1.failed } }
  var firstFailure: Instant? { failures.first?.start }

  func failed(in part: TimeSpan) -> Int {
    failures.reduce(0) { part.contains($1.start) ? $0 + $1.failed : $0 }
  }

  /// The share of the incident's failed requests that lie in a span; of its time where none failed.
  func failedShare(in part: TimeSpan) -> Double {
    let whole = failed
    if whole > 0 { return Double(failed(in: part)) / Double(whole) }
    guard span.seconds > 0 else { return 0 }
    let overlap = min(part.end, span.end).seconds(since: max(part.start, span.start))
    return max(0, overlap) / span.seconds
  }

  /// The share of the incident's failures that speak of load: 503, 504 and shed ones.
  var overloadShare: Double {
    let failed = minutes.reduce(0) { $0 + $1.failed }
    let overload = minutes.reduce(0) { $0 + $1.overloadFailures }
    return failed > 0 ? Double(overload) / Double(failed) : 0
  }

  /// Minutes whose latency was far above normal, as a share of those with a latency; nil without latencies.
  var slowShare: Double? { Self.slowShare(of: minutes[...], baseline) }

  /// The same of some minutes.
  static func slowShare(of minutes: ArraySlice<LoadMinute>, _ baseline: Baseline) -> Double? {
    let timed = minutes.filter { $0.p95Milliseconds != nil }
    guard !timed.isEmpty, baseline.p95Milliseconds != nil else { return nil }
    let slow = timed.filter {
      InstanceCapacity.isSlow(
        $0, baseline, factor: InstanceCapacity.slowFactor, more: InstanceCapacity.slowMilliseconds)
    }
    return Double(slow.count) / Double(timed.count)
  }

  /// Mean arrivals over what was normal at the same moments.
  var riseFactor: Double {
    let expected = minutes.reduce(0) { $0 + baseline.rate(at: $1.start) * $1.seconds }
    let seen = minutes.reduce(0) { $0 + $1.requests }
    return expected > 0 ? Double(seen) / expected : 1
  }

  /// Five minutes or more of the half hour before the incident had nine tenths of its load or more, of each instance where that is known, and failed and slowed nothing: load alone does not explain what came.
  var wasCarriedBefore: Bool {
    let from = span.start.advanced(bySeconds: -Self.lookBack)
    let allowed = max(0.002, 2 * baseline.failedRatio)
    let before = allMinutes.filter { minute in
      minute.isCovered && minute.requests > 0 && minute.start >= from
        && minute.span.end <= span.start
    }
    let isFleetKnown = (before + minutes).allSatisfy { ($0.ready ?? 0) > 0 }
    func load(_ minute: LoadMinute) -> Double {
      guard isFleetKnown, let ready = minute.ready else { return minute.rate }
      return minute.rate / ready
    }
    let typical = InstanceCapacity.median(minutes.map(load))
    let carried = before.count { minute in
      minute.failedRatio <= allowed && load(minute) >= 0.9 * typical
        && !InstanceCapacity.isSlow(
          minute, baseline, factor: InstanceCapacity.slowFactor,
          more: InstanceCapacity.slowMilliseconds)
    }
    return typical > 0 && carried >= 5
  }

  /// The incident's requests that failed or were given up.
  var unanswered: Int { minutes.reduce(0) { $0 + $1.unanswered } }

  /// The same without the repeats of failed requests, where they can be told.
  var firstAttemptFactor: Double {
    guard unanswered > 0, let minutes = RetryStorm.minutes(self) else { return riseFactor }
    let expected = minutes.reduce(0) { $0 + baseline.rate(at: $1.load.start) * $1.load.seconds }
    return expected > 0 ? minutes.reduce(0) { $0 + $1.first } / expected : 1
  }

  /// Requests per ready instance in the incident, as a multiple of what it carries when all is well; nil where not known.
  var loadFactor: Double? {
    guard let usual = group?.capacity?.healthy, usual > 0 else { return nil }
    let loads = minutes.compactMap { minute -> Double? in
      guard let ready = minute.ready, ready > 0 else { return nil }
      return minute.rate / ready
    }
    return InstanceCapacity.quantile(loads.sorted(), 0.5).map { $0 / usual }
  }

  /// The same of first attempts.
  var firstLoadFactor: Double? {
    guard riseFactor > 0 else { return nil }
    return loadFactor.map { $0 * min(1, firstAttemptFactor / riseFactor) }
  }

  /// Mean arrivals over what was normal, in the first five minutes: what came before any answer to it.
  var riseAtStart: Double {
    let first = minutes.prefix { $0.start < span.start.advanced(bySeconds: 300) }
    let expected = first.reduce(0) { $0 + baseline.rate(at: $1.start) * $1.seconds }
    let seen = first.reduce(0) { $0 + $1.requests }
    return expected > 0 ? Double(seen) / expected : 1
  }

  /// The part of the incident of which no access log has a line.
  var hiddenShare: Double {
    guard span.seconds > 0 else { return 0 }
    let hidden = missing.reduce(0.0) { sum, part in
      guard part.kind == .gap, part.input == nil else { return sum }
      return sum
        + max(0, min(part.span.end, span.end).seconds(since: max(part.span.start, span.start)))
    }
    return min(1, hidden / span.seconds)
  }

  /// The inputs begin or end in the midst of the failures, not in their fading: over the five minutes at that edge the failed ratio is at least half of the whole incident's, or nothing failed at all.
  var isCutInTheMidst: Bool {
    missing.contains { part in
      guard part.kind != .gap else { return false }
      let edge =
        part.kind == .end
        ? TimeSpan(start: span.end.advanced(bySeconds: -300), end: span.end)
        : TimeSpan(start: span.start, end: span.start.advanced(bySeconds: 300))
      let near = minutes.filter { $0.span.overlaps(edge) }
      func ratio(_ minutes: [LoadMinute]) -> Double {
        let requests = minutes.reduce(0) { $0 + $1.requests }
        let failed = minutes.reduce(0) { $0 + $1.failed }
        return requests > 0 ? Double(failed) / Double(requests) : 0
      }
      return ratio(near) >= 0.5 * ratio(minutes)
    }
  }

  /// Demand rose before the failures or with them.
  var hasRise: Bool { spike != nil || riseAtStart >= 1.3 }

  /// Requests rose, many failed, and no line names a client: nobody can tell how many of them were repeats.
  var hidesRepeats: Bool { hasRise && failed > 0 && signal.clients == nil }

  /// Half or more of what came beyond the usual were repeats: how much demand there was without them rests on followed clients alone.
  var isMostlyRepeats: Bool {
    guard unanswered > 0, let minutes = RetryStorm.minutes(self) else { return false }
    let beyond = minutes.reduce(0.0) {
      $0 + Double($1.load.requests) - baseline.rate(at: $1.load.start) * $1.load.seconds
    }
    return beyond > 0 && minutes.reduce(0) { $0 + $1.repeats } * 2 >= beyond
  }

  /// Nothing tells whether people or machines made half or more of the excess, and without it demand would have fitted into what was ready: a bot surge would lead, and is untestable (METHODS §8 a).
  var hidesMachines: Bool {
    guard let spike else { return false }
    let composition = spike.composition
    let undecided = composition.undecidedShare ?? (composition.kind == .cannotTell ? 1 : 0)
    let machines = composition.machineShare ?? composition.botShare ?? 0
    let most = min(1, undecided + machines)
    guard undecided >= BotSurge.leastShare, most >= ExcessParameters.leadShare else { return false }
    return BotSurge.fitsWithout(most, spike, self) ?? true
  }

  /// When the failures began in earnest: the hundredth part before it may be the usual few, which no cause has to precede; nil where none failed.
  private var bulkStart: Instant? {
    let all = failed
    var sum = 0
    for (start, failed) in failures {
      sum += failed
      if sum * 100 > all { return start }
    }
    return nil
  }

  /// The greatest rise that overlaps the incident, or ended just before it, and did not begin after its failures.
  private static func spike(
    of signal: ServiceSignal, before incident: DetectedIncident, failing moment: Instant
  ) -> DetectedSpike? {
    signal.spikes.filter { spike in
      let slack = spike.onsetUncertaintySeconds + incident.startUncertaintySeconds + 60
      return spike.onset <= moment.advanced(bySeconds: slack)
        && spike.end >= incident.span.start.advanced(bySeconds: -300)
    }.max { ($0.ratio, $1.onset) < ($1.ratio, $0.onset) }
  }

  /// A kept line of one outcome within a span, as near to a moment as there is one.
  func line(_ outcome: OutcomeClass, near moment: Instant, in part: TimeSpan) -> EvidenceID? {
    Exemplars.nearest(to: moment, outcome, in: part, of: signal.traffic).map { evidence.cite($0) }
  }

  func cite(_ events: [CapacityEvent]) -> [EvidenceID] { events.map { evidence.cite($0) } }
  func cite(_ event: CapacityEvent?) -> [EvidenceID] { event.map { [evidence.cite($0)] } ?? [] }

  /// The first and the last of some lines: the two that a sentence about all of them cites.
  func citeEnds(_ events: [CapacityEvent]) -> [EvidenceID] {
    cite(events.count > 1 ? [events[0], events[events.count - 1]] : events)
  }
}

extension DetectedSpike {
  var ratio: Double { baselineRate > 0 ? peakRate / baselineRate : 0 }
}

/// Picks the lines that prove a number about traffic; the same of the same archive, always.
enum Exemplars {
  static func nearest(
    to moment: Instant, _ outcome: OutcomeClass?, in span: TimeSpan, of traffic: ServiceTraffic
  ) -> Exemplar? {
    var best: Exemplar?
    for exemplar in traffic.exemplars
    where span.contains(exemplar.arrival) && (outcome == nil || exemplar.outcome == outcome) {
      guard let now = best else {
        best = exemplar
        continue
      }
      let distances = (
        abs(exemplar.arrival.seconds(since: moment)), abs(now.arrival.seconds(since: moment))
      )
      if (distances.0, exemplar.arrival, exemplar.position)
        < (distances.1, now.arrival, now.position)
      {
        best = exemplar
      }
    }
    return best
  }
}
