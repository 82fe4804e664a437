internal import IncidentModel

/// What another maximum, decision or schedule would have changed where launches were refused.
///
/// At best all that is asked for before the first refusal is granted, at worst no more than was; what comes after it is refused as it was.
/// A limit of the account's or a template would have refused the same at any time.
extension OtherHistories {
  /// With this part of what the queue gives of what was, or more, the change would not have helped.
  private static let leastHelp = 0.95

  /// Why launches failed, and up to which size they came: a limit of the account's, or a template, refuses the same at any time.
  struct Refusal {
    var time: Instant
    var why: Sentence
    var isLasting: Bool
    /// As many as were ever ready in the incident.
    var granted: Int

    /// Until when launches that would have been asked for may have been granted.
    var until: Instant? { isLasting ? nil : time }

    func most(_ wanted: Int) -> Int { isLasting ? min(wanted, granted) : wanted }
  }

  /// The first launch of the incident that failed, for whatever reason of the provider's or the account's.
  var refusal: Refusal? {
    let first = group.curve.events.first { event in
      guard case .launchFailed = event.kind, !event.isHumanClaim else { return false }
      return event.time >= onset && event.time < incident.span.end
    }
    guard let first, case .launchFailed(let reason) = first.kind else { return nil }
    let isLasting =
      switch reason {
      case .quota, .addressSpace, .maxSize, .badTemplate: true
      default: false
      }
    return Refusal(
      time: first.time,
      why: "from \(time: first.time) on launches failed: " + ReasonWords.clause(reason),
      isLasting: isLasting, granted: group.curve.ready.range(over: incident.span)?.upperBound ?? 0)
  }

  /// From what the best history gives to all that failed.
  private func hindered(
    _ change: Counterfactual.Change, _ kind: Sentence, _ best: [FluidQueue.Cell],
    _ refusal: Refusal
  ) -> Counterfactual {
    let all = Int(min(1e15, history.failed))
    let was = Double(interval(history.cells, history.cells).lowerBound)
    guard Double(interval(best, best).lowerBound) < Self.leastHelp * was else {
      return counterfactual(
        change, kind, all...all,
        ["launches fail as they did, so it would not have helped: " + refusal.why])
    }
    let least = min(all, interval(best, best).lowerBound)
    return counterfactual(
      change, kind, least...all,
      [
        refusal.why
          + (refusal.isLasting
            ? "; none beyond those that came would have come earlier"
            : "; at best all that is asked for before that is granted, at worst no more than was")
      ])
  }

  /// The changes of the scaler, in the order of ``Counterfactual/Change``.
  func whereRefused(_ refusal: Refusal) -> [Counterfactual?] {
    [refusedMaximum(refusal), refusedDecision(refusal), refusedSchedule(refusal)]
  }

  private func refusedMaximum(_ refusal: Refusal) -> Counterfactual? {
    guard let maximum = bindingMaximum else { return nil }
    let most = Double(refusal.most(peakNeed))
    let best =
      scaleOut.map { met(after: $0.first, upTo: most, headroom: headroom, until: refusal.until) }
      ?? history.cells
    return hindered(
      .largerMaximum,
      "a maximum of \(instances: peakNeed) instances instead of \(count: maximum)", best, refusal)
  }

  private func refusedDecision(_ refusal: Refusal) -> Counterfactual? {
    guard let lags = scaleOut, lags.decision >= Self.leastLagSeconds else { return nil }
    let before = TimeSpan(start: onset, end: max(refusal.time, onset.advanced(bySeconds: 1)))
    let allowed = group.curve.maximum.range(over: before)?.upperBound ?? peakNeed
    let most = Double(refusal.most(min(allowed, peakNeed)))
    return hindered(
      .earlierDecision,
      "the scale-out decided as demand rose, \(duration: lags.decision.rounded()) earlier",
      met(after: lags.first, upTo: most, headroom: headroom, until: refusal.until), refusal)
  }

  private func refusedSchedule(_ refusal: Refusal) -> Counterfactual? {
    guard let size = scheduledSize else { return nil }
    // As many as came were granted: no refusal stood in their way.
    if size <= refusal.granted { return schedule() }
    return hindered(
      .schedule, "\(instances: size) instances asked for before demand rose",
      scheduled(refusal.most(size)), refusal)
  }
}
