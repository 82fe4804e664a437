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
  /// Text that has to be unescaped is appended to `scratch`, which is empty at the start.
  static func parse(
    _ line: Span<UInt8>, scratch: inout [UInt8], into record: inout AccessRecord
  ) throws(LineError)
}
