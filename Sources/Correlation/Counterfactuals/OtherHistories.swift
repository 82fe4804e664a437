internal import IncidentModel
internal import TrafficTally

/// What would have failed under other decisions (METHODS §9): the fluid queue over the same series, with an interval and its assumptions.
///
/// Each variant of the queue (both ends of c*'s interval, two waits, repeats as they came or as the failures make them) is run on what was and on what might
/// have been; the ratio of the two, times what failed for want of capacity, is that variant's answer, and the interval spans all of them. Failures of other
/// reasons stay in its upper end. Nothing is told where c* is only a lower bound, where the queue does not give what failed within a factor of two, or where
/// instances were not what failed: one route, a dependency, a fault. Where launches were refused ``Refusal`` has rules of its own. What concerns the rise
/// of demand is told where demand rose, what concerns a loss of instances where they were lost.
struct OtherHistories {
  let incident: DetectedIncident
  let signal: ServiceSignal
  let group: GroupStory
  /// When demand rose, or the failures began.
  let onset: Instant
  private let spike: DetectedSpike?
  private let leading: Cause?
  private let capacity: InstanceCapacity
  let history: QueuedHistory

  /// Repeats, or a machine's part of the excess, below this share change too little to tell.
  static let leastShare = 0.05
  static let leastLagSeconds = 120.0
  /// Repeats are known no better than this, however many clients were followed: some come later than any of them is waited for.
  static let leastRepeatDoubt = 0.03

  init?(_ context: CauseContext, leading: Cause?, bucketSeconds: Int) {
    switch leading {
    case .hotEndpoint, .dependencySlow, .errorsWithoutLoad, .trafficLoss: return nil
    default: break
    }
    guard let group = context.group, let capacity = group.capacity, !capacity.isLowerBound,
      group.shortfall?.peak != nil, capacity.rate > 0
    else { return nil }
    incident = context.incident
    signal = context.signal
    spike = context.spike
    self.leading = leading
    self.group = group
    self.capacity = capacity
    onset = min(context.spike?.onset ?? incident.span.start, incident.span.start)
    guard
      let history = QueuedHistory(
        context, group: group, capacity: capacity, onset: onset, bucketSeconds: bucketSeconds)
    else { return nil }
    self.history = history
  }

  /// All that can be told, in the order of ``Counterfactual/Change``.
  func all() -> [Counterfactual] {
    var machinery: [Counterfactual?] = []
    if spike != nil, !isLoss {
      // How wide it is where launches were refused is what it tells.
      machinery =
        refusal.map(whereRefused)
        ?? [largerMaximum(), earlierDecision(), schedule()].map { told in
          told.flatMap { tellsAnything($0) ? $0 : nil }
        }
    }
    let others = [fleetKept(), noRepeats(), noMachineExcess()].compactMap { $0 }
    return machinery.compactMap { $0 } + others.filter(tellsAnything)
  }

  private func tellsAnything(_ told: Counterfactual) -> Bool {
    told.tellsAnything(of: history.failed)
  }

  func counterfactual(
    _ change: Counterfactual.Change, _ kind: Sentence, _ interval: ClosedRange<Int>,
    _ assumptions: [Sentence], ofDemand demand: Sentence? = nil
  ) -> Counterfactual {
    Counterfactual(
      change: change, kind: kind, span: incident.span, failedLow: interval.lowerBound,
      failedHigh: interval.upperBound,
      assumptions: assumptions + [
        "an instance carries \(rate: capacity.rate) (within its interval), in this fleet as in a larger one",
        demand ?? usualDemand,
      ])
  }

  private var usualDemand: Sentence {
    if leading == .retryStorm {
      return "at best the repeats do not come about, at worst they come as they came"
    }
    return history.tellsRepeats
      ? "clients repeat what fails as often as they did"
      : "demand stays as it was: repeats could not be told from first attempts"
  }

  /// With a larger fleet a storm of repeats may not have come about at all.
  func interval(
    _ low: [FluidQueue.Cell], _ high: [FluidQueue.Cell]
  ) -> ClosedRange<Int> {
    guard leading == .retryStorm else { return history.interval(low, high) }
    let calm = low.map { cell in
      var cell = cell
      cell.arrivals = cell.firstAttempts
      cell.repeatsForEach = 0
      return cell
    }
    return history.interval(calm, high)
  }

  // MARK: What might have been

  private func need(_ cell: FluidQueue.Cell) -> Double {
    (cell.arrivals / cell.seconds / capacity.rate - 1e-9).rounded(.up)
  }

  /// Of whole minutes, as the shortfall counts it.
  var peakNeed: Int {
    let inside = group.minutes.filter { $0.span.overlaps(incident.span) && $0.isCovered }
    let rate = inside.map(\.rate).max() ?? 0
    return Int(min(1e6, (rate / capacity.rate - 1e-9).rounded(.up)))
  }

