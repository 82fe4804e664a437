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
