/// The unit of durations that stand in a file without one, such as `"duration": 120`.
///
/// Nothing in a single line tells; over a file whole numbers with a median above 50 are milliseconds (FORMATS §1.3).
package struct DurationUnit: Sendable {
  /// How many microseconds one unit has; nil until settled.
  package private(set) var microseconds: Int64?
  /// Durations of the held lines, as if in seconds.
  private var samples: [Int64] = []
  private var sawFraction = false
  /// The writer knows seconds and microseconds only: Apache's `%T` and `%D`.
  private var skipsMilliseconds = false

  /// As many as lines are held.
  static let maximumSamples = 256

  package init() {}

  /// Notes a duration of a held line: in millionths of its unknown unit.
  mutating func note(_ millionths: Int64, skipsMilliseconds: Bool = false) {
    self.skipsMilliseconds = skipsMilliseconds
    if microseconds != nil || samples.count >= Self.maximumSamples || millionths <= 0 { return }
    samples.append(millionths)
    if millionths % 1_000_000 != 0 { sawFraction = true }
  }

  /// Decides by the durations seen so far; without any, seconds.
  package mutating func settle() {
    samples.sort()
    let median = samples.isEmpty ? 0 : samples[samples.count / 2]
    if skipsMilliseconds {
      microseconds = median <= 60_000_000 ? 1_000_000 : 1
    } else if median <= 50_000_000 || (sawFraction && median < 1_000_000_000) {
      microseconds = 1_000_000
    } else if median <= 100_000_000_000 {
      microseconds = 1_000
    } else {
      // A median above 100 s can't be milliseconds of requests that were answered.
      microseconds = 1
    }
    samples = []
  }

  /// A duration in microseconds; before the unit is settled it counts as seconds.
  func duration(ofMillionths millionths: Int64) -> Int64 {
    switch microseconds ?? 1_000_000 {
    case 1_000: millionths / 1_000
    case 1: millionths / 1_000_000
    default: millionths
    }
  }
}
