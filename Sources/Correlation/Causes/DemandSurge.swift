internal import IncidentModel
internal import TrafficTally

/// An organic rise that failed although capacity followed as configured, or no capacity log can tell.
struct DemandSurge: CauseTest {
  let cause = Cause.demandSurge

  func examine(_ context: CauseContext) -> CauseCase {
    guard let spike = context.spike else {
      return .excluded(
        "no rise of demand led into the failures: requests came at \(factor: context.riseFactor) what is usual"
      )
    }
    var examined = CauseCase(
      statement:
        "demand rose before the failures, to \(factor: spike.ratio) its baseline at its height",
      otherwise: "demand rose, but not as customers' demand does")
    examined.assumesSteadyFleet = true
    examined.blamesDemand = true
    let start = max(spike.onset, context.span.start)
    examined.span = TimeSpan(
      start: start, end: max(min(spike.end, context.span.end), start.advanced(bySeconds: 60)))
    let proof = [
      context.line(.answered, near: spike.onset, in: around(spike.onset)),
      context.line(.answered, near: spike.peakMinute, in: around(spike.peakMinute)),
    ].compactMap { $0 }
    examined.support(
      "requests rose from \(rate: spike.baselineRate) to \(rate: spike.peakRate)", 2.4,
      .composition,
      isSpecific: true, evidence: proof)
    weighComposition(&examined, spike.composition)
    weighFailures(&examined, spike, context)
    if !context.hasCapacityLog { examined.needs = ["the autoscaler's log"] }
    return examined
  }

  private func around(_ moment: Instant) -> TimeSpan {
    TimeSpan(start: moment.advanced(bySeconds: -60), end: moment.advanced(bySeconds: 120))
  }

  private func weighComposition(_ examined: inout CauseCase, _ composition: Composition) {
    switch composition.kind {
    case .organic:
      examined.support("who came is the usual mix of clients and routes", 1, .composition)
    case .botLike: examined.oppose("most of the excess is machine-made", 4)
    case .retries: examined.oppose("most of the excess are repeats of failed requests", 3)
    case .singleEndpoint: examined.oppose("most of the excess went to one route", 1)
    case .mixed: examined.oppose("the excess has several sources", 0.3)
    case .cannotTell:
      examined.oppose("the log does not tell whether people or machines came", 0.5)
    }
  }

  /// The share of the failures in minutes with at least 1.3 times the usual requests.
  private func failedUnderLoad(_ context: CauseContext) -> Double {
    let all = context.minutes.reduce(0) { $0 + $1.failed }
    let loaded = context.minutes.reduce(0) { sum, minute in
      minute.rate >= 1.3 * context.baseline.rate(at: minute.start) ? sum + minute.failed : sum
    }
    return all > 0 ? Double(loaded) / Double(all) : 0
  }

  private func weighFailures(
    _ examined: inout CauseCase, _ spike: DetectedSpike, _ context: CauseContext
  ) {
    if context.overloadShare >= InstanceCapacity.overloadShare {
      examined.support(
        "\(share: context.overloadShare) of the failures were 503, 504 or shed, as under overload",
        0.8, .status,
        evidence: [context.line(.failed, near: context.span.start, in: context.span)]
          .compactMap { $0 })
    } else if let slow = context.slowShare, slow >= 0.5 {
      examined.support("latency rose with demand", 0.8, .latency)
    } else if context.failed > 0 {
      examined.oppose("the failures do not look like overload", 2)
    }
    if context.failed > 0, failedUnderLoad(context) >= 0.8 {
      examined.support("the failures came and went with the requests", 0.6, .status)
    }
    let lag = context.span.start.seconds(since: spike.onset)
    if lag > 1800 {
      examined.oppose("the failures began \(duration: lag) after the rise", 1)
    }
    if let fleet = context.group?.curve.serving.range(over: context.span),
      let before = context.group?.curve.serving.value(
        at: context.span.start.advanced(bySeconds: -300)), before > 0
    {
      if fleet.lowerBound * 10 < before * 9 {
        examined.oppose("fewer backends served than before", 1.5)
      } else {
        examined.support("as many backends served as before, or more", 0.5, .serving)
      }
    }
  }
}
