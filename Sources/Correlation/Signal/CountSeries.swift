package import IncidentModel
package import TrafficTally

/// One service's arrivals, failures and durations in equal cells, with prefix sums: the series that detection runs on.
///
/// A cell is *known* from the service's first to its last occupied cell, gaps left out; only known cells say anything. A first or last cell that lines reach
/// only in part is none of them: logs begin and end at any second, and those that are written at completion begin with a few early arrivals.
package struct CountSeries: Sendable {
  /// Start of the first cell in seconds since the epoch, a multiple of the width.
  package let start: Int64
  package let widthSeconds: Int
  package private(set) var requests: [Int]
  package private(set) var failed: [Int]
  package private(set) var known: [Bool]
  /// The first cell that is no baseline alone, where a baseline was given (`--baseline`).
  package private(set) var baselineCells: Int?
  private var requestSums: [Int] = []
  private var failedSums: [Int] = []
  private var durationSums: [UInt64] = []
  private var timedSums: [Int] = []

  /// Sums a service's buckets over `span` in cells of `widthSeconds`, which is a multiple of the tally's width.
  ///
  /// - Complexity: O(buckets + cells).
  package init(
    _ traffic: ServiceTraffic, widthSeconds: Int, span: TimeSpan, gaps: [TimeSpan],
    bucketSeconds: Int = 1, baselineEnd: Instant? = nil
  ) {
    let width = max(1, widthSeconds)
    self.widthSeconds = width
    start = floorDivide(span.start.seconds, Int64(width)) * Int64(width)
    let last = floorDivide(span.end.microseconds - 1, 1_000_000 * Int64(width)) * Int64(width)
    let count = last < start ? 0 : Int((last - start) / Int64(width)) + 1
    requests = [Int](repeating: 0, count: count)
    failed = requests
    known = [Bool](repeating: false, count: count)
    var durations = [UInt64](repeating: 0, count: count)
    var timed = requests
    var occupied: Range<Int>?
    for bucket in traffic.buckets where bucket.start >= start {
      let index = Int((bucket.start - start) / Int64(width))
      guard index < count else { break }
      requests[index] += bucket.counts.requests
      failed[index] += bucket.counts.failed
      timed[index] += Int(bucket.counts.timed)
      durations[index] = durations[index].addingSaturated(bucket.counts.durationSum)
      occupied = (occupied?.lowerBound ?? index)..<index + 1
    }
    for index in occupied ?? 0..<0 { known[index] = true }
    forgetEdges(of: traffic, occupied ?? 0..<0, bucketSeconds: bucketSeconds)
    for gap in gaps { forget(gap) }
    sum(durations: durations, timed: timed)
    knownRangeStart = knownRange.lowerBound
    baselineCells = baselineEnd.map { range(of: TimeSpan(start: $0, end: $0)).lowerBound }
  }

  private mutating func forgetEdges(
    of traffic: ServiceTraffic, _ occupied: Range<Int>, bucketSeconds: Int
  ) {
    // Of a few minutes every cell is needed.
    guard occupied.count > Self.leastCells, let first = traffic.buckets.first?.start,
      let last = traffic.buckets.last?.start
    else { return }
    if first > start + Int64(occupied.lowerBound * widthSeconds) {
      known[occupied.lowerBound] = false
    }
    if last + Int64(bucketSeconds) < start + Int64(occupied.upperBound * widthSeconds) {
      known[occupied.upperBound - 1] = false
    }
  }

  /// Series of no more cells than this keep the partial ones at their ends.
  private static let leastCells = 18

  private mutating func forget(_ gap: TimeSpan) {
    for index in range(of: gap) { known[index] = false }
  }

  private mutating func sum(durations: [UInt64], timed: [Int]) {
    requestSums = [0]
    failedSums = [0]
    durationSums = [0]
    timedSums = [0]
    for index in requests.indices {
      requestSums.append(requestSums[index] + requests[index])
      failedSums.append(failedSums[index] + failed[index])
      durationSums.append(durationSums[index].addingSaturated(durations[index]))
      timedSums.append(timedSums[index] + timed[index])
    }
  }

  /// The same series with other failures, a count a cell.
  package func replacing(failed: [Int]) -> CountSeries {
    guard failed.count == self.failed.count else { return self }
    var series = self
    series.failed = failed
    for index in failed.indices {
      series.failedSums[index + 1] = series.failedSums[index] + failed[index]
    }
    return series
  }

  package var count: Int { requests.count }
  /// The cells of a stretch of seconds, at least one.
  package func cells(_ seconds: Int) -> Int { max(1, seconds / widthSeconds) }
  /// The start of a bucket.
  package func time(of index: Int) -> Instant {
    Instant(seconds: start + Int64(index) * Int64(widthSeconds))
  }
  /// The stretch that some buckets cover.
  package func span(of range: Range<Int>) -> TimeSpan {
    TimeSpan(start: time(of: range.lowerBound), end: time(of: range.upperBound))
  }

  /// The cells that a span touches, inside the series.
  package func range(of span: TimeSpan) -> Range<Int> {
    let low = min(
      max(floorDivide(span.start.seconds - start, Int64(widthSeconds)), 0), Int64(count))
    let end = floorDivide(span.end.microseconds - 1, 1_000_000) - start
    let high = min(max(floorDivide(end, Int64(widthSeconds)) + 1, low), Int64(count))
    return Int(low)..<Int(high)
  }

  /// Requests in some buckets.
  package func requests(in range: Range<Int>) -> Int {
    let range = range.clamped(to: requests.indices)
    return requestSums[range.upperBound] - requestSums[range.lowerBound]
  }
  /// Failed requests in some buckets.
  package func failed(in range: Range<Int>) -> Int {
    let range = range.clamped(to: requests.indices)
    return failedSums[range.upperBound] - failedSums[range.lowerBound]
  }

  /// Mean of the known durations in milliseconds; nil where there are none.
  package func meanMilliseconds(in range: Range<Int>) -> Double? {
    let range = range.clamped(to: requests.indices)
    let timed = timedSums[range.upperBound] - timedSums[range.lowerBound]
    guard timed > 0 else { return nil }
    let sum = durationSums[range.upperBound] - durationSums[range.lowerBound]
    return Double(sum) / Double(timed) / 1_000
  }

  /// The first cell after the silence between a given baseline and what is reported on; nil where the two adjoin, or there is none.
  package var newStretch: Int? {
    guard let end = baselineCells, end > 0, let next = known[end...].firstIndex(of: true),
      let last = known[..<end].lastIndex(of: true)
    else { return nil }
    let pause = Parameters.Normal.trailingSeconds + Parameters.Normal.guardSeconds
    return next - last > cells(pause) ? next : nil
  }

  /// The first known cell; 0 without any.
  package private(set) var knownRangeStart = 0

  /// From the first to the last known cell.
  package var knownRange: Range<Int> {
    guard let first = known.firstIndex(of: true), let last = known.lastIndex(of: true) else {
      return 0..<0
    }
    return first..<last + 1
  }
}

