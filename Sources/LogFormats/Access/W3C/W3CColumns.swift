package import IncidentModel

/// The columns of a W3C extended log as they stand elsewhere: in another file of its series, or in the user's own words.
///
/// A file that was cut in two, or whose rotation began in the middle of a day, has no `#Fields:` of its own.
package struct W3CColumns: Sendable {
  /// The lines `#Software:` and `#Fields:`.
  private let lines: [[UInt8]]
  /// The file that has them; nil: the user gave them.
  package let source: LogText?

  /// More sets in one head than this say nothing about any other file.
  private static let mostSets = 8

  private init(_ lines: [[UInt8]], source: LogText?) {
    self.lines = lines
    self.source = source
  }

  /// What a user gives in place of a format: `#Fields: date time …`; nil where it is none of that, or tells no time and status.
  package init?(given text: String) {
    guard Self.isGiven(text) else { return nil }
    self.init([Array(text.utf8)], source: nil)
    guard directives.fields.contains(.time), directives.hasStatus else { return nil }
  }

  /// What keeps a `#Fields:` line that a user gives from being of use; nil: nothing.
  package static func problem(given text: String) -> String? {
    W3CColumns(given: text) == nil
      ? "the columns behind '#Fields:' tell no time, or no status" : nil
  }

  /// Whether a text is meant to be a `#Fields:` line.
  package static func isGiven(_ text: String) -> Bool { text.hasPrefix("#Fields:") }

  /// The different sets among the `#` lines of a file's head.
  package static func sets(in headers: [[UInt8]], of source: LogText) -> [W3CColumns] {
    var software: [UInt8]?
    var sets: [W3CColumns] = []
    for line in headers where sets.count < mostSets {
      if line.span.holds("#Software:", at: 0) { software = line }
      guard line.span.holds("#Fields:", at: 0) else { continue }
      let set = W3CColumns([software, line].compactMap { $0 }, source: source)
      if !sets.contains(where: { $0.isSame(as: set) }) { sets.append(set) }
    }
    return sets
  }

  /// Whether both name the same columns in the same order.
  package func isSame(as other: W3CColumns) -> Bool { lines.last == other.lines.last }

  /// The directives as a reader has them behind these lines.
  var directives: W3CDirectives {
    var directives = W3CDirectives()
    for line in lines { directives.note(line.span) }
    return directives
  }

  /// The one set that every sample fits by the count and the kinds of its values; nil: none, or several.
  static func only(
    of sets: [W3CColumns], fitting samples: [Detection.Sample]
  ) -> W3CColumns? {
    let lines = samples.prefix { !$0.isHeader }.filter { !$0.isUnfinished }
    if lines.isEmpty { return nil }
    let fitting = sets.filter { set in
      var context = AccessContext()
      context.directives = set.directives
      return lines.allSatisfy { set.fits($0.bytes.span, &context) }
    }
    return fitting.count == 1 ? fitting.first : nil
  }

  private func fits(_ line: Span<UInt8>, _ context: inout AccessContext) -> Bool {
    var values = W3CLine()
    var record = AccessRecord()
    context.scratch.removeAll(keepingCapacity: true)
    do throws(LineError) {
      try values.read(line, context.directives.fields)
      try values.fill(&record, line, &context)
    } catch {
      return false
    }
    let cursor = LineCursor(line)
    let addresses = [W3CField.client, .serverAddress].compactMap { values[$0] }
    if !addresses.allSatisfy({ cursor.isAddress($0) }) { return false }
    if let method = values[.method] {
      for index in method where !Self.isOfMethod(line[index]) { return false }
    }
    guard let stem = values[.stem] else { return true }
    return line[stem.lowerBound] == UInt8(ascii: "/") || line[stem.lowerBound] == UInt8(ascii: "*")
  }

  private static func isOfMethod(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "A") < 26 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }

  /// Whether lines begin as those of a W3C log usually do, with a date and a time: `2024-03-05 14:03:22 `.
  static func areMissing(in samples: [Detection.Sample]) -> Bool {
    let lines = samples.prefix(20).filter { !$0.isUnfinished }
    return !lines.isEmpty
      && lines.allSatisfy { sample in
        let line = sample.bytes.span
        return LineCursor(line).fourDigits(at: 0) >= 0 && line.byte(at: 4) == UInt8(ascii: "-")
          && line.byte(at: 10) <= 0x20 && line.byte(at: 13) == UInt8(ascii: ":")
          && line.byte(at: 16) == UInt8(ascii: ":") && line.byte(at: 19) <= 0x20
      }
  }

  /// What to do about such lines where no set fits them.
  static let advice: Sentence =
    "its lines begin as those of a W3C log do, and no #Fields line names their columns; give it by --log-format 'NAME=#Fields: date time …', or in the settings file"

  /// What is said of an input that was read by another file's.
  var note: Sentence {
    let name = source ?? LogText("", kind: .file)
    return
      "it has no #Fields line; its lines fit the columns of \(log: name) and no others of its series, and were read by them"
  }
}
