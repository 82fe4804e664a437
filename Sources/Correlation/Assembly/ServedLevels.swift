internal import Glibc
internal import IncidentModel
internal import TrafficTally

// MARK: Latency

extension LevelRows {
  /// Levels of the median, and of the 95th percentile, which scatters more, differ by these factors, and by so many milliseconds, at least.
  private static let medianFactor = 1.5
  private static let tailFactor = 2.0
  private static let leastMilliseconds = 20.0
  /// Changes of the median and of the 95th percentile within so many cells are one.
  private static let sameCells = 3

  /// Where answered requests began to take longer, or less long, in the median or at the 95th percentile; by logarithms.
  func latencies() -> [Found] {
    let strata = traffic.signal.traffic.latency.map(\.widthSeconds).max() ?? 60
    let cells = LevelCells(traffic, over: learnt, atLeast: strata)
    let medians = cells.cells.map { $0.p50 ?? .nan }
    let tails = cells.cells.map { $0.p95 ?? .nan }
    func steps(_ values: [Double], _ factor: Double) -> [LevelSteps.Step] {
      let logarithms = values.map { $0 > 0 ? log($0) : .nan }
      return LevelSteps(logarithms, leastScatter: 0.1 * log(factor)) {
        abs($0 - $1) >= log(factor)
      }.steps
    }
    let ofMedian = steps(medians, Self.medianFactor)
    let ofTail = steps(tails, Self.tailFactor).filter { tail in
      !ofMedian.contains {
        abs($0.before.upperBound - tail.before.upperBound) <= Self.sameCells
      }
    }
    return ofMedian.compactMap { latency($0, medians, tails, cells, isTail: false) }
      + ofTail.compactMap { latency($0, medians, tails, cells, isTail: true) }
  }

  private func latency(
    _ step: LevelSteps.Step, _ medians: [Double], _ tails: [Double], _ cells: LevelCells,
    isTail: Bool
  ) -> Found? {
    func level(_ values: [Double], _ places: Range<Int>) -> Double? {
      let known = values[places].filter(\.isFinite)
      return known.count >= LevelChanges.leastSegment ? Dispersion.median(known) : nil
    }
    let median = (level(medians, step.before), level(medians, step.after))
    let tail = (level(tails, step.before), level(tails, step.after))
    let leading = isTail ? tail : median
    let time = cells.time(step.before.upperBound)
    guard let before = leading.0, let after = leading.1, before > 0, after > 0,
      max(before, after) >= (isTail ? Self.tailFactor : Self.medianFactor) * min(before, after),
      abs(after - before) >= Self.leastMilliseconds, isTold(time), !isSlowTail(time)
    else { return nil }
    var words: [Sentence] = []
    if let from = median.0, let to = median.1 {
      words.append("from \(milliseconds: from) to \(milliseconds: to) (median)")
    }
    if let from = tail.0, let to = tail.1 {
      words.append("from \(milliseconds: from) to \(milliseconds: to) (95th percentile)")
    }
    let both = words.dropFirst().reduce(words.first ?? "") { $0 + " and " + $1 }
    let row = traffic.row(
      time, .latencyChanged,
      "Latency of answered requests goes " + both + lasting(step, cells),
      traffic.line(
        taking: before, in: cells.span(step.before.suffix(LevelSteps.near)), near: time)
        + traffic.line(
          taking: after, in: cells.span(step.after.prefix(LevelSteps.near)), near: time),
      precision: cells.widthSeconds)
    return Found(row: row, weight: abs(log(after / before)), isReturn: after < before)
  }

  /// Slow tails outside of incidents have rows of their own.
  private func isSlowTail(_ time: Instant) -> Bool {
    traffic.signal.slowTails.contains { tail in
      tail.start.seconds(since: time) <= Self.near && time.seconds(since: tail.end) <= Self.near
    }
  }
}

// MARK: Served requests

extension LevelRows {
  /// Levels of served requests differ by this factor at least, and arrivals that differ by less are as many as before.
  private static let servedFactor = 1.2
  /// Requests that came, on each side of a change, and in a cell as a rule.
  private static let leastRequests = 100
  private static let leastInCell = 20.0

  /// What came and what was served in a stretch, for each instance where the fleet is known.
  private struct Served {
    var arrived: Double
    var served: Double
    /// Of the requests that came, those that did not fail.
    var kept: Double
    var requests: Int
  }

  /// Where fewer requests were served though no fewer came, and where that was over; by square roots, whose scatter does not depend on the number.
  ///
  /// A fall that fewer arrivals make is told by those, and one that failures alone make while arrivals stay by the failed share.
  func served() -> [Found] {
    let cells = LevelCells(traffic, over: learnt)
    let known = cells.cells.filter(\.isKnown)
    let byInstance = !known.isEmpty && known.allSatisfy { ($0.fleet ?? 0) > 0 }
    let mean = Double(known.reduce(0) { $0 + $1.counts.requests }) / Double(max(1, known.count))
    guard mean >= Self.leastInCell else { return [] }
    let roots = cells.cells.map { cell -> Double in
      guard cell.isKnown else { return .nan }
      let fleet = byInstance ? cell.fleet ?? 1 : 1
      return ((Double(Self.served(cell.counts)) + 0.375) / fleet).squareRoot()
    }
    let factor = Self.servedFactor.squareRoot()
    let steps = LevelSteps(roots, leastScatter: 0.02 * (roots.filter(\.isFinite).max() ?? 0)) {
      max($0, $1) >= factor * min($0, $1) && $0 != $1
    }
    var hasFallen = false
    return steps.steps.compactMap { step in
      let before = served(step.before, cells, byInstance)
      let after = served(step.after, cells, byInstance)
      let change =
        change(before, after, isReturn: false)
        ?? (hasFallen ? change(before, after, isReturn: true) : nil)
      let time = cells.time(step.before.upperBound)
      guard let change, isTold(time) else { return nil }
      hasFallen = change < 0
      let subject: Sentence =
        byInstance ? "Served requests of an instance go" : "Served requests go"
      let row = traffic.row(
        time, .goodputChanged,
        subject
          + " from \(rate: before.served) to \(rate: after.served), arrivals from \(rate: before.arrived) to \(rate: after.arrived)"
          + lasting(step, cells),
        traffic.line(nil, near: time), precision: cells.widthSeconds)
      return Found(row: row, weight: abs(change), isReturn: change > 0)
    }
  }

