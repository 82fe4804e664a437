internal import IncidentModel

/// One incident of a report, with what the report tells of it elsewhere.
struct DiffSide {
  let report: ReadReport.Value
  let incident: ReadReport.Value

  var id: String? { incident["id"]?.text }
  var service: String? { incident["service"]?.text }

  var span: TimeSpan? {
    guard let start = incident["start"]?.moment, let end = incident["end"]?.moment, start <= end
    else { return nil }
    return TimeSpan(start: start, end: end)
  }

  /// The service's group with the greatest shortfall.
  var group: ReadReport.Value? {
    guard let service else { return nil }
    let groups = report["capacity"]?.items ?? []
    var best: ReadReport.Value?
    for group in groups where group["services"]?.items.contains(.text(service)) == true {
      let most = best.map { $0["shortfall"]?.number ?? -1 } ?? -2
      if group["shortfall"]?.number ?? -1 > most { best = group }
    }
    return best
  }

  /// The spike of the incident that rises highest.
  var spike: ReadReport.Value? {
    let ids = incident["spikes"]?.items ?? []
    var best: ReadReport.Value?
    for spike in report["spikes"]?.items ?? [] {
      guard let id = spike["id"], ids.contains(id) else { continue }
      let most = best.map { $0["ratio"]?.number ?? -1 } ?? -2
      if spike["ratio"]?.number ?? -1 > most { best = spike }
    }
    return best
  }

  func finding(_ cause: String) -> ReadReport.Value? {
    incident["findings"]?.items.first { $0["cause"]?.text == cause }
  }
}

/// Which incident of one report is which of the other.
struct DiffPairs {
  private(set) var pairs: [(a: DiffSide, b: DiffSide, isSameTime: Bool)] = []
  private(set) var onlyA: [DiffSide] = []
  private(set) var onlyB: [DiffSide] = []

  /// More incidents of one report are not matched.
  static let most = 2_000

  /// First those of one service at one time, the longest overlap first; then those of one service in order; then, where the two reports have no moment in common, the rest in order.
  init(_ a: ReadReport.Value, _ b: ReadReport.Value) {
    let left = Self.sides(a)
    let right = Self.sides(b)
    var freeA = Set(left.indices)
    var freeB = Set(right.indices)
    var found: [(a: Int, b: Int, isSameTime: Bool)] = []
    func match(_ a: Int, _ b: Int, _ isSameTime: Bool) {
      guard freeA.contains(a), freeB.contains(b) else { return }
      freeA.remove(a)
      freeB.remove(b)
      found.append((a, b, isSameTime))
    }
    for overlap in Self.overlaps(left, right) { match(overlap.a, overlap.b, true) }
    for index in left.indices where freeA.contains(index) {
      let twin = right.indices.first {
        freeB.contains($0) && right[$0].service != nil && right[$0].service == left[index].service
      }
      if let twin { match(index, twin, false) }
    }
    if !Self.shareTime(left, right) {
      for (one, other) in zip(freeA.sorted(), freeB.sorted()) { match(one, other, false) }
    }
    pairs = found.sorted { $0.a < $1.a }.map { (left[$0.a], right[$0.b], $0.isSameTime) }
    onlyA = freeA.sorted().map { left[$0] }
    onlyB = freeB.sorted().map { right[$0] }
  }

  private static func sides(_ report: ReadReport.Value) -> [DiffSide] {
    (report["incidents"]?.items ?? []).prefix(most).map { DiffSide(report: report, incident: $0) }
  }

  private static func overlaps(
    _ left: [DiffSide], _ right: [DiffSide]
  ) -> [(a: Int, b: Int, seconds: Double)] {
    var byService: [String: [Int]] = [:]
    for (index, side) in right.enumerated() {
      if let service = side.service { byService[service, default: []].append(index) }
    }
    var overlaps: [(a: Int, b: Int, seconds: Double)] = []
    for (index, side) in left.enumerated() {
      guard let span = side.span, let service = side.service else { continue }
      for other in byService[service] ?? [] {
        guard let there = right[other].span, there.overlaps(span) || there == span else { continue }
        let seconds = min(span.end, there.end).seconds(since: max(span.start, there.start))
        overlaps.append((index, other, seconds))
      }
    }
    return overlaps.sorted { ($1.seconds, $0.a, $0.b) < ($0.seconds, $1.a, $1.b) }
  }

  private static func shareTime(_ left: [DiffSide], _ right: [DiffSide]) -> Bool {
    let spans = right.compactMap(\.span)
    return left.compactMap(\.span).contains { span in spans.contains { $0.overlaps(span) } }
  }
}
