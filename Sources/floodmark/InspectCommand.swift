internal import ArgumentParser
internal import IncidentModel
internal import Pipeline

/// `floodmark inspect PATH...`
struct InspectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what each input is: container, format, how sure, first and last time, a record.",
    discussion: """
      Every line is read; nothing is written.

      EXAMPLES
        floodmark inspect logs/
        zcat access.log.gz | floodmark inspect -
        floodmark inspect --log-format '*.txt=notes' incident/
      """)

  @OptionGroup var reading: ReadingArguments
  @OptionGroup var talk: TalkArguments

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      let meter = ReadMeter()
      let inspection = try Inspection(options: try reading.options(), meter: meter)
      let rows = try await console.withProgress(meter) { try await inspection.rows() }
      try console.output(
        Array(rows.map { InspectionText.text(of: $0) }.joined(separator: "\n").utf8))
      if rows.contains(where: {
        $0.tallyProblem != nil || $0.summary.problems.contains(where: \.isLoss)
      }) {
        throw ExitCode(2)
      }
    }
  }
}
