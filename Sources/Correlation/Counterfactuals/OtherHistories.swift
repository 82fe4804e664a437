internal import IncidentModel
internal import TrafficTally

/// What would have failed under other decisions (METHODS §9): the fluid queue over the same series, with an interval and its assumptions.
///
/// Each variant of the queue (both ends of c*'s interval, two waits, repeats as they came or as the failures make them) is run on what was and on what might
/// have been; the ratio of the two, times what failed for want of capacity, is that variant's answer, and the interval spans all of them. Failures of other
/// reasons stay. Nothing is told where c* is only a lower bound, where the queue does not give what failed within a factor of two, or where launches were
/// refused: a larger maximum or an earlier decision would have met the same refusal.
struct OtherHistories {
  let incident: DetectedIncident
  let signal: ServiceSignal
  let group: GroupStory
  /// When demand rose, or the failures began.
  let onset: Instant
  private let capacity: InstanceCapacity
  private let cells: [FluidQueue.Cell]
  private let spans: [TimeSpan]
  /// In the incident: all failed requests, and those for want of capacity.
  private let failed: Double
  private let short: Double
  private let tellsRepeats: Bool

  static let waits = [0.0, 10.0]
  static let leastFailed = 50.0
  /// The queue must give what failed to within this factor.
  static let mostMiss = 2.0
  /// Repeats, or a machine's part of the excess, below this share change too little to tell.
  static let leastShare = 0.05
  static let leastLagSeconds = 120.0

  init?(_ context: CauseContext, onset: Instant?) {
    guard let group = context.group, let capacity = group.capacity, !capacity.isLowerBound,
      group.shortfall?.peak != nil, capacity.rate > 0
    else { return nil }
    incident = context.incident
    signal = context.signal
    self.group = group
    self.capacity = capacity
    self.onset = min(onset ?? incident.span.start, incident.span.start)
    let from = self.onset.advanced(bySeconds: -300)
    let minutes = context.allMinutes.filter {
      $0.span.end > from && $0.start < context.incident.span.end
    }
    let usual = signal.baseline.failedRatio
    tellsRepeats = signal.clients?.repeats != nil
    var cells: [FluidQueue.Cell] = []
    for minute in minutes {
      guard minute.isCovered, let ready = minute.ready else { return nil }
      let all = max(0, Double(minute.requests) - minute.healthChecks)
      let repeats = min(all, max(0, signal.clients?.count(in: minute.span) ?? 0))
      var cell = FluidQueue.Cell(
        seconds: minute.seconds, arrivals: all, firstAttempts: all - repeats, ready: ready)
      if minute.unanswered > 0 { cell.repeatsForEach = repeats / Double(minute.unanswered) }
      cells.append(cell)
    }
    guard !cells.isEmpty else { return nil }
    self.cells = cells
    spans = minutes.map(\.span)
    let inside = minutes.filter { $0.span.overlaps(context.incident.span) }
    failed = Double(context.failed)
    let others = inside.reduce(0) { $0 + usual * Double($1.requests) }
    short = max(0, failed - others)
    guard short >= Self.leastFailed, describesWhatWas else { return nil }
  }

  /// All that can be told, in the order of ``Counterfactual/Change``.
  func all() -> [Counterfactual] {
    let refusal = refusals
    let machinery = refusal ? [] : [largerMaximum(), earlierDecision(), schedule()]
    return (machinery + [noRepeats(), noMachineExcess()]).compactMap { $0 }
  }

  // MARK: The queue

  private var variants: [FluidQueue] {
    [capacity.interval.lowerBound, capacity.rate, capacity.interval.upperBound].flatMap { rate in
      Self.waits.flatMap { wait in
        (tellsRepeats ? [false, true] : [false]).map {
          FluidQueue(rate: rate, wait: wait, feedsBack: $0)
        }
      }
    }
  }

  private func sum(_ failures: [Double]) -> Double {
    zip(spans, failures).reduce(0) { $1.0.overlaps(incident.span) ? $0 + $1.1 : $0 }
  }

  private var describesWhatWas: Bool {
    let queue = FluidQueue(rate: capacity.rate, wait: 0, feedsBack: false)
    let told = sum(queue.failures(cells))
    return told * Self.mostMiss >= short && told <= short * Self.mostMiss
  }

  /// The interval over all variants; `low` and `high` are the two ends of what might have been.
  private func interval(
    _ low: [FluidQueue.Cell], _ high: [FluidQueue.Cell], ofRepeats: Bool = false
  ) -> ClosedRange<Int> {
    var least = Double.infinity
    var most = 0.0
    let others = max(0, failed - short)
    for queue in variants where !ofRepeats || !queue.feedsBack {
      let was = sum(queue.failures(cells))
      guard was > 0 else { continue }
      for history in [low, high] {
        let left = short * min(1, sum(queue.failures(history)) / was)
        least = min(least, left)
        most = max(most, left)
      }
    }
    guard least.isFinite else { return 0...Int(min(1e15, failed)) }
    // What chance alone does to a count of failures.
    let noise = 2 * most.squareRoot()
    let bottom = Self.rounded(max(0, least - 2 * least.squareRoot()), up: false)
    let top = Self.rounded(min(failed, most + others + noise), up: true)
    return bottom...max(bottom, min(top, Int(min(1e15, failed))))
  }

  /// To two digits: more would be a precision that a queue of this kind does not have.
  static func rounded(_ value: Double, up: Bool) -> Int {
    guard value.isFinite, value >= 1 else { return 0 }
    var unit = 1.0
    while value / unit >= 100 { unit *= 10 }
    let part = value / unit
    return Int(min(1e15, (up ? part.rounded(.up) : part.rounded(.down)) * unit))
  }

