internal import IncidentModel
internal import TrafficTally

/// The common part of the three causes that differ only in why launches failed: the *code* decides, never the mere failure.
struct RefusedLaunches {
  var reasons: @Sendable (CapacityEvent.Reason) -> Bool
  /// `the provider had too little capacity`, a clause that follows "launches failed: ".
  var why: Sentence
  var statement: Sentence

  func examine(_ context: CauseContext) -> CauseCase {
    let all = context.refusals { _ in true }
    let mine = context.refusals(reasons)
    let claims = context.claims {
      if case .launchFailed(let reason) = $0 { return reasons(reason) }
      return false
    }
    guard !mine.isEmpty || !claims.isEmpty else { return without(all, context) }
    var examined = CauseCase(statement: statement, otherwise: statement)
    examined.namesGroup = !mine.isEmpty
    let times = (mine.isEmpty ? claims : mine).map(\.time)
    let span = span(of: times, mine.isEmpty ? [] : context.arrivals, context)
    examined.span = span
    examined.blamesDemand = true
    examined.otherwise = "such launches failed, but they do not explain the failures"
    weigh(&examined, mine, all, claims, context)
    weighSuccess(&examined, mine, context)
    examined.weighOverload(context, in: span)
    if context.group?.shortfall == nil, context.hasCapacityLog {
      examined.needs = ["response times and backends in the access log"]
    }
    return examined
  }

  private func weigh(
    _ examined: inout CauseCase, _ mine: [CapacityEvent], _ all: [CapacityEvent],
    _ claims: [CapacityEvent], _ context: CauseContext
  ) {
    let count = context.total(mine)
    let whole = max(count, context.total(all))
    if count > 0, let first = mine.first {
      examined.support(
        "\(count: count) \(Self.launches(count)) failed from \(time: first.time): \(why)",
        count >= 3 ? 3.6 : 2.6, .capacityLog, isSpecific: true,
        evidence: context.citeEnds(mine))
      if count < whole {
        examined.oppose(
          "\(count: whole - count) of \(count: whole) failed launches had other reasons",
          2 * Double(whole - count) / Double(whole))
      }
    }
    if let claim = claims.first {
      examined.support(
        "a note says so at \(time: claim.time, precisionSeconds: claim.precisionSeconds)",
        mine.isEmpty ? 3 : 1.2, .humanNote, isSpecific: true, evidence: context.cite([claim]))
    }
  }

  private func weighSuccess(
    _ examined: inout CauseCase, _ mine: [CapacityEvent], _ context: CauseContext
  ) {
    guard let first = mine.first, let last = mine.last else { return }
    let launched = context.machineEvents.filter { $0.kind == .launchStarted }
    let names = Dictionary(
      launched.compactMap { event in event.instance.map { ($0, event.time) } },
      uniquingKeysWith: { left, _ in left })
    let granted = context.arrivals.filter { arrival in
      let started = arrival.instance.flatMap { names[$0] } ?? arrival.time
      return started >= first.time && started <= last.time
    }
    let count = context.total(granted)
    guard count > 0 else { return }
    let share = Double(count) / Double(count + context.total(mine))
    let told: Sentence =
      count == 1 ? "one launch succeeded meanwhile" : "\(count: count) launches succeeded meanwhile"
    examined.oppose(
      told, min(2, 3 * share),
      evidence: context.citeEnds(granted))
  }

  /// From the first refusal to the arrival after the last one, or to the end of the shortage.
  private func span(
    of times: [Instant], _ arrivals: [CapacityEvent], _ context: CauseContext
  ) -> TimeSpan {
    let first = times.min() ?? context.span.start
    let last = times.max() ?? first
    let start = max(first, context.span.start)
    let relief = arrivals.first { $0.time > last }?.time
    let end = min(relief ?? context.shortageEnd, context.span.end)
    return TimeSpan(start: start, end: max(end, start.advanced(bySeconds: 60)))
  }

  private func without(_ all: [CapacityEvent], _ context: CauseContext) -> CauseCase {
    guard context.hasCapacityLog else {
      return .untestable(
        "no capacity log of this service tells why launches failed",
        needs: ["the autoscaler's log"])
    }
    if all.isEmpty { return .excluded("no launch of the group failed") }
    return .excluded(
      context.total(all) == 1
        ? "one launch failed, for another reason"
        : "\(count: context.total(all)) launches failed, all for other reasons",
      evidence: context.citeEnds(all))
  }

  static func launches(_ count: Int) -> Sentence { count == 1 ? "launch" : "launches" }
}
