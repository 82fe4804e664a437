internal import ArchiveInput
internal import Foundation
internal import IncidentModel
package import ReportWriting
internal import SystemPackage

/// `floodmark batch`: one report for each folder under a root, each by a run of its own, and an index over all.
package struct BatchRun: Sendable {
  /// What came of it, for messages and the exit code.
  package struct Outcome: Sendable {
    /// Paths of the index files.
    package var written: [String] = []
    package var failed = 0
    /// Parts of inputs that could not be read.
    package var losses = 0
    package var incidents = 0
  }

  private let template: ReportRun.Options
  private let jobs: Int
  private let onlyChanged: Bool
  private let words: @Sendable (any Error) -> String

  /// - Parameters:
  ///   - template: the options of all runs; its one PATH is the root, its output the folder for all
  ///   - jobs: how many archives are read at the same time
  ///   - onlyChanged: archives that have a report and did not change since are left alone
  ///   - words: what is said of an archive that got no report
  package init(
    template: ReportRun.Options, jobs: Int, onlyChanged: Bool,
    words: @escaping @Sendable (any Error) -> String
  ) {
    self.words = words
    self.template = template
    self.jobs = jobs
    self.onlyChanged = onlyChanged
  }

  /// Runs all archives; `tell` hears of each that is done.
  package func run(tell: @escaping @Sendable (BatchRow) -> Void) async throws -> Outcome {
    let root = template.reading.paths.first ?? ""
    let names = try folders(of: root)
    let output = try OutputFolder(template.output)
    let memory = BatchMemory(output: output, template: template)
    // A batch that was stopped goes on: what it had finished stands.
    let skips = onlyChanged || memory.isUnfinished
    try memory.begin()
    var rows: [BatchRow] = []
    await forEach(names, atOnce: jobs) { name in
      await row(of: name, in: root, memory, skips: skips)
    } collect: { row in
      rows.append(row)
      tell(row)
    }
    for name in unnamableFolders(in: root) {
      let reason = "the folder's name is no UTF-8; give it another"
      rows.append(BatchRow(folder: name, state: .failed(LogText(reason, kind: .message))))
      rows.last.map(tell)
    }
    for name in memory.names().subtracting(names) {
      let row = filled(BatchRow(folder: name, state: .vanished), losses: 0)
      rows.append(row)
      tell(row)
    }
    rows.sort { $0.folder < $1.folder }
    let files = BatchIndex.write(rows, version: template.version)
    try output.write(files)
    memory.end()
    var outcome = Outcome()
    outcome.written = files.map { output.path.appending($0.name).string }
    for row in rows where row.state != .vanished {
      if case .failed = row.state { outcome.failed += 1 }
      outcome.losses += row.losses
      outcome.incidents += row.incidents
    }
    return outcome
  }

  /// The names of the folders right under the root, sorted; the output itself is none of them.
  private func folders(of root: String) throws -> [String] {
    let files = FileManager.default
    guard let names = try? files.contentsOfDirectory(atPath: root) else {
      throw RunError.noFolders(path: root)
    }
    let output = URL(filePath: template.output).resolvingSymlinksInPath().path
    let found = names.filter { name in
      guard !name.hasPrefix(".") else { return false }
      let place = URL(filePath: root).appending(path: name)
      guard place.resolvingSymlinksInPath().path != output else { return false }
      // A link may lead into another tenant's archive.
      let kind = try? files.attributesOfItem(atPath: place.path)[.type] as? FileAttributeType
      return kind == .typeDirectory
    }
    guard !found.isEmpty || !unnamableFolders(in: root).isEmpty else {
      throw RunError.noFolders(path: root)
    }
    return found.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
  }

  private func row(
    of name: String, in root: String, _ memory: BatchMemory, skips: Bool
  ) async -> BatchRow {
    let folder = root + "/" + name
    let print = memory.fingerprint(of: folder)
    if skips, let kept = memory.losses(of: name, print: print) {
      return filled(BatchRow(folder: name, state: .unchanged), losses: kept)
    }
    var options = template
    options.reading.paths = [folder]
    options.reading.baselines = template.reading.baselines.map { Self.baseline($0, of: name) }
    options.reading.configuration.baseline = options.reading.baselines
    options.reading.threads = max(1, template.reading.threads / jobs)
    options.output = template.output + "/" + name
    for format in [OutputFormat.markdown, .json] where !options.formats.contains(format) {
      options.formats.append(format)
    }
    do {
      let outcome = try await ReportRun(options: options).run(meter: ReadMeter())
      memory.note(name, print: print, losses: outcome.losses.count)
      return filled(BatchRow(folder: name, state: .reported), losses: outcome.losses.count)
    } catch {
      return BatchRow(folder: name, state: .failed(LogText(words(error), kind: .message)))
    }
  }

  /// The folder of the same name in a baseline, where there is one; else all of the baseline.
  private static func baseline(_ path: String, of name: String) -> String {
    let own = path + "/" + name
    return FileManager.default.fileExists(atPath: own) ? own : path
  }

  /// A row with what its `report.json` says.
  private func filled(_ row: BatchRow, losses: Int) -> BatchRow {
    var row = row
    row.losses = losses
    let path = template.output + "/" + row.folder + "/report.json"
    guard let report = BatchReport(path: path) else {
      if row.state != .vanished {
        row.state = .failed(LogText("its report.json can't be read back", kind: .message))
      }
      return row
    }
    report.fill(&row)
    row.hasPage = FileManager.default.fileExists(
      atPath: template.output + "/" + row.folder + "/report.html")
    return row
  }
}
