internal import ArgumentParser
internal import IncidentModel
internal import Pipeline
internal import ReportWriting

/// `floodmark tally PATH... --output FILE`
struct TallyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tally",
    abstract: "Read archives once and keep what reports need of them, in one file.",
    discussion: """
      The archives are read as 'report' reads them, on the machine where they lie; 'merge' makes \
      one tally of several, and 'report' takes tallies as PATHs, alone or beside archives. The \
      report is the same, byte for byte, as one on all of the archives. The order in which \
      things are read makes no difference, to the tally's bytes neither.

      Tallies go together if they were made by the same version with the same options. A tally \
      holds raw lines of the logs, with addresses and all else that a report masks: only its owner can \
      read it (mode 0600), and it is to be guarded as the logs are.

      EXAMPLES
        floodmark tally logs/ --output monday.tally
        floodmark tally /var/log/nginx --name web-1 --output web-1.tally
        ssh web-2 cat /var/log/nginx/access.log | floodmark tally - --name web-2.log --output web-2.tally
        floodmark report monday.tally --output incident/
      """)

  @OptionGroup var reading: ReadingArguments

  @Option(
    name: [.short, .long], help: ArgumentHelp("The tally's file.", valueName: "file"),
    completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "The name of standard input, or a folder's name in front of the names of all files: the logs of two hosts are often called the same.",
      valueName: "name"))
  var name: String?

  @OptionGroup var cache: CacheArguments
  @OptionGroup var talk: TalkArguments

  func validate() throws {
    try TallyOutput.check(output)
    if let name, !TallyOutput.isName(name) {
      throw ValidationError(
        "--name wants a name such as 'web-1' or 'berlin/web-1', without '..' and a '/' in front.")
    }
  }

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      let meter = ReadMeter()
      var options = try reading.options()
      options.tallyName = name
      options.cache = cache.cache
      let run = TallyRun(options: options, output: output)
      let outcome = try await console.withProgress(meter) { try await run.run(meter: meter) }
      try TallyOutput.tell(outcome, console)
    }
  }
}

/// `floodmark merge TALLY... --output FILE`
struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Make one tally of several.",
    discussion: """
      In whatever order they are merged, and in whatever steps, the bytes of the result are the \
      same. Tallies of other versions or options are refused, and so are two that hold the same \
      requests: what was counted twice can't be taken out again.

      EXAMPLES
        floodmark merge web-1.tally web-2.tally --output web.tally
        floodmark merge hours/*.tally --output day.tally
      """)

  @ArgumentParser.Argument(
    help: ArgumentHelp("What 'floodmark tally' wrote.", valueName: "tally"),
    completion: .file())
  var tallies: [String]

  @Option(
    name: [.short, .long], help: ArgumentHelp("The new tally's file.", valueName: "file"),
    completion: .file())
  var output: String

  @OptionGroup var talk: TalkArguments

  func validate() throws { try TallyOutput.check(output) }

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      let meter = ReadMeter()
      let run = try TallyRun(merging: tallies, version: toolVersion, output: output)
      let outcome = try await console.withProgress(meter) { try await run.run(meter: meter) }
      try TallyOutput.tell(outcome, console)
    }
  }
}

/// What both commands say of the tally that they write.
enum TallyOutput {
  static func check(_ output: String) throws {
    if output.isEmpty || output == "-" {
      throw ValidationError(
        "--output wants a file: a tally holds raw lines, which only its owner may read.")
    }
  }

  /// Whether a name can stand in front of the names of files.
  static func isName(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return name.utf8.count <= 255 && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
      && parts.allSatisfy { !["", ".", ".."].contains($0) }
  }

  static func tell(_ outcome: TallyRun.Outcome, _ console: Console) throws {
    for path in outcome.damagedCacheFiles { console.warn(TallyText.damagedCache(path)) }
    for loss in outcome.losses { console.warn(loss) }
    console.inform(
      "\(outcome.path): \(TerminalText.count(outcome.inputs)) \(outcome.inputs == 1 ? "input" : "inputs"); it holds raw lines, so only you can read it"
    )
    if outcome.isEmpty {
      for problem in outcome.problems where !outcome.losses.contains(problem) {
        console.warn(problem)
      }
      console.warn("nothing in '\(outcome.path)' could be read as a log.")
    }
    if outcome.isEmpty || !outcome.losses.isEmpty { throw ExitCode(2) }
  }
}
