/// The head of a `report.md` read back: title, glance table and picture, in the dialect of ``Page``.
struct ReportHead {
  /// A run of text within a block.
  indirect enum Span: Hashable {
    case text(String)
    /// Log text, or a code of Floodmark's own.
    case code(String)
    case strong([Span])
    case emphasis([Span])
  }

  enum Block {
    case heading(level: Int, [Span])
    case paragraph([Span])
    case table(header: [[Span]], rows: [[[Span]]])
    case drawing([String])
  }

  private(set) var blocks: [Block] = []

  /// The rows of the glance table: a question and its answer each.
  var glance: [(question: [Span], answer: [Span])] {
    for case .table(_, let rows) in blocks {
      return rows.compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil }
    }
    return []
  }

  var title: [Span] {
    for case .heading(1, let title) in blocks { return title }
    return []
  }

  init(markdown: String) {
    let lines = markdown.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    var index = 0
    while index < lines.count {
      let line = lines[index]
      if line.hasPrefix("```") {
        let fence = line.prefix { $0 == "`" }
        let body = lines[(index + 1)...].prefix { $0 != fence }
        blocks.append(.drawing(body.map(String.init)))
        index += body.count + 2
      } else if line.hasPrefix("|") {
        let rows = lines[index...].prefix { $0.hasPrefix("|") }
        addTable(Array(rows))
        index += rows.count
      } else if line.hasPrefix("#") {
        let level = line.prefix { $0 == "#" }.count
        blocks.append(
          .heading(level: min(level, 6), Self.spans(line.dropFirst(level).drop { $0 == " " })))
        index += 1
      } else {
        if !line.isEmpty { blocks.append(.paragraph(Self.spans(line))) }
        index += 1
      }
    }
  }

  private mutating func addTable(_ lines: [Substring]) {
    guard lines.count > 2 else { return }
    let rows = lines.map { Self.cells($0).map(Self.spans) }
    blocks.append(.table(header: rows[0], rows: Array(rows.dropFirst(2))))
  }

  /// The cells of a row; `\|` belongs to its cell, even within code.
  private static func cells(_ line: Substring) -> [Substring] {
    var cells: [String.UnicodeScalarView] = [String.UnicodeScalarView()]
    var isEscaped = false
    for scalar in line.dropFirst().unicodeScalars {
      if scalar == "|" && !isEscaped {
        cells.append(String.UnicodeScalarView())
      } else {
        if scalar == "|" { cells[cells.count - 1].removeLast() }
        cells[cells.count - 1].append(scalar)
      }
      isEscaped = scalar == "\\"
    }
    return cells.dropLast().map { cell in
      var text = String(cell)[...]
      if text.hasPrefix(" ") { text.removeFirst() }
      if text.hasSuffix(" ") { text.removeLast() }
      return text
    }
  }

  // MARK: Spans

  static func spans(_ text: some StringProtocol) -> [Span] {
    spans(Array(text.unicodeScalars)[...])
  }

  /// By scalars: to a `Character`, a backtick with a combining mark on it is no backtick.
  private static func spans(_ text: ArraySlice<Unicode.Scalar>) -> [Span] {
    var found: [Span] = []
    var plain = String.UnicodeScalarView()
    var rest = text
    func flush() {
      if !plain.isEmpty { found.append(.text(String(plain))) }
      plain = String.UnicodeScalarView()
    }
    while let first = rest.first {
      if let (span, length) = marked(rest) {
        flush()
        found.append(span)
        rest = rest.dropFirst(length)
      } else {
        // A run of backticks without its like is text as a whole.
        let length = first == "`" ? rest.prefix { $0 == "`" }.count : 1
        plain.append(contentsOf: rest.prefix(length))
        rest = rest.dropFirst(length)
      }
    }
    flush()
    return found
  }

  /// The span that begins here, and how many scalars it takes; nil: plain text.
  private static func marked(_ text: ArraySlice<Unicode.Scalar>) -> (Span, Int)? {
    switch text.first {
    case "`": code(text).map { (.code($0.text), $0.length) }
    case "*":
      if text.dropFirst().first == "*" {
        enclosed(text, marks: 2).map { (.strong(spans($0)), $0.count + 4) }
      } else {
        enclosed(text, marks: 1).map { (.emphasis(spans($0)), $0.count + 2) }
      }
    case "[": link(text).map { (.text($0.title), $0.length) }
    default: nil
    }
  }

  private static func code(
    _ text: ArraySlice<Unicode.Scalar>
  ) -> (text: String, length: Int)? {
    let run = text.prefix { $0 == "`" }.count
    var index = text.startIndex + run
    while let open = text[index...].firstIndex(of: "`") {
      let end = text[open...].firstIndex { $0 != "`" } ?? text.endIndex
      if end - open == run {
        var body = text[(text.startIndex + run)..<open]
        if body.count > 2, body.first == " ", body.last == " ", body.contains(where: { $0 != " " })
        {
          body = body.dropFirst().dropLast()
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: body)
        return (String(view), end - text.startIndex)
      }
      index = end
    }
    return nil
  }

  /// What stands between this mark and the next one like it outside code.
  private static func enclosed(
    _ text: ArraySlice<Unicode.Scalar>, marks: Int
  ) -> ArraySlice<Unicode.Scalar>? {
    let start = text.startIndex + marks
    var index = start
    while index < text.endIndex {
      if text[index] == "`" {
        index += code(text[index...])?.length ?? text[index...].prefix { $0 == "`" }.count
        continue
      }
      let run = text[index...].prefix { $0 == "*" }.count
      if run == marks && index > start { return text[start..<index] }
      index += max(run, 1)
    }
    return nil
  }

  /// `[Evidence](#evidence)`: the only links that a report has; a comment has nothing to jump to.
  private static func link(
    _ text: ArraySlice<Unicode.Scalar>
  ) -> (title: String, length: Int)? {
    guard let close = text.firstIndex(of: "]"),
      text[close...].dropFirst().starts(with: "(#".unicodeScalars),
      let end = text[close...].firstIndex(of: ")")
    else { return nil }
    let title = text[text.startIndex..<close].dropFirst()
    guard !title.contains("`"), !title.contains("["), title.count < 100 else { return nil }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: title)
    return (String(view), end + 1 - text.startIndex)
  }
}
