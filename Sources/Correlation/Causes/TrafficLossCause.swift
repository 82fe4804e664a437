internal import IncidentModel
internal import TrafficTally

/// Requests vanished without errors: something in front of these logs.
///
/// What fails when they come back into a fleet that shrank meanwhile belongs to it (METHODS §8).
struct TrafficLossCause: CauseTest {
  let cause = Cause.trafficLoss

  /// A minute with no more than this part of the usual requests misses them.
  static let missing = 0.5
  /// So little is left that nothing else looks like it.
  static let nearlyAll = 0.2
  /// An incident begins with the loss when no failure came so many seconds before it.
  static let beginning = 120.0

  func examine(_ context: CauseContext) -> CauseCase {
    guard context.incident.detectedBy.contains(.trafficLoss) else {
      return LossAftermath(context).map { returned($0, context) }
        ?? .excluded("requests did not fall far below what is usual")
    }
    let lost = Self.lost(context)
    let expected = lost.reduce(0) { $0 + context.baseline.rate(at: $1.start) * $1.seconds }
    let requests = lost.reduce(0) { $0 + $1.requests }
    let factor = expected > 0 ? Double(requests) / expected : context.riseFactor
    var examined = CauseCase(
      statement: "requests vanished without errors: they fell to \(share: factor) of what is usual",
      otherwise: "requests fell, but errors came with it")
    examined.needs = ["load-balancer or CDN logs"]
    examined.support(
      "requests fell to \(share: factor) of what is usual at that time",
      factor <= Self.nearlyAll ? 3.2 : 2.8, .composition, isSpecific: true,
      evidence: [context.line(.answered, near: context.span.start, in: context.span)]
        .compactMap { $0 })
    // In its last minute they may be coming back already.
    let inner = lost.count > 2 ? lost.dropLast() : lost[...]
    let failed = inner.reduce(0) { $0 + $1.failed }
    if failed * 50 <= inner.reduce(0, { $0 + $1.requests }) {
      examined.support("what still came was answered", 1, .status)
    } else {
      examined.oppose("part of what still came failed", 1)
    }
    guard Self.begins(context) else {
      examined.oppose("requests had failed before they stayed away", 2.5)
      return examined
    }
    weighReturn(&examined, lost, context)
    return examined
  }

  /// The usual requests, and fewer instances for them than before they stayed away.
  private func returned(_ aftermath: LossAftermath, _ context: CauseContext) -> CauseCase {
    let before = aftermath.before
    let now = aftermath.now
    var examined = CauseCase(
      statement:
        "requests came back into a fleet that had shrunk from \(count: before) to \(instances: now) after they stayed away",
      otherwise:
        "the fleet had shrunk after requests stayed away, but that does not explain the failures")
    examined.needs = ["load-balancer or CDN logs"]
    examined.namesGroup = true
    let kind: EvidenceKind = context.hasCapacityLog ? .capacityLog : .serving
    examined.support(
      "requests stayed away from \(time: aftermath.loss.start) to \(time: aftermath.loss.end), and from then on no more than \(count: aftermath.most) of \(instances: before) were ready",
      2.8, kind, isSpecific: true, evidence: context.citeEnds(aftermath.gone))
    examined.support(
      "requests were back at \(factor: context.firstAttemptFactor) what is usual", 1, .composition)
    if let load = context.firstLoadFactor, load > 1.1 {
      examined.support(
        "each instance got \(factor: load) what it carries when all is well", 0.6, kind)
    }
    examined.weighOverload(context, in: context.span)
    return examined
  }

  /// Failures after the return, and a fleet that was smaller by then.
  private func weighReturn(
    _ examined: inout CauseCase, _ lost: [LoadMinute], _ context: CauseContext
  ) {
    guard let back = lost.last?.span.end, context.failed > 0 else { return }
    let size = context.group?.curve.ready
    if let before = size?.value(at: context.span.start), let then = size?.value(at: back),
      then < before
    {
      examined.support(
        "the fleet had shrunk from \(count: before) to \(instances: then) by the time they came back",
        0.4, context.hasCapacityLog ? .capacityLog : .serving)
    }
  }

  /// The first stretch of minutes that miss at least half of the usual requests.
  static func lost(_ context: CauseContext) -> [LoadMinute] {
    let from = context.minutes.drop { !isLost($0, context) }
    return Array(from.prefix { isLost($0, context) })
  }

  private static func isLost(_ minute: LoadMinute, _ context: CauseContext) -> Bool {
    minute.rate <= missing * context.baseline.rate(at: minute.start)
  }

  /// The incident begins with the loss, or is what its return came to.
  static func leads(_ context: CauseContext) -> Bool {
    begins(context) || LossAftermath(context) != nil
  }

  /// The incident begins with the loss: what failed, failed later.
  static func begins(_ context: CauseContext) -> Bool {
    guard let first = lost(context).first else { return false }
    return first.start.seconds(since: context.span.start) <= beginning
  }
}
