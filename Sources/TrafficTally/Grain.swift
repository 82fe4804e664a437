import IncidentModel

/// Seconds since a day in 1901, so that every moment of a tally is a small unsigned number and strata are found without regard to signs.
///
/// Moments outside 1901 … 2173 stand at the edge: a stamp that is wrong by centuries must cost no memory and no trap.
enum TallyTime {
  /// A multiple of a day, hence of every width.
  static let bias: Int64 = 86_400 * 24_856
  static let bits: UInt64 = 33
  static let limit: Int64 = 1 << 33

  @inline(__always)
  static func clamped(_ moment: Instant) -> Int64 {
    min(max(moment.microseconds, -bias * 1_000_000), (limit - bias) * 1_000_000 - 1)
  }

  /// Seconds of a clamped count of microseconds.
  @inline(__always)
  static func seconds(ofClamped microseconds: Int64) -> UInt64 {
    UInt64(bitPattern: microseconds &+ bias &* 1_000_000) / 1_000_000
  }

  static func epochSeconds(_ time: UInt64) -> Int64 { Int64(time) - bias }

  @inline(__always)
  static func stratum(_ time: UInt64, _ width: UInt64) -> UInt64 { time &- time % width }
}

/// How finely a structure resolves: the width of its strata, and which names still have strata of their own.
struct Grain: Hashable, Sendable {
  var seconds: UInt64
  /// Names that a client could make up have their own strata if their hash is under 2⁻ⁿ.
  var clientShift: UInt8 = 0
  /// The same for all names but `default` and `other`.
  var allShift: UInt8 = 0
}

/// The grains that a structure goes through, each coarser than the one before, so that what is kept at one can be computed from what was kept at any finer one.
///
/// The structure rests at the first grain whose measure fits. The measure never falls when more is read, so every order of reading and merging rests at the same grain.
enum Ladder {
  /// Widths of the series. Made-up hosts are folded at 60 s, before time is blurred further (METHODS §1).
  static let series: [Grain] =
    [1, 5, 15, 60].map { Grain(seconds: $0) }
    + (1...12).map { Grain(seconds: 60, clientShift: $0) }
    + [300, 900, 3600].map { Grain(seconds: $0, clientShift: 12) }
    + last(seconds: 3600) + [Grain(seconds: 86_400, clientShift: 64, allShift: 64)]

  /// Strata of samples, sketches, exemplars and backends: 1, 5, 15, 60 min, 6 h, 1 d; made-up hosts are folded at 15 min.
  static let strata: [Grain] =
    [60, 300, 900].map { Grain(seconds: $0) }
    + (1...12).map { Grain(seconds: 900, clientShift: $0) }
    + [3600, 21_600, 86_400].map { Grain(seconds: $0, clientShift: 12) }
    + last(seconds: 86_400) + [Grain(seconds: 1 << 33, clientShift: 64, allShift: 64)]

  /// Strata of distinct clients.
  static let clients: [Grain] =
    [21_600, 86_400].map { Grain(seconds: $0) }
    + (1...12).map { Grain(seconds: 86_400, clientShift: $0) }
    + last(seconds: 86_400) + [Grain(seconds: 1 << 33, clientShift: 64, allShift: 64)]

  /// Minutes of the inputs; at the end one stratum an input.
  static let inputs: [Grain] =
    [60, 300, 900, 3600, 21_600, 86_400, 1 << 33].map { Grain(seconds: $0) }

  /// Names that the server's side set are folded last of all.
  private static func last(seconds: UInt64) -> [Grain] {
    (1...20).map { Grain(seconds: seconds, clientShift: min(64, 12 + $0), allShift: $0) }
      + [Grain(seconds: seconds, clientShift: 64, allShift: 64)]
  }

  static func isKept(_ hash: UInt64, shift: UInt8) -> Bool {
    if shift == 0 { return true }
    return shift < 64 && hash >> (64 - UInt64(shift)) == 0
  }
}
