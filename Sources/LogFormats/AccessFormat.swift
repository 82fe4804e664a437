package import IncidentModel

/// What a format's lines may hold; `floodmark formats` and the README's table show it.
package enum FormatField: String, CaseIterable, Sendable {
  case duration, upstream, backend, service, client, agent, referrer, shed
}

/// A format of access logs: one file, one `Fixtures/formats/<name>.test`, one line in the registry.
package protocol AccessFormat: Sendable {
  /// Lower case with hyphens, such as `aws-alb`.
  static var name: String { get }
  /// One line for `floodmark formats`.
  static var summary: String { get }
  /// A whole line in this format.
  static var example: String { get }
  /// What its lines carry.
  static var fields: Set<FormatField> { get }
  /// What its time stamp means where nothing else tells; nil: the same bytes are written with either meaning (FORMATS §0.1).
  static var stamp: StampMeaning? { get }
  /// How many literals and typed fields a line must have: of two formats that take the same lines the higher one wins.
  static var strictness: Int { get }

  /// Reads one line (without its newline) into `record`, which comes in its initial state.
  ///
  /// Text that has to be unescaped is appended to the context's scratch buffer, which is empty at the start.
  static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError)
}

/// What an access format keeps from line to line of one file.
package struct AccessContext: Sendable {
  /// Text of the current line that had to be unescaped.
  package var scratch: [UInt8] = []
  package var clock: StampClock
  /// The held first lines are read to find the format: a format takes what is surely its own, and no variant that another one might claim.
  package var isDetecting = false
  /// The unit of durations whose line does not name it, settled once per file.
  package var durationUnit = DurationUnit()

  package init(zone: ZoneOffsets = .utc) {
    clock = StampClock(zone: zone)
  }
}
