internal import Glibc
package import IncidentModel
package import TrafficTally

/// Stretches in which an access input that should speak is silent: a gap is not a zero (METHODS §2, §3).
///
/// A run of n minutes without a line is silence that needs a reason when ln P(no line) = −m·ln(φ)/(φ − 1) (negative binomial; −m for φ = 1) is under −23,
/// with m = n × the lesser of the mean rates over the 30 min before and after, and φ the variance ÷ mean of those minutes. The lesser of the two keeps the fading and the return of quiet hours out.
/// - All inputs silent at once: a gap of all, unless several inputs stopped in the same two minutes: independent logs don't lose the same lines, so that is an outage.
/// - One input silent while the others took over at least half of its requests: its host stopped serving, which is no gap either.
/// - With two days or more, silence that the same minutes of every other day share is quiet hours.
package enum CoverageGaps {
  /// The gaps in order of start, those of all inputs together (`input` nil) first where they are equal.
  package static func gaps(in view: TrafficView) -> [Coverage.Gap] {
    let inputs = view.inputMinutes.filter { !$0.minutes.isEmpty }
    guard !inputs.isEmpty else { return [] }
    var sums: [Int64: Int] = [:]
    for input in inputs {
      for minute in input.minutes { sums[minute.start, default: 0] += minute.count }
    }
    let whole = MinuteLine(
      sums.sorted { $0.key < $1.key }.map {
        ServiceTraffic.Backend.Minute(start: $0.key, count: $0.value)
      })
    let lines = inputs.map { MinuteLine($0.minutes) }
    var gaps: [Coverage.Gap] = []
    for silence in whole.silences() where !isCommonStop(silence, lines) {
      gaps.append(Coverage.Gap(input: nil, span: silence.span))
    }
    let common = whole.silences()
    guard inputs.count > 1 else { return gaps }
    for (input, line) in zip(inputs, lines) {
      for silence in line.silences() {
        guard !common.contains(where: { $0.span.overlaps(silence.span) }),
          !isTakenOver(silence, by: whole)
        else { continue }
        gaps.append(Coverage.Gap(input: input.input, span: silence.span))
      }
    }
    return Array(
      gaps.sorted {
        ($0.span.start, $0.input ?? -1) < ($1.span.start, $1.input ?? -1)
      }.prefix(Parameters.Coverage.gapLimit))
  }

  /// Two or more inputs spoke before and after, and all stopped within two minutes.
  private static func isCommonStop(_ silence: MinuteLine.Silence, _ lines: [MinuteLine]) -> Bool {
    let reach = Int64(Parameters.Coverage.gapSameStopMinutes * 60)
    let stopped = lines.filter { $0.speaks(in: silence.first - reach..<silence.first) }
    let returned = stopped.filter { $0.speaks(in: silence.end..<silence.end + 5 * reach) }
    return returned.count >= 2
  }

  /// The other inputs rose by half or more of what this one had.
  private static func isTakenOver(_ silence: MinuteLine.Silence, by whole: MinuteLine) -> Bool {
    let minutes = Double(silence.end - silence.first) / 60
    let context = Int64(Parameters.Coverage.gapContextMinutes * 60)
    let during = Double(whole.sum(in: silence.first..<silence.end)) / minutes
    let before =
      Double(whole.sum(in: silence.first - context..<silence.first))
      / Double(Parameters.Coverage.gapContextMinutes)
    let others = max(0, before - silence.rate)
    return during - others >= Parameters.Coverage.gapTakeOverShare * silence.rate
  }
}

/// The occupied minutes of one input or of all.
struct MinuteLine {
  struct Silence {
    /// Seconds since the epoch, half open.
    var first: Int64
    var end: Int64
    /// Lines per minute that were to be expected.
    var rate: Double
    var span: TimeSpan {
      TimeSpan(start: Instant(seconds: first), end: Instant(seconds: end))
    }
  }

  private let minutes: [ServiceTraffic.Backend.Minute]
  private var sums: [Int] = [0]

  init(_ minutes: [ServiceTraffic.Backend.Minute]) {
    self.minutes = minutes
    for minute in minutes { sums.append(sums[sums.count - 1].addingSaturated(minute.count)) }
  }

  private func index(from second: Int64) -> Int {
    var low = 0
    var high = minutes.count
    while low < high {
      let middle = low + (high - low) / 2
      if minutes[middle].start < second { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func sum(in range: Range<Int64>) -> Int {
    sums[index(from: range.upperBound)] - sums[index(from: range.lowerBound)]
  }

  func speaks(in range: Range<Int64>) -> Bool { sum(in: range) > 0 }

  /// Runs of empty minutes that chance and quiet hours don't explain.
  ///
  /// - Complexity: O(minutes · context).
  func silences() -> [Silence] {
    var found: [Silence] = []
    for index in minutes.indices.dropFirst() {
      let first = minutes[index - 1].start + 60
      let end = minutes[index].start
      guard end - first >= 60 else { continue }
      let context = Int64(Parameters.Coverage.gapContextMinutes * 60)
      let before = noise(minutes[index - 1].start + 60 - context..<first)
      let after = noise(end..<end + context)
      let calmer = before.mean < after.mean ? before : after
      let expected = calmer.mean * Double(end - first) / 60
      let factor = max(before.factor, after.factor)
      let excess = factor - 1
      let none = excess > 1e-9 ? -expected * log(factor) / excess : -expected
      guard none < Parameters.Coverage.gapLogProbability, !isDaily(first..<end) else { continue }
      found.append(Silence(first: first, end: end, rate: calmer.mean))
    }
    return found
  }

  /// Mean and variance ÷ mean of the minutes of a stretch inside the line's own reach, empty ones included.
  private func noise(_ range: Range<Int64>) -> (mean: Double, factor: Double) {
    guard let first = minutes.first, let last = minutes.last else { return (0, 1) }
    let low = max(range.lowerBound, first.start)
    let high = min(range.upperBound, last.start + 60)
    let count = Double(max(0, high - low)) / 60
    guard count >= 1 else { return (0, 1) }
    let mean = Double(sum(in: low..<high)) / count
    guard mean > 0 else { return (0, 1) }
    var squares = 0.0
    for minute in minutes[index(from: low)..<index(from: high)] {
      squares += Double(minute.count) * Double(minute.count)
    }
    return (mean, max(1, (squares / count - mean * mean) / mean))
  }

  /// Every other day of the line, two at least, is as silent at this time of day.
  private func isDaily(_ range: Range<Int64>) -> Bool {
    guard let first = minutes.first, let last = minutes.last, range.count < 86_400 else {
      return false
    }
    var days = 0
    let usual = Double(sums[minutes.count]) / Double(max(1, (last.start - first.start) / 60 + 1))
    for day in 1...14 as ClosedRange<Int64> {
      for shift in [-day * 86_400, day * 86_400] {
        let other = range.lowerBound + shift..<range.upperBound + shift
        guard other.lowerBound >= first.start, other.upperBound <= last.start else { continue }
        days += 1
        if Double(sum(in: other)) > 0.05 * usual * Double(range.count) / 60 { return false }
      }
    }
    return days >= 2
  }
}
