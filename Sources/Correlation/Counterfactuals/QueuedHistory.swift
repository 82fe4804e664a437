internal import IncidentModel
internal import TrafficTally

/// An incident as the fluid queue sees it (METHODS §9): what came and what was ready in cells of ten seconds, and which of its failures want of capacity accounts for.
///
/// Repeats stand where they arrived: those of each cell's failures, later by the intervals that followed clients show.
struct QueuedHistory {
  let cells: [FluidQueue.Cell]
  let spans: [TimeSpan]
  /// Repeats of failed requests are known.
  let tellsRepeats: Bool
  /// All failed requests of the incident.
  let failed: Double
  /// Those that the queue accounts for: neither usual ones nor `unexplained`.
  private(set) var short = 0.0
  /// Failures beyond the usual in minutes whose demand fitted into what was ready: for another reason, or for one that the minutes hide.
  private(set) var unexplained = 0.0
  private let capacity: InstanceCapacity
  private let incident: TimeSpan

  static let cellSeconds = 10
  static let leadSeconds = 300.0
  static let waits = [0.0, 10.0]
  /// What an instance carries is known no better than this, however narrow its interval: the queue knows nothing of what differs between requests.
  static let leastDoubt = 0.02
  static let leastFailed = 50.0
  /// The queue must give what failed to within this factor.
  static let mostMiss = 2.0
  /// Of a minute's failures the queue gives at least this share, or they have another reason.
  static let leastExplained = 0.5

  /// nil: the fleet is not known throughout, the logs have a gap, hardly anything failed for want of capacity, or the queue does not give what failed.
  ///
  /// - Complexity: O(cells + followed events).
  init?(
    _ context: CauseContext, group: GroupStory, capacity: InstanceCapacity, onset: Instant,
    bucketSeconds: Int
  ) {
    let signal = context.signal
    incident = context.incident.span
    let from = onset.advanced(bySeconds: -Self.leadSeconds)
    let minutes = context.allMinutes.filter { $0.span.end > from && $0.start < context.span.end }
    guard let first = minutes.first, let last = minutes.last,
      minutes.allSatisfy({ $0.isCovered && $0.ready != nil })
    else { return nil }
    let table = CellTable(
      signal.traffic, bucketSeconds: bucketSeconds, widthSeconds: Self.cellSeconds,
      over: TimeSpan(start: first.start, end: last.span.end))
    let width = Double(table.widthSeconds)
    let spans = table.cells.indices.map {
      TimeSpan(start: table.time(of: $0), end: table.time(of: $0).advanced(bySeconds: width))
    }
    let checks = first.healthChecks / first.seconds * width
    let again = Self.repeats(signal.clients, spans, in: context.span)
    tellsRepeats = again != nil
    var cells: [FluidQueue.Cell] = []
    for (index, counts) in table.cells.enumerated() {
      guard let ready = group.curve.ready.mean(over: spans[index]) else { return nil }
      let all = max(0, Double(counts.requests) - checks)
      var cell = FluidQueue.Cell(
        seconds: width, arrivals: all,
        firstAttempts: max(0, all - (again?.arriving[index] ?? 0)), ready: ready)
      if counts.failed > 0, let again {
        cell.repeatsForEach = again.following[index] / Double(counts.failed)
      }
      cells.append(cell)
    }
    self.cells = cells
    self.spans = spans
    self.capacity = capacity
    failed = Double(context.failed)
    explain(
      table.cells.map { Double($0.failed) - signal.baseline.failedRatio * Double($0.requests) })
    let told = sum(FluidQueue(rate: capacity.rate, wait: 0, feedsBack: false).failures(cells))
    guard short >= Self.leastFailed, told * Self.mostMiss >= short,
      told <= short * Self.mostMiss
    else { return nil }
  }

  /// Repeats of each cell's failures, and repeats that arrive in each cell; nil where clients do not tell.
  private static func repeats(
    _ clients: ClientStory?, _ spans: [TimeSpan], in incident: TimeSpan
  ) -> (following: [Double], arriving: [Double])? {
    guard let clients, clients.repeats != nil, let width = spans.first?.seconds else { return nil }
    let following = spans.map { max(0, clients.count(in: $0) ?? 0) }
    let lags = RetryIntervals(clients.trails, in: [incident]).seconds
    let all = Double(lags.reduce(0, +))
    guard all >= Double(RetryIntervals.least) else { return (following, following) }
    var arriving = [Double](repeating: 0, count: spans.count)
    for (seconds, count) in lags.enumerated() where count > 0 {
      // A failure somewhere in its cell is followed in this one or the next, by chance of where it stood.
      let distance = Double(seconds) / width
      let later = Int(distance)
      let part = Double(count) / all
      for (cell, repeats) in following.enumerated() where repeats > 0 {
        let next = distance - distance.rounded(.down)
        if cell + later < arriving.count { arriving[cell + later] += repeats * part * (1 - next) }
        if cell + later + 1 < arriving.count { arriving[cell + later + 1] += repeats * part * next }
      }
    }
    return (following, arriving)
  }

