internal import IncidentModel

/// Requests that came back into a fleet that had shrunk while they stayed away: what fails or slows down then belongs to the loss, however long after it (METHODS §8 a′).
struct LossAftermath {
  /// The stretch in which requests stayed away.
  var loss: TimeSpan
  /// The fleet before the loss, when this incident began, and the largest between them.
  var before: Int
  var now: Int
  var most: Int
  /// Machine lines of instances that went, and of decisions to let them go.
  var gone: [CapacityEvent]

  /// A fleet below this part of what it was is a smaller one.
  static let whole = 0.9
  /// Less than this part of the usual requests is no return.
  static let back = 0.7

  /// nil where no loss came before, or the fleet was whole again since, or demand is none that the whole fleet carried.
  init?(_ context: CauseContext) {
    let start = context.span.start
    guard !context.incident.detectedBy.contains(.trafficLoss),
      let curve = context.group?.curve,
      let loss = context.signal.incidents.last(where: {
        $0.detectedBy.contains(.trafficLoss) && $0.span.end <= start
      })
    else { return nil }
    let size = curve.ready.steps.isEmpty ? curve.wanted : curve.ready
    let since = TimeSpan(start: loss.span.end, end: start.advanced(bySeconds: 1))
    guard let before = size.value(at: loss.span.start), let now = size.value(at: start),
      let most = size.range(over: since)?.upperBound,
      Double(most) < Self.whole * Double(before)
    else { return nil }
    let demand = context.firstAttemptFactor
    guard demand >= Self.back, demand < DependencySlow.steadyRise else { return nil }
    self.loss = loss.span
    self.before = before
    self.now = now
    self.most = most
    gone = curve.events.filter { event in
      guard event.time >= loss.span.start, event.time < start, !event.isHumanClaim else {
        return false
      }
      switch event.kind {
      case .terminated(.scaleIn), .scaleInDecided: return true
      default: return false
      }
    }
  }
}
