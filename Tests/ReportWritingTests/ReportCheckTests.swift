internal import FloodmarkTestSupport
internal import FoundationEssentials
internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// What a report must be like whatever the analysis says (REPORT §2.14).
@Suite struct ReportCheckTests {
  @Test(arguments: AnalysisCase.all)
  func `tables have rows of one width and none is empty`(_ case: AnalysisCase) {
    for table in MarkdownShape.tables(`case`.markdown) {
      #expect(Set(table.map(\.count)).count == 1, "\(table[0])")
      #expect(table.count >= 3, "\(table[0])")
      #expect(!table[0].contains(""))
    }
  }

  @Test(arguments: AnalysisCase.all)
  func `every cited line is listed and every listed line is cited`(_ case: AnalysisCase) {
    let files = `case`.files.filter { $0.name.hasSuffix(".md") }
    let whole = files.map(\.text).joined(separator: "\n")
    var cited: Set<String> = []
    var listed: Set<String> = []
    for line in whole.split(separator: "\n") {
      let ids = MarkdownShape.ids(MarkdownShape.withoutCode(String(line)))
      if line.hasPrefix("| [E"), let first = ids.first, line.hasPrefix("| \(first) |") {
        listed.insert(first)
      } else {
        cited.formUnion(ids)
      }
    }
    #expect(cited == listed)
    #expect(listed.count <= `case`.analysis.evidence.count)
  }

  @Test(arguments: AnalysisCase.all)
  func `the head and the whole keep to their lengths`(_ case: AnalysisCase) {
    let text = `case`.markdown
    #expect(ReportSections.head(of: text).unicodeScalars.count <= 4000)
    #expect(text.unicodeScalars.count <= 60_000)
    for file in `case`.files where file.name.hasSuffix(".md") && file.name != "report.md" {
      #expect(file.name == "summary.md" || text.contains("`\(file.name)`"), "\(file.name)")
    }
  }

  /// Words that no report of ours says.
  private static let forbidden = [
    "root cause", "human error", "fault of", "should have", "failed to notice", "careless",
    "mistake", "obviously", "simply", "unfortunately", "attack", "because", "therefore",
    "caused by", " just ", "nan ", "inf ", "-0 ",
  ]

  private static func expectBlameless(_ markdown: String) {
    let own = MarkdownShape.withoutQuotes(markdown).lowercased()
    for word in forbidden { #expect(!own.contains(word), "\(word)") }
  }

  @Test(arguments: AnalysisCase.all)
  func `our own words are blameless and claim no cause`(_ case: AnalysisCase) {
    Self.expectBlameless(`case`.markdown)
  }

  @Test(arguments: KeptReport.all)
  func `the words of kept reports are blameless and claim no cause`(_ report: KeptReport) {
    Self.expectBlameless(report.markdown)
  }

  @Test(arguments: AnalysisCase.all)
  func `no character is invisible and no line begins with a slash`(_ case: AnalysisCase) {
    for scalar in `case`.markdown.unicodeScalars {
      #expect(scalar == "\n" || scalar.value >= 0x20)
      #expect(scalar.properties.generalCategory != .format)
    }
    #expect(!`case`.markdown.contains("\n/"))
  }

  @Test(arguments: AnalysisCase.all)
  func `each strip has as many glyphs as the others and fits a hundred columns`(
    _ case: AnalysisCase
  ) {
    for drawing in MarkdownShape.drawings(`case`.markdown) {
      let strips = drawing.dropFirst().filter { !$0.hasPrefix("events") }
      let counts = strips.map { line in line.filter { "▁▂▃▄▅▆▇█·".contains($0) }.count }
      #expect(Set(counts).count == 1)
      #expect(counts.allSatisfy { (1...60).contains($0) })
      #expect(drawing.allSatisfy { $0.count <= 100 })
    }
  }

  @Test(arguments: AnalysisCase.all)
  func `every cause is one row of each incident`(_ case: AnalysisCase) {
    let text = `case`.markdown
    let shown = text.split(separator: "\n").filter { $0 == "## Causes" || $0 == "### Causes" }.count
    for cause in Cause.allCases {
      let rows = MarkdownShape.tables(text).filter { $0[0].contains("Cause") }.joined().filter {
        ($0.first == "`\(cause.rawValue)`")
          || ($0.count > 1 && $0[1].hasPrefix("`\(cause.rawValue)`:"))
      }
      #expect(rows.count == shown, "\(cause.rawValue)")
    }
  }

  @Test(arguments: AnalysisCase.all)
  func `the parts of a table add up to its total`(_ case: AnalysisCase) throws {
    for table in MarkdownShape.tables(`case`.markdown) where table.last?[0] == "**Total**" {
      let body = table.dropFirst(2).dropLast()
      let total = try #require(table.last)
      let columns = table[0].indices.filter {
        ["Requests", "Repeats", "Failed"].contains(table[0][$0])
      }
      for column in columns {
        let sum = body.compactMap { MarkdownShape.number($0[column]) }.reduce(0, +)
        #expect(sum == MarkdownShape.number(total[column]), "\(table[0][column])")
      }
    }
  }

  @Test(arguments: AnalysisCase.all)
  func `the JSON is well formed and holds the contract's members`(_ case: AnalysisCase) throws {
    let file = try #require(`case`.files.first { $0.name == "report.json" })
    let document = try JSONDecoder().decode(JSONTree.self, from: Data(file.text.utf8))
    #expect(document["schema"] == .string("floodmark.report/1"))
    for name in [
      "version", "options", "window", "inputs", "services", "series", "spikes", "incidents",
      "capacity", "timeline", "evidence", "open_questions", "coverage", "redaction", "parameters",
      "markdown_sha256",
    ] {
      #expect(document[name] != nil, "\(name)")
    }
    #expect(!file.text.contains("<"))
    #expect(document["timeline"]?.items.count == `case`.analysis.timeline.count)
    for incident in document["incidents"]?.items ?? [] {
      #expect(incident["findings"]?.items.count == 17)
    }
    let report = try #require(`case`.files.first { $0.name == "report.md" })
    #expect(
      document["markdown_sha256"]
        == .string(HumanSections.digest(of: Array(report.text.utf8))))
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cmark-gfm")),
    arguments: AnalysisCase.all)
  func `a renderer finds the same tables and no link out of the report`(
    _ case: AnalysisCase
  ) throws {
    let html = try run(
      "/usr/bin/cmark-gfm", ["--unsafe", "-e", "table", "-e", "autolink"],
      input: Array(`case`.markdown.utf8)
    ).outputText
    #expect(
      html.split(separator: "<table>", omittingEmptySubsequences: false).count - 1
        == MarkdownShape.tables(`case`.markdown).count)
    #expect(!html.contains("<img"))
    #expect(!html.contains("<script"))
    for link in html.split(separator: "<a href=\"", omittingEmptySubsequences: false).dropFirst() {
      #expect(link.hasPrefix("#"))
    }
    let details = html.split(separator: "<details>", omittingEmptySubsequences: false).count - 1
    #expect(
      details == html.split(separator: "</details>", omittingEmptySubsequences: false).count - 1)
  }

  @Test(arguments: AnalysisCase.all)
  func `a report links its own headings only`(_ case: AnalysisCase) throws {
    let text = `case`.markdown
    let links = text.split(separator: "](#").dropFirst().map { $0.prefix { $0 != ")" } }
    for link in links {
      let heading = link.split(separator: "-").joined(separator: " ")
      let isThere = text.lowercased().contains("\n## \(heading)\n")
      #expect(isThere, "\(link)")
    }
    if `case`.name == "the sample" { #expect(links.count == 3) }
  }
}

