internal import IncidentModel
internal import TrafficTally

/// Tells what is known of one group's capacity over the window.
enum CapacityAssembly {
  /// At most this many steps and refusal reasons are told.
  static let mostSteps = 200

  static func account(
    of story: GroupStory, signal: ServiceSignal?, incidents: [TimeSpan],
    evidence: EvidenceCollector
  ) -> CapacityAccount {
    let curve = story.curve
    var account = CapacityAccount(
      group: story.mapping.group, services: story.mapping.services,
      mappingLikelihood: story.mapping.likelihood, mappingReason: story.mapping.reason,
      source: curve.source, readySource: curve.readySource)
    account.otherNames = story.mapping.otherNames
    if let capacity = story.capacity {
      account.perInstanceRate = capacity.rate
      account.perInstanceRateInterval = capacity.interval
      account.perInstanceRateIsLowerBound = capacity.isLowerBound
    }
    if let signal {
      account.scalability = ScalabilityLaw.fit(story.minutes, baseline: signal.baseline)
    }
    tellShortfall(&account, story, incidents, signal?.clients)
    tellMaximum(&account, curve, incidents, evidence)
    let launches = curve.events.filter { $0.kind == .launchStarted && !$0.isHumanClaim }
    if !launches.isEmpty {
      account.ordered = launches.reduce(0) { $0.addingSaturated(max(0, $1.count)) }
      account.served = launched(launches, seenBy: signal?.traffic)
    }
    account.steps = steps(of: curve, evidence)
    account.refusals = refusals(of: curve, evidence)
    account.scaleOuts = ScaleOutPhases.phases(
      of: curve, traffic: signal?.traffic, evidence: evidence)
    return account
  }

  /// How many of the launched instances answered a request; nil where the two sides name none in common.
  private static func launched(
    _ launches: [CapacityEvent], seenBy traffic: ServiceTraffic?
  ) -> Int? {
    let names = Set(launches.compactMap(\.instance))
    let seen = Set((traffic?.backends ?? []).map { GroupMapping.host(of: $0.name) })
    let both = names.intersection(seen).count
    return both > 0 ? both : nil
  }

  private static func tellShortfall(
    _ account: inout CapacityAccount, _ story: GroupStory, _ incidents: [TimeSpan],
    _ clients: ClientStory?
  ) {
    if let shortfall = story.shortfall, let peak = shortfall.peak {
      let ready = Int(peak.ready.rounded())
      account.peakNeeded = peak.needed
      account.peakNeededInterval = shortfall.interval.map {
        $0.lowerBound + ready...$0.upperBound + ready
      }
      account.peakReady = ready
      if let rate = story.capacity?.rate, let repeats = clients?.count(in: peak.span),
        let minute = story.minutes.first(where: { $0.start == peak.span.start })
      {
        account.peakNeededFirstAttempts = Shortfall.needed(minute, at: rate, without: repeats)
      }
      account.peakMinute = peak.span.start
      account.shortfall = max(0, peak.needed - ready)
      account.shortfallInterval = shortfall.interval
      account.shortfallSpan = shortfall.span.map { clipped($0, to: incidents) }
      account.instanceMinutesShort = shortfall.span.map(shortfall.instanceMinutes(in:))
    }
    quote(&account, story.curve, incidents)
  }

  /// A shortage is known in whole minutes; where an incident begins in its first, or ends in its last, that moment is known better.
  static func clipped(_ span: TimeSpan, to incidents: [TimeSpan]) -> TimeSpan {
    let minute = 60.0
    let start = incidents.map(\.start).first {
      $0 > span.start && $0 < span.end && $0.seconds(since: span.start) < minute
    }
    let from = start ?? span.start
    let end = incidents.map(\.end).last {
      $0 > from && $0 < span.end && span.end.seconds(since: $0) < minute
    }
    return TimeSpan(start: from, end: end ?? span.end)
  }

