internal import ArchiveInput
internal import IncidentModel
internal import ReportWriting

/// `floodmark show`: from an evidence's number back to the raw line.
package struct EvidenceLookup: Sendable {
  /// The lines, ready to be printed.
  package struct Found: Sendable {
    package var bytes: [UInt8]
    /// The archive as the report names it, for a terminal, if it is not the one that the report was made from.
    package var changed: String?
  }

  private let report: String
  private let evidence: String
  private let paths: [String]
  private let context: Int
  private let isRaw: Bool

  /// - Parameters:
  ///   - report: path of a `report.json`
  ///   - evidence: `E12` or `12`
  ///   - paths: what the report was made from; no other file is opened
  ///   - context: lines before and after
  ///   - isRaw: the line's bytes alone, as they are
  package init(report: String, evidence: String, paths: [String], context: Int, isRaw: Bool) {
    self.report = report
    self.evidence = evidence
    self.paths = paths
    self.context = context
    self.isRaw = isRaw
  }

  /// Finds and reads the line; throws ``RunError`` where there is none.
  package func run() async throws -> Found {
    let written = try readReport()
    let id = "E" + evidence.drop { !$0.isNumber }
    guard let entry = written.evidence[id] else {
      throw RunError.noSuchEvidence(id: id, count: written.evidence.count)
    }
    let name = InputName(file: entry.file, member: entry.member)
    try Self.refuseEscapes(name)
    let found = try ArchiveWalk.find(paths)
    guard let input = found.inputs.first(where: { $0.name.file == name.file }) else {
      throw RunError.inputNotFound(TerminalText.name(entry.file))
    }
    let recorded = written.inputs.first { $0.path == entry.file && $0.member == entry.member }
    let isChanged = await Self.isChanged(input, since: recorded?.sha256)
    let member = input.member(entry.member)
    guard
      let line = await LineFetch.line(at: entry.offset, of: member, context: isRaw ? 0 : context)
    else {
      throw RunError.noSuchLine(TerminalText.place(name, line: entry.line), changed: isChanged)
    }
    let whole = await Self.object(at: entry.offset, of: member, beginning: line.line)
    return Found(
      bytes: isRaw
        ? (whole ?? line.line) + [0x0A] : EvidenceText.text(line, object: whole, name: name),
      changed: isChanged ? TerminalText.name(entry.file) : nil)
  }

  private func readReport() throws(RunError) -> WrittenReport {
    do {
      return try WrittenReport(path: report)
    } catch {
      throw .notAReport(path: report, problem: error)
    }
  }

  /// A report is text that somebody sent: it must not name files outside the PATHs.
  ///
  /// The walk never finds such a name; this only says so in clearer words.
  static func refuseEscapes(_ name: InputName) throws(RunError) {
    let parts = name.file.split(separator: "/", omittingEmptySubsequences: false)
    if name.file.hasPrefix("/") || parts.contains("..") || name.file.utf8.contains(0) {
      throw .unsafeName(TerminalText.name(name.file))
    }
  }

  static func isChanged(_ input: FoundInput, since recorded: String?) async -> Bool {
    guard let recorded, !input.isStandardInput else { return false }
    return await diskHash(of: input) != recorded
  }

  /// The whole JSON object, if one begins at the place and does not end on its line.
  private static func object(
    at offset: Int, of input: FoundInput, beginning line: [UInt8]
  ) async -> [UInt8]? {
    guard !input.isStandardInput, ObjectEnd.opensObject(line),
      let whole = await EvidenceLines.read(at: [offset], of: input)[offset]
    else { return nil }
    return whole.count > line.count ? whole : nil
  }
}

/// Where a JSON object that spans lines ends.
enum ObjectEnd {
  /// Longer objects are shown by their first line alone.
  static let longestObject = 256 << 10

  /// Whether the first byte that is no blank opens an object.
  static func opensObject(_ line: [UInt8]) -> Bool {
    line.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "{")
  }

  /// The index behind the brace that closes the first object; nil where it does not close.
  ///
  /// - Complexity: O(n).
  static func end(of bytes: [UInt8]) -> Int? {
    var depth = 0
    var isText = false
    var isEscaped = false
    for (index, byte) in bytes.enumerated() {
      if isEscaped {
        isEscaped = false
      } else if isText {
        isEscaped = byte == UInt8(ascii: "\\")
        isText = byte != UInt8(ascii: "\"")
      } else if byte == UInt8(ascii: "\"") {
        isText = true
      } else if byte == UInt8(ascii: "{") {
        depth += 1
      } else if byte == UInt8(ascii: "}") {
        depth -= 1
        if depth <= 0 { return depth == 0 ? index + 1 : nil }
      }
    }
    return nil
  }
}
