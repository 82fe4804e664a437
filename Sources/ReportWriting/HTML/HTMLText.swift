internal import Crypto
internal import FoundationEssentials
internal import IncidentModel

/// `report.html`: one file that loads nothing, runs nothing and prints well (REPORT §6.1).
struct HTMLText {
  private let page: Page
  private let title: Phrase
  private var lines: [String] = []
  /// How often a heading's anchor was given out.
  private var anchors: [String: Int] = [:]
  /// The evidence that the page lists; other ids are no links.
  private var targets: Set<EvidenceID> = []

  /// The whole file.
  static func file(_ page: Page, title: Phrase) -> String {
    var text = HTMLText(page: page, title: title)
    text.write()
    return text.lines.joined(separator: "\n") + "\n"
  }

  private init(page: Page, title: Phrase) {
    self.page = page
    self.title = title
    targets = Self.targets(page.blocks)
  }

  private static func targets(_ blocks: [Page.Block]) -> Set<EvidenceID> {
    var found: Set<EvidenceID> = []
    for block in blocks {
      switch block {
      case .table(let table): found.formUnion(table.targets)
      case .details(_, let inner): found.formUnion(targets(inner))
      default: break
      }
    }
    return found
  }

  // MARK: The frame

  private mutating func write() {
    lines += [
      "<!DOCTYPE html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\">",
      "<meta http-equiv=\"Content-Security-Policy\" content=\"\(Self.policy)\">",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
      "<meta name=\"color-scheme\" content=\"light dark\">",
      "<meta name=\"referrer\" content=\"no-referrer\">",
      // Phones make links of digits that look like a number to call.
      "<meta name=\"format-detection\" content=\"telephone=no, date=no, address=no, email=no\">",
      "<title>\(title.markup)</title>", "<style>" + HTMLStyle.rules + "</style>", "</head>",
      "<body>", "<main>",
    ]
    // Behind what is told first, which fits a screen.
    var sections = 0
    for block in page.blocks {
      if case .heading(2, _, _) = block {
        sections += 1
        if sections == 2 { contents() }
      }
      write(block)
    }
    lines += ["</main>", "</body>", "</html>"]
  }

  /// Nothing may be loaded or run; of styles only the page's own, by its hash.
  private static let policy: String = {
    let digest = Data(SHA256.hash(data: Array(HTMLStyle.rules.utf8))).base64EncodedString()
    return
      "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'"
  }()

  /// Links to the sections, behind the title.
  private func sections() -> [(anchor: String, title: Phrase)] {
    var given: [String: Int] = [:]
    return page.blocks.compactMap { block in
      guard case .heading(let level, let title, let incident) = block else { return nil }
      if let incident { return (Self.anchor(incident), "Incident \(incident: incident)") }
      guard let anchor = Self.anchor(title, &given), level == 2 else { return nil }
      return (anchor, title)
    }
  }

  private mutating func contents() {
    let sections = sections()
    guard sections.count > 3 else { return }
    lines.append("<nav aria-label=\"Sections\"><ul>")
    for section in sections {
      lines.append("<li><a href=\"#\(section.anchor)\">\(section.title.markup)</a></li>")
    }
    lines.append("</ul></nav>")
  }

  // MARK: Blocks

  private mutating func write(_ block: Page.Block) {
    switch block {
    case .heading(let level, let title, let incident):
      let known = incident.map(Self.anchor) ?? Self.anchor(title, &anchors)
      let anchor = known.map { " id=\"\($0)\"" } ?? ""
      lines.append("<h\(level)\(anchor)>\(html(title))</h\(level)>")
    case .paragraph(let phrase): lines.append("<p>\(html(phrase))</p>")
    case .bullets(let items):
      lines.append("<ul>")
      lines += items.map { "<li>\(html($0))</li>" }
      lines.append("</ul>")
    case .table(let table): write(table)
    case .drawing(let drawn):
      lines.append("<pre>" + drawn.map(Quoted.escapedForMarkup).joined(separator: "\n") + "</pre>")
    case .chart(let chart):
      // Wider than a phone: it scrolls there, and by keyboard too.
      lines.append(
        "<div class=\"wide chart\" tabindex=\"0\" role=\"group\" aria-label=\"Drawing: \(chart.title.markup)\">"
      )
      lines.append(chart.inline + "</div>")
    // A page runs no script that could draw it; it has the drawing.
    case .diagram: break
    case .details(let summary, let inner):
      lines += ["<details>", "<summary>\(html(summary))</summary>"]
      for block in inner { write(block) }
      lines.append("</details>")
    }
  }

