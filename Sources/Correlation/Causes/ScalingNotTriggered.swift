internal import IncidentModel
internal import TrafficTally

/// Saturated, and no decision: a wrong or missing metric, a suspended or a silent scaler.
struct ScalingNotTriggered: CauseTest {
  let cause = Cause.scalingNotTriggered

  /// A first decision later than this after the rise, in seconds, counts as none until then.
  static let late = 600.0

  func examine(_ context: CauseContext) -> CauseCase {
    guard context.hasCapacityLog, let curve = context.group?.curve, !curve.events.isEmpty else {
      return .untestable(
        "no capacity log tells whether the group decided to grow",
        needs: ["the autoscaler's log"])
    }
    let from = min(context.spike?.onset ?? context.span.start, context.span.start)
    let decision = context.decisions.first
    if let decision, decision.time.seconds(since: from) < Self.late {
      return .excluded(
        "a decision to grow came at \(time: decision.time)" + context.afterRise(decision.time),
        evidence: context.cite([decision]))
    }
    if let binding = context.maximumBinding,
      binding.start.seconds(since: from) < Self.late
    {
      return .excluded("the group stood at its maximum, where no decision to grow is possible")
    }
    let refused = context.machineEvents.filter { event in
      guard case .launchFailed = event.kind else { return false }
      return event.time >= from
    }
    if decision == nil, !refused.isEmpty {
      return .excluded(
        "launches failed from \(time: refused[0].time) on: something had asked for them",
        evidence: context.citeEnds(refused))
    }
    let wanted = curve.wanted.range(over: context.span)?.lowerBound
    let needed = context.group?.shortfall?.minutes.filter { $0.span.overlaps(context.span) }
      .map(\.needed).max()
    if let wanted, let needed, needed <= wanted {
      return .excluded(
        "\(instances: wanted) were wanted all along, and \(count: needed) were needed: it was not for want of a decision"
      )
    }
    return weigh(decision, curve, context)
  }

  private func weigh(
    _ decision: CapacityEvent?, _ curve: CapacityCurve, _ context: CauseContext
  ) -> CauseCase {
    var examined = CauseCase(
      statement: "the group was saturated and its scaler decided nothing",
      otherwise: context.hasRise
        ? "the scaler decided nothing, but the group was not short of capacity"
        : "demand did not rise before the failures: nothing asked for a decision")
    examined.namesGroup = true
    examined.blamesDemand = true
    let end = min(decision?.time ?? context.shortageEnd, context.shortageEnd)
    examined.span = TimeSpan(
      start: context.span.start, end: max(end, context.span.start.advanced(bySeconds: 60)))
    let held = context.machineEvents.filter {
      switch $0.kind {
      case .notTriggered(.maxSize), .notTriggered(.backoff): false
      case .notTriggered: true
      default: false
      }
    }
    if let first = held.first {
      examined.support(
        "the scaler logged from \(time: first.time) that it did nothing: \(Self.name(first.kind))",
        3, .capacityLog, isSpecific: true, evidence: context.citeEnds(held))
    }
    if let decision {
      examined.support(
        "the first decision to grow came only at \(time: decision.time)", 2, .capacityLog,
        isSpecific: true, evidence: context.cite([decision]))
    } else {
      let around = curve.events.last { $0.time < context.span.start } ?? curve.events.first
      examined.support(
        "the capacity log holds no decision to grow in the incident", held.isEmpty ? 2.4 : 1.2,
        .capacityLog, isSpecific: true, evidence: context.cite(around))
    }
    if let wanted = curve.wanted.value(at: context.span.start),
      let maximum = curve.maximum.value(at: context.span.start), wanted < maximum
    {
      examined.support(
        "\(instances: wanted) were wanted, \(instances: maximum) were allowed", 0.6, .capacityLog)
    }
    if context.group?.shortfall?.peak == nil, context.overloadShare < InstanceCapacity.overloadShare
    {
      examined.oppose("nothing says that the group was saturated", 2)
    }
    if !context.hasRise {
      examined.oppose("demand did not rise before the failures", 2.5)
    }
    examined.weighOverload(context, in: examined.span ?? context.span)
    return examined
  }

  static func name(_ kind: CapacityEvent.Kind) -> Sentence {
    guard case .notTriggered(let reason) = kind else { return "no reason given" }
    return ReasonWords.clause(reason)
  }
}
