internal import IncidentModel
internal import TrafficTally

extension CauseCase {
  /// What all causes of a shortage have in common: refusals by load balancers, slow answers, and need above ready.
  ///
  /// A cause of missing capacity also has to explain its dose: at least half of the failures in its span fall into minutes that
  /// were short (METHODS §8, 3).
  mutating func weighOverload(_ context: CauseContext, in span: TimeSpan) {
    let share = context.overloadShare
    let slow = context.slowShare ?? 0
    if context.failed > 0, share >= InstanceCapacity.overloadShare {
      support(
        "\(share: share) of the failures were 503, 504 or shed, as under overload", 0.8, .status,
        evidence: [context.line(.failed, near: span.start, in: span)].compactMap { $0 })
    }
    if slow >= 0.5 {
      support("latency stood far above its normal while it lasted", 0.6, .latency)
    }
    if context.failed > 0, share < InstanceCapacity.overloadShare, slow < 0.5 {
      oppose("most failures were no 503, 504 or shed, and latency did not say overload", 3)
    }
    guard let shortfall = context.group?.shortfall else { return }
    let inside = shortfall.minutes.filter { $0.span.overlaps(span) }
    let failed = inside.reduce(0) { $0 + $1.failed }
    let explained = inside.reduce(0) { $0 + ($1.isShort ? $1.failed : 0) }
    guard failed > 0 else { return }
    if explained * 2 >= failed, let worst = inside.max(by: { $0.short < $1.short }) {
      // A fleet that grew within the minute has no one size in it.
      let mean: Sentence =
        abs(worst.ready - worst.ready.rounded()) < 0.05 ? "were ready" : "were ready on average"
      support(
        "\(instances: worst.needed) were needed at \(time: worst.span.start, precisionSeconds: 60) and \(instances: Int(worst.ready.rounded())) "
          + mean, 0.8, context.hasCapacityLog ? .capacityLog : .serving)
    } else {
      oppose("most failures in its span fell into minutes with enough ready capacity", 3)
    }
  }
}

extension CauseContext {
  /// The last minute of the shortage within the incident; the end of the incident where no shortage can be told.
  var shortageEnd: Instant {
    guard let shortfall = group?.shortfall, let end = shortfall.span(within: span)?.end else {
      return span.end
    }
    return min(end, span.end)
  }

  /// Machine lines of launches that failed for one of some reasons.
  func refusals(_ test: (CapacityEvent.Reason) -> Bool) -> [CapacityEvent] {
    let failed = machineEvents.filter {
      if case .launchFailed = $0.kind { return true }
      return false
    }
    return failed.filter { event in
      guard case .launchFailed(let reason) = event.kind, test(reason) else { return false }
      // Where one source knows only that it failed, another that tells why tells of the same.
      guard case .unknown = reason else { return true }
      return !failed.contains { other in
        guard case .launchFailed(let why) = other.kind,
          other.position.input != event.position.input,
          abs(other.time.seconds(since: event.time)) <= Self.retoldSeconds
        else { return false }
        if case .unknown = why { return false }
        return true
      }
    }
  }

  /// Two sources tell of one failed launch within so many seconds.
  static let retoldSeconds = 120.0

  /// People's lines that say the same.
  func claims(_ test: (CapacityEvent.Kind) -> Bool) -> [CapacityEvent] {
    events.filter { $0.isHumanClaim && test($0.kind) && $0.time < span.end }
  }

  /// Machine lines of the group that a launch came into service.
  var arrivals: [CapacityEvent] { machineEvents.filter { $0.kind == .inService } }

  /// Machine decisions to grow, within the incident or after the rise before it.
  var decisions: [CapacityEvent] {
    let from = min(spike?.onset ?? span.start, span.start).advanced(bySeconds: -1)
    return machineEvents.filter {
      if case .scaleOutDecided = $0.kind { return $0.time >= from }
      return false
    }
  }

  func total(_ events: [CapacityEvent]) -> Int {
    events.reduce(0) { $0.addingSaturated(max(0, $1.count)) }
  }
}

extension Shortfall {
  /// From the first to the last short minute within a span.
  func span(within outer: TimeSpan) -> TimeSpan? {
    let short = minutes.filter { $0.isShort && $0.span.overlaps(outer) }
    guard let first = short.first, let last = short.last else { return nil }
    return TimeSpan(
      start: max(first.span.start, outer.start), end: min(last.span.end, outer.end))
  }
}
