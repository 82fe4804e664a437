internal import ArchiveInput
internal import IncidentModel
internal import LogFormats

/// The columns that W3C extended logs name, by the series of files to which they belong.
struct ColumnSeries: Sendable {
  private var sets: [String: [W3CColumns]] = [:]
  /// Series of members that name no columns.
  private var silent: Set<String> = []
  /// More sets than this tell no file's columns.
  private static let mostSets = 16

  init() {}

  /// Of the members of surveyed files, in the order of their names.
  init(_ surveys: [FileSurvey]) {
    for survey in surveys { add(survey) }
  }

  /// Adds what the heads of a file's members say.
  mutating func add(_ survey: FileSurvey) {
    for member in survey.members {
      let series = Self.series(of: member.name)
      if member.headers.isEmpty {
        silent.insert(series)
        continue
      }
      let source = LogText(member.name.joined, kind: .file)
      for set in W3CColumns.sets(in: member.headers, of: source) {
        let known = sets[series] ?? []
        if known.count < Self.mostSets, !known.contains(where: { $0.isSame(as: set) }) {
          sets[series] = known + [set]
        }
      }
    }
  }

  /// The sets that the files of a name's series have.
  func columns(for name: InputName) -> [W3CColumns] { sets[Self.series(of: name)] ?? [] }

  /// Whether a file may be read by what others say, or others by it: in its series some members name columns and some do not.
  func joins(_ survey: FileSurvey) -> Bool {
    survey.members.contains { member in
      let series = Self.series(of: member.name)
      return silent.contains(series) && sets[series] != nil
    }
  }

  /// The folder, and what stands in front of the first digit or dot of the name: `u_ex` for `u_ex181016_x.log`.
  static func series(of name: InputName) -> String {
    let whole = name.joined
    let folder = whole.lastIndex { $0 == "/" || $0 == "!" }
    let base = folder.map { whole[whole.index(after: $0)...] } ?? whole[...]
    let stem = base.prefix { !$0.isNumber && $0 != "." }
    return (folder.map { String(whole[...$0]) } ?? "") + stem.lowercased()
  }
}
