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
    let full = name.member.map { name.file + "!" + $0 } ?? name.file
    let choice = forced.first { choice in
      choice.pattern.map { SystemCalls.matches(full, pattern: $0) } ?? true
    }
    return choice.flatMap { FormatRegistry.format(named: $0.format) }
  }
}
