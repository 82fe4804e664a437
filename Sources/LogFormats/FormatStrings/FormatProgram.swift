internal import IncidentModel

/// The steps that read a line of a format string, one for each field.
package final class FormatProgram: Sendable {
  /// Text between fields: the first eight bytes as a word, the rest in the program's bytes.
  struct Literal: Sendable, BitwiseCopyable {
    var word: UInt64 = 0
    var mask: UInt64 = 0
    var start: UInt16 = 0
    var count: UInt16 = 0
  }

  /// How a field's end is found.
  enum Shape: UInt8, Sendable {
    case common, local, iso, epoch, pattern, fraction
    case status, number
    /// The quoted request and the status behind it.
    case requestAndStatus
    /// Up to the single byte behind it.
    case word
    /// Several in a row that nobody needs, each up to a single byte: ``Literal/word`` has the bytes, ``Literal/count`` says how many.
    case skips
    /// Up to the text behind it.
    case text
    /// The same in quotes: a quote behind a backslash does not end it.
    case quoted
    /// Up to the first slash, which belongs to the next field.
    case slash
    /// Values with `, ` between.
    case list
    case braces
    /// Up to the colon in front of a port.
    case address
    /// Up to the end of the line.
    case line
  }

  /// What must stand behind the text after a field, for a field's end not to be found too early.
  enum Lookahead: UInt8, Sendable {
    case anything, digit, date, end
  }

  struct Step: Sendable, BitwiseCopyable {
    var field: StringField
    var shape: Shape
    var lookahead = Lookahead.anything
    /// A text that is often long, worth a call to find its end.
    var isLong = false
    var hasPort = false
    /// It holds no blank.
    var isWord = false
    /// What it holds is looked at before it is taken.
    var isChecked = false
    /// What stands behind the field.
    var behind = Literal()
    /// The first byte of ``behind``.
    var first: UInt8 = 0
    /// Microseconds of a unit.
    var unit: Int64 = 1
    /// Index of the pattern.
    var pattern: UInt16 = 0
    /// Index of the field in the string, the first one's where it reads several.
    var number: UInt16 = 0
  }

  let dialect: FormatDialect
  let stamp: StampMeaning
  let head: Literal
  let steps: [Step]
  let bytes: [UInt8]
  let patterns: [[ClockPart]]
  /// Which fields the string has at all: what a line without them would have told is unknown.
  struct Presence: Sendable {
    var status = false
    var server = false
    var connectTimer = false
    var flags = false
    var backend = false
    var host = false
    /// One of nginx's upstream variables.
    var lists = false

    init(_ fields: Set<StringField>) {
      status = fields.contains(.status)
      server = fields.contains(.server)
      connectTimer = fields.contains(.connectTimer)
      flags = fields.contains(.flags)
      backend = fields.contains(.backend)
      host = fields.contains(.host)
      lists = !fields.isDisjoint(with: [.backends, .upstreamTimes, .upstreamStatus])
    }
  }

  let has: Presence
  /// How many steps ``CommonBeginning`` stands for.
  private let commonSteps: Int
  private let names: [String]

  init(
    dialect: FormatDialect, stamp: StampMeaning, head: Literal, steps: [Step], bytes: [UInt8],
    patterns: [[ClockPart]], fields: Set<StringField>, names: [String]
  ) {
    self.dialect = dialect
    self.stamp = stamp
    self.head = head
    self.steps = SkippedRun.joined(steps)
    self.bytes = bytes
    self.patterns = patterns
    has = Presence(fields)
    commonSteps = CommonBeginning.count(of: self.steps, head: head, dialect)
    self.names = names
  }

  /// Where in the string an error lies, in words that are safe in a report: `, field 6: status`.
  func words(for field: Int) -> String {
    guard names.indices.contains(field) else { return "" }
    return ", field \(field + 1): \(names[field])"
  }

  /// Whether a literal stands at `place`.
  @inline(__always)
  func stands(_ literal: Literal, at place: Int, in line: Span<UInt8>) -> Bool {
    if line.count &- place >= 8 {
      if (line.word(at: place) ^ literal.word) & literal.mask != 0 { return false }
      return literal.count <= 8 || rest(of: literal, at: place, in: line)
    }
    return endsWith(literal, at: place, in: line)
  }

  /// As ``stands(_:at:in:)`` for the last bytes of a line.
  @inline(never)
  private func endsWith(_ literal: Literal, at place: Int, in line: Span<UInt8>) -> Bool {
    place >= 0 && line.count &- place >= Int(literal.count) && literal.count <= 8
      && (line.lastWord(at: place) ^ literal.word) & literal.mask == 0
  }

  @inline(never)
  private func rest(of literal: Literal, at place: Int, in line: Span<UInt8>) -> Bool {
    if line.count &- place < Int(literal.count) { return false }
    for index in 8..<max(8, Int(literal.count))
    where bytes[Int(literal.start) + index] != line[place + index] {
      return false
    }
    return true
  }

  /// The first byte at which a literal that should stand at `place` doesn't.
  func mismatch(_ literal: Literal, at place: Int, in line: Span<UInt8>) -> LineError {
    var index = 0
    while index < Int(literal.count), place + index < line.count,
      bytes[Int(literal.start) + index] == line[place + index]
    {
      index += 1
    }
    if place + index >= line.count { return .cut(at: line.count) }
    return LineError("the text behind the field is not that of the string", at: place + index)
  }

  /// Reads a line by the program in the context.
  static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    guard let program = context.program else {
      throw LineError("no format string is given", at: 0)
    }
    var cursor = LineCursor(line)
    var first = 0
    if program.commonSteps > 0 {
      if CommonBeginning.read(&cursor, &context, &record) {
        first = program.commonSteps
      } else {
        cursor.position = 0
        record = AccessRecord()
      }
    }
    try program.read(from: first, &cursor, &context, &record)
  }

  /// Reads what the steps from one on are for.
  private func read(
    from first: Int, _ cursor: inout LineCursor, _ context: inout AccessContext,
    _ record: inout AccessRecord
  ) throws(LineError) {
    var reading = StringReading()
    if first == 0 { try readHead(&cursor) }
    var index = first
    do throws(LineError) {
      try reading.take(from: &index, self, &cursor, &context, &record)
    } catch {
      var located = error
      if located.field < 0, index < steps.count { located.field = Int(steps[index].number) }
      throw located
    }
    try reading.settle(self, cursor, &record)
  }

  private func readHead(_ cursor: inout LineCursor) throws(LineError) {
    guard stands(head, at: 0, in: cursor.line) else {
      var error = mismatch(head, at: 0, in: cursor.line)
      error.field = 0
      throw error
    }
    cursor.position = Int(head.count)
  }
}