  /// What ended the failures stands at their end, and its stamp within a minute or two of it.
  private var within: TimeSpan {
    TimeSpan(
      start: onset,
      end: incident.span.end.advanced(bySeconds: max(120, incident.endUncertaintySeconds)))
  }

  /// The first scale-out of the incident with what it took: seconds from the onset to the decision, and from there to the first and last arrival.
  var scaleOut: (decision: Double, first: Double, last: Double)? {
    let machine = group.curve.events.filter { !$0.isHumanClaim && within.contains($0.time) }
    let decision = machine.first { event in
      if case .scaleOutDecided = event.kind { return true }
      return false
    }
    guard let decision else { return nil }
    let arrivals = machine.filter { $0.kind == .inService && $0.time >= decision.time }
    guard let first = arrivals.first, let last = arrivals.last else { return nil }
    return (
      decision.time.seconds(since: onset), first.time.seconds(since: decision.time),
      last.time.seconds(since: decision.time)
    )
  }

  /// The maximum that bound: the least in force while more was needed, and the group stood at it.
  var bindingMaximum: Int? {
    guard let maximum = group.curve.maximum.range(over: incident.span)?.lowerBound,
      peakNeed > maximum
    else { return nil }
    let reached = group.curve.wanted.range(over: incident.span)?.upperBound ?? 0
    let isTold = group.curve.events.contains { event in
      guard case .limitReached = event.kind else { return false }
      return within.contains(event.time)
    }
    return reached >= maximum || isTold ? maximum : nil
  }

  private func largerMaximum() -> Counterfactual? {
    guard let maximum = bindingMaximum, let lags = scaleOut else { return nil }
    let most = Double(peakNeed)
    // At best every need is met one boot later; at worst the group goes on growing as it grew up to its maximum.
    let prompt = met(after: lags.first, upTo: most, headroom: headroom)
    let before = group.curve.ready.value(at: onset) ?? 0
    let grown = Double(max(1, maximum - before))
    let took = max(60, lags.decision + lags.last)
    let highest = highestNeeds
    let slow = history.replaced { index, cell in
      let since = history.spans[index].start.seconds(since: onset)
      guard since > lags.decision + lags.first else { return }
      let size = min(most, Double(before) + grown * since / took)
      cell.ready = max(cell.ready, min(size, highest[index]))
    }
    return counterfactual(
      .largerMaximum,
      "a maximum of \(instances: peakNeed) instances instead of \(count: maximum)",
      interval(prompt, slow),
      [
        "the provider grants every launch",
        "the group goes on growing as it grew up to its maximum",
      ])
  }

  /// For each cell the greatest need from the onset on.
  private var highestNeeds: [Double] {
    var highest = 0.0
    let from = onset.advanced(bySeconds: -60)
    return zip(history.spans, history.cells).map { span, cell in
      if span.start >= from { highest = max(highest, need(cell)) }
      return highest
    }
  }

  /// Instances for each that was needed, before demand rose: a scaler that holds a target keeps them.
  var headroom: Double {
    let before = group.minutes.filter {
      $0.isCovered && $0.span.end <= onset && $0.start >= onset.advanced(bySeconds: -900)
    }
    let rate = before.reduce(0) { $0 + $1.rate }
    let ready = before.reduce(0) { $0 + ($1.ready ?? 0) }
    return rate > 0 ? max(1, ready * capacity.rate / rate) : 1
  }

  /// The fleet if each need, with the headroom there was before, was met so many seconds later; those that came up until a moment only.
  func met(
    after lag: Double, upTo most: Double, headroom: Double, until last: Instant? = nil
  ) -> [FluidQueue.Cell] {
    let highest = highestNeeds
    var seen = 0
    return history.replaced { index, cell in
      let due = history.spans[index].start.advanced(bySeconds: -lag)
      let moment = last.map { min($0, due) } ?? due
      while seen < history.spans.count, history.spans[seen].end <= moment { seen += 1 }
      if seen > 0 { cell.ready = max(cell.ready, min(most, highest[seen - 1] * headroom)) }
    }
  }

  private func earlierDecision() -> Counterfactual? {
    guard let lags = scaleOut, lags.decision >= Self.leastLagSeconds else { return nil }
    func moved(_ seconds: Double) -> [FluidQueue.Cell] {
      history.replaced { index, cell in
        let span = history.spans[index]
        guard span.end > onset else { return }
        let later = TimeSpan(
          start: span.start.advanced(bySeconds: seconds),
          end: span.end.advanced(bySeconds: seconds))
        if let ready = group.curve.ready.mean(over: later) { cell.ready = max(cell.ready, ready) }
      }
    }
    let whole = moved(lags.decision)
    // An early decision sees a part of the rise only and asks for less: at worst half of the time is won.
    let most = moved(lags.decision / 2)
    return counterfactual(
      .earlierDecision,
      "the scale-out decided as demand rose, \(duration: lags.decision.rounded()) earlier",
      interval(whole, most),
      [
        "launches take as long as they took",
        "at best the early decision asks for as many as the late one did, at worst half of the time is won",
      ])
  }

