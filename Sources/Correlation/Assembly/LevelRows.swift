internal import Glibc
internal import IncidentModel
internal import TrafficTally

/// The rows that tell from which level to which a series went (METHODS §4, *Levels*): of an incident failed share, latency, served requests and fleet; of a service in logs without an incident latency.
///
/// A row is told only where enough requests tell it and no other row says the same.
struct LevelRows {
  let traffic: TrafficRows
  /// nil: the logs hold none, and levels are told wherever they changed.
  let incident: Incident?

  /// Rows of levels within this many seconds of another row that tells the same are left out.
  static let near = 180.0
  /// Rows of the failed share in an incident, at most, and of all other levels together: the largest changes.
  static let mostLevels = 5
  /// Rows of one kind among the others.
  static let mostOfKind = 3
  /// Levels other than that of the failed share are learnt this far before an incident and behind it, where no other lies there, and told for a part of it.
  static let learntSeconds = 1_800.0
  static let toldSeconds = 600.0

  /// A row and by how much its level changed.
  struct Found {
    var row: TimelineEntry
    var weight: Double
    /// It tells of a return to what was before.
    var isReturn = false
  }

  /// Of logs without an incident: answers that took longer are no outage, and yet are asked about.
  func quietRows() -> [TimelineEntry] {
    Self.largest(latencies().filter { !$0.row.evidence.isEmpty }, Self.mostOfKind).map(\.row)
  }

  /// `rows`: the incident's other rows.
  func rows(beside rows: [TimelineEntry]) -> [TimelineEntry] {
    func isNear(_ row: TimelineEntry, _ kinds: Set<TimelineEntry.Kind>) -> Bool {
      rows.contains {
        kinds.contains($0.kind) && abs($0.time.seconds(since: row.time)) <= Self.near
      }
    }
    // Where demand fits again the same change stands in that row.
    let failed = failedShares().filter { !isNear($0.row, [.withinCapacity]) }
    let levels = [latencies(), served(), fleets()].flatMap { found in
      // So does the return to what is usual in that of the recovery.
      Self.largest(
        found.filter {
          // Without a line near it a row proves nothing.
          !$0.row.evidence.isEmpty
            && (!$0.isReturn || !isNear($0.row, [.recovery, .withinCapacity]))
        },
        Self.mostOfKind)
    }
    return (Self.largest(failed, Self.mostLevels) + Self.largest(levels, Self.mostLevels))
      .map(\.row)
  }

  private static func largest(_ found: [Found], _ most: Int) -> [Found] {
    Array(found.sorted { $0.weight > $1.weight }.prefix(most))
  }

  /// The incident with what lies around it, as far as no other incident of the service reaches.
  var learnt: TimeSpan {
    guard let own = incident?.span else { return traffic.window }
    var span = TimeSpan(
      start: own.start.advanced(bySeconds: -Self.learntSeconds),
      end: own.end.advanced(bySeconds: Self.learntSeconds))
    for other in traffic.signal.incidents.map(\.span) {
      if other.end <= own.start { span.start = max(span.start, other.end) }
      if other.start >= own.end { span.end = min(span.end, other.start) }
    }
    return span
  }

  /// Whether a moment is near enough to the incident to be one of its rows.
  func isTold(_ time: Instant) -> Bool {
    guard let own = incident?.span else { return traffic.window.contains(time) }
    return time >= own.start.advanced(bySeconds: -Self.toldSeconds)
      && time <= own.end.advanced(bySeconds: Self.toldSeconds)
      && traffic.window.contains(time)
  }

  /// How long a change took and how long the new level lasted, where either is known.
  func lasting(_ step: LevelSteps.Step, _ cells: LevelCells) -> Sentence {
    let way = step.after.lowerBound - step.before.upperBound
    var text: Sentence = ""
    if way > 1 { text = text + " within \(duration: cells.seconds(way))" }
    if let end = step.end {
      text = text + ", for \(duration: cells.seconds(end - step.after.lowerBound))"
    }
    return text
  }
}

// MARK: Failed share

extension LevelRows {
  /// Where the share of failed requests went from one level to another while the incident lasted.
  ///
  /// By the angle asin √((failed + ⅜) ÷ (requests + ¾)), whose scatter does not depend on the share (Anscombe 1948).
  private func failedShares() -> [Found] {
    guard let own = incident?.span else { return [] }
    let cells = LevelCells(
      traffic, over: TimeSpan(start: own.start, end: min(own.end, traffic.window.end)))
    let angles = cells.cells.map { cell -> Double in
      let (failed, requests) = (Double(cell.counts.failed), Double(cell.counts.requests))
      return requests > 0 ? asin(((failed + 0.375) / (requests + 0.75)).squareRoot()) : .nan
    }
    let segments = LevelChanges(angles).segments
    return zip(segments, segments.dropFirst()).compactMap { left, right in
      guard !left.isSloped, !right.isSloped else { return nil }
      let (before, after) = (cells.sum(left.range), cells.sum(right.range))
      guard before.requests > 0, after.requests > 0 else { return nil }
      let time = cells.time(right.range.lowerBound)
      let row = traffic.row(
        time, .failedShareChanged,
        "Failed requests go from \(share: Double(before.failed), of: Double(before.requests)) to \(share: Double(after.failed), of: Double(after.requests)), for \(duration: cells.seconds(right.range.count))",
        traffic.line(.failed, near: time), precision: cells.widthSeconds)
      return Found(row: row, weight: abs(right.mean - left.mean))
    }
  }
}

// MARK: Fleet

extension LevelRows {
  /// Smaller and larger fleets differ by so much at least.
  private static let fleetFactor = 1.2
  /// Requests of a minute for each instance from which one that is there is seen.
  private static let leastSeen = 5.0

  /// Where the fleet that was seen serving grew or shrank; where a capacity log tells of it, its own lines are rows.
  private func fleets() -> [Found] {
    guard traffic.story?.curve.source == .inferred else { return [] }
    let cells = LevelCells(traffic, over: learnt)
    let sizes = cells.cells.map { $0.fleet ?? .nan }
    let steps = LevelSteps(sizes, leastScatter: 0.02 * (sizes.filter(\.isFinite).max() ?? 0)) {
      max($0, $1) >= Self.fleetFactor * min($0, $1) && $0 != $1
    }
    return steps.steps.compactMap { step in
      let time = cells.time(step.before.upperBound)
      let (before, after) = (
        Dispersion.median(sizes[step.before].filter(\.isFinite)).rounded(),
        Dispersion.median(sizes[step.after].filter(\.isFinite)).rounded()
      )
      guard before != after, isTold(time),
        isSeen(cells.sum(step.before), cells.seconds(step.before.count), of: max(before, after)),
        after == 0
          || isSeen(cells.sum(step.after), cells.seconds(step.after.count), of: max(before, after))
      else { return nil }
      let row = traffic.row(
        time, .fleetChanged,
        "Instances seen serving go from \(count: Int(before)) to \(count: Int(after))"
          + lasting(step, cells),
        traffic.line(ofBackendOnlyIn: before > after ? step.before : step.after, of: cells, time),
        precision: cells.widthSeconds)
      return Found(row: row, weight: log(max(before, after) / max(0.5, min(before, after))))
    }
  }

  /// Whether each instance of a fleet gets requests so often that none of them is overlooked.
  private func isSeen(_ counts: BucketCounts, _ seconds: Double, of size: Double) -> Bool {
    let worked = counts.requests - Int(counts.shed)
    return seconds > 0 && Double(worked) * 60 / seconds >= Self.leastSeen * size
  }
}
