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
  /// Keys of the arrays that hold its objects where they come as a JSON document (`records`); empty: lines, or a bare array.
  static var envelopes: [String] { get }
  /// It takes lines of any writer: what a stricter format has refused for its own reasons must not be taken by it instead.
  static var isCatchAll: Bool { get }
  /// It steps over a syslog header by itself, or needs what it says: such lines are not unwrapped.
  static var readsHeader: Bool { get }

  /// Reads one line (without its newline) into `record`, which comes in its initial state.
  ///
  /// Text that has to be unescaped is appended to the context's scratch buffer, which is empty at the start.
  static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError)
}

extension AccessFormat {
  package static var envelopes: [String] { [] }
  package static var isCatchAll: Bool { false }
  package static var readsHeader: Bool { false }
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
  /// What the `#` lines of the file have said so far.
  package var directives = W3CDirectives()
  /// The keys of the last line of `key=value` pairs.
  var pairs = PairMemory()
  /// The steps of the format string that the user gave for the file.
  let program: FormatProgram?
  /// The day that the file's name tells, for stamps without a year; nil where it tells none.
  let date: Instant?

  package init(zone: ZoneOffsets = .utc, string: FormatString? = nil, date: Instant? = nil) {
    clock = StampClock(zone: zone)
    program = string?.program
    self.date = date
  }

  /// Appends bytes of the line to the scratch buffer.
  mutating func keep(_ line: Span<UInt8>, _ range: Range<Int>) {
    unsafe line.extracting(range).withUnsafeBufferPointer { bytes in
      // The buffer is read within the closure only, and all of it belongs to the span.
      unsafe scratch.append(contentsOf: bytes)
    }
  }
}
