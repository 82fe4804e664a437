internal import ArgumentParser
internal import Pipeline

/// `floodmark formats`
struct FormatsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "formats",
    abstract: "List every log format, an example of each, and what its lines carry.")

  @OptionGroup var talk: TalkArguments

  func run() async throws {
    let console = Console(talk)
    try await console.guarding {
      try console.output(Array((Self.text(FormatListing.all) + Self.text(DialectListing.all)).utf8))
    }
  }

  private static func text(_ dialects: [DialectListing]) -> String {
    var text = "Format strings, for --log-format and the configuration's formats\n\n"
    for dialect in dialects {
      text += "  \(dialect.name):\n    \(dialect.summary)\n"
      for unit in dialect.units { text += "    in \(unit)\n" }
      text += "    | \(dialect.example)\n\n"
    }
    return text
  }

  private static func text(_ formats: [FormatListing]) -> String {
    var text = ""
    for isAccess in [true, false] {
      text += isAccess ? "Access logs\n\n" : "Capacity logs and notes\n\n"
      for format in formats where format.isAccess == isAccess {
        text += "  \(format.name)\n    \(format.summary)\n"
        if !format.fields.isEmpty {
          text += "    carries \(format.fields.joined(separator: ", "))\n"
        }
        for line in format.example.split(separator: "\n", omittingEmptySubsequences: false) {
          text += "    | \(line)\n"
        }
        text += "\n"
      }
    }
    return text
  }
}
