internal import IncidentModel
internal import TrafficTally

/// Latency rose first while traffic and fleet stayed as they were: instances got slower, not fewer.
struct DependencySlow: CauseTest {
  let cause = Cause.dependencySlow
  static let steadyRise = 1.3
  /// Seconds within which a loss of instances is told that came first.
  static let noticed = 240.0
  /// Under this part of what an instance carries when all is well it was not busy.
  static let idleShare = 0.8
  /// Minutes with the whole fleet that tell whether its instances were slow by themselves.
  static let leastWhole = 3

  func examine(_ context: CauseContext) -> CauseCase {
    guard let slow = context.slowShare else {
      return .untestable(
        "the access log has no response times", needs: ["response times in the access log"])
    }
    guard slow >= 0.5 else { return .excluded("latency stayed near its normal") }
    // Repeats answer to failures and are none of their reasons, unless there is a storm of them.
    let first = context.firstAttemptFactor
    let isStorm = context.riseFactor >= ClientParameters.stormFactor * first
    let rise = isStorm ? context.riseFactor : first
    guard rise < Self.steadyRise else {
      return .excluded(
        "requests rose to \(factor: rise) what is usual, which slows answers as well")
    }
    var examined = CauseCase(
      statement: "answers got slow while requests and fleet stayed as they were",
      otherwise: "answers got slow, but capacity was not what it had been")
    examined.assumesSteadyFleet = true
    examined.needs = ["upstream response times in the access log"]
    examined.support(
      "latency stood far above its normal in \(share: slow) of the minutes", 2.2, .latency,
      isSpecific: true,
      evidence: [context.line(.answered, near: context.span.start, in: context.span)]
        .compactMap { $0 })
    examined.support(
      "requests stayed at \(factor: rise) what is usual", 1, .composition)
    weighFleet(&examined, context)
    return examined
  }

  private func weighFleet(_ examined: inout CauseCase, _ context: CauseContext) {
    guard let story = context.group else { return }
    let kind: EvidenceKind = context.hasCapacityLog ? .capacityLog : .serving
    let start = context.span.start
    let size = story.curve.ready.steps.isEmpty ? story.curve.wanted : story.curve.ready
    if let aftermath = LossAftermath(context) {
      // However long ago: fewer with the same to do are not slower by themselves.
      return examined.oppose(
        "the fleet had shrunk from \(count: aftermath.before) to \(instances: aftermath.now) after requests stayed away",
        3)
    }
    let before = size.value(at: start.advanced(bySeconds: -900))
    // Health checks find a lost instance minutes after its clients did; a scaler that looks at the processor takes longer.
    let soon = min(start.advanced(bySeconds: Self.noticed), context.span.end)
    let then = size.range(
      over: TimeSpan(start: start, end: max(soon, start.advanced(bySeconds: 1))))?.lowerBound
    if let before, let then {
      if then * 10 < before * 9 {
        examined.oppose(
          "the fleet had shrunk from \(count: before) to \(instances: then) before", 3)
      } else {
        examined.support("the fleet had not shrunk when it began", 0.8, kind)
      }
    }
    let worked = context.minutes.compactMap(\.workedPerInstance).sorted()
    let whole = Self.loadWhileWhole(context)
    if whole == nil, let load = context.firstLoadFactor, load >= Self.steadyRise {
      examined.oppose("each instance got \(factor: load) what it carries when all is well", 3)
    }
    if let usual = story.capacity?.healthy, let median = InstanceCapacity.quantile(worked, 0.5),
      usual > 0
    {
      if let load = whole {
        examined.support(
          "answers were slow while an instance got \(share: load) of what it carries when all is well",
          1, kind)
      } else if median < Self.idleShare * usual {
        examined.support(
          "an instance worked off \(share: median / usual) of what it carries when all is well",
          1, kind)
      } else if story.shortfall?.peak != nil {
        examined.oppose("instances worked off as much as they carry", 1.5)
      }
    }
  }

  /// First attempts for each ready instance, as a part of what one carries when all is well, while the fleet was whole; nil where that is not known for some minutes, or where they were not slow or each instance got more than it carries.
  ///
  /// Instances that are slow with no more to do than usual got slower; what went later is no reason for it.
  private static func loadWhileWhole(_ context: CauseContext) -> Double? {
    guard let story = context.group, let usual = story.capacity?.healthy, usual > 0,
      let before = story.curve.ready.value(at: context.span.start.advanced(bySeconds: -900))
    else { return nil }
    let whole = context.minutes.prefix { ($0.ready ?? 0) * 10 >= Double(before) * 9 }
    let clients = context.signal.clients
    guard whole.count >= leastWhole,
      let slow = CauseContext.slowShare(of: whole, context.baseline), slow >= 0.5
    else { return nil }
    let loads = whole.compactMap { minute in
      minute.ready.map { ready in
        let repeats = (clients?.count(in: minute.span) ?? 0) / minute.seconds
        return max(0, minute.rate - repeats) / ready / usual
      }
    }
    return InstanceCapacity.quantile(loads.sorted(), 0.5)
      .flatMap { $0 < InstanceCapacity.leastLoad ? $0 : nil }
  }

  /// It leads before any cause of capacity only where the fleet is known not to have shrunk at the start and its instances were slow with no more to do than when all was well, or worked off less (METHODS §8 a′); else it is weighed beside them.
  static func leads(_ context: CauseContext) -> Bool {
    guard let story = context.group, let usual = story.capacity?.healthy, usual > 0 else {
      return false
    }
    let start = context.span.start
    let soon = TimeSpan(
      start: start,
      end: max(
        min(start.advanced(bySeconds: noticed), context.span.end), start.advanced(bySeconds: 1)))
    guard let before = story.curve.ready.value(at: start.advanced(bySeconds: -900)),
      let then = story.curve.ready.range(over: soon)?.lowerBound, then * 10 >= before * 9
    else { return false }
    if loadWhileWhole(context) != nil { return true }
    let worked = context.minutes.compactMap(\.workedPerInstance).sorted()
    return InstanceCapacity.quantile(worked, 0.5).map { $0 < idleShare * usual } ?? false
  }
}
