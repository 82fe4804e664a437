internal import ArgumentParser
internal import Pipeline
internal import ReportWriting

/// `floodmark diff A.json B.json`
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Tell what changed between two reports.",
    discussion: """
      Two runs over one outage, or last year's outage and this year's. Incidents belong together \
      by service and time, else by service and order. What is compared: the window and the \
      inputs, and of each incident its length, cause, impact, shortfall, capacity of an instance, \
      lags and composition, as far as the reports tell them.

      EXAMPLES
        floodmark diff before/report.json after/report.json
        floodmark diff 2025/report.json 2026/report.json --format json
        floodmark diff golden.json report.json --exit-code
      """)

  enum Form: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @ArgumentParser.Argument(help: ArgumentHelp("A report as JSON.", valueName: "A.json"))
  var first: String

  @ArgumentParser.Argument(help: ArgumentHelp("Another one.", valueName: "B.json"))
  var second: String

  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: Form = .text

  @Flag(name: .customLong("exit-code"), help: "Exit with 1 if there is a difference.")
  var exitCode = false

  @OptionGroup var talk: TalkArguments

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      let diff = try DiffRun(first, second).run()
      try console.output(Array((format == .json ? diff.json : diff.text).utf8))
      if exitCode && !diff.isEmpty { throw ExitCode(1) }
    }
  }
}
