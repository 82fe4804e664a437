internal import IncidentModel
internal import TrafficTally

/// Requests vanished without errors: something in front of these logs.
struct TrafficLossCause: CauseTest {
  let cause = Cause.trafficLoss

  func examine(_ context: CauseContext) -> CauseCase {
    guard context.incident.detectedBy.contains(.trafficLoss) else {
      return .excluded("requests did not fall far below what is usual")
    }
    var examined = CauseCase(
      statement:
        "requests vanished without errors: they fell to \(factor: context.riseFactor) what is usual",
      otherwise: "requests fell, but errors came with it")
    examined.needs = ["load-balancer or CDN logs"]
    examined.support(
      "requests fell to \(factor: context.riseFactor) what is usual at that time", 2.8,
      .composition, isSpecific: true,
      evidence: [context.line(.answered, near: context.span.start, in: context.span)]
        .compactMap { $0 })
    let requests = context.minutes.reduce(0) { $0 + $1.requests }
    if context.failed * 50 <= requests {
      examined.support("what still came was answered", 1, .status)
    } else {
      examined.oppose("part of what still came failed", 1)
    }
    return examined
  }
}
