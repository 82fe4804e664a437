internal import IncidentModel
internal import TrafficTally

/// The stretch that the report covers: `--from` and `--to` on arrival, snapped outward to buckets (METHODS §2).
enum WindowBounds {
  /// The stretch of all access buckets; nil without requests.
  static func access(of view: TrafficView) -> TimeSpan? {
    let starts = view.services.flatMap { service in
      [service.buckets.first?.start, service.buckets.last?.start].compactMap { $0 }
    }
    guard let first = starts.min(), let last = starts.max() else { return nil }
    return TimeSpan(
      start: Instant(seconds: first),
      end: Instant(seconds: last.addingSaturated(Int64(max(1, view.bucketSeconds)))))
  }

  /// What the user asked for within what there is; the whole of the inputs otherwise.
  static func window(
    _ options: AnalysisOptions, access: TimeSpan?, events: [CapacityEvent], bucketSeconds: Int
  ) -> TimeSpan {
    let times = events.map(\.time)
    let start = access?.start ?? times.min() ?? Instant(microseconds: 0)
    let end = access?.end ?? times.max()?.advanced(bySeconds: 1) ?? start
    let width = Int64(max(1, bucketSeconds))
    var window = TimeSpan(start: start, end: end)
    if let from = options.from {
      window.start = moment(of: from, on: start).bucketStart(width: width)
    }
    if let to = options.to {
      let asked = moment(of: to, on: start)
      let snapped = asked.bucketStart(width: width)
      window.end = snapped == asked ? asked : snapped.advanced(bySeconds: Double(width))
    }
    if window.end < window.start { window.end = window.start }
    return window
  }

  /// A time of day stands on the day on which the inputs begin, or on the next where it would lie before them by over half a day.
  private static func moment(of bound: WindowBound, on start: Instant) -> Instant {
    switch bound {
    case .moment(let instant): return instant
    case .timeOfDay(let seconds):
      let day = start.bucketStart(width: 86_400)
      let moment = day.advanced(bySeconds: Double(min(max(seconds, 0), 86_400)))
      return start.seconds(since: moment) > 43_200 ? moment.advanced(bySeconds: 86_400) : moment
    }
  }
}
