package import IncidentModel

/// What the earlier lines of a member tell about the later ones: a table's columns, a heading's date, a note that goes on.
///
/// The reader makes one a member, hands it to every line, and calls ``CapacityFormat/finish(_:)`` at the end.
package struct CapacityMemory: Sendable {
  /// The columns of a table, once its header was read.
  var columns: [CapacityColumn] = []
  /// The separator of that table.
  var separator = UInt8(ascii: ",")
  /// The date in force: a heading's, or that of the last line with a full date.
  var date: Instant?
  /// Its line began a record whose further lines may follow.
  var hasRecord = false
  /// A note whose last line has not been seen.
  var note: NoteDraft?
  /// The group of which the scaler spoke last.
  var group: String?
  /// The last known sizes of the groups.
  var sizes: [String: Int] = [:]
  /// When the last launch failure of a group was told.
  var failures: [String: Instant] = [:]
  /// When the removal of a node was first told.
  var removals: [String: Instant] = [:]

  /// Sizes aimed at whose predecessor is not known yet.
  var aims: [SizeAim] = []
  /// Events that a later line may make void, by what they speak of.
  var held: [String: CapacityEvent] = [:]
  /// What another line told of, so that nothing is held for it.
  var settled: Set<String> = []
  /// Names that earlier lines gave to what later ones speak of: an event's group, a pod's owner.
  var names: [String: String] = [:]
  /// What decisions ordered, by their own names.
  var orders: [String: [NodeOrder]] = [:]
  /// Results whose decision has not been seen yet.
  var results: [OrderResult] = []
  /// Where the columns of a printed table begin, by their heading.
  var margins: [String: Int] = [:]

  /// Groups remembered at most; a log of made-up names costs no memory.
  static let groupLimit = 4_096

  package init() {}
}

/// A column of a table that a capacity format knows; the raw value is its name in a header.
enum CapacityColumn: String, CaseIterable, Sendable {
  case time, kind, group, zone, instance, from, to, minimum, maximum, desired, ready, reason, text
  case count, author, service, severity, url, unknown
  /// What only tables of requests have.
  case request
}

extension CapacityFormat {
  /// Formats whose lines stand alone remember nothing.
  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    try parse(record, in: context)
  }

  /// What a format without an end of its own tells at last: the events that it held back.
  package static func finish(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    memory.releaseHeld()
  }

  /// A format whose lines no other program writes is sure of each line that it takes.
  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool { true }
}
