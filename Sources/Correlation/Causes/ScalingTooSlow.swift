internal import IncidentModel
internal import TrafficTally

/// The right decision, and capacity that arrived after the damage: decision and boot took longer than the rise allowed.
///
/// It holds from the first failure until the scale-outs that nothing held back were in service; what a limit or a refusal
/// held back afterwards belongs to those.
struct ScalingTooSlow: CauseTest {
  let cause = Cause.scalingTooSlow

  func examine(_ context: CauseContext) -> CauseCase {
    guard context.hasCapacityLog, let curve = context.group?.curve else {
      return .untestable(
        "no capacity log tells when the group decided to grow",
        needs: ["the autoscaler's log"])
    }
    guard let decision = context.decisions.first else {
      return .excluded("the group did not decide to grow in the incident")
    }
    let arrivals = context.arrivals.filter { $0.time > decision.time }
    let start = context.span.start
    let margin = context.clock.uncertainty(of: decision) + context.incident.startUncertaintySeconds
    if let first = arrivals.first, first.time < start.advanced(bySeconds: -margin),
      context.held(from: start).isEmpty == false || arrivals.allSatisfy({ $0.time < start })
    {
      return .excluded("new instances were in service before the first failure")
    }
    let end = self.end(after: decision, arrivals, context)
    var examined = CauseCase(
      statement: Self.statement(arrivals, curve),
      otherwise: arrivals.isEmpty
        ? "the group decided to grow, but a delay of its own does not explain the failures"
        : "new capacity came, but its delay does not explain the failures")
    examined.span = TimeSpan(start: start, end: max(end, start.advanced(bySeconds: 1)))
    examined.namesGroup = true
    examined.blamesDemand = true
    weigh(&examined, decision, arrivals, curve, context)
    examined.weighOverload(context, in: examined.span ?? context.span)
    return examined
  }

  /// That capacity came is said only where a line tells of it.
  private static func statement(_ arrivals: [CapacityEvent], _ curve: CapacityCurve) -> Sentence {
    if !arrivals.isEmpty {
      return
        "capacity arrived after the damage: decision and boot took longer than the rise allowed"
    }
    return curve.tellsArrival
      ? "the group decided to grow, and no new instance was in service when requests failed"
      : "decision and boot took longer than the rise allowed"
  }

  private func end(
    after decision: CapacityEvent, _ arrivals: [CapacityEvent], _ context: CauseContext
  ) -> Instant {
    let held = context.held(from: context.span.start).min()
    let bounds = [held, context.shortageEnd, context.span.end].compactMap { $0 }
    let limit = bounds.min() ?? context.span.end
    guard let last = arrivals.last(where: { $0.time <= limit }) else { return limit }
    // Capacity still grew when the shortage ended, or it stopped growing before: then another cause took over.
    let stillGrew = limit.seconds(since: last.time) <= 300
    return stillGrew || held == nil ? limit : last.time
  }

  private func weigh(
    _ examined: inout CauseCase, _ decision: CapacityEvent, _ arrivals: [CapacityEvent],
    _ curve: CapacityCurve, _ context: CauseContext
  ) {
    let failing = context.firstFailure ?? context.span.start
    if let first = arrivals.first, first.time > failing {
      examined.support(
        "the first new instance came at \(time: first.time)" + context.afterRise(first.time)
          + ", the first failure at \(time: failing)",
        context.hasRise ? 3 : 1.5, .capacityLog, isSpecific: true,
        evidence: context.cite([decision, first]))
    } else if arrivals.isEmpty, !curve.tellsArrival, let grown = context.relief(after: decision) {
      examined.support(
        "the group decided to grow at \(time: decision.time)" + context.afterRise(decision.time)
          + ", and the failures ended \(duration: grown.seconds(since: decision.time)) later while as many requests came",
        3, .capacityLog, isSpecific: true, evidence: context.cite([decision]))
    } else if arrivals.isEmpty {
      examined.support(
        curve.tellsArrival
          ? "the group decided to grow at \(time: decision.time), and no new instance came into service"
          : "the group decided to grow at \(time: decision.time), and its log does not tell when new instances were in service",
        1.5, .capacityLog, isSpecific: true, evidence: context.cite([decision]))
    }
    let end = context.shortageEnd
    let held = context.held(from: context.span.start).min()
    if held.map({ $0 >= end }) ?? true,
      let last = arrivals.last(where: { $0.time <= end.advanced(bySeconds: 60) }),
      context.group?.shortfall?.peak != nil, end.seconds(since: last.time) <= 300
    {
      examined.support(
        "capacity still grew when the shortage ended", 1.2, .capacityLog,
        evidence: context.cite([last]))
    }
    if !context.hasRise {
      examined.oppose("demand did not rise before the failures", 2.5)
    }
    if let held, held < end {
      examined.oppose(
        "faster scaling would have met what held the group back from \(time: held) on as well", 0.8)
    }
  }
}

extension CauseContext {
  /// When the failures ended after a decision although demand had not gone: capacity must have come, whatever the log leaves out.
  ///
  /// Demand had not gone where the five minutes after the end got at least 1.3 times what is usual, and seven tenths of the incident's mean.
  func relief(after decision: CapacityEvent) -> Instant? {
    guard incident.endState != .openAtEndOfInput, decision.time < span.end else { return nil }
    let until = span.end.advanced(bySeconds: 360)
    let after = allMinutes.filter { $0.start >= span.end && $0.start < until && $0.isCovered }
    let seconds = after.reduce(0) { $0 + $1.seconds }
    guard seconds >= 180 else { return nil }
    let rate = Double(after.reduce(0) { $0 + $1.requests }) / seconds
    let during = minutes.reduce(0) { $0 + $1.seconds }
    let mean = Double(minutes.reduce(0) { $0 + $1.requests }) / max(1, during)
    return rate >= 1.3 * baseline.rate(at: span.end) && rate >= 0.7 * mean ? span.end : nil
  }

  /// `, 1 min 2 s after the rise began`: how long after the onset a moment was, or after the first failures where nothing rose; empty for what came before.
  func afterRise(_ moment: Instant) -> Sentence {
    let seconds = moment.seconds(since: spike?.onset ?? span.start)
    guard seconds >= 1 else { return "" }
    return spike == nil
      ? ", \(duration: seconds) after the incident began"
      : ", \(duration: seconds) after the rise began"
  }

  /// When limits bound and launches began to fail: what no speed would have passed.
  func held(from start: Instant) -> [Instant] {
    let refused = refusals { _ in true }.map { max($0.time, start) }
    return [maximumBinding?.start, refused.min()].compactMap { $0 }
  }
}
