internal import IncidentModel
internal import TrafficTally

/// Health checks took instances out and the group replaced them, over and over.
struct InstanceChurn: CauseTest {
  let cause = Cause.instanceChurn
  static let leastLosses = 3

  func examine(_ context: CauseContext) -> CauseCase {
    guard context.hasCapacityLog else { return CauseContext.noFleetLog }
    let killed = context.losses { $0 == .unhealthy }
    let count = context.total(killed)
    guard count >= Self.leastLosses, let first = killed.first, let last = killed.last else {
      return .excluded(
        count == 0
          ? "no instance was taken out for its health"
          : "\(count: count) instances were taken out for their health, too few for a loop",
        evidence: context.citeEnds(killed))
    }
    var examined = CauseCase(
      statement: "instances were taken out for their health and replaced, over and over",
      otherwise: "instances were replaced for their health, which does not explain the failures")
    examined.namesGroup = true
    examined.span = context.lossSpan(from: first.time)
    examined.support(
      "\(instances: count) were taken out for their health from \(time: first.time) to \(time: last.time)",
      2.6, .capacityLog, isSpecific: true, evidence: context.citeEnds(killed))
    let replaced = context.machineEvents.filter {
      $0.time > first.time && ($0.kind == .launchStarted || $0.kind == .inService)
    }
    if context.total(replaced) * 2 >= count, last.time.seconds(since: first.time) >= 300 {
      examined.support(
        "replacements were launched meanwhile", 0.8, .capacityLog,
        evidence: context.citeEnds(replaced))
    }
    if ZoneLost.share(of: killed) ?? 0 >= ZoneLost.leastShare, ZoneLost.zones(context).count > 1 {
      examined.oppose("nearly all of them stood in one zone", 2)
    }
    context.weighSteadyDemand(&examined)
    examined.weighOverload(context, in: examined.span ?? context.span)
    return examined
  }
}
