internal import IncidentModel
internal import LogFormats

/// The formats that the user named, applied to inputs.
enum FormatChoice {
  /// Refuses names that no format has, before anything is read.
  static func check(_ forced: [ForcedFormat]) throws(RunError) {
    for choice in forced where FormatRegistry.format(named: choice.format) == nil {
      throw .unknownFormat(
        name: choice.format, nearest: FormatRegistry.suggestion(for: choice.format))
    }
  }

  /// The format of the first choice whose pattern fits the input's name; nil: find it out.
  static func format(for name: InputName, among forced: [ForcedFormat]) -> LogFormat? {
    let choice = forced.first { choice in
      choice.pattern.map { SystemCalls.matches(name.joined, pattern: $0) } ?? true
    }
    return choice.flatMap { FormatRegistry.format(named: $0.format) }
  }

  /// The name in which a date is looked for: that of the innermost member first.
  static func datedName(_ name: InputName) -> String {
    let members = (name.member ?? "").split(separator: "!").reversed()
    return (members.map(String.init) + [name.file]).joined(separator: " ")
  }
}
