internal import IncidentModel

/// A fluid queue in front of a fleet (METHODS §9): what comes is worked off at ready × c*, a backlog of so many seconds of work may wait, and the rest fails.
///
/// Each step of a cell: backlog ← backlog + arrivals − min(backlog + arrivals, capacity · step); what passes capacity · wait overflows and fails.
/// With repeats, arrivals = first attempts + (repeats for each failure) × the failures of the step before.
struct FluidQueue {
  /// One cell of the series, usually a minute.
  struct Cell: Hashable {
    var seconds: Double
    /// Requests that came, repeats among them.
    var arrivals: Double
    /// Those that are no repeats.
    var firstAttempts: Double
    /// Instances in service.
    var ready: Double
    /// Repeats that each failed request was followed by.
    var repeatsForEach = 0.0
  }

  /// Requests per second of one instance.
  var rate: Double
  /// Seconds of work that may wait before the rest is refused.
  var wait: Double
  /// Repeats follow from failures; otherwise all arrivals are taken as they were.
  var feedsBack: Bool

  static let stepSeconds = 10.0
  /// More than this many repeats for each failure would feed on themselves without end.
  static let mostRepeats = 0.95

  /// Requests that fail for want of capacity in each cell.
  ///
  /// - Complexity: O(cells · steps of a cell).
  func failures(_ cells: [Cell]) -> [Double] {
    var backlog = 0.0
    var failing = 0.0
    return cells.map { cell in
      let steps = max(1, (cell.seconds / Self.stepSeconds).rounded())
      let length = cell.seconds / steps
      let capacity = max(0, cell.ready) * max(0, rate)
      let again = min(Self.mostRepeats, max(0, cell.repeatsForEach))
      var failed = 0.0
      for _ in 0..<Int(min(steps, 1_000)) {
        let inflow =
          feedsBack
          ? cell.firstAttempts / steps + again * failing * length : cell.arrivals / steps
        backlog += inflow
        backlog -= min(backlog, capacity * length)
        let overflow = max(0, backlog - capacity * wait)
        backlog -= overflow
        failed += overflow
        failing = overflow / length
      }
      return failed
    }
  }
}