  /// Parts the failures beyond the usual, a minute at a time, into those for want of capacity and the others.
  private mutating func explain(_ beyond: [Double]) {
    let queue = FluidQueue(rate: capacity.interval.lowerBound, wait: 0, feedsBack: false)
    let told = queue.failures(cells)
    let inMinute = max(1, 60 / Int(max(1, spans.first?.seconds ?? 60)))
    for start in stride(from: 0, to: cells.count, by: inMinute) {
      let minute = (start..<min(start + inMinute, cells.count)).filter {
        spans[$0].overlaps(incident)
      }
      let failed = minute.reduce(0) { $0 + beyond[$1] }
      let overflow = minute.reduce(0) { $0 + told[$1] }
      if overflow >= Self.leastExplained * failed {
        short += failed
      } else {
        unexplained += max(0, failed)
      }
    }
    short = max(0, short)
  }

  // MARK: Another history

  private var variants: [FluidQueue] {
    let low = min(capacity.interval.lowerBound, capacity.rate * (1 - Self.leastDoubt))
    let high = max(capacity.interval.upperBound, capacity.rate * (1 + Self.leastDoubt))
    return [low, capacity.rate, high].flatMap { rate in
      Self.waits.flatMap { wait in
        (tellsRepeats ? [false, true] : [false]).map {
          FluidQueue(rate: rate, wait: wait, feedsBack: $0)
        }
      }
    }
  }

  private func sum(_ failures: [Double]) -> Double {
    zip(spans, failures).reduce(0) { $1.0.overlaps(incident) ? $0 + $1.1 : $0 }
  }

  /// Failed requests over all variants of the queue between two ends of what might have been; `stay` fail in each.
  ///
  /// What fails is what came less what could be worked, so chance moves it by the square root of what came while some failed, twice over.
  func interval(
    _ low: [FluidQueue.Cell], _ high: [FluidQueue.Cell], ofRepeats: Bool = false, stay: Double = 0
  ) -> ClosedRange<Int> {
    var least = Double.infinity
    var most = 0.0
    var noise = (least: 0.0, most: 0.0)
    for queue in variants where !ofRepeats || !queue.feedsBack {
      let was = sum(queue.failures(cells))
      guard was > 0 else { continue }
      for history in [low, high] {
        let failures = queue.failures(history)
        let left = short * min(1, sum(failures) / was)
        let chance = 2 * arrivals(history, failing: failures).squareRoot()
        if left < least { (least, noise.least) = (left, chance) }
        if left > most { (most, noise.most) = (left, chance) }
      }
    }
    let all = Int(min(1e15, failed))
    guard least.isFinite else { return 0...all }
    let others = unexplained + max(0, failed - short - unexplained)
    most = max(most, min(short, stay))
    let chance = (noise.most * noise.most + 4 * others).squareRoot()
    let bottom = Self.rounded(max(0, least - noise.least), up: false)
    let top = Self.rounded(min(failed, most + others + chance), up: true)
    return bottom...max(bottom, min(top, all))
  }

  /// What came in the incident's cells in which some fail.
  private func arrivals(_ cells: [FluidQueue.Cell], failing: [Double]) -> Double {
    cells.indices.reduce(0) { sum, index in
      failing[index] > 0 && spans[index].overlaps(incident) ? sum + cells[index].arrivals : sum
    }
  }

  /// To two digits: more would be a precision that a queue of this kind does not have.
  static func rounded(_ value: Double, up: Bool) -> Int {
    guard value.isFinite, value >= 1 else { return 0 }
    var unit = 1.0
    while value / unit >= 100 { unit *= 10 }
    let part = value / unit
    return Int(min(1e15, (up ? part.rounded(.up) : part.rounded(.down)) * unit))
  }

  /// The cells with something changed.
  func replaced(_ change: (Int, inout FluidQueue.Cell) -> Void) -> [FluidQueue.Cell] {
    var cells = cells
    for index in cells.indices { change(index, &cells[index]) }
    return cells
  }
}
