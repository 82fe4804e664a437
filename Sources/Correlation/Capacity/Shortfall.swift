internal import IncidentModel

/// How many instances were needed and missing, minute by minute (METHODS §6).
///
/// need(t) = ⌈arrivals(t) ÷ c*⌉ on one-minute means; short = need − ready. Figures that a log states replace these.
struct Shortfall: Sendable {
  struct Minute: Hashable, Sendable {
    var span: TimeSpan
    var needed: Int
    var ready: Double
    var failed: Int
    /// Never negative.
    var short: Double { max(0, Double(needed) - ready) }
    /// More was needed than was ready, by at least half an instance: a fleet that changes within the minute is no shortfall.
    var isShort: Bool { Double(needed) - ready >= 0.5 }
  }

  /// Minutes with a known fleet.
  var minutes: [Minute]
  var peak: Minute?
  /// How many instances were missing at most, over the interval of c*.
  var interval: ClosedRange<Int>?

  /// Instances that a minute's requests take, without some of them.
  static func needed(
    _ minute: LoadMinute, at rate: Double, without repeats: Double = 0
  ) -> Int {
    guard rate > 0, minute.requests > 0 else { return 0 }
    let requests = max(0, minute.rate - repeats / minute.seconds)
    return Int(max(0, min(1e9, (requests / rate - 1e-9).rounded(.up))))
  }

  /// Over the given spans, usually the incidents of the service; nil where c* is only a lower bound.
  init?(minutes: [LoadMinute], capacity: InstanceCapacity?, within spans: [TimeSpan]) {
    guard let capacity, !capacity.isLowerBound else { return nil }
    let inside = minutes.filter { minute in
      minute.isCovered && minute.ready != nil && spans.contains { $0.overlaps(minute.span) }
    }
    self.minutes = inside.map { minute in
      Minute(
        span: minute.span, needed: Self.needed(minute, at: capacity.rate),
        ready: minute.ready ?? 0, failed: minute.failed)
    }
    let worst = self.minutes.indices.max { left, right in
      let (a, b) = (self.minutes[left], self.minutes[right])
      return (a.short, a.needed, -left) < (b.short, b.needed, -right)
    }
    if let worst, self.minutes[worst].isShort {
      peak = self.minutes[worst]
      // Of the greatest shortage: at another c* it may fall into another minute.
      func most(at rate: Double) -> Int {
        zip(inside, self.minutes).map {
          Self.needed($0, at: rate) - Int(min(1e9, $1.ready).rounded())
        }.max() ?? 0
      }
      let low = max(0, most(at: capacity.interval.upperBound))
      interval = low...max(low, most(at: max(1e-9, capacity.interval.lowerBound)))
    }
  }

  /// Instance-minutes short within a span: the area between need and ready.
  func instanceMinutes(in span: TimeSpan) -> Double {
    minutes.reduce(0) { sum, minute in
      guard minute.isShort, minute.span.overlaps(span) else { return sum }
      let overlap =
        min(minute.span.end, span.end).seconds(since: max(minute.span.start, span.start))
      return sum + minute.short * overlap / 60
    }
  }

  /// From the first to the last minute that was short.
  var span: TimeSpan? {
    guard let first = minutes.first(where: \.isShort), let last = minutes.last(where: \.isShort)
    else { return nil }
    return TimeSpan(start: first.span.start, end: last.span.end)
  }
}