  /// As many as the maximum in force allowed, or as were there in the end; nil where that is no more than there were before.
  var scheduledSize: Int? {
    let before = group.curve.ready.value(at: onset) ?? 0
    let known = group.curve.maximum.range(over: incident.span)?.lowerBound
    let later = group.curve.ready.range(over: incident.span)?.upperBound ?? before
    let size = known.map { min($0, peakNeed) } ?? min(later, peakNeed)
    return size > before ? size : nil
  }

  func scheduled(_ size: Int) -> [FluidQueue.Cell] {
    history.replaced { index, cell in
      if history.spans[index].end > onset { cell.ready = max(cell.ready, Double(size)) }
    }
  }

  func schedule() -> Counterfactual? {
    guard let size = scheduledSize else { return nil }
    let larger = scheduled(size)
    return counterfactual(
      .schedule, "\(instances: size) instances in service before demand rose",
      interval(larger, larger), ["the provider grants every launch"])
  }

  /// The leading cause took instances away.
  private var isLoss: Bool {
    switch leading {
    case .prematureScaleIn, .zoneLost, .instanceChurn, .flapping: true
    default: false
    }
  }

  private func fleetKept() -> Counterfactual? {
    guard isLoss,
      let before = group.curve.ready.range(
        over: TimeSpan(start: onset.advanced(bySeconds: -QueuedHistory.leadSeconds), end: onset))?
        .upperBound
    else { return nil }
    let kept = history.replaced { _, cell in cell.ready = max(cell.ready, Double(before)) }
    return counterfactual(
      .fleetKept, "all \(instances: before) instances of before the failures kept in service",
      history.interval(kept, kept), [])
  }

  private func noRepeats() -> Counterfactual? {
    guard history.tellsRepeats else { return nil }
    let inside = zip(history.spans, history.cells).filter { $0.0.overlaps(incident.span) }
    let all = inside.reduce(0) { $0 + $1.1.arrivals }
    let repeats = inside.reduce(0) { $0 + $1.1.arrivals - $1.1.firstAttempts }
    guard all > 0, repeats >= Self.leastShare * all else { return nil }
    let error = signal.clients?.repeats(in: [incident.span])?.error ?? 0
    let doubt = min(0.5, max(Self.leastRepeatDoubt, repeats > 0 ? error / repeats : 0))
    func without(_ part: Double) -> [FluidQueue.Cell] {
      history.replaced { _, cell in
        cell.arrivals = max(0, cell.arrivals - part * (cell.arrivals - cell.firstAttempts))
        cell.repeatsForEach = 0
      }
    }
    return counterfactual(
      .noRepeats, "no repeat of a failed request",
      history.interval(
        without(1 + doubt), without(1 - doubt), ofRepeats: true, stay: failedBeforeRepeats), [],
      ofDemand: "first attempts come as they came")
  }

  /// What failed before repeats made a third of what came, in minutes whose first attempts fitted: whatever began a storm would have done so without them. 0 without a storm.
  private var failedBeforeRepeats: Double {
    var sum = 0.0
    for minute in group.minutes where minute.span.overlaps(incident.span) {
      let repeats = signal.clients?.count(in: minute.span) ?? 0
      let first = max(0, minute.rate - repeats / minute.seconds)
      if first <= (minute.ready ?? 0) * capacity.rate { sum += Double(minute.failed) }
      if repeats * 3 >= Double(minute.requests) { return sum }
    }
    return 0
  }

  private func noMachineExcess() -> Counterfactual? {
    let spike = signal.spikes.filter {
      TimeSpan(start: $0.onset, end: $0.end).overlaps(incident.span)
    }.max { $0.composition.botShare ?? 0 < $1.composition.botShare ?? 0 }
    guard let spike, let share = spike.composition.botShare, share >= Self.leastShare else {
      return nil
    }
    let rise = TimeSpan(start: spike.onset, end: spike.end)
    func without(_ part: Double) -> [FluidQueue.Cell] {
      history.replaced { index, cell in
        guard history.spans[index].overlaps(rise) else { return }
        let usual = signal.baseline.rate(at: history.spans[index].start) * cell.seconds
        let excess = max(0, cell.firstAttempts - usual)
        let repeats = cell.arrivals - cell.firstAttempts
        cell.firstAttempts -= min(1, part) * excess
        cell.arrivals = cell.firstAttempts + repeats
      }
    }
    // The share of a mixture is known to five points (METHODS §10).
    return counterfactual(
      .noMachineExcess, "no excess that machines made",
      history.interval(without(share + 0.05), without(max(0, share - 0.05))),
      ["the machines' part of the excess is \(share: min(1, share)) at every moment"])
  }
}
