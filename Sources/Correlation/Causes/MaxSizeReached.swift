internal import IncidentModel
internal import TrafficTally

/// The group stood at its configured maximum while demand exceeded it.
///
/// A limit binds only while more is needed than it allows: a scaler that overshoots to its limit is not held back by it.
struct MaxSizeReached: CauseTest {
  let cause = Cause.maxSizeReached

  func examine(_ context: CauseContext) -> CauseCase {
    let lines = context.limitLines
    let claims = context.claims {
      if case .limitReached = $0 { return true }
      return false
    }
    let known = context.group?.curve.maximum.steps.isEmpty == false
    guard known || !lines.isEmpty || !claims.isEmpty else {
      return .untestable(
        "no input tells the group's maximum size",
        needs: ["the group's settings or the autoscaler's log"])
    }
    guard let binding = context.maximumBinding else {
      return .excluded(context.whyUnbound)
    }
    return weigh(binding, lines, claims, context)
  }

  private func weigh(
    _ span: TimeSpan, _ lines: [CapacityEvent], _ claims: [CapacityEvent],
    _ context: CauseContext
  ) -> CauseCase {
    let size = context.group?.curve.maximum.value(at: span.start)
    var examined = CauseCase(
      statement: size.map {
        "the group stood at its maximum of \(instances: $0) while demand needed more"
      } ?? "the group stood at its maximum while demand needed more",
      otherwise: "the group reached a limit, which does not explain the failures")
    examined.span = span
    examined.blamesDemand = true
    examined.namesGroup = !claims.isEmpty || !lines.isEmpty
    let inside = lines.filter { $0.time < span.end }
    if let first = inside.first {
      examined.support(
        "the scaler logged from \(time: first.time) that a limit held it back",
        3.2, .capacityLog, isSpecific: true, evidence: context.citeEnds(inside))
    }
    weighSettings(&examined, span, size, context, hasLines: !inside.isEmpty)
    if let claim = claims.first {
      examined.support(
        "a note calls this the maximum size", inside.isEmpty ? 2.2 : 0.8, .humanNote,
        isSpecific: true, evidence: context.cite([claim]))
    }
    let refused = context.refusals { _ in true }
    if !refused.isEmpty {
      examined.oppose(
        "launches were refused as well, which a higher maximum would have met next", 0.5,
        evidence: context.citeEnds(refused))
    }
    examined.weighOverload(context, in: span)
    return examined
  }

  private func weighSettings(
    _ examined: inout CauseCase, _ span: TimeSpan, _ size: Int?, _ context: CauseContext,
    hasLines: Bool
  ) {
    guard let size, let curve = context.group?.curve else { return }
    let source = curve.maximumEvents.last { $0.time <= span.start } ?? curve.maximumEvents.first
    let reached = curve.wanted.value(at: span.start) ?? curve.ready.value(at: span.start) ?? 0
    if reached >= size, source?.isHumanClaim == false, context.hasCapacityLog {
      examined.support(
        "the wanted size equalled the maximum of \(instances: size)", hasLines ? 0.8 : 3,
        .capacityLog, isSpecific: true, evidence: context.cite(source))
    }
    let raised = context.machineEvents.first { event in
      if case .configChanged(_, let maximum?, _) = event.kind { return maximum > size }
      return false
    }
    if let raised, let then = curve.wanted.value(at: raised.time.advanced(bySeconds: 60)),
      then > size
    {
      examined.support(
        "the wanted size rose as soon as the maximum did", 1.6, .capacityLog, isSpecific: true,
        evidence: context.cite([raised]))
    }
  }
}

extension CauseContext {
  /// Machine lines that a maximum held the scaler back.
  var limitLines: [CapacityEvent] {
    machineEvents.filter {
      switch $0.kind {
      case .limitReached, .notTriggered(.maxSize), .launchFailed(.maxSize): true
      default: false
      }
    }
  }

  /// The stretch in which the maximum bound: the group stood at it, or said so, and more was needed than it.
  ///
  /// Where need cannot be told, the limit lines themselves span it.
  var maximumBinding: TimeSpan? {
    let stated = limitLines.first?.time
    let curve = group?.curve
    var start = stated
    if let curve {
      let fleet = curve.ready.steps.isEmpty ? curve.wanted : curve.ready
      var reached: Instant?
      var time = span.start.advanced(bySeconds: -Self.lookBack)
      let moments = ([time, span.start] + (fleet.steps + curve.maximum.steps).map(\.time)).sorted()
      for moment in moments where moment >= time && moment < span.end && reached == nil {
        time = moment
        if let size = fleet.value(at: moment), let limit = curve.maximum.value(at: moment),
          size >= limit
        {
          reached = moment
        }
      }
      start = [stated, reached].compactMap { $0 }.min()
    }
    guard let start else { return nil }
    let limit = curve?.maximum.value(at: start)
    let end = bindingEnd(from: start, limit: limit)
    let binding = TimeSpan(start: max(start, span.start), end: min(end, span.end))
    guard binding.seconds > 0 else { return nil }
    return narrowed(binding, to: limit)
  }

  /// Why no maximum held the group back.
  var whyUnbound: Sentence {
    if let curve = group?.curve, let limit = curve.maximum.range(over: span)?.lowerBound {
      let fleet = curve.ready.steps.isEmpty ? curve.wanted : curve.ready
      if let most = fleet.range(over: span)?.upperBound, most < limit {
        return "the group stood below its maximum of \(instances: limit)"
      }
      let needed = group?.shortfall?.minutes.filter { $0.span.overlaps(span) }.map(\.needed).max()
      if let needed, needed <= limit {
        return "\(instances: limit) were allowed, and no more than \(count: needed) were needed"
      }
    }
    return "no more was needed than the maximum size allowed, or the group stood below it"
  }

  /// Until the maximum was raised, or the shortage ended.
  private func bindingEnd(from start: Instant, limit: Int?) -> Instant {
    guard let limit, let curve = group?.curve else { return shortageEnd }
    let raised = curve.maximum.first(from: start) { $0 > limit }
    return min(raised ?? shortageEnd, max(shortageEnd, start))
  }

  /// Only while need was above the limit; unknown need leaves the span as it is.
  private func narrowed(_ binding: TimeSpan, to limit: Int?) -> TimeSpan? {
    guard let limit, let shortfall = group?.shortfall else { return binding }
    let above = shortfall.minutes.filter { $0.span.overlaps(binding) && $0.needed > limit }
    guard let first = above.first, let last = above.last else { return nil }
    return TimeSpan(
      start: max(binding.start, first.span.start), end: min(binding.end, last.span.end))
  }
}
