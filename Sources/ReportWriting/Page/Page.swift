internal import IncidentModel

/// What a file of the report says, block by block; ``markdown`` and ``HTMLText`` are its two renderings.
struct Page {
  enum Block {
    /// `incident`: the number of the one that the heading opens, by which others point to it.
    case heading(level: Int, Phrase, incident: Int?)
    case paragraph(Phrase)
    case bullets([Phrase])
    case table(Table)
    /// Floodmark's own lines, each glyph as wide as the others; they hold no log text.
    case drawing([String])
    case chart(Chart)
    /// Source of a Mermaid diagram; it holds no log text.
    case diagram([Phrase])
    /// A folded part.
    case details(summary: Phrase, [Block])
  }

  /// A table: a header and rows of as many cells.
  struct Table {
    enum Alignment: Hashable {
      case left, right
    }

    var header: [Phrase]
    var alignment: [Alignment]
    var rows: [[Phrase]] = []
    /// The rows are pieces of evidence, to which others point; their ids, one a row.
    var targets: [EvidenceID] = []

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

  private(set) var blocks: [Block] = []
  private(set) var citations: Set<EvidenceID> = []

  mutating func heading(_ level: Int, _ title: Phrase, incident: Int? = nil) {
    blocks.append(.heading(level: level, title, incident: incident))
    citations.formUnion(title.citations)
  }

  mutating func paragraph(_ phrase: Phrase) {
    guard !phrase.isEmpty else { return }
    blocks.append(.paragraph(phrase))
    citations.formUnion(phrase.citations)
  }

  /// Sentences with a space between them.
  mutating func paragraph(_ sentences: [Phrase]) {
    paragraph(Phrase.joined(sentences.filter { !$0.isEmpty }, by: " "))
  }

  mutating func bullets(_ items: [Phrase]) {
    guard !items.isEmpty else { return }
    for item in items { citations.formUnion(item.citations) }
    blocks.append(.bullets(items))
  }

  /// A table without rows is left out.
  mutating func table(_ table: Table) {
    guard !table.rows.isEmpty else { return }
    for cell in table.rows.joined() { citations.formUnion(cell.citations) }
    blocks.append(.table(table))
  }

  mutating func drawing(_ lines: [String]) {
    blocks.append(.drawing(lines))
  }

  mutating func diagram(_ lines: [Phrase]) {
    blocks.append(.diagram(lines))
  }

  mutating func chart(_ chart: Chart) {
    blocks.append(.chart(chart))
  }

  /// A folded part; without content it is left out.
  mutating func details(_ summary: Phrase, _ content: (inout Page) -> Void) {
    var inner = Page()
    content(&inner)
    guard !inner.blocks.isEmpty else { return }
    blocks.append(.details(summary: summary, inner.blocks))
    citations.formUnion(inner.citations)
  }

  mutating func append(_ page: Page) {
    blocks += page.blocks
    citations.formUnion(page.citations)
  }
}
