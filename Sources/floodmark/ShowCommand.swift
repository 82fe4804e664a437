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
      """)

  @Argument(help: ArgumentHelp("The report as JSON.", valueName: "report.json"))
  var report: String

  @Argument(help: ArgumentHelp("The number of the evidence, such as E12.", valueName: "evidence"))
  var evidence: String

  @Argument(help: ArgumentHelp("The archives that the report was made from.", valueName: "path"))
  var paths: [String]

  @Option(help: ArgumentHelp("Lines before and after it.", valueName: "lines"))
  var context: Int = 2

  @Flag(help: "Print the line's bytes as they are; not to a terminal.")
  var raw = false

  @OptionGroup var talk: TalkArguments

  func validate() throws {
    guard evidence.wholeMatch(of: /[Ee]?[0-9]{1,9}/) != nil else {
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
      let lookup = EvidenceLookup(
        report: report, evidence: evidence, paths: paths, context: context, isRaw: raw)
      let found = try await lookup.run()
      if let changed = found.changed {
        console.warn(
          "'\(changed)' has changed since the report was written; the line may be another one.")
      }
      try console.output(found.bytes)
      if found.changed != nil { throw ExitCode(1) }
    }
  }
}

/// What a command itself refuses.
enum CommandFailure: Error {
  case rawToTerminal
}
