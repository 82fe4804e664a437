package import IncidentModel
package import TrafficTally

/// One service's numbers in equal cells over a stretch, gaps filled with zeros where the inputs speak.
///
/// The widths in use are 60 s for capacity and impact and 10 s (or the tally's own width, if that is wider) for detection.
package struct CellTable: Sendable {
  /// Start of the first cell, a multiple of the width, in seconds since the epoch.
  package let start: Int64
  package let widthSeconds: Int
  package private(set) var cells: [BucketCounts]

  /// Adds a service's buckets up to cells of at least the tally's width, over `span` or over all of the service.
  ///
  /// - Complexity: O(buckets + cells).
  package init(
    _ traffic: ServiceTraffic, bucketSeconds: Int, widthSeconds: Int, over span: TimeSpan
  ) {
    let width = max(bucketSeconds, widthSeconds)
    self.widthSeconds = width
    start = floorDivide(span.start.seconds, Int64(width)) * Int64(width)
    let last = floorDivide(span.end.microseconds - 1, 1_000_000 * Int64(width)) * Int64(width)
    let count = last < start ? 0 : Int((last - start) / Int64(width)) + 1
    cells = [BucketCounts](repeating: BucketCounts(), count: count)
    for bucket in traffic.buckets where bucket.start >= start {
      let index = Int((bucket.start - start) / Int64(width))
      if index < count { cells[index].add(bucket.counts) }
    }
  }

  /// The start of a cell.
  package func time(of index: Int) -> Instant {
    Instant(seconds: start + Int64(index) * Int64(widthSeconds))
  }

  /// The cell that holds a moment; nil outside the table.
  package func index(of moment: Instant) -> Int? {
    let index = floorDivide(moment.seconds - start, Int64(widthSeconds))
    return index >= 0 && index < Int64(cells.count) ? Int(index) : nil
  }

  /// The sum of the cells that begin inside a span.
  package func sum(over span: TimeSpan) -> BucketCounts {
    var total = BucketCounts()
    for index in cells.indices where span.contains(time(of: index)) { total.add(cells[index]) }
    return total
  }
}
