internal import ArgumentParser
internal import IncidentModel
internal import Pipeline
internal import ReportWriting

/// `floodmark batch ROOT --output DIR`
struct BatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch",
    abstract: "Write a report for each folder under ROOT, and an index over all of them.",
    discussion: """
      Each folder right under ROOT is one archive: one incident, or one tenant. DIR receives a \
      folder of the same name for each, with report.md and report.json and what else --format \
      asks for, and index.md, index.html and index.json. One bad archive never stops the rest. \
      A batch that was stopped goes on where it was when it is started again.

      EXAMPLES
        floodmark batch archives/ --output reports/
        floodmark batch archives/ --output reports/ --only-changed --jobs 4
      """)

  @OptionGroup var reading: ReadingArguments

  @Option(
    name: [.short, .long], help: ArgumentHelp("The folder to write into.", valueName: "dir"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "How many archives are read at the same time; each needs at most 256 MB, and the sum is told.",
      valueName: "number"))
  var jobs: Int = 1

  @Flag(help: "Leave alone what has a report and has not changed since.")
  var onlyChanged = false

  @OptionGroup var cache: CacheArguments
  @OptionGroup var report: ReportArguments
  @OptionGroup var talk: TalkArguments

  func validate() throws {
    if reading.paths.count != 1 || reading.paths == ["-"] {
      throw ValidationError("One folder is wanted, with a folder for each archive in it.")
    }
    if !(1...256).contains(jobs) {
      throw ValidationError("--jobs wants a number from 1 to 256, not \(jobs).")
    }
  }

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      var template = try report.options(reading, output: output)
      template.reading.readsOwnFile = true
      template.reading.cache = cache.cache
      let batch = BatchRun(
        template: template, jobs: jobs, onlyChanged: onlyChanged,
        words: { error in
          // A row of the index is one line.
          FailureText.message(for: error).replacing(/\s*\n\s*/, with: " ")
        })
      tellMemory(console)
      let outcome = try await batch.run { row in console.inform(Self.line(row)) }
      for path in outcome.written { console.inform(path) }
      if outcome.failed > 0 { throw ExitCode(1) }
      if outcome.losses > 0 { throw ExitCode(2) }
      if report.failOnIncident && outcome.incidents > 0 { throw ExitCode(3) }
    }
  }

  /// Megabytes that the reading of one archive may take.
  private static let megabytesEach = 256

  private func tellMemory(_ console: Console) {
    guard jobs > 1 else { return }
    let sum = jobs * Self.megabytesEach
    console.inform(
      "\(jobs) archives at the same time: at most \(TerminalText.count(sum)) MB of memory in all")
    let machine = physicalMegabytes()
    if sum > machine {
      console.warn("this machine has \(TerminalText.count(machine)) MB. Give fewer --jobs.")
    }
  }

  /// What the terminal hears of an archive that is done.
  private static func line(_ row: BatchRow) -> String {
    let name = TerminalText.name(row.folder)
    switch row.state {
    case .failed(let reason): return "\(name): no report: \(TerminalText.visible(reason))"
    case .unchanged: return "\(name): unchanged"
    case .vanished:
      return "\(name): no longer in the tree; the report of an earlier run stands"
    case .reported:
      guard let worst = row.worst else { return "\(name): no incident found" }
      let cause = worst.cause?.rawValue ?? "undetermined"
      return "\(name): \(TerminalText.count(worst.failed)) requests failed, \(cause)"
    }
  }
}
