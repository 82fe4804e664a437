internal import IncidentModel

/// A service's buckets gathered into a few equal cells, aligned to UTC, for the picture and the table (REPORT §2.3, §2.7).
struct CellGrid {
  private static let ladder = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
  ]

  private let start: Int64
  private let bucketSeconds: Int64
  private let bucketCount: Int
  /// Seconds that one cell covers.
  let width: Int
  /// Start of the first cell, in seconds since the epoch.
  let first: Int64
  let count: Int
  /// What the logs cover: a minute at an edge holds less than a minute's requests.
  var covered: TimeSpan?

  /// Gathers into at most `most` cells; nil for a series without buckets.
  init?(_ series: ServiceSeries, most: Int) {
    let length =
      [
        series.requests.count, series.ready.count, series.wanted.count, series.needed.count,
      ].max() ?? 0
    guard length > 0, series.bucketSeconds > 0, most > 0 else { return nil }
    start = series.start.seconds
    bucketSeconds = Int64(series.bucketSeconds)
    bucketCount = length
    let from = series.start.seconds
    let last = from + Int64(length - 1) * bucketSeconds
    func cells(_ width: Int) -> Int64 {
      floorDivide(last, Int64(width)) - floorDivide(from, Int64(width)) + 1
    }
    let fitting = Self.ladder.filter { $0 >= series.bucketSeconds }
    var width = fitting.first { cells($0) <= Int64(most) } ?? max(86_400, series.bucketSeconds)
    while cells(width) > Int64(most) { width *= 2 }
    self.width = width
    first = floorDivide(start, Int64(width)) * Int64(width)
    count = Int(cells(width))
  }

  func start(of cell: Int) -> Instant {
    Instant(seconds: first + Int64(cell) * Int64(width))
  }

  /// The cell that holds a moment.
  func cell(of moment: Instant) -> Int? {
    let cell = floorDivide(moment.seconds - first, Int64(width))
    return cell >= 0 && cell < Int64(count) ? Int(cell) : nil
  }

  /// All of a cell's buckets taken together; nil where all of them are gaps.
  func gathered<Value>(_ values: [Value?], _ join: (Value, Value) -> Value) -> [Value?] {
    var cells = [Value?](repeating: nil, count: count)
    for (index, value) in values.prefix(bucketCount).enumerated() {
      guard let value else { continue }
      let cell = self.cell(ofBucket: index)
      cells[cell] = cells[cell].map { join($0, value) } ?? value
    }
    return cells
  }

  /// The highest of the minutes in each cell of `part` ÷ `whole`.
  func highestRatio(_ part: [Int?], of whole: [Int?]) -> [Double?] {
    highest(of: minutes(part, whole)) { $0.whole > 0 ? Double($0.part) / Double($0.whole) : nil }
  }

  /// The highest of the minutes in each cell, per second.
  func highestRate(_ values: [Int?]) -> [Double?] {
    highest(of: minutes(values, values)) {
      let part = Double($0.part)
      return seconds(of: $0).map { part / $0 }
    }
  }

  /// How long a minute is covered; nil where that is less than half of it, which gives no rate.
  private func seconds(of minute: Minute) -> Double? {
    let whole = Double(Int64(minute.buckets) * bucketSeconds)
    guard whole > 0 else { return nil }
    guard let covered else { return whole }
    let begin = Instant(seconds: minute.start)
    let span = TimeSpan(start: begin, end: begin.advanced(bySeconds: whole))
    let part = min(span.end, covered.end).seconds(since: max(span.start, covered.start))
    return part >= whole / 2 ? min(whole, part) : nil
  }

  /// One minute of the series, or one bucket where buckets or cells have another width.
  private struct Minute {
    var cell: Int
    /// Seconds since the epoch.
    var start: Int64
    var part = 0
    var whole = 0
    var buckets = 0
  }

  private func highest(of minutes: [Minute], _ value: (Minute) -> Double?) -> [Double?] {
    var cells = [Double?](repeating: nil, count: count)
    for minute in minutes {
      guard let value = value(minute) else { continue }
      cells[minute.cell] = max(cells[minute.cell] ?? value, value)
    }
    return cells
  }

  private func minutes(_ part: [Int?], _ whole: [Int?]) -> [Minute] {
    let chunk = max(bucketSeconds, min(60, Int64(width)))
    var minutes: [Minute] = []
    var current: Int64?
    for index in 0..<min(part.count, whole.count, bucketCount) {
      guard let partHere = part[index], let wholeHere = whole[index] else { continue }
      let number = floorDivide(start + Int64(index) * bucketSeconds, chunk)
      if number != current {
        minutes.append(
          Minute(cell: cell(ofBucket: index), start: start + Int64(index) * bucketSeconds))
        current = number
      }
      minutes[minutes.count - 1].part &+= partHere
      minutes[minutes.count - 1].whole &+= wholeHere
      minutes[minutes.count - 1].buckets += 1
    }
    return minutes
  }

  private func cell(ofBucket index: Int) -> Int {
    let seconds = start + Int64(index) * bucketSeconds - first
    return min(count - 1, max(0, Int(seconds / Int64(width))))
  }
}
