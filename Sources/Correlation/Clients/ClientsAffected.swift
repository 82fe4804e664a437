internal import IncidentModel
internal import TrafficTally

/// How many clients a stretch has hurt (METHODS §5, §7), from the followed ones.
///
/// A followed client stands for 2ⁿ. The number of those with a property is k·2ⁿ; since each client is followed on its own with p = 2⁻ⁿ, its variance is
/// k·(1 − p) ÷ p², and nothing is uncertain where all are followed but clients that keep a part of their requests.
struct ClientsAffected: Equatable {
  /// Clients with at least one failed request.
  var failed: Int
  /// Of these the ones that never got an answer in the stretch.
  var neverServed: Int
  /// Half the width of the 95 % interval of `failed` ÷ `failed`.
  var relativeError: Double

  init?(_ trails: ServiceTrails, in spans: [TimeSpan]) {
    var hurt = 0
    var lost = 0
    for client in trails.clients {
      var failed = false
      var served = false
      for event in client.events where spans.contains(where: { $0.contains(event.arrival) }) {
        switch event.outcome {
        case .failed: failed = true
        case .abandoned: break
        case .answered, .clientError, .throttled: served = true
        }
      }
      if failed { hurt += 1 }
      if failed, !served { lost += 1 }
    }
    guard hurt > 0 else { return nil }
    self.failed = Int((Double(hurt) * trails.scale).rounded())
    neverServed = Int((Double(lost) * trails.scale).rounded())
    let dropped = 1 - 1 / trails.scale
    relativeError = ClientParameters.intervalFactor * (dropped / Double(hurt)).squareRoot()
  }
}
