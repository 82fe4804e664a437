internal import IncidentModel

/// A whole number that changes at moments and holds in between; nil is "not known", never 0.
struct StepFunction: Hashable, Sendable {
  struct Step: Hashable, Sendable {
    var time: Instant
    var value: Int?
  }

  /// Ascending by time, one a moment, neighbours differ.
  private(set) var steps: [Step] = []

  init() {}

  init(constant value: Int?) {
    if let value { set(value, at: Instant(microseconds: .min / 4)) }
  }

  /// Sets the value from a moment on; moments come in ascending order, of equal ones the last holds.
  mutating func set(_ value: Int?, at time: Instant) {
    if let last = steps.last, last.time >= time { steps.removeLast() }
    if steps.last?.value != value || (steps.isEmpty && value != nil) {
      steps.append(Step(time: time, value: value))
    }
  }

  /// Gives the value that held before the first step.
  mutating func setBefore(_ value: Int) {
    if steps.first?.value == value { steps.removeFirst() }
    steps.insert(Step(time: Instant(microseconds: .min / 4), value: value), at: 0)
  }

  /// - Complexity: O(log *n*).
  func value(at moment: Instant) -> Int? {
    let index = countOfSteps(upTo: moment)
    return index == 0 ? nil : steps[index - 1].value
  }

  /// The time-weighted mean over a span; nil where any part of it is unknown or the span is empty.
  func mean(over span: TimeSpan) -> Double? {
    var index = countOfSteps(upTo: span.start)
    guard index > 0, span.end > span.start else { return nil }
    var time = span.start
    var area = 0.0
    while time < span.end {
      guard let value = steps[index - 1].value else { return nil }
      let end = index < steps.count ? min(steps[index].time, span.end) : span.end
      area += Double(value) * end.seconds(since: time)
      time = end
      index += 1
    }
    return area / span.seconds
  }

  /// The least and the greatest known value within a span.
  func range(over span: TimeSpan) -> ClosedRange<Int>? {
    var found: ClosedRange<Int>?
    for index in max(0, countOfSteps(upTo: span.start) - 1)..<max(1, steps.count)
    where index < steps.count && (steps[index].time < span.end) {
      guard let value = steps[index].value else { continue }
      found = min(found?.lowerBound ?? value, value)...max(found?.upperBound ?? value, value)
    }
    return found
  }

  /// The first moment at or after `start` at which the value is known and passes the test.
  func first(from start: Instant, where test: (Int) -> Bool) -> Instant? {
    if let now = value(at: start), test(now) { return start }
    return steps.first { step in
      step.time > start && step.value.map(test) == true
    }?.time
  }

  private func countOfSteps(upTo moment: Instant) -> Int {
    var low = 0
    var high = steps.count
    while low < high {
      let middle = (low + high) / 2
      if steps[middle].time <= moment { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
