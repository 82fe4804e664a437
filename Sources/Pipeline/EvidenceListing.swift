internal import ArchiveInput
internal import IncidentModel
internal import ReportWriting

/// `floodmark show --all`: the lines behind all pieces of evidence, in one pass over each input.
package struct EvidenceListing: Sendable {
  /// The lines, and what stands in their way.
  package struct Found: Sendable {
    /// In the order of the evidence, ready to be printed.
    package var bytes: [UInt8] = []
    /// Inputs that are not as they were when the report was written, for a terminal.
    package var changed: [String] = []
    /// Pieces of evidence whose line could not be found, for a terminal.
    package var missing: [String] = []
  }

  private let report: String
  private let paths: [String]
  private let isRaw: Bool

  /// - Parameters:
  ///   - report: path of a `report.json`
  ///   - paths: what the report was made from; no other file is opened
  ///   - isRaw: the lines' bytes alone, as they are
  package init(report: String, paths: [String], isRaw: Bool) {
    self.report = report
    self.paths = paths
    self.isRaw = isRaw
  }

  /// Finds and reads the lines; throws ``RunError`` where there is no report or it names files outside the PATHs.
  package func run() async throws -> Found {
    let written: WrittenReport
    do {
      written = try WrittenReport(path: report)
    } catch {
      throw RunError.notAReport(path: report, problem: error)
    }
    let files = Dictionary(
      try ArchiveWalk.find(paths).inputs.map { ($0.name.file, $0) },
      uniquingKeysWith: { first, _ in first })
    var offsets: [InputName: Set<Int>] = [:]
    for entry in written.evidence.values {
      let name = InputName(file: entry.file, member: entry.member)
      try EvidenceLookup.refuseEscapes(name)
      offsets[name, default: []].insert(entry.offset)
    }
    var lines: [InputName: [Int: [UInt8]]] = [:]
    var found = Found()
    var checked: Set<String> = []
    for (name, places) in offsets.sorted(by: { $0.key < $1.key }) {
      guard let file = files[name.file] else { continue }
      lines[name] = await EvidenceLines.read(at: places, of: file.member(name.member))
      let recorded = written.inputs.first { $0.path == name.file && $0.member == name.member }
      if checked.insert(name.file).inserted,
        await EvidenceLookup.isChanged(file, since: recorded?.sha256)
      {
        found.changed.append(TerminalText.name(name.file))
      }
    }
    for (id, entry) in written.evidence.sorted(by: { Self.number($0.key) < Self.number($1.key) }) {
      let name = InputName(file: entry.file, member: entry.member)
      guard let line = lines[name]?[entry.offset] else {
        found.missing.append(
          "\(TerminalText.name(id)): " + TerminalText.place(name, line: entry.line))
        continue
      }
      found.bytes += isRaw ? line + [0x0A] : text(id, line, name, entry.line)
    }
    return found
  }

  private func text(_ id: String, _ line: [UInt8], _ name: InputName, _ number: Int) -> [UInt8] {
    let head = TerminalText.name(id) + "  " + TerminalText.place(name, line: number) + "\n"
    let body = line.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      "  " + TerminalText.line($0.last == 0x0D ? Array($0.dropLast()) : Array($0)) + "\n"
    }
    return Array((head + body.joined()).utf8)
  }

  private static func number(_ id: String) -> Int { Int(id.dropFirst()) ?? .max }
}
