internal import FloodmarkTestSupport
internal import IncidentModel

/// What was told of another history, beside that history itself: the same outage simulated again, with the one thing changed.
struct OtherRun: Sendable {
  let change: Counterfactual.Change
  let told: ClosedRange<Int>
  /// Failed requests in the incident's span as it was.
  let was: Int
  /// The same in the other run.
  let truth: Int

  var isCovered: Bool { told.contains(truth) }
  /// How wide the interval is, beside what failed.
  var width: Double { Double(told.upperBound - told.lowerBound) / Double(max(1, was)) }

  /// Runs `plan` again as `told` would have had it; nil where the plan has nothing to change.
  ///
  /// - Parameter onset: when demand rose, as the report has it: it tells how much earlier a decision is taken.
  init?(
    _ told: Counterfactual, of plan: IncidentPlan, access: AccessLogKind, truth: Truth,
    onset: Instant
  ) {
    guard let other = plan.changed(told.change, truth, onset) else { return nil }
    change = told.change
    self.told = told.failedLow...max(told.failedLow, told.failedHigh)
    was = Int(truth.failed(in: told.span))
    let again = Int(other.failed(in: told.span, access: access))
    // By chance more can fail than did; a report says no more than what failed.
    self.truth = min(again, max(was, told.failedHigh))
  }
}

extension IncidentPlan {
  /// The plan with one thing otherwise; nil where that is no part of it.
  fileprivate func changed(
    _ change: Counterfactual.Change, _ truth: Truth, _ onset: Instant
  ) -> IncidentPlan? {
    guard decisions == nil else { return nil }
    // What is told beside a limit of the account's, or a template, takes the refusals for granted; a plan without them is another.
    let isRefused = policy.granted != nil && policy.refusal != .insufficientCapacity
    switch change {
    case .largerMaximum, .earlierDecision, .schedule: if isRefused { return nil }
    case .fleetKept, .noRepeats, .noMachineExcess: break
    }
    let need = truth.minutes.needed.max() ?? size
    var plan = self
    switch change {
    case .largerMaximum:
      guard need > policy.maximum else { return nil }
      plan.policy.maximum = need
    case .earlierDecision:
      // As many as came, earlier by what the first decision took.
      guard let first = truth.decisions.first(where: { $0.time >= onset && $0.to > $0.from })
      else { return nil }
      let lag = first.time.seconds(since: onset)
      plan.decisions = []
      plan.activities = truth.activities.filter { $0.outcome == .inService && $0.start >= onset }
        .map { activity in
          var early = activity
          early.start = activity.start.advanced(bySeconds: -lag)
          early.end = activity.end.advanced(bySeconds: -lag)
          return early
        }
    case .schedule:
      plan.size = max(size, min(policy.maximum, need))
      plan.policy.minimum = plan.size
    case .fleetKept:
      plan.policy.scaleIn = nil
      plan.policy.swings = []
      plan.policy.churn = nil
      plan.policy.zoneLoss = nil
    case .noRepeats: plan.retryChance = []
    case .noMachineExcess:
      guard guests?.sort.isMachines == true else { return nil }
      plan.guests = nil
    }
    return plan
  }
}