extension ServiceTraffic {
  /// The occupied buckets that begin inside a span.
  ///
  /// - Complexity: O(log buckets).
  package func buckets(in span: TimeSpan) -> ArraySlice<Bucket> {
    let low = firstBucket { Instant(seconds: $0.start) >= span.start }
    let high = firstBucket { Instant(seconds: $0.start) >= span.end }
    return buckets[low..<max(low, high)]
  }

  private func firstBucket(where holds: (Bucket) -> Bool) -> Int {
    var low = 0
    var high = buckets.count
    while low < high {
      let middle = low + (high - low) / 2
      if holds(buckets[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Requests per finest bucket over a span, zeros included; the span is short.
  package func fineCounts(in span: TimeSpan, bucketSeconds: Int) -> [Int] {
    let width = Int64(max(1, bucketSeconds))
    let start = floorDivide(span.start.seconds, width) * width
    let count = max(0, floorDivide(span.end.seconds - start + width - 1, width))
    var counts = [Int](repeating: 0, count: Int(count))
    for bucket in buckets(in: span) {
      let index = Int((bucket.start - start) / width)
      if counts.indices.contains(index) { counts[index] += bucket.counts.requests }
    }
    return counts
  }
}

/// The stretch and the widths at which a service can be looked at within the limits on cells.
package struct SignalScale: Sendable {
  package var span: TimeSpan
  package var detectionSeconds: Int
  package var impactSeconds: Int

  /// All inputs where they fit, else the main stretch of the service's buckets, in wider cells if need be.
  ///
  /// Stray stamps of 1970 and 2038 would otherwise make half a billion cells.
  ///
  /// A given baseline is let go as far back as it does not fit beside what is reported on.
  package init(
    _ traffic: ServiceTraffic, bucketSeconds: Int, window: TimeSpan, baselineEnd: Instant? = nil
  ) {
    let bucket = max(1, bucketSeconds)
    var span = window
    let most = Double(Parameters.Cells.limit * max(bucket, Parameters.Cells.detectionSeconds))
    if let baselineEnd, baselineEnd < span.end, span.seconds > most {
      span.start = min(baselineEnd, span.end.advanced(bySeconds: -most))
    }
    if span.seconds > most {
      span = Self.mainStretch(of: traffic, bucketSeconds: bucket, window: span)
    }
    self.span = span
    detectionSeconds = Self.width(
      from: max(bucket, Parameters.Cells.detectionSeconds), span, limit: Parameters.Cells.limit)
    impactSeconds = Self.width(
      from: max(bucket, Parameters.Cells.impactSeconds), span,
      limit: Parameters.Cells.impactLimit)
  }

  private static func width(from least: Int, _ span: TimeSpan, limit: Int) -> Int {
    var width = least
    while span.seconds / Double(width) > Double(limit), width < 1 << 30 { width *= 6 }
    return width
  }

  /// Of the stretches parted by days of silence the one with the most requests, the earliest of equals.
  private static func mainStretch(
    of traffic: ServiceTraffic, bucketSeconds: Int, window: TimeSpan
  ) -> TimeSpan {
    var best: (requests: Int, first: Int64, last: Int64)?
    var current: (requests: Int, first: Int64, last: Int64)?
    for bucket in traffic.buckets {
      if let run = current,
        bucket.start - run.last <= Int64(Parameters.Cells.strayGapSeconds)
      {
        current = (run.requests + bucket.counts.requests, run.first, bucket.start)
      } else {
        current = (bucket.counts.requests, bucket.start, bucket.start)
      }
      if let run = current, run.requests > best?.requests ?? -1 { best = run }
    }
    guard let best else { return TimeSpan(start: window.start, end: window.start) }
    return TimeSpan(
      start: Instant(seconds: best.first), end: Instant(seconds: best.last + Int64(bucketSeconds)))
  }
}
