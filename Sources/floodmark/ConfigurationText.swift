internal import Pipeline
internal import ReportWriting

/// The words for what is wrong with a configuration file; what it says itself is shown safely.
enum ConfigurationText {
  static func words(for problem: ConfigurationProblem) -> String {
    switch problem {
    case .unreadable(let reason): "it can't be read as a configuration: \(reason)."
    case .tooLarge(let most):
      "a configuration of more than \(TerminalText.count(most)) bytes is not read."
    case .notRegular:
      "a folder's own configuration must be a plain file. Name another with --config."
    case .notUTF8: "a configuration is UTF-8 text, and this is not."
    case .badYAML(let reason):
      "this is no YAML: \(TerminalText.name(reason)). A text that begins with a sign such as %, *, & or [ stands in quotes."
    case .alias(let name):
      "YAML's anchors and aliases ('&\(shown(name))', '*\(shown(name))') are not taken. Write it out."
    case .unknownKey(let key, let known):
      "'\(shown(key))' is no key here. The keys are: \(known.joined(separator: ", "))."
    case .repeatedKey(let key): "'\(shown(key))' is set twice."
    case .wrongType(let key, let expected): "'\(shown(key))' wants \(expected)."
    case .tooMany(let key, let most):
      "'\(shown(key))' has more than \(TerminalText.count(most)) entries."
    case .unknownZone(let name, let near):
      "there is no time zone '\(shown(name))'."
        + (near.isEmpty ? "" : " Did you mean \(near.joined(separator: ", "))?")
    case .notAPattern(let pattern): "'\(shown(pattern))' is no regular expression."
    case .outsidePath(let key, let path):
      "'\(key)' names '\(shown(path))', and a folder's own configuration may name nothing outside of the folder."
    }
  }

  private static func shown(_ text: String) -> String { TerminalText.name(String(text.prefix(80))) }
}