  /// Requests that got what they asked for, or an answer that says that it does not exist.
  private static func served(_ counts: BucketCounts) -> Int {
    Int(counts.answered) + Int(counts.clientErrors)
  }

  private func served(
    _ places: Range<Int>, _ cells: LevelCells, _ byInstance: Bool
  ) -> Served {
    var sum = BucketCounts()
    var seconds = 0.0
    for cell in cells.cells[places] where cell.isKnown {
      sum.add(cell.counts)
      seconds += Double(cells.widthSeconds) * (byInstance ? cell.fleet ?? 1 : 1)
    }
    let requests = Double(sum.requests)
    return Served(
      arrived: requests / max(1, seconds), served: Double(Self.served(sum)) / max(1, seconds),
      kept: requests > 0 ? 1 - Double(sum.failed) / requests : 1, requests: sum.requests)
  }

  /// The logarithm by which the served requests changed; nil where no row is to tell it.
  private func change(_ before: Served, _ after: Served, isReturn: Bool) -> Double? {
    guard before.requests >= Self.leastRequests, after.requests >= Self.leastRequests,
      before.served > 0, after.served > 0
    else { return nil }
    // A return is the fall read backwards.
    let (high, low) = isReturn ? (after, before) : (before, after)
    let least = log(Self.servedFactor)
    let fall = log(high.served / low.served)
    let rise = log(low.arrived / high.arrived)
    guard fall >= least, rise > -least else { return nil }
    // What neither the arrivals nor the failures explain: given up, or sent away by a limit.
    let rest = fall + rise - log(max(high.kept, 1e-3) / max(low.kept, 1e-3))
    guard rise >= least || rest >= least else { return nil }
    return isReturn ? fall : -fall
  }
}

// MARK: Lines

extension TrafficRows {
  /// Lines of the sample that are looked at for the one that shows a level best.
  private static let mostSampled = 20_000

  /// The answered request whose duration comes nearest to a level, of those whose lines are kept; one near the moment where no line with a duration is kept.
  func line(taking milliseconds: Double, in span: TimeSpan, near moment: Instant) -> [EvidenceID] {
    var best: (request: SampledRequest, distance: Double)?
    for request in sampled(span) where request.outcome == .answered && request.duration > 0 {
      let distance = abs(log(Double(request.duration) / 1_000 / milliseconds))
      if distance < best?.distance ?? .infinity { best = (request, distance) }
    }
    return best.flatMap { cited($0.request) } ?? line(.answered, near: moment)
  }

  /// The line nearest to a change that was answered by an instance that serves on that side of it alone.
  func line(
    ofBackendOnlyIn places: Range<Int>, of cells: LevelCells, _ moment: Instant
  ) -> [EvidenceID] {
    let span = cells.span(places)
    let isBefore = span.start < moment
    let width = Int64(max(60, signal.traffic.backendMinuteSeconds))
    let reach = max(Int64(LevelRows.near), 3 * width)
    let here = signal.traffic.backends.filter { backend in
      // The minute of the change itself may have both.
      let isThere = backend.minutes.contains {
        $0.start < span.end.seconds && $0.start + width > span.start.seconds
      }
      let isBeyond = backend.minutes.contains {
        isBefore
          ? $0.start >= moment.seconds + width && $0.start < moment.seconds + width + reach
          : $0.start + width <= moment.seconds - width
            && $0.start + width > moment.seconds - width - reach
      }
      return isThere && !isBeyond
    }
    let names = Set(here.map(\.name))
    var best: (request: SampledRequest, distance: Double)?
    for request in sampled(span) where names.contains(request.backend) {
      let distance = abs(request.arrival.seconds(since: moment))
      if distance < best?.distance ?? .infinity { best = (request, distance) }
    }
    return best.flatMap { cited($0.request) } ?? line(.answered, near: moment)
  }

  /// Requests of a span whose lines are kept, in order.
  private func sampled(_ span: TimeSpan) -> [SampledRequest] {
    var found: [SampledRequest] = []
    for stratum in signal.traffic.sample
    where stratum.start < span.end.seconds
      && stratum.start + Int64(stratum.widthSeconds) > span.start.seconds
    {
      for request in stratum.requests where request.text != nil && span.contains(request.arrival) {
        found.append(request)
      }
      if found.count >= Self.mostSampled { break }
    }
    return found
  }

  private func cited(_ request: SampledRequest) -> [EvidenceID]? {
    evidence.cite(request).map { [$0] }
  }
}
