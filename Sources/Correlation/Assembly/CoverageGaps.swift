internal import IncidentModel
internal import TrafficTally

/// Where inputs are silent that should speak: a gap is not a zero.
///
/// A stretch of empty minutes is a gap when, at the input's own mean rate, at least fifty lines were due in it. Silence of all
/// access inputs together is a gap of the archive (input nil): complete silence is rather a hole in the logs than an outage,
/// of which errors or stray requests remain.
enum CoverageGaps {
  static let leastMinutes: Int64 = 2
  static let leastExpected = 50.0
  /// At most this many gaps are told.
  static let limit = 100

  static func gaps(of inputs: [TrafficView.InputMinutes]) -> [Coverage.Gap] {
    var together: [Int64: Int] = [:]
    var gaps: [Coverage.Gap] = []
    for input in inputs {
      for minute in input.minutes where minute.count > 0 {
        together[minute.start, default: 0] += minute.count
      }
    }
    let all = together.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let whole = holes(in: all)
    gaps += whole.map { Coverage.Gap(input: nil, span: $0) }
    for input in inputs.sorted(by: { $0.input < $1.input }) {
      let own = holes(in: input.minutes.filter { $0.count > 0 }.map { ($0.start, $0.count) })
      gaps += own.filter { !whole.contains($0) }.map { Coverage.Gap(input: input.input, span: $0) }
    }
    return Array(gaps.prefix(limit))
  }

  private static func holes(in minutes: [(start: Int64, count: Int)]) -> [TimeSpan] {
    guard minutes.count >= 2 else { return [] }
    // The rate of the occupied minutes around a hole decides, so that a quiet night beside a busy day is no gap.
    return zip(minutes.indices, minutes.indices.dropFirst()).compactMap { left, right in
      let from = minutes[left].start + 60
      let empty = (minutes[right].start - from) / 60
      guard empty >= leastMinutes else { return nil }
      let low = max(0, left - 9)
      let high = min(minutes.count - 1, right + 9)
      let around = minutes[low...high].map { Double($0.count) }.sorted()
      guard let median = InstanceCapacity.quantile(around, 0.5),
        median * Double(empty) >= leastExpected
      else { return nil }
      return TimeSpan(
        start: Instant(seconds: from), end: Instant(seconds: minutes[right].start))
    }
  }
}
