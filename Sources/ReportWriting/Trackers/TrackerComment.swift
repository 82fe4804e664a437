internal import IncidentModel

/// The comment under which a report goes to a ticket: the finished head, in the tracker's own markup (REPORT §5).
package struct TrackerComment: Sendable {
  /// The markup of a tracker.
  package enum Form: Sendable, Hashable {
    /// GitHub takes no files, so that the whole report is folded under its head.
    case gitHub
    case gitLab
    /// Jira's cloud: JSON in the Atlassian Document Format.
    case jiraDocument
    /// Jira on a server of one's own.
    case jiraWiki
    /// No markup at all: for Redmine, whose markup is a setting of the site that its interface does not tell, and for Request Tracker, which has none and sends comments as mail.
    case neutral
    /// A folder: Markdown with the files beside it.
    case folder
  }

  /// The report to tell of.
  package struct Source: Sendable {
    /// `report.md`, or `summary.md` where there is no other.
    package var markdown: String
    /// Hex SHA-256 of `report.json`.
    package var digest: String
    /// The ids of the incidents, `I1`, as `report.json` has them.
    package var incidents: [String]
    /// The window's ends as `report.json` has them.
    package var window: (start: String, end: String)
    /// The folder that holds the files, for a tracker that takes none.
    package var folder: String
    /// The files in it.
    package var files: [String]

    package init(
      markdown: String, digest: String, incidents: [String],
      window: (start: String, end: String), folder: String, files: [String]
    ) {
      self.markdown = markdown
      self.digest = digest
      self.incidents = incidents
      self.window = window
      self.folder = folder
      self.files = files
    }
  }

  /// Characters of a comment on GitHub, as documented.
  static let longestOnGitHub = 65_536
  private static let mostIncidents = 5

  private let form: Form
  private let source: Source
  private let head: String
  private let rest: String

  package init(_ form: Form, of source: Source) {
    self.form = form
    self.source = source
    head = ReportSections.head(of: source.markdown)
    rest = String(source.markdown.dropFirst(head.count))
  }

  /// The comment's last line.
  var marker: String { "floodmark-report sha256:" + source.digest }

  /// The line above it: which incident of which window; the same for every report of it.
  package var subject: String {
    let ids = source.incidents.prefix(Self.mostIncidents).filter { id in
      id.utf8.count <= 8 && id.utf8.allSatisfy { $0.isAlphanumeric }
    }
    let ends = [source.window.start, source.window.end].map { end in
      String(String.UnicodeScalarView(end.unicodeScalars.prefix(32).filter(Self.isOfTime)))
    }
    let name = ids.isEmpty ? "none" : ids.joined(separator: ",")
    return "floodmark-incident \(name) \(ends[0])/\(ends[1])"
  }

  private static func isOfTime(_ scalar: Unicode.Scalar) -> Bool {
    "0123456789-:.TZ".unicodeScalars.contains(scalar)
  }

  /// The whole comment.
  ///
  /// `files`: what lies on the server, with an address where the comment must link it. `replaced`: the day of the report that this one replaces, empty where it is not known; nil: it replaces none.
  package func text(files: [(name: String, address: String?)], replaced: String?) -> String {
    let files = files.filter { Self.isPlain($0.name) && ($0.address.map(Self.isAddress) ?? true) }
    switch form {
    case .gitHub: return gitHub(files, replaced)
    case .gitLab, .folder: return linked(files, replaced)
    case .jiraDocument: return document(files.map(\.name), replaced)
    case .jiraWiki: return wiki(files.map(\.name), replaced)
    case .neutral: return neutral(files.map(\.name), replaced)
    }
  }

  private static func replacing(_ day: String?) -> [String] {
    guard let day else { return [] }
    let isDay = day.utf8.count == 10 && day.unicodeScalars.allSatisfy(isOfTime)
    return [isDay ? "Replaces the report of \(day)." : "Replaces an earlier report."]
  }

  /// The name of a report's file, or an address of such names.
  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 512
      && name.utf8.allSatisfy { $0.isAlphanumeric || [0x2D, 0x2E, 0x2F, 0x5F].contains($0) }
  }

  /// A path of such names, or one behind `https://HOST`.
  private static func isAddress(_ text: String) -> Bool {
    isPlain(text.hasPrefix("https://") ? String(text.dropFirst(8)) : text)
  }

  // MARK: Markdown

  private func gitHub(_ stored: [(name: String, address: String?)], _ replaced: String?) -> String {
    let files = stored.isEmpty ? source.files.filter(Self.isPlain) : []
    let whole = ["<details><summary>The whole report</summary>", trimmed(rest), "</details>"]
    let links = stored.isEmpty ? [] : [Self.links(stored)]
    let folded = markdown(replaced, (trimmed(rest).isEmpty ? [] : whole) + links, files)
    if folded.unicodeScalars.count <= Self.longestOnGitHub { return folded }
    return markdown(replaced, ["The whole report is too long for a comment."] + links, files)
  }

  private static func links(_ files: [(name: String, address: String?)]) -> String {
    let gist = files.contains { $0.address?.hasPrefix("https://gist.") == true }
    let links = files.map { file in
      file.address.map { $0.isEmpty ? "`\(file.name)`" : "[\(file.name)](\($0))" }
        ?? "`\(file.name)`"
    }
    return "Files of this report: " + links.joined(separator: ", ")
      + (gist ? "\n\nThe gist is secret: whoever has the link can read it." : "")
  }

  private func markdown(_ replaced: String?, _ more: [String], _ files: [String]) -> String {
    var parts = Self.replacing(replaced) + [trimmed(head)] + more
    if !files.isEmpty {
      let names = files.map { "`\($0)`" }.joined(separator: ", ")
      parts.append(
        "Files of this report, in the folder \(Self.codeSpan(source.folder)) of the one who posted it: \(names). They can be dragged into this ticket."
      )
    }
    return ended(parts)
  }

  private func linked(_ files: [(name: String, address: String?)], _ replaced: String?) -> String {
    var parts = Self.replacing(replaced) + [trimmed(head)]
    if !files.isEmpty {
      parts.append(Self.links(files))
    }
    return ended(parts)
  }

  private func ended(_ parts: [String]) -> String {
    let lines = Self.withoutCommands(parts.joined(separator: "\n\n"))
    return lines + "\n\n`\(subject)`\n\n`\(marker)`\n"
  }

  private static func codeSpan(_ folder: String) -> String {
    let door = Door(redactor: Redactor(settings: RedactionSettings()))
    return door.admit(LogText(folder, kind: .file)).markdownInline
  }

  /// A line that begins with `/word` is a command to GitLab; only a report that was edited has one.
  private static func withoutCommands(_ text: String) -> String {
    var fence: Substring?
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let run = line.prefix { $0 == "`" }
      if let open = fence {
        if run.count >= open.count && run.count == line.count { fence = nil }
        return String(line)
      }
      if run.count >= 3 { fence = run }
      let bare = line.drop { $0 == " " || $0 == "\t" }
      return bare.hasPrefix("/") ? "\\" + bare : String(line)
    }.joined(separator: "\n")
  }

  private func trimmed(_ text: String) -> String {
    var text = text.drop(while: \.isNewline)
    while text.last?.isNewline == true { text.removeLast() }
    return String(text)
  }

  // MARK: Jira

  private func document(_ files: [String], _ replaced: String?) -> String {
    var document = JiraDocument()
    for line in Self.replacing(replaced) { document.paragraph([.text(line)]) }
    document.add(ReportHead(markdown: head))
    if !files.isEmpty {
      let names = files.flatMap { [ReportHead.Span.text(", "), .code($0)] }.dropFirst()
      document.paragraph([.text("Files of this report: ")] + names)
    }
    document.paragraph([.code(subject)])
    document.paragraph([.code(marker)])
    return document.text
  }

  private func wiki(_ files: [String], _ replaced: String?) -> String {
    let head = ReportHead(markdown: head)
    var neutral = NeutralText()
    var parts = Self.replacing(replaced) + ["h2. " + neutral.line(head.title)]
    let rows = head.glance.map { row in
      "||\(neutral.line(row.question))|\(neutral.line(row.answer)) |"
    }
    if !rows.isEmpty { parts.append(rows.joined(separator: "\n")) }
    for case .drawing(let lines) in head.blocks {
      let drawing = lines.joined(separator: "\n").replacing("{", with: "(")
      parts.append("{noformat}\n\(drawing)\n{noformat}")
    }
    if !files.isEmpty { parts.append("Files of this report: " + files.joined(separator: ", ")) }
    return (parts + ["{{\(subject)}}", "{{\(marker)}}"]).joined(separator: "\n\n") + "\n"
  }

  // MARK: No markup

  /// One short paragraph for each line of the glance table, and no markup at all.
  private func neutral(_ files: [String], _ replaced: String?) -> String {
    let head = ReportHead(markdown: head)
    var neutral = NeutralText()
    var parts = Self.replacing(replaced) + [neutral.line(head.title)]
    parts += head.glance.map { row in
      "\(neutral.line(row.question)): \(neutral.line(row.answer))"
    }
    if !files.isEmpty { parts.append("Files of this report: " + files.joined(separator: ", ")) }
    return (parts + [subject, marker]).joined(separator: "\n\n") + "\n"
  }
}
