internal import IncidentModel
internal import TrafficTally

/// The excess came from machines: few networks, few signatures, regular timing (METHODS §7 weighs it).
struct BotSurge: CauseTest {
  let cause = Cause.botSurge

  func examine(_ context: CauseContext) -> CauseCase {
    guard let spike = context.spike else {
      return .excluded("demand did not rise, so there is no excess to ask about")
    }
    let composition = spike.composition
    guard composition.kind == .cannotTell || composition.botShare != nil else {
      return .untestable(
        "the mix of clients and routes alone does not tell whether people or machines made the excess",
        needs: ["a look at who these clients are: their timing is not judged by this version"])
    }
    guard let share = composition.botShare, composition.kind != .cannotTell else {
      return .untestable(
        "the access log does not tell whether people or machines made the excess",
        needs: ["client addresses and agents in the access log"])
    }
    if share < 0.2 {
      return .excluded(
        share > 0
          ? "only \(share: share) of the excess looks machine-made"
          : "no part of the excess looks machine-made")
    }
    var examined = CauseCase(
      statement: "\(share: share) of the excess looks machine-made",
      otherwise: "a part of the excess looks machine-made")
    examined.span = TimeSpan(
      start: max(spike.onset, context.span.start),
      end: max(min(spike.end, context.span.end), context.span.start.advanced(bySeconds: 60)))
    let proof =
      context.line(.answered, near: spike.peakMinute, in: context.span)
      ?? context.line(.failed, near: spike.peakMinute, in: context.span)
    examined.support(
      "clients, timing or agents of \(share: share) of the excess are those of machines",
      composition.kind == .botLike ? 3.2 : 1.6, .composition, isSpecific: true,
      evidence: [proof].compactMap { $0 })
    if context.overloadShare >= InstanceCapacity.overloadShare {
      examined.support(
        "\(share: context.overloadShare) of the failures were 503, 504 or shed, as under overload",
        0.8, .status)
    } else if let slow = context.slowShare, slow >= 0.5 {
      examined.support("latency rose with demand", 0.8, .latency)
    }
    if share < 0.5 { examined.oppose("most of the excess does not look machine-made", 1.5) }
    return examined
  }
}
