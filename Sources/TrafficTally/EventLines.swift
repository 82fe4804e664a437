package import IncidentModel

/// Which lines of a member told an event, each counted once.
///
/// Some facts are told late: a note when the next one begins, an order when its result is known. Their lines were passed over by then, so such a line is taken out of those.
package struct EventLines: Sendable {
  /// What an event changes in the counts of its member.
  package enum Change: Sendable {
    /// Its line told another event already.
    case none
    /// A line that was not told before.
    case newLine
    /// A line that was told as passed.
    case passedLine
  }

  /// Beyond so many lines only neighbours are compared; as many events are not kept either.
  private static let limit = 65_536

  private var offsets: Set<Int> = []
  private var lastOffset = -1
  /// The offset of the last line that was told in whichever way.
  private var latest = -1

  package init() {}

  /// Takes note of a line that was told as passed.
  package mutating func pass(_ offset: Int) { latest = max(latest, offset) }

  /// Takes note of an event of the line at a position, and tells what it changes in the counts.
  package mutating func add(_ position: LogPosition) -> Change {
    let offset = position.offset
    if offset == lastOffset { return .none }
    lastOffset = offset
    if offsets.count < Self.limit {
      if !offsets.insert(offset).inserted { return .none }
    } else if offsets.contains(offset) {
      return .none
    }
    if offset <= latest { return .passedLine }
    latest = offset
    return .newLine
  }
}