  private static func anchor(_ incident: Int) -> String { "incident-\(incident)" }

  /// A heading's anchor as GitHub would give it, numbered where there are several.
  ///
  /// None for a heading that holds more than words of Floodmark's own: no text from a log becomes an id.
  private static func anchor(_ title: Phrase, _ given: inout [String: Int]) -> String? {
    var text = ""
    for piece in title.pieces {
      guard case .words(let words) = piece else { return nil }
      text += words
    }
    let slug = text.lowercased().split(separator: " ").joined(separator: "-")
    guard !slug.isEmpty, slug.utf8.allSatisfy({ $0 == 0x2d || (0x61...0x7a).contains($0) }) else {
      return nil
    }
    let count = given[slug, default: 0] + 1
    given[slug] = count
    return count == 1 ? slug : "\(slug)-\(count)"
  }

  // MARK: Tables

  private mutating func write(_ table: Page.Table) {
    // Many columns of numbers scroll on a phone; a few columns of text stand above each other.
    let numbers = table.alignment.filter { $0 == .right }.count
    let isStacked = table.header.count >= 3 && numbers < 3
    if !isStacked {
      lines.append("<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">")
    }
    let kind = table.targets.isEmpty ? "stacked" : "stacked proofs"
    lines.append("<table role=\"table\"\(isStacked ? " class=\"\(kind)\"" : "")>")
    lines.append(
      "<thead role=\"rowgroup\"><tr role=\"row\">"
        + zip(table.header, table.alignment).map { cell, side in
          "<th role=\"columnheader\" scope=\"col\"\(Self.side(side))>\(html(cell))</th>"
        }.joined() + "</tr></thead>")
    lines.append("<tbody role=\"rowgroup\">")
    for (index, row) in table.rows.enumerated() {
      let target = table.targets.indices.contains(index) ? table.targets[index] : nil
      lines.append(self.row(row, of: table, target: target))
    }
    lines += ["</tbody>", "</table>"]
    if !isStacked { lines.append("</div>") }
  }

  private func row(_ cells: [Phrase], of table: Page.Table, target: EvidenceID?) -> String {
    let id = target.map { " id=\"E\($0.number)\"" } ?? ""
    var text = "<tr role=\"row\"\(id)>"
    for (index, cell) in cells.enumerated() {
      let label = table.header[index].markup
      let isTarget = index == 0 && target != nil
      let inside = isTarget ? cell.markup : html(cell)
      text +=
        "<td role=\"cell\"\(Self.side(table.alignment[index])) data-label=\"\(label)\">\(inside)</td>"
    }
    return text + "</tr>"
  }

  private static func side(_ alignment: Page.Table.Alignment) -> String {
    alignment == .right ? " class=\"number\"" : ""
  }

  // MARK: Phrases

  private func html(_ phrase: Phrase) -> String {
    phrase.pieces.map { piece in
      switch piece {
      case .words(let words): Quoted.escapedForMarkup(words)
      case .figure(let figure): Self.unbroken(figure)
      case .code(let code): "<code>\(Quoted.escapedForMarkup(code))</code>"
      case .quoted(let quoted):
        quoted.kind == .note && quoted.isPlainWords
          ? "“\(quoted.html)”" : "<code>\(quoted.html)</code>"
      case .evidence(let ids): ids.map(link).joined(separator: " ")
      case .strong(let inner): "<strong>\(html(inner))</strong>"
      case .emphasis(let inner): "<em>\(html(inner))</em>"
      case .section(let title, let anchor):
        "<a href=\"#\(Quoted.escapedForMarkup(anchor))\">\(Quoted.escapedForMarkup(title))</a>"
      case .file(let path):
        "<a href=\"\(Quoted.escapedForMarkup(path))\"><code>\(Quoted.escapedForMarkup(path))</code></a>"
      }
    }.joined()
  }

  /// A number stays on one line with the sign behind it.
  private static func unbroken(_ figure: Figure) -> String {
    var text = Quoted.escapedForMarkup(figure.text)
    for sign in [" %", " ×"] { text = text.replacing(sign, with: "&nbsp;" + sign.dropFirst()) }
    text = text.replacing("± ", with: "±&nbsp;")
    return text
  }

  private func link(_ id: EvidenceID) -> String {
    targets.contains(id)
      ? "<a class=\"proof\" href=\"#E\(id.number)\">[E\(id.number)]</a>" : "[E\(id.number)]"
  }
}
