internal import IncidentModel
internal import TrafficTally

extension CauseContext {
  static let noFleetLog = CauseCase.untestable(
    "no capacity log tells when instances went", needs: ["the autoscaler's log"])

  /// Arrivals that stayed as they are usual are no surge: what makes a loss of capacity the likelier story.
  func weighSteadyDemand(_ examined: inout CauseCase) {
    let rise = riseAtStart
    if rise < 1.3 {
      examined.support(
        "requests had not risen when it began: \(factor: rise) what is usual", 1, .composition)
    } else {
      examined.oppose("requests had risen to \(factor: rise) what is usual when it began", 2)
    }
  }

  /// Requests over what is usual in the five minutes before a moment; nil without lines there.
  func demand(before moment: Instant) -> Double? {
    let from = moment.advanced(bySeconds: -300)
    let inside = allMinutes.filter { $0.start >= from && $0.span.end <= moment && $0.isCovered }
    let expected = inside.reduce(0) { $0 + baseline.rate(at: $1.start) * $1.seconds }
    guard expected > 0 else { return nil }
    return Double(inside.reduce(0) { $0 + $1.requests }) / expected
  }

  /// For how many seconds it had failed or been slow when something came that would have to be the cause; nil where that came before, or as early as can be told, or where what was before it was much less: half of it failed as often, or was as slow, as what came after (METHODS §8, 1).
  func trouble(before moment: Instant) -> Double? {
    let early = minutes.prefix { $0.span.end <= moment }
    let late = minutes.dropFirst(early.count)
    let earlier = moment.seconds(since: span.start)
    guard earlier > 60 + incident.startUncertaintySeconds, early.count > 1 else {
      return slowness(before: moment)
    }
    func ratio(_ minutes: ArraySlice<LoadMinute>) -> Double {
      let requests = minutes.reduce(0) { $0 + $1.requests }
      return requests > 0 ? Double(minutes.reduce(0) { $0 + $1.failed }) / Double(requests) : 0
    }
    let failedAlready = failed > 0 && ratio(early) >= 0.5 * ratio(late)
    let wasSlow = (Self.slowShare(of: early, baseline) ?? 0) >= 0.5
    return failedAlready || wasSlow ? earlier : nil
  }

  /// For how many seconds up to a moment the median had stood at twice its normal without a pause, though not so far above it that it was an incident; nil under three minutes.
  private func slowness(before moment: Instant) -> Double? {
    guard let normal = baseline.p50Milliseconds, normal > 0 else { return nil }
    let run = allMinutes.filter { $0.span.end <= moment }.reversed().prefix { minute in
      (minute.p50Milliseconds ?? 0) >= Parameters.Slowness.medianFactor * normal
    }
    let seconds = run.reduce(0) { $0 + $1.seconds }
    return seconds >= 60 * Double(Parameters.Slowness.minutes) ? seconds : nil
  }

  /// From a moment until the fleet was as large as before it, or the shortage ended.
  func lossSpan(from first: Instant) -> TimeSpan {
    let start = max(first, span.start)
    let before = group?.curve.ready.value(at: first.advanced(bySeconds: -1))
    var restored: Instant?
    if let before, let lowered = group?.curve.ready.first(from: first, where: { $0 < before }) {
      restored = group?.curve.ready.first(from: max(lowered, start)) { $0 >= before }
    }
    let end = min(restored ?? shortageEnd, span.end)
    return TimeSpan(start: start, end: max(end, start.advanced(bySeconds: 60)))
  }

  /// Machine lines of instances that went, before the shortage or in it.
  func losses(_ test: (CapacityEvent.Reason) -> Bool) -> [CapacityEvent] {
    machineEvents.filter { event in
      guard case .terminated(let reason) = event.kind else { return false }
      return test(reason) && event.time < max(shortageEnd, span.start.advanced(bySeconds: 60))
    }
  }

  /// How often the scaler turned from growing to shrinking or back.
  var turns: [CapacityEvent] {
    var last: Bool?
    var turns: [CapacityEvent] = []
    for event in machineEvents {
      let grows: Bool
      switch event.kind {
      case .scaleOutDecided: grows = true
      case .scaleInDecided: grows = false
      default: continue
      }
      if last != grows { turns.append(event) }
      last = grows
    }
    return turns
  }
}
