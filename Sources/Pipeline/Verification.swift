internal import ArchiveInput
internal import IncidentModel
internal import ReportWriting

/// `floodmark verify`: every quote of a report, and every input's hash, against the archives.
package struct Verification: Sendable {
  /// What came of it.
  package struct Outcome: Sendable {
    /// Pieces of evidence and inputs that were held against the archives.
    package var evidence = 0
    package var inputs = 0
    package var mismatches: [Mismatch] = []
  }

  /// Something that does not match, its name or place ready to be shown.
  package enum Mismatch: Hashable, Sendable {
    case inputMissing(name: String)
    /// The file's SHA-256 is another.
    case inputChanged(name: String)
    /// The file that a piece of evidence names is not there.
    case evidenceFileMissing(id: String, place: String)
    /// The input ends before the line.
    case lineMissing(id: String, place: String)
    /// The line does not hold the quote.
    case quoteDiffers(id: String, place: String)
  }

  private let report: String
  private let paths: [String]

  /// - Parameters:
  ///   - report: path of a `report.json`
  ///   - paths: what it was made from; no other file is opened
  package init(report: String, paths: [String]) {
    self.report = report
    self.paths = paths
  }

  /// Throws ``RunError`` where there is no report, and ``ArchiveInput``'s error where a PATH is missing.
  package func run() async throws -> Outcome {
    let written: WrittenReport
    do {
      written = try WrittenReport(path: report)
    } catch {
      throw RunError.notAReport(path: report, problem: error)
    }
    let found = try ArchiveWalk.find(paths)
    let files = Dictionary(
      found.inputs.map { ($0.name.file, $0) }, uniquingKeysWith: { first, _ in first })
    var outcome = Outcome()
    await checkInputs(written, files, &outcome)
    await checkEvidence(written, files, &outcome)
    return outcome
  }

  private func checkInputs(
    _ written: WrittenReport, _ files: [String: FoundInput], _ outcome: inout Outcome
  ) async {
    var hashes: [String: String] = [:]
    for input in written.inputs {
      guard let recorded = input.sha256 else { continue }
      outcome.inputs += 1
      let name = TerminalText.name(input.path)
      guard let file = files[input.path] else {
        outcome.mismatches.append(.inputMissing(name: name))
        continue
      }
      var hash = hashes[input.path]
      if hash == nil { hash = await MemberReader(file).summary().sha256 }
      hashes[input.path] = hash
      if hash != recorded {
        outcome.mismatches.append(.inputChanged(name: name))
      }
    }
  }

  private func checkEvidence(
    _ written: WrittenReport, _ files: [String: FoundInput], _ outcome: inout Outcome
  ) async {
    var places: [InputName: [(id: String, entry: WrittenReport.Evidence)]] = [:]
    for (id, entry) in written.evidence {
      places[InputName(file: entry.file, member: entry.member), default: []].append((id, entry))
    }
    for (name, entries) in places.sorted(by: { $0.key < $1.key }) {
      let sorted = entries.sorted { Self.number($0.id) < Self.number($1.id) }
      outcome.evidence += sorted.count
      let place = TerminalText.place(name)
      guard let file = files[name.file] else {
        outcome.mismatches += sorted.map { .evidenceFileMissing(id: $0.id, place: place) }
        continue
      }
      let lines = await EvidenceLines.read(
        at: Set(sorted.map(\.entry.offset)), of: file.member(name.member))
      for (id, entry) in sorted {
        let line = TerminalText.place(name, line: entry.line)
        guard let bytes = lines[entry.offset] else {
          outcome.mismatches.append(.lineMissing(id: id, place: line))
          continue
        }
        if let quote = entry.quote, !QuoteMatch(line: bytes).holds(quote) {
          outcome.mismatches.append(.quoteDiffers(id: id, place: line))
        }
      }
    }
  }

  private static func number(_ id: String) -> Int { Int(id.dropFirst()) ?? .max }
}
