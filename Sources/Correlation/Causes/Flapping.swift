internal import IncidentModel
internal import TrafficTally

/// The scaler grew and shrank the group in turn within a few cooldowns.
struct Flapping: CauseTest {
  let cause = Cause.flapping
  /// Out, in, out, in.
  static let leastTurns = 4

  func examine(_ context: CauseContext) -> CauseCase {
    guard context.hasCapacityLog else { return CauseContext.noFleetLog }
    let turns = context.turns
    guard turns.count >= Self.leastTurns, let first = turns.first else {
      return .excluded(
        "the scaler did not turn from growing to shrinking and back in this time",
        evidence: context.citeEnds(turns))
    }
    var examined = CauseCase(
      statement: "the scaler grew and shrank the group in turn",
      otherwise: "the scaler grew and shrank the group in turn, which does not explain the failures"
    )
    examined.namesGroup = true
    let start = max(first.time, context.span.start)
    examined.span = TimeSpan(
      start: start, end: max(context.shortageEnd, start.advanced(bySeconds: 60)))
    examined.support(
      "it decided \(count: turns.count) times the other way from \(time: first.time)",
      turns.count > Self.leastTurns ? 3.4 : 2.8, .capacityLog, isSpecific: true,
      evidence: context.citeEnds(turns))
    context.weighSteadyDemand(&examined)
    examined.weighOverload(context, in: examined.span ?? context.span)
    return examined
  }
}
