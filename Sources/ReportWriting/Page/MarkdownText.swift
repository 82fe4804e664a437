internal import IncidentModel

/// Markdown in the dialect that GitHub, GitLab and Redmine share (REPORT §4).
extension Page {
  /// The file: blocks with one empty line between them.
  var markdown: String { Self.markdown(blocks).joined(separator: "\n\n") + "\n" }

  private static func markdown(_ blocks: [Block]) -> [String] {
    blocks.flatMap { block -> [String] in
      switch block {
      case .heading(let level, let title, _):
        [String(repeating: "#", count: level) + " " + title.markdown(inCell: false)]
      case .paragraph(let phrase): [phrase.markdown(inCell: false)]
      case .bullets(let items):
        [items.map { "- " + $0.markdown(inCell: false) }.joined(separator: "\n")]
      case .table(let table): [markdown(table)]
      case .drawing(let lines): ["```text\n" + lines.joined(separator: "\n") + "\n```"]
      // Files in a folder of their own, which the sections name; a tracker would fetch an image.
      case .chart: []
      case .diagram(let lines):
        ["```mermaid\n" + lines.map(\.plain).joined(separator: "\n") + "\n```"]
      case .details(let summary, let inner):
        ["<details>\n<summary>" + summary.plain + "</summary>"] + markdown(inner) + ["</details>"]
      }
    }
  }

  private static func markdown(_ table: Table) -> String {
    let rule = "|" + table.alignment.map { $0 == .right ? "---:|" : "---|" }.joined()
    return ([row(table.header), rule] + table.rows.map(row)).joined(separator: "\n")
  }

  private static func row(_ cells: [Phrase]) -> String {
    "|"
      + cells.map { cell in
        let text = cell.markdown(inCell: true)
        return text.isEmpty ? " |" : " " + text + " |"
      }.joined()
  }
}