  private func replaced(
    _ change: (Int, inout FluidQueue.Cell) -> Void
  ) -> [FluidQueue.Cell] {
    var cells = cells
    for index in cells.indices { change(index, &cells[index]) }
    return cells
  }

  private func counterfactual(
    _ change: Counterfactual.Change, _ kind: Sentence, _ interval: ClosedRange<Int>,
    _ assumptions: [Sentence]
  ) -> Counterfactual {
    Counterfactual(
      change: change, kind: kind, span: incident.span, failedLow: interval.lowerBound,
      failedHigh: interval.upperBound,
      assumptions: assumptions + [
        "an instance carries \(rate: capacity.rate) (within its interval), in this fleet as in a larger one",
        tellsRepeats
          ? "clients repeat what fails as often as they did"
          : "demand stays as it was: repeats could not be told from first attempts",
      ])
  }

  // MARK: What might have been

  /// Launches that failed in the incident, for whatever reason of the provider's or the account's.
  private var refusals: Bool {
    group.curve.events.contains { event in
      guard case .launchFailed = event.kind, !event.isHumanClaim else { return false }
      return event.time >= onset && event.time < incident.span.end
    }
  }

  private func need(_ cell: FluidQueue.Cell) -> Double {
    (cell.arrivals / cell.seconds / capacity.rate - 1e-9).rounded(.up)
  }

  private var peakNeed: Int {
    let inside = zip(spans, cells).filter { $0.0.overlaps(incident.span) }.map { need($0.1) }
    return Int(min(1e6, inside.max() ?? 0))
  }

  /// What ended the failures stands at their end, and its stamp within a minute or two of it.
  private var within: TimeSpan {
    TimeSpan(
      start: onset,
      end: incident.span.end.advanced(bySeconds: max(120, incident.endUncertaintySeconds)))
  }

  /// The first scale-out of the incident with what it took: seconds from the onset to the decision, and from there to the first and last arrival.
  private var scaleOut: (decision: Double, first: Double, last: Double)? {
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
  private var bindingMaximum: Int? {
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
    let prompt = met(after: lags.first, upTo: most)
    let before = group.curve.ready.value(at: onset) ?? 0
    let grown = Double(max(1, maximum - before))
    let took = max(60, lags.decision + lags.last)
    let highest = highestNeeds
    let slow = replaced { index, cell in
      let since = spans[index].start.seconds(since: onset)
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
    return zip(spans, cells).map { span, cell in
      if span.start >= from { highest = max(highest, need(cell)) }
      return highest
    }
  }

  /// The fleet if each need was met so many seconds later.
  private func met(after lag: Double, upTo most: Double) -> [FluidQueue.Cell] {
    let highest = highestNeeds
    var seen = 0
    return replaced { index, cell in
      let moment = spans[index].start.advanced(bySeconds: -lag)
      while seen < spans.count, spans[seen].end <= moment { seen += 1 }
      if seen > 0 { cell.ready = max(cell.ready, min(most, highest[seen - 1])) }
    }
  }

  private func earlierDecision() -> Counterfactual? {
    guard let lags = scaleOut, lags.decision >= Self.leastLagSeconds else { return nil }
    func moved(_ seconds: Double) -> [FluidQueue.Cell] {
      replaced { index, cell in
        let span = spans[index]
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

  private func schedule() -> Counterfactual? {
    let before = group.curve.ready.value(at: onset) ?? 0
    let known = group.curve.maximum.range(over: incident.span)?.lowerBound
    let later = group.curve.ready.range(over: incident.span)?.upperBound ?? before
    let size = known.map { min($0, peakNeed) } ?? min(later, peakNeed)
    guard size > before else { return nil }
    let scheduled = replaced { index, cell in
      if spans[index].end > onset { cell.ready = max(cell.ready, Double(size)) }
    }
    return counterfactual(
      .schedule, "\(instances: size) instances in service before demand rose",
      interval(scheduled, scheduled), ["the provider grants every launch"])
  }

  private func noRepeats() -> Counterfactual? {
    guard tellsRepeats else { return nil }
    let inside = zip(spans, cells).filter { $0.0.overlaps(incident.span) }.map(\.1)
    let all = inside.reduce(0) { $0 + $1.arrivals }
    let repeats = inside.reduce(0) { $0 + $1.arrivals - $1.firstAttempts }
    guard all > 0, repeats >= Self.leastShare * all else { return nil }
    let calm = replaced { _, cell in
      cell.arrivals = cell.firstAttempts
      cell.repeatsForEach = 0
    }
    let error = signal.clients?.repeats(in: [incident.span])?.error ?? 0
    let doubt = min(0.5, repeats > 0 ? error / repeats : 0)
    let rest = replaced { _, cell in
      cell.arrivals = cell.firstAttempts + doubt * (cell.arrivals - cell.firstAttempts)
      cell.repeatsForEach = 0
    }
    var told = counterfactual(
      .noRepeats, "no repeat of a failed request", interval(calm, rest, ofRepeats: true), [])
    told.assumptions[told.assumptions.count - 1] = "first attempts come as they came"
    return told
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
      replaced { index, cell in
        guard spans[index].overlaps(rise) else { return }
        let usual = signal.baseline.rate(at: spans[index].start) * cell.seconds
        let excess = max(0, cell.firstAttempts - usual)
        let repeats = cell.arrivals - cell.firstAttempts
        cell.firstAttempts -= min(1, part) * excess
        cell.arrivals = cell.firstAttempts + repeats
      }
    }
    // The share of a mixture is known to five points (METHODS §10).
    return counterfactual(
      .noMachineExcess, "no excess that machines made",
      interval(without(share + 0.05), without(max(0, share - 0.05))),
      ["the machines' part of the excess is \(share: min(1, share)) at every moment"])
  }
}
