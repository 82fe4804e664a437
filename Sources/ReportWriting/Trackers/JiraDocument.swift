/// A comment in the Atlassian Document Format: log text is a text node with the mark `code`, which has no syntax to break out of.
struct JiraDocument {
  private var content: [JSONValue] = []

  /// The document's JSON in one line.
  var text: String {
    JSONValue.object([("type", "doc"), ("version", .whole(1)), ("content", .array(content))]).line
  }

  mutating func add(_ head: ReportHead) {
    for block in head.blocks {
      switch block {
      case .heading(let level, let title):
        content.append(
          Self.node("heading", [("attrs", .object([("level", .whole(min(level + 1, 6)))]))], title))
      case .paragraph(let spans): paragraph(spans)
      case .table(let header, let rows):
        content.append(
          .object([
            ("type", "table"),
            (
              "content",
              .array([Self.row(header, "tableHeader")] + rows.map { Self.row($0, "tableCell") })
            ),
          ]))
      case .drawing(let lines):
        content.append(
          .object([
            ("type", "codeBlock"), ("attrs", .object([("language", "text")])),
            ("content", .array([Self.text(lines.joined(separator: "\n"), marks: [])])),
          ]))
      }
    }
  }

  mutating func paragraph(_ spans: [ReportHead.Span]) {
    content.append(Self.node("paragraph", [], spans))
  }

  private static func row(_ cells: [[ReportHead.Span]], _ kind: String) -> JSONValue {
    .object([
      ("type", "tableRow"),
      (
        "content",
        .array(
          cells.map { cell in
            .object([
              ("type", .words(kind)), ("content", .array([node("paragraph", [], cell)])),
            ])
          })
      ),
    ])
  }

  private static func node(
    _ type: String, _ more: [(String, JSONValue)], _ spans: [ReportHead.Span]
  ) -> JSONValue {
    .object(
      [("type", .words(type))] + more + [("content", .array(texts(spans, marks: [])))])
  }

  private static func texts(_ spans: [ReportHead.Span], marks: [String]) -> [JSONValue] {
    spans.flatMap { span -> [JSONValue] in
      switch span {
      // An empty text node is refused.
      case .text(let words): words.isEmpty ? [] : [text(words, marks: marks)]
      // The mark `code` goes with no other.
      case .code(let code): code.isEmpty ? [] : [text(code, marks: ["code"])]
      case .strong(let inner): texts(inner, marks: marks + ["strong"])
      case .emphasis(let inner): texts(inner, marks: marks + ["em"])
      }
    }
  }

  private static func text(_ words: String, marks: [String]) -> JSONValue {
    var members: [(String, JSONValue)] = [("type", "text"), ("text", .words(words))]
    if !marks.isEmpty {
      members.append(("marks", .array(marks.map { .object([("type", .words($0))]) })))
    }
    return .object(members)
  }
}
