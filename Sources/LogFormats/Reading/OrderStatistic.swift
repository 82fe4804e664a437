package import IncidentModel

/// How the stamps of one member run: a completion-stamped log of one writer never goes back, an arrival-stamped one does whenever a slow request ends after a quick one (FORMATS §0.1).
package struct OrderStatistic: Hashable, Sendable {
  /// Records with a stamp.
  package private(set) var records = 0
  /// Records whose stamp lies before the latest stamp seen so far.
  package private(set) var behind = 0
  private var latest = Int64.min
  /// Lags of the records behind, by whole seconds; the last one takes all longer ones.
  private var lags: [Int] = []

  private static let lagLimit = 4_096
  /// Above this share of records behind, stamps are arrivals.
  static let arrivalShare = 0.005
  /// Fewer records than this prove nothing by being in order.
  static let minimumRecords = 200

  package init() {}

  @inline(__always)
  mutating func note(_ stamp: Instant) {
    records += 1
    if stamp.microseconds >= latest {
      latest = stamp.microseconds
    } else {
      noteBehind(by: latest &- stamp.microseconds)
    }
  }

  @inline(never)
  private mutating func noteBehind(by microseconds: Int64) {
    behind += 1
    if lags.isEmpty { lags = Array(repeating: 0, count: Self.lagLimit) }
    let seconds = microseconds / 1_000_000
    lags[Int(max(0, min(seconds, Int64(Self.lagLimit - 1))))] += 1
  }

  /// Records behind ÷ records.
  package var shareBehind: Double { records == 0 ? 0 : Double(behind) / Double(records) }

  /// The lag in whole seconds that 99 % of the records behind don't exceed; 0 where none is.
  package var lag99: Int {
    let wanted = (behind * 99 + 99) / 100
    var sum = 0
    for (seconds, count) in lags.enumerated() {
      sum += count
      if sum >= wanted { return seconds }
    }
    return 0
  }

  /// What the order says of the stamps; nil: too few records, or neither one nor the other.
  package var meaning: StampMeaning? {
    if records < Self.minimumRecords { return nil }
    if shareBehind > Self.arrivalShare { return .arrival }
    return behind == 0 ? .completion : nil
  }
}
