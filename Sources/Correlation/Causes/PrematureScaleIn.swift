internal import IncidentModel
internal import TrafficTally

/// Capacity was removed by policy shortly before or in the saturation, while traffic had not risen.
struct PrematureScaleIn: CauseTest {
  let cause = Cause.prematureScaleIn
  /// Capacity that goes after so much of the demand went was not taken too early.
  static let fallen = 0.6

  func examine(_ context: CauseContext) -> CauseCase {
    guard context.hasCapacityLog, let curve = context.group?.curve else {
      return CauseContext.noFleetLog
    }
    if context.incident.detectedBy == [.trafficLoss] {
      return .excluded("requests stayed away: what was left was enough for them")
    }
    let gone = context.losses { $0 == .scaleIn }
    let decided = context.machineEvents.filter {
      if case .scaleInDecided = $0.kind { return $0.time < context.shortageEnd }
      return false
    }
    guard let first = (decided + gone).min(by: { $0.time < $1.time }) else {
      return .excluded("the scaler took no capacity away before the failures or while they lasted")
    }
    var examined = CauseCase(
      statement: "capacity was removed by policy while demand had not fallen",
      otherwise: "capacity was removed, but that does not explain the failures")
    examined.namesGroup = true
    examined.span = context.lossSpan(from: first.time)
    let size = curve.ready.steps.isEmpty ? curve.wanted : curve.ready
    let before = size.value(at: first.time.advanced(bySeconds: -1))
    let least = size.range(
      over: TimeSpan(
        start: first.time, end: max(context.shortageEnd, first.time.advanced(bySeconds: 1))))
    if let before, let least, least.lowerBound < before {
      examined.support(
        "the group shrank from \(count: before) to \(instances: least.lowerBound) from \(time: first.time) on",
        3, .capacityLog, isSpecific: true, evidence: context.cite([first]) + context.citeEnds(gone))
    } else {
      examined.support(
        "a decision to shrink came at \(time: first.time)", 2, .capacityLog, isSpecific: true,
        evidence: context.cite([first]))
    }
    if context.turns.count >= Flapping.leastTurns {
      examined.oppose("the scaler grew and shrank the group in turn", 1.5)
    }
    if let factor = context.demand(before: first.time), factor <= Self.fallen {
      examined.oppose(
        "requests had fallen to \(factor: factor) what is usual when it was removed", 4)
    } else {
      context.weighSteadyDemand(&examined)
    }
    if let earlier = context.trouble(before: first.time) {
      examined.oppose(
        "it had failed, or been slow, for \(duration: earlier) when the first of it was removed",
        2.5)
    }
    examined.weighOverload(context, in: examined.span ?? context.span)
    return examined
  }
}