  /// A figure that a log states replaces the measured one: "desired 60, limited to 15", or "can only add 2, need 11".
  private static func quote(
    _ account: inout CapacityAccount, _ curve: CapacityCurve, _ incidents: [TimeSpan]
  ) {
    var worst: (event: CapacityEvent, limit: Int, wanted: Int)?
    for event in curve.events where !event.isHumanClaim {
      guard case .limitReached(let limit?, let wanted?) = event.kind, wanted > limit,
        incidents.contains(where: { $0.contains(event.time) })
      else { continue }
      if worst.map({ wanted - limit > $0.wanted - $0.limit }) ?? true {
        worst = (event, limit, wanted)
      }
    }
    guard let worst else { return }
    let ready = curve.ready.value(at: worst.event.time)
    let isSize = curve.isSize(worst.limit, worst.wanted, at: worst.event.time)
    let short = isSize ? worst.wanted - (ready ?? worst.limit) : worst.wanted - worst.limit
    guard short > 0 else { return }
    account.shortfall = short
    account.peakNeededFirstAttempts = nil
    account.shortfallInterval = short...short
    account.peakMinute = worst.event.time.bucketStart(width: 60)
    account.peakReady = ready
    account.peakNeeded = isSize ? worst.wanted : ready.map { $0 + short }
    account.peakNeededInterval = account.peakNeeded.map { $0...$0 }
  }

  /// The lowest maximum in force while an incident lasted, else the last known.
  private static func tellMaximum(
    _ account: inout CapacityAccount, _ curve: CapacityCurve, _ incidents: [TimeSpan],
    _ evidence: EvidenceCollector
  ) {
    let lowest = incidents.compactMap { curve.maximum.range(over: $0)?.lowerBound }.min()
    account.maximumSize = lowest ?? curve.maximum.steps.last?.value
    let source = curve.maximumEvents.last { event in
      curve.maximum.value(at: event.time) == account.maximumSize
    }
    account.maximumSource = source.map { evidence.cite($0) }
  }

  private static func steps(
    of curve: CapacityCurve, _ evidence: EvidenceCollector
  ) -> [CapacityAccount.Step] {
    var proofs: [Instant: [CapacityEvent]] = [:]
    for event in curve.events where !event.isHumanClaim {
      switch event.kind {
      case .launchStarted, .launchFailed, .limitReached, .notTriggered, .backoff: continue
      case .note, .change, .alert: continue
      default: proofs[event.time, default: []].append(event)
      }
    }
    let moments = Set((curve.wanted.steps + curve.ready.steps).map(\.time))
      .filter { $0.microseconds > .min / 8 }.sorted()
    return moments.prefix(mostSteps).map { time in
      CapacityAccount.Step(
        time: time, ready: curve.ready.value(at: time), wanted: curve.wanted.value(at: time),
        evidence: (proofs[time] ?? []).prefix(2).map { evidence.cite($0) })
    }
  }

  private static func refusals(
    of curve: CapacityCurve, _ evidence: EvidenceCollector
  ) -> [CapacityAccount.Refusals] {
    var grouped: [CapacityEvent.Reason: [CapacityEvent]] = [:]
    for event in curve.events where !event.isHumanClaim {
      if case .launchFailed(let reason) = event.kind { grouped[reason, default: []].append(event) }
    }
    let ordered = grouped.compactMap { reason, events in events.first.map { (reason, events, $0) } }
      .sorted { ($0.2.time, $0.2.position) < ($1.2.time, $1.2.position) }
    return ordered.prefix(mostSteps).map { reason, events, first in
      let last = events.last ?? first
      let proof = events.count > 1 ? [first, last] : [first]
      return CapacityAccount.Refusals(
        reason: reason, count: events.reduce(0) { $0.addingSaturated(max(0, $1.count)) },
        first: first.time, last: last.time, evidence: proof.map { evidence.cite($0) })
    }
  }
}
