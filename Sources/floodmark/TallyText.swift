internal import Pipeline
internal import ReportWriting

/// The words for tallies that can't be used.
enum TallyText {
  static func damagedCache(_ path: String) -> String {
    "'\(TerminalText.name(path))' in the cache was damaged; it was taken away, and the archives were read instead."
  }

  static func text(for problem: TallyProblem) -> String {
    switch problem {
    case .otherVersion(let path, let version, let known):
      "'\(TerminalText.name(path))' is a tally of format \(version), and this floodmark reads format \(known). "
        + (version > known
          ? "Use the newer version that made it, or make it anew with this one."
          : "Make it anew from the archives.")
    case .otherTables(let path):
      "'\(TerminalText.name(path))' was made by a floodmark with other tables of user agents or latencies. Make it anew from the archives, or use the version that made it."
    case .damaged(let path, let offset, let what):
      "'\(TerminalText.name(path))' is damaged at byte \(offset): \(what). Make it anew from the archives."
    case .unreadable(let path, let reason):
      "'\(TerminalText.name(path))' can't be read: \(reason)."
    case .notATally(let path):
      "'\(TerminalText.name(path))' is no tally. 'floodmark tally' makes one of archives."
    case .asBaseline(let path):
      "'\(TerminalText.name(path))' is a tally, and --baseline wants archives: which requests of a tally came before the window can't be told any more."
    case .mixed(let path, let value, let other, let otherValue, let option):
      mixed(path, value, other, otherValue, option)
    case .sharedMember(let path, let member, let other, let otherMember):
      "\(member == otherMember ? "" : "'\(TerminalText.name(member))' in ")'\(TerminalText.name(path))' and \(other.map { "'\(TerminalText.name($0))'" } ?? "what is read beside it") both hold '\(TerminalText.name(otherMember))', whole or its beginning. Its requests would count twice, and a tally can't give them back. Leave one of them out, or name the archives themselves: copies among archives are counted once."
    case .sameName(let path, let name, let other):
      "'\(TerminalText.name(path))' and \(other.map { "'\(TerminalText.name($0))'" } ?? "what is read beside it") both have an input '\(TerminalText.name(name))', with different content. Make one of the tallies anew with --name, such as --name web-1, so that a line's place can be told."
    }
  }

  private static func mixed(
    _ path: String, _ value: String, _ other: String?, _ otherValue: String, _ option: String
  ) -> String {
    func told(_ value: String) -> String {
      if value.isEmpty { return "the default" }
      let bare = value.replacing(option + " ", with: "").replacing("\n", with: ", ")
      return "'\(TerminalText.name(bare))'"
    }
    let left = "'\(TerminalText.name(path))'"
    let right = other.map { "'\(TerminalText.name($0))'" } ?? "this run"
    switch option {
    case "version":
      return
        "\(left) was made by floodmark \(told(value)), and \(right) \(other == nil ? "is" : "was made by") floodmark \(told(otherValue)): their numbers don't go together. Make it anew with one version."
    case "budgets":
      return "\(left) and \(right) have different room for what is kept, and don't go together."
    default:
      return
        "\(left) was made with other options than \(right): \(option) is \(told(value)) there and \(told(otherValue)) here. Tallies go together only with the same; make one of them anew, or give this run the same option."
    }
  }
}
