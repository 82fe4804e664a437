internal import IncidentModel
internal import TrafficTally

/// What a service did around an incident in equal cells, as wide as it takes to have few of them: the series whose levels are told.
struct LevelCells {
  struct Cell {
    var counts = BucketCounts()
    /// The instances that were ready, or seen serving; nil where that is not known for the whole cell.
    var fleet: Double?
    /// Lines speak of the whole of it.
    var isKnown = true
    /// Medians over the strata of latency, in milliseconds; nil where too few requests were answered.
    var p50: Double?
    var p95: Double?
  }

  /// More cells than this are summed up to wider ones.
  static let most = 1_000
  /// Answered requests of a stratum that tell a median, and a 95th percentile.
  static let leastForMedian = 20
  static let leastForTail = 60

  let start: Int64
  let widthSeconds: Int
  private(set) var cells: [Cell] = []

  /// `seconds`: cells are at least so wide. Cells that reach out of the span are left out.
  ///
  /// - Complexity: O(minutes + strata of latency).
  init(_ traffic: TrafficRows, over span: TimeSpan, atLeast seconds: Int = 1) {
    let table = traffic.signal.minutes
    let base = max(1, table.widthSeconds)
    let least = max(1, (max(base, seconds) + base - 1) / base)
    let buckets = traffic.signal.traffic.buckets
    let inside = traffic.minutes.filter { $0.start >= span.start && $0.span.end <= span.end }
    let factor = max(least, (inside.count + Self.most - 1) / Self.most)
    widthSeconds = base * factor
    let width = Int64(widthSeconds)
    start = inside.first.map { floorDivide($0.start.seconds + width - 1, width) * width } ?? 0
    let end = inside.last.map { $0.start.seconds + Int64(base) } ?? 0
    let count = max(0, Int((end - start) / width))
    cells = [Cell](repeating: Cell(), count: count)
    var parts = [Int](repeating: 0, count: count)
    for minute in inside {
      let place = Int(floorDivide(minute.start.seconds - start, width))
      guard cells.indices.contains(place) else { continue }
      cells[place].counts.add(minute.counts)
      let isBefore = buckets.first.map { $0.start >= minute.start.seconds + Int64(base) } ?? true
      let isBehind = buckets.last.map { $0.start < minute.start.seconds } ?? true
      if !minute.isCovered || isBefore || isBehind { cells[place].isKnown = false }
      let before = parts[place] == 0 ? 0 : cells[place].fleet
      parts[place] += 1
      cells[place].fleet = before.flatMap { sum in minute.ready.map { sum + $0 } }
    }
    for place in cells.indices where parts[place] > 0 {
      cells[place].fleet = cells[place].fleet.map { $0 / Double(parts[place]) }
    }
    addLatencies(traffic.signal.traffic.latency)
  }

  private mutating func addLatencies(_ strata: [ServiceTraffic.Latency]) {
    var medians: [Int: [Double]] = [:]
    var tails: [Int: [Double]] = [:]
    for stratum in strata where stratum.start >= start && stratum.widthSeconds <= widthSeconds {
      let place = Int((stratum.start - start) / Int64(widthSeconds))
      guard place < cells.count else { break }
      if stratum.count >= Self.leastForMedian { medians[place, default: []].append(stratum.p50) }
      if stratum.count >= Self.leastForTail { tails[place, default: []].append(stratum.p95) }
    }
    for (place, values) in medians { cells[place].p50 = Dispersion.median(values) }
    for (place, values) in tails { cells[place].p95 = Dispersion.median(values) }
  }

  /// Start of a cell, or the end of the last one.
  func time(_ place: Int) -> Instant {
    Instant(seconds: start + Int64(place) * Int64(widthSeconds))
  }

  /// How long so many cells last.
  func seconds(_ count: Int) -> Double { Double(count) * Double(widthSeconds) }

  func span(_ places: Range<Int>) -> TimeSpan {
    TimeSpan(start: time(places.lowerBound), end: time(places.upperBound))
  }

  /// The sum over the cells of which lines speak.
  func sum(_ places: Range<Int>) -> BucketCounts {
    var sum = BucketCounts()
    for cell in cells[places] where cell.isKnown { sum.add(cell.counts) }
    return sum
  }
}
