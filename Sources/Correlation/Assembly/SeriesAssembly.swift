internal import IncidentModel
internal import TrafficTally

/// One service's numbers over the window in at most 1,500 equal cells; nil is a gap or unknown, never 0.
enum SeriesAssembly {
  static let mostCells = 1500
  /// The widths in use: each divides the next, so that cells nest.
  static let widths = [10, 60, 300, 900, 3600, 21_600, 86_400]

  /// A minute for windows over ten minutes, and as wide as it takes to stay within the limit.
  static func width(of window: TimeSpan, bucketSeconds: Int) -> Int {
    let least = max(bucketSeconds, window.seconds > 600 ? 60 : 10)
    return widths.first { width in
      width >= least && width % bucketSeconds == 0
        && window.seconds / Double(width) <= Double(mostCells - 1)
    } ?? max(86_400, Int(window.seconds) / (mostCells - 1) + 1)
  }

  static func series(
    of signal: ServiceSignal, story: GroupStory?, window: TimeSpan, bucketSeconds: Int,
    gaps: [Coverage.Gap], access: TimeSpan?
  ) -> ServiceSeries {
    let width = width(of: window, bucketSeconds: bucketSeconds)
    let table = CellTable(
      signal.traffic, bucketSeconds: bucketSeconds, widthSeconds: width, over: window)
    var series = ServiceSeries(
      service: signal.traffic.name, start: Instant(seconds: table.start),
      bucketSeconds: table.widthSeconds)
    let needs = peaks(story, table, access) { _ in 0 }
    let clients = signal.clients
    let firstNeeds =
      clients?.repeats == nil
      ? [Int?](repeating: nil, count: table.cells.count)
      : peaks(story, table, access) { clients?.count(in: $0.span) ?? 0 }
    let latencies = latencies(of: signal.traffic, table)
    // Cells are rounded so that they add up to what all of them have.
    var repeats = 0.0
    var told = 0
    for index in table.cells.indices {
      let start = table.time(of: index)
      let span = TimeSpan(
        start: start, end: start.advanced(bySeconds: Double(table.widthSeconds)))
      let isCovered =
        access.map { $0.overlaps(span) } == true
        && !gaps.contains {
          $0.input == nil && $0.span.start <= span.start && span.end <= $0.span.end
        }
      let counts = table.cells[index]
      series.requests.append(isCovered ? counts.requests : nil)
      series.failed.append(isCovered ? counts.failed : nil)
      let more = clients?.count(in: span).map { number in
        repeats += number
        return min(counts.requests, max(0, Int(repeats.rounded()) - told))
      }
      told += more ?? 0
      series.repeats.append(isCovered ? more : nil)
      series.needed.append(isCovered ? needs[index] : nil)
      series.neededFirstAttempts.append(isCovered ? firstNeeds[index] : nil)
      series.wanted.append(story?.curve.wanted.range(over: span)?.lowerBound)
      series.ready.append(story?.curve.ready.range(over: span)?.lowerBound)
      series.serving.append(
        isCovered && isWhole(span, access)
          ? story?.curve.serving.range(over: span)?.lowerBound : nil)
      series.maximum.append(story?.curve.maximum.range(over: span)?.upperBound)
      series.p95Milliseconds.append(isCovered ? latencies[index] : nil)
    }
    return series
  }

  /// Whether the access logs cover a stretch from end to end, but for the second in which their first or last line stands.
  private static func isWhole(_ span: TimeSpan, _ access: TimeSpan?) -> Bool {
    guard let access else { return false }
    return access.start.seconds(since: span.start) < 1.5
      && span.end.seconds(since: access.end) < 1.5
  }

  /// The busiest minute's need within each cell, without some of the requests; a minute at an edge that is only partly logged tells none.
  private static func peaks(
    _ story: GroupStory?, _ table: CellTable, _ access: TimeSpan?,
    without repeats: (LoadMinute) -> Double
  ) -> [Int?] {
    var peaks = [Int?](repeating: nil, count: table.cells.count)
    guard let story, let capacity = story.capacity, !capacity.isLowerBound else { return peaks }
    for minute in story.minutes where minute.isCovered && isWhole(minute.span, access) {
      guard let index = table.index(of: minute.start) else { continue }
      let need = Shortfall.needed(minute, at: capacity.rate, without: repeats(minute))
      peaks[index] = max(peaks[index] ?? 0, need)
    }
    return peaks
  }

  private static func latencies(of traffic: ServiceTraffic, _ table: CellTable) -> [Double?] {
    var worst = [Double?](repeating: nil, count: table.cells.count)
    for latency in traffic.latency where latency.count > 0 {
      guard let index = table.index(of: Instant(seconds: latency.start)) else { continue }
      worst[index] = max(worst[index] ?? 0, latency.p95)
    }
    return worst
  }
}
