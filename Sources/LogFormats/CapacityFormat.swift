package import IncidentModel

/// What a capacity format needs to know besides the line.
package struct CapacityContext: Sendable {
  /// Where the line or object stands.
  package var position: LogPosition
  /// The key of the array in which a JSON document holds the object, such as `Activities`; empty for a line.
  package var envelope: String
  /// The zone of stamps that carry none (`--input-time-zone`).
  package var zone: ZoneOffsets
  /// The date in force for lines that have only a time of day: a heading's or the file name's; microsecond 0 of that day, nil where none is known.
  package var date: Instant?

  package init(
    position: LogPosition, envelope: String = "", zone: ZoneOffsets = .utc, date: Instant? = nil
  ) {
    self.position = position
    self.envelope = envelope
    self.zone = zone
    self.date = date
  }
}

/// What became of one line or object of a capacity format.
package enum CapacityOutcome: Hashable, Sendable {
  /// It told these facts.
  case events([CapacityEvent])
  /// It belongs to the format and tells no capacity fact.
  case ignored
}

/// A format of capacity logs, notes, changes or alerts: one file, one `Fixtures/formats/<name>.test`, one line in the registry.
///
/// These lines are few and kept whole, so a `String` per event is fine here.
package protocol CapacityFormat: Sendable {
  static var name: String { get }
  static var summary: String { get }
  static var example: String { get }
  /// The manifest's kind: capacity, notes, changes or alerts.
  static var kind: InputKind { get }
  /// Keys of the arrays that hold its objects where it comes as a JSON document (`Activities`); empty: lines only.
  static var envelopes: [String] { get }
  /// As ``AccessFormat/strictness``.
  static var strictness: Int { get }

  /// Reads one line, or one object of a JSON document.
  static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome

  /// As ``parse(_:in:)`` for the next line or object of a member, with what the earlier ones left behind; readers call this one.
  static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome

  /// What is still held back at the end of a member, such as a note whose last line was not known to be the last.
  static func finish(_ memory: inout CapacityMemory) -> [CapacityEvent]

  /// Whether a line that the format takes can only be its own; a member is of the format if at least one is.
  ///
  /// Other programs write the klog header too, so `parse` takes their lines and this refuses them.
  static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool
}
