internal import IncidentModel

/// A Markdown file as it grows, in the dialect that GitHub, GitLab and Redmine share (REPORT §4).
struct MarkdownPage {
  enum Alignment: String {
    case left = "---"
    case right = "---:"
  }

  /// A table: a header and rows of as many cells.
  struct Table {
    var header: [Phrase]
    var alignment: [Alignment]
    var rows: [[Phrase]] = []

    /// `right`: the columns that hold numbers.
    init(_ header: [Phrase], right: Set<Int> = []) {
      self.header = header
      alignment = header.indices.map { right.contains($0) ? .right : .left }
    }

    mutating func add(_ row: [Phrase]) {
      let missing = max(0, header.count - row.count)
      rows.append(Array(row.prefix(header.count)) + Array(repeating: "", count: missing))
    }
  }

  private(set) var blocks: [String] = []
  private(set) var citations: Set<EvidenceID> = []

  /// The file: blocks with one empty line between them.
  var text: String { blocks.joined(separator: "\n\n") + "\n" }

  mutating func heading(_ level: Int, _ title: Phrase) {
    add(String(repeating: "#", count: level) + " " + title.markdown(inCell: false), title)
  }

  mutating func paragraph(_ phrase: Phrase) {
    guard !phrase.isEmpty else { return }
    add(phrase.markdown(inCell: false), phrase)
  }

  /// Sentences with a space between them.
  mutating func paragraph(_ sentences: [Phrase]) {
    paragraph(Phrase.joined(sentences.filter { !$0.isEmpty }, by: " "))
  }

  mutating func bullets(_ items: [Phrase]) {
    guard !items.isEmpty else { return }
    for item in items { citations.formUnion(item.citations) }
    blocks.append(items.map { "- " + $0.markdown(inCell: false) }.joined(separator: "\n"))
  }

  /// A table without rows is left out.
  mutating func table(_ table: Table) {
    guard !table.rows.isEmpty else { return }
    var lines = [Self.row(table.header)]
    lines.append("|" + table.alignment.map { $0.rawValue + "|" }.joined())
    lines += table.rows.map(Self.row)
    for cell in table.rows.joined() { citations.formUnion(cell.citations) }
    blocks.append(lines.joined(separator: "\n"))
  }

  /// Floodmark's own lines in a fence; they hold no log text.
  mutating func drawing(_ lines: [String]) {
    blocks.append("```text\n" + lines.joined(separator: "\n") + "\n```")
  }

  /// A folded part.
  mutating func details(_ summary: Phrase, _ content: (inout MarkdownPage) -> Void) {
    var inner = MarkdownPage()
    content(&inner)
    guard !inner.blocks.isEmpty else { return }
    blocks.append("<details>\n<summary>" + summary.plain + "</summary>")
    append(inner)
    blocks.append("</details>")
  }

  mutating func append(_ page: MarkdownPage) {
    blocks += page.blocks
    citations.formUnion(page.citations)
  }

  private mutating func add(_ block: String, _ phrase: Phrase) {
    blocks.append(block)
    citations.formUnion(phrase.citations)
  }

  private static func row(_ cells: [Phrase]) -> String {
    "|"
      + cells.map { cell in
        let text = cell.markdown(inCell: true)
        return text.isEmpty ? " |" : " " + text + " |"
      }.joined()
  }
}
