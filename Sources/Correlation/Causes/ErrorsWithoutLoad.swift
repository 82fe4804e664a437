internal import IncidentModel
internal import TrafficTally

/// The failed share stepped up while latency, traffic and capacity stayed as they were: a deploy or a dependency.
///
/// Traffic that had risen before and was answered well has stayed as it was, too.
struct ErrorsWithoutLoad: CauseTest {
  let cause = Cause.errorsWithoutLoad
  /// A change this long before the step, in seconds, beside the clocks' uncertainty, still fits it.
  static let changeBefore = 900.0

  func examine(_ context: CauseContext) -> CauseCase {
    guard context.failed > 0 else { return .excluded("no request failed") }
    guard context.incident.detectedBy.contains(.errors) else {
      return .excluded("no more requests failed than on any day")
    }
    let rise = context.riseFactor
    let isCarried =
      rise >= 1.3 && context.overloadShare < InstanceCapacity.overloadShare
      && context.wasCarriedBefore
    var examined = CauseCase(
      statement: isCarried
        ? "requests failed that had been answered at the same load before"
        : Self.steady(context),
      otherwise: otherwise(rise, context))
    examined.assumesSteadyFleet = true
    examined.comparesShares = true
    weighStatus(&examined, context)
    if rise < 1.3 {
      examined.support("requests stayed at \(factor: rise) what is usual", 1, .composition)
    } else if isCarried {
      examined.support(
        "requests had risen to \(factor: rise) what is usual, and as many were answered well before the failures began",
        1, .composition)
    } else {
      examined.oppose(
        "requests had risen to \(factor: rise) what is usual", rise >= 1.5 ? 2.5 : 1)
    }
    if let slow = context.slowShare {
      if slow < 0.2 {
        examined.support("latency stayed near its normal", 1.2, .latency)
      } else if slow >= 0.5 {
        examined.oppose("latency stood far above its normal", 2.5)
      }
    } else {
      examined.needs = ["response times in the access log"]
    }
    weighChange(&examined, context)
    return examined
  }

  /// What stayed as it was, of what these logs show.
  private static func steady(_ context: CauseContext) -> Sentence {
    let fleet = context.group?.curve.ready.range(over: context.span)
    let isSteady = fleet.map { $0.lowerBound == $0.upperBound } ?? false
    return switch (context.slowShare != nil, isSteady) {
    case (true, true): "requests failed while traffic, latency and capacity stayed as they were"
    case (true, false): "requests failed while traffic and latency stayed as they were"
    case (false, true): "requests failed while traffic and capacity stayed as they were"
    case (false, false): "requests failed while traffic stayed as it was"
    }
  }

  /// What came with the failures.
  private func otherwise(_ rise: Double, _ context: CauseContext) -> Sentence {
    if rise >= 1.3 { return "the failures came with load" }
    if let slow = context.slowShare, slow >= 0.5 { return "the failures came with slow answers" }
    return "the failures look like overload, not like a fault"
  }

  private func weighStatus(_ examined: inout CauseCase, _ context: CauseContext) {
    let share = context.overloadShare
    if share < InstanceCapacity.overloadShare {
      examined.support(
        share > 0
          ? "\(share: 1 - share) of the failures were no 503, 504 or shed"
          : "none of the failures was a 503, a 504 or shed", 1.8, .status,
        isSpecific: true,
        evidence: [context.line(.failed, near: context.span.start, in: context.span)]
          .compactMap { $0 })
    }
    guard let shortfall = context.group?.shortfall else {
      if let load = context.loadFactor, load < InstanceCapacity.leastLoad {
        examined.support(
          "each instance had no more requests than when all was well", 1.6,
          context.hasCapacityLog ? .capacityLog : .serving, isSpecific: true)
      } else if share >= InstanceCapacity.overloadShare {
        examined.oppose(
          "\(share: share) of the failures were 503, 504 or shed, as under overload", 2.5)
      }
      return
    }
    let short = shortfall.minutes.reduce(0) { sum, minute in
      minute.isShort && minute.span.overlaps(context.span) ? sum + minute.failed : sum
    }
    let all = shortfall.minutes.reduce(0) { sum, minute in
      minute.span.overlaps(context.span) ? sum + minute.failed : sum
    }
    if short * 2 >= all, all > 0 {
      examined.oppose("most failures fell into minutes that were short of capacity", 3)
    } else if all > 0 {
      examined.support(
        "enough capacity was ready in most minutes that failed", 1.6,
        context.hasCapacityLog ? .capacityLog : .serving, isSpecific: true)
    }
  }

  private func weighChange(_ examined: inout CauseCase, _ context: CauseContext) {
    let start = context.span.start
    let near = context.changes.filter { change in
      let slack = context.clock.uncertainty(of: change) + context.incident.startUncertaintySeconds
      return change.time <= start.advanced(bySeconds: slack)
        && change.time >= start.advanced(bySeconds: -Self.changeBefore - slack)
    }
    // One of this service says more than one that may be of any.
    if let own = near.last(where: { !context.placelessChanges.contains($0) }) {
      examined.support(
        "a change was made at \(time: own.time, precisionSeconds: own.precisionSeconds), just before it",
        1.6, .change, isSpecific: true, evidence: context.cite([own]))
    } else if let change = near.last {
      examined.support(
        "a change was made at \(time: change.time, precisionSeconds: change.precisionSeconds), just before it; of which service it does not say",
        1, .change, isSpecific: true, evidence: context.cite([change]))
    }
  }
}
