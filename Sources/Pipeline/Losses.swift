internal import IncidentModel
internal import ReportWriting

/// Problems of inputs as lines for a terminal.
enum Losses {
  /// Those that cost part of an input.
  static func lines(of inputs: [InputSummary]) -> [String] {
    inputs.flatMap { input in input.problems.filter(\.isLoss).map { line($0, of: input) } }
  }

  /// All of them.
  static func allLines(of inputs: [InputSummary]) -> [String] {
    inputs.flatMap { input in input.problems.map { line($0, of: input) } }
  }

  private static func line(_ problem: InputProblem, of input: InputSummary) -> String {
    let place = problem.line.map { TerminalText.place(input.name, line: $0) }
    return (place ?? TerminalText.place(input.name)) + ": " + TerminalText.sentence(problem.detail)
  }
}
