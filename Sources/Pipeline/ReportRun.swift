internal import Correlation
package import IncidentModel
internal import ReportWriting
internal import SystemPackage
internal import TrafficTally

/// What a report can be written as.
package enum OutputFormat: String, CaseIterable, Sendable {
  case markdown, json, summary, html, svg, csv, jsonl, ndjson, openmetrics

  /// Whether it may be several files, which need a folder.
  package var isSeveralFiles: Bool { reportFormat.isSeveralFiles }
}

/// `floodmark report`: from PATHs to written files.
package struct ReportRun: Sendable {
  /// What to do with a report that stands in the folder and was edited.
  package enum Conflict: Sendable {
    case stop, keepHumanText, overwrite
  }

  /// What is read, how it is taken, and what is written where.
  package struct Options: Sendable {
    package var reading: ReadingOptions
    package var analysis: AnalysisOptions
    /// A folder, or `-` for the caller to print.
    package var output: String
    package var formats: [OutputFormat]
    /// The zone of the timeline's second column.
    package var zone: ZoneOffsets?
    package var isASCII: Bool
    package var drawsMermaid = false
    package var hasHumanSections: Bool
    package var conflict: Conflict
    package var isRedacted: Bool
    /// How many clients a network must have to be named.
    package var anonymity: Int
    package var networkBits: Int
    package var keepsPrivate: Bool
    /// Regular expressions that are masked too.
    package var patterns: [String] = []
    /// A file of at least 32 bytes: pseudonyms that agree between reports.
    package var keyFile: String?
    /// Files that name whose networks are whose.
    package var addressLists: [String] = []
    package var version: String

    package init(
      reading: ReadingOptions, analysis: AnalysisOptions, output: String, formats: [OutputFormat],
      zone: ZoneOffsets?, isASCII: Bool, hasHumanSections: Bool, conflict: Conflict,
      isRedacted: Bool, anonymity: Int, networkBits: Int, keepsPrivate: Bool, version: String
    ) {
      self.reading = reading
      self.analysis = analysis
      self.output = output
      self.formats = formats
      self.zone = zone
      self.isASCII = isASCII
      self.hasHumanSections = hasHumanSections
      self.conflict = conflict
      self.isRedacted = isRedacted
      self.anonymity = anonymity
      self.networkBits = networkBits
      self.keepsPrivate = keepsPrivate
      self.version = version
    }
  }

  /// What came of the run, for messages and the exit code.
  package struct Outcome: Sendable {
    /// Paths of the files that were written.
    package var written: [String] = []
    /// Paths of files of an earlier report that this one has no more: taken away, or changed since and kept.
    package var removed: [String] = []
    package var outdated: [String] = []
    /// The report itself where it goes to standard output.
    package var standardOutput: [UInt8]?
    /// Inputs of which a part could not be read, each in words for a terminal.
    package var losses: [String] = []
    package var hasIncident = false
    /// Files of the cache that were damaged, taken away and not used.
    package var damagedCacheFiles: [String] = []
  }

  private let options: Options

  package init(options: Options) {
    self.options = options
  }

  /// Reads, analyses and writes.
  package func run(meter: ReadMeter) async throws -> Outcome {
    try await ReportRun(options: options.withOwnFile()).analysed(meter: meter)
  }

  private func analysed(meter: ReadMeter) async throws -> Outcome {
    // Before hours of reading: a key that can't be used stops the run at once.
    let key = try options.keyFile.map { try PseudonymKey.read($0) }
    let found = try await account(meter: meter)
    // What the analysis was made of is let go before its account is written.
    FreeMemory.giveBack()
    let analysis = found.analysis
    let report = ReportWriter.write(
      analysis, options: reportOptions(found.networkClients, key),
      formats: Set(options.formats.map(\.reportFormat)))
    var outcome = Outcome()
    outcome.damagedCacheFiles = found.damagedCacheFiles
    outcome.hasIncident = !analysis.incidents.isEmpty
    outcome.losses = Losses.lines(of: analysis.inputs)
    if options.output == "-" {
      outcome.standardOutput = report.files.first?.bytes
    } else {
      try write(report, &outcome)
    }
    return outcome
  }

  /// What the inputs tell, and what else of them the report needs.
  private struct Account {
    var analysis: Analysis
    /// Distinct clients by network.
    var networkClients: [String: Int]
    var damagedCacheFiles: [String]
  }

  private func account(meter: ReadMeter) async throws -> Account {
    let lists = try AddressListFile.open(options.addressLists)
    let account = try await Reading(options: options.reading, meter: meter).account()
    let view = account.view
    FreeMemory.giveBack()
    try Self.refuseNothing(view)
    try refuseUnknownService(view)
    var bounds = try WindowBounds.resolve(options.analysis, over: view)
    bounds.addressLists = try AddressListFile.lists(lists, for: view)
    bounds.given = Self.given(bounds.given, and: account.settings)
    let analysis = await Correlator.analysis(
      of: view, options: bounds, atOnce: options.reading.threads)
    return Account(
      analysis: analysis, networkClients: view.networkClients,
      damagedCacheFiles: account.damagedCacheFiles)
  }

  /// The report's options with those that its tallies were made with, in the order of the manual.
  private static func given(_ words: [String], and settings: [String]) -> [String] {
    let added = settings.filter { !words.contains($0) }
    let first = [
      "--from", "--to", "--time-zone", "--slo", "--baseline", "--ascii", "--mermaid",
      "--no-human-sections",
    ]
    let place =
      words.firstIndex { word in !first.contains { word == $0 || word.hasPrefix($0 + " ") } }
      ?? words.count
    return words[..<place] + added + words[place...]
  }

  private func write(_ report: Report, _ outcome: inout Outcome) throws {
    let folder = try OutputFolder(options.output)
    let ledger = FileLedger(of: folder)
    var files = report.files
    if options.conflict != .overwrite,
      let place = files.firstIndex(where: { $0.name == Self.markdownName }),
      let existing = folder.existing(Self.markdownName)
    {
      if options.conflict == .keepHumanText {
        files[place].bytes = HumanSections.updated(files[place].bytes, keeping: existing)
      } else if isEdited(existing, in: folder, ledger) {
        throw RunError.edited(path: folder.path.appending(Self.markdownName).string)
      }
    }
    let names = files.map(\.name)
    // Of what was written, not of what people wrote into it.
    try folder.write(files + [FileLedger.note(on: report.files)])
    outcome.written = names.map { folder.path.appending($0).string }
    (outcome.removed, outcome.outdated) = ledger.removeStale(beside: names)
  }

  /// Where nothing tells what was written the report counts as edited.
  private func isEdited(
    _ markdown: [UInt8], in folder: OutputFolder, _ ledger: FileLedger
  ) -> Bool {
    let told = folder.existing("report.json").flatMap { (try? WrittenReport($0))?.markdownSHA256 }
    return ![told, ledger.digest(of: Self.markdownName)]
      .contains(HumanSections.digest(of: markdown))
  }

  private static let markdownName = "report.md"

  private func reportOptions(_ clients: [String: Int], _ key: [UInt8]?) -> ReportOptions {
    var report = ReportOptions(version: options.version)
    report.redaction.patterns = options.patterns
    report.redaction.pseudonymKey = key
    report.ascii = options.isASCII
    report.mermaid = options.drawsMermaid
    report.humanSections = options.hasHumanSections
    report.zone = options.zone
    report.redaction.isOn = options.isRedacted
    report.redaction.k = options.anonymity
    report.redaction.networkBits = options.networkBits
    report.redaction.keepPrivate = options.keepsPrivate
    report.redaction.networkClients = { clients[$0] }
    return report
  }

  /// Without a single line in a known format there is nothing to report on, and an empty report would look like good news.
  private static func refuseNothing(_ view: TrafficView) throws(RunError) {
    guard !view.inputs.contains(where: { $0.records > 0 && !$0.isBaseline }) else { return }
    throw .nothingRead(problems: Losses.allLines(of: view.inputs))
  }

  private func refuseUnknownService(_ view: TrafficView) throws(RunError) {
    guard let wanted = options.analysis.service,
      !view.services.contains(where: { $0.name == wanted })
    else { return }
    throw .unknownService(
      name: TerminalText.name(wanted),
      known: view.services.prefix(8).map { TerminalText.name($0.name) })
  }
}

extension OutputFormat {
  fileprivate var reportFormat: ReportFormat {
    switch self {
    case .markdown: .markdown
    case .json: .json
    case .summary: .summary
    case .html: .html
    case .svg: .svg
    case .csv: .csv
    case .jsonl: .jsonl
    case .ndjson: .ndjson
    case .openmetrics: .openmetrics
    }
  }
}

/// Whether `--redact` can use a text.
package func isPattern(_ text: String) -> Bool { UserPattern(text) != nil }