/// A parsed JSON text.
enum JSONTree: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONTree])
  case object([String: JSONTree])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let flag = try? value.decode(Bool.self) {
      self = .bool(flag)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .string(text)
    } else if let items = try? value.decode([JSONTree].self) {
      self = .array(items)
    } else {
      self = .object(try value.decode([String: JSONTree].self))
    }
  }

  subscript(name: String) -> JSONTree? {
    if case .object(let members) = self { return members[name] }
    return nil
  }

  var items: [JSONTree] {
    if case .array(let items) = self { return items }
    return []
  }
}

/// Reads a report back as its reader sees it.
enum MarkdownShape {
  static func tables(_ text: String) -> [[[String]]] {
    var tables: [[[String]]] = []
    var open: [[String]] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines + [Substring()] {
      if line.hasPrefix("|") {
        open.append(cells(String(line)))
      } else if !open.isEmpty {
        tables.append(open)
        open = []
      }
    }
    return tables
  }

  private static func cells(_ line: String) -> [String] {
    var cells: [String] = []
    var cell = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in line.unicodeScalars.dropFirst() {
      if scalar == "|" && !isEscaped {
        cells.append(trimmed(String(cell)))
        cell = String.UnicodeScalarView()
      } else {
        cell.append(scalar)
      }
      isEscaped = scalar == "\\"
    }
    return cells
  }

  private static func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.first == " " { text = text.dropFirst() }
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }

  static func ids(_ text: String) -> [String] {
    text.split(separator: "[").compactMap { part in
      guard part.first == "E", let end = part.firstIndex(of: "]"),
        Int(part[part.index(after: part.startIndex)..<end]) != nil
      else { return nil }
      return "[" + part[...end]
    }
  }

  static func number(_ text: String) -> Int? {
    Int(text.filter(\.isNumber))
  }

  /// Fences are removed whole, code spans by their backticks.
  static func withoutCode(_ text: String) -> String {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 0 }.map(\.element).joined()
  }

  static func withoutQuotes(_ text: String) -> String {
    let plain = text.split(separator: "\n").map { withoutCode(String($0)) }.joined(separator: "\n")
    return plain.split(separator: "“", omittingEmptySubsequences: false).map { part in
      part.firstIndex(of: "”").map { part[$0...] } ?? part
    }.joined()
  }

  static func drawings(_ text: String) -> [[String]] {
    text.split(separator: "```text\n").dropFirst().map { part in
      part.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        .prefix { $0 != "```" }.map { $0 }
    }
  }
}

extension MarkdownShape {
  /// A cell as its reader sees it.
  static func withoutMarks(_ cell: String) -> String {
    var text = cell.replacing("**", with: "").replacing("\\|", with: "|")
    text = text.replacing(/\[([^\]]*)\]\(#[^)]*\)/) { String($0.output.1) }
    var out = ""
    var rest = text[...]
    while let start = rest.firstIndex(of: "`") {
      out += rest[..<start]
      let fence = rest[start...].prefix { $0 == "`" }
      rest = rest[start...].dropFirst(fence.count)
      guard let end = rest.firstRange(of: fence) else { break }
      var code = rest[..<end.lowerBound]
      if code.hasPrefix(" "), code.hasSuffix(" "), code.count > 1 {
        code = code.dropFirst().dropLast()
      }
      out += code
      rest = rest[end.upperBound...]
    }
    return out + rest
  }
}
