internal import IncidentModel
internal import LogFormats

/// The formats that the user named, applied to inputs.
struct FormatChoice {
  private struct Choice {
    var pattern: String?
    var format: LogFormat?
    var string: FormatString?
    var columns: W3CColumns?
  }

  private let choices: [Choice]

  /// What ``check(_:)`` refuses is left out.
  init(_ forced: [ForcedFormat]) {
    choices = forced.map { choice in
      if let columns = W3CColumns(given: choice.format) {
        return Choice(pattern: choice.pattern, columns: columns)
      }
      guard FormatString.isString(choice.format) else {
        return Choice(
          pattern: choice.pattern, format: FormatRegistry.format(named: choice.format))
      }
      let string = try? FormatString(choice.format, label: choice.name)
      return Choice(pattern: choice.pattern, string: string)
    }
  }

  /// Refuses names that no format has, and strings that can't be compiled, before anything is read.
  static func check(_ forced: [ForcedFormat]) throws(RunError) {
    for choice in forced {
      if let problem = problem(with: choice.format) { throw .unusableFormat(problem) }
      if FormatString.isString(choice.format) || W3CColumns.isGiven(choice.format) { continue }
      if FormatRegistry.format(named: choice.format) == nil {
        throw .unknownFormat(
          name: choice.format, nearest: FormatRegistry.suggestion(for: choice.format))
      }
    }
  }

  /// What is wrong with a format string, with a caret under the place; nil: nothing, or it is a name.
  static func problem(with text: String) -> String? {
    if W3CColumns.isGiven(text) {
      return W3CColumns.problem(given: text)
    }
    guard FormatString.isString(text) else { return nil }
    do throws(FormatStringError) {
      _ = try FormatString(text)
      return nil
    } catch {
      return error.message
    }
  }

  /// How an input is read: as the first choice whose pattern fits its name says.
  ///
  /// `columns` are those of the other files.
  func readerOptions(
    for name: InputName, zone: ZoneOffsets, input: Int, columns: ColumnSeries
  ) -> ReaderOptions {
    let choice = choices.first { choice in
      choice.pattern.map { SystemCalls.matches(name.joined, pattern: $0) } ?? true
    }
    var options = ReaderOptions(
      format: choice?.format, zone: zone, input: input, fileName: Self.datedName(name),
      string: choice?.string)
    options.columns = choice?.columns.map { [$0] } ?? columns.columns(for: name)
    return options
  }

  /// The name in which a date is looked for: that of the innermost member first.
  static func datedName(_ name: InputName) -> String {
    let members = (name.member ?? "").split(separator: "!").reversed()
    return (members.map(String.init) + [name.file]).joined(separator: " ")
  }
}

/// What is wrong with the value of `--log-format`, ready to be shown; nil: nothing that can be told before the run.
package func formatStringProblem(_ text: String) -> String? { FormatChoice.problem(with: text) }
