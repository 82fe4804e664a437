internal import ArgumentParser
internal import Pipeline

/// `floodmark show REPORT.json E12 PATH...`
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print the raw line behind a piece of evidence, with its neighbours.",
    discussion: """
      PATH is what the report was made from. The line is found by its byte offset; where the \
      archive has changed since the report was written, that is said.

      EXAMPLES
        floodmark show incident/report.json E12 logs/
        floodmark show incident/report.json E9 logs/ --context 5
        floodmark show incident/report.json --all logs/
      """)

  @Argument(help: ArgumentHelp("The report as JSON.", valueName: "report.json"))
  var report: String

  @Argument(
    help: ArgumentHelp(
      "The number of the evidence, such as E12 (not with --all), and the archives that the report was made from.",
      valueName: "evidence> <path"))
  var rest: [String]

  @Flag(help: "Print the lines behind all pieces of evidence, without their neighbours.")
  var all = false

  @Option(help: ArgumentHelp("Lines before and after it.", valueName: "lines"))
  var context: Int = 2

  @Flag(help: "Print the line's bytes as they are; not to a terminal.")
  var raw = false

  @OptionGroup var talk: TalkArguments

  private var paths: [String] { all ? rest : Array(rest.dropFirst()) }

  func validate() throws {
    if !all, let evidence = rest.first, evidence.wholeMatch(of: /[Ee]?[0-9]{1,9}/) == nil {
      throw ValidationError("'\(evidence)' names no evidence; write it as in the report: E12.")
    }
    guard (0...10_000).contains(context) else {
      throw ValidationError("--context wants a number from 0 to 10,000.")
    }
    if paths.isEmpty {
      throw ValidationError("No PATH was given. Name what the report was made from.")
    }
  }

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      if raw && console.outputIsTerminal {
        throw CommandFailure.rawToTerminal
      }
      if all { return try await showAll(console) }
      let lookup = EvidenceLookup(
        report: report, evidence: rest.first ?? "", paths: paths, context: context, isRaw: raw)
      let found = try await lookup.run()
      if let changed = found.changed { warn(of: changed, console) }
      try console.output(found.bytes)
      if found.changed != nil { throw ExitCode(1) }
    }
  }

  private func showAll(_ console: Console) async throws {
    let found = try await EvidenceListing(report: report, paths: paths, isRaw: raw).run()
    for name in found.changed { warn(of: name, console) }
    try console.output(found.bytes)
    for place in found.missing { console.warn("\(place) is not there") }
    if !(found.changed.isEmpty && found.missing.isEmpty) { throw ExitCode(1) }
  }

  private func warn(of changed: String, _ console: Console) {
    console.warn(
      "'\(changed)' has changed since the report was written; the line may be another one.")
  }
}

/// What a command itself refuses.
enum CommandFailure: Error {
  case rawToTerminal
}
