internal import ArgumentParser
internal import Pipeline
internal import ReportWriting

/// `floodmark verify REPORT.json PATH...`
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Hold every quote of a report against the archives that it was made from.",
    discussion: """
      Each input's SHA-256 is compared, and each piece of evidence is looked up by its byte \
      offset: what the report quotes has to stand there. Ends with 1, and a line for each that \
      does not match.

      EXAMPLES
        floodmark verify incident/report.json logs/
      """)

  @ArgumentParser.Argument(help: ArgumentHelp("The report as JSON.", valueName: "report.json"))
  var report: String

  @ArgumentParser.Argument(
    help: ArgumentHelp("The archives that the report was made from.", valueName: "path"))
  var paths: [String]

  @OptionGroup var talk: TalkArguments

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      let outcome = try await Verification(report: report, paths: paths).run()
      guard outcome.mismatches.isEmpty else {
        let lines = outcome.mismatches.map { Self.text(for: $0) + "\n" }
        try console.output(Array(lines.joined().utf8))
        throw ExitCode(1)
      }
      console.inform(
        "\(TerminalText.count(outcome.evidence)) quotes and \(TerminalText.count(outcome.inputs)) inputs match"
      )
    }
  }

  private static func text(for mismatch: Verification.Mismatch) -> String {
    switch mismatch {
    case .inputMissing(let name): "\(name): it was not found under the PATHs"
    case .inputChanged(let name): "\(name): it has changed since the report was written"
    case .evidenceFileMissing(let id, let place): "\(id): \(place) was not found under the PATHs"
    case .lineMissing(let id, let place):
      "\(id): \(place) is not there, the input ends before it"
    case .quoteDiffers(let id, let place): "\(id): \(place) does not say what the report quotes"
    }
  }
}
