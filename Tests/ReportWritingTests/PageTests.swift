internal import Crypto
internal import Foundation
internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// The markup of a page: tags with their attributes, and the text between them.
struct PageMarkup {
  struct Tag {
    var name: String
    var isEnd: Bool
    var attributes: [(name: String, value: String)]
  }

  private(set) var tags: [Tag] = []
  private(set) var text = ""
  /// What is no markup that a page of ours may hold.
  private(set) var faults: [String] = []

  private static let elements: Set<String> = [
    "html", "head", "meta", "title", "style", "body", "main", "nav", "ul", "li", "a", "h1", "h2",
    "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "strong", "em",
    "details", "summary", "div", "svg", "desc", "rect", "path", "text",
  ]
  private static let attributes: Set<String> = [
    "lang", "charset", "http-equiv", "content", "name", "id", "href", "class", "role", "scope",
    "data-label", "tabindex", "aria-label", "aria-labelledby", "width", "height", "viewBox", "x",
    "y", "d", "text-anchor",
  ]

  init(_ html: String) {
    // The style sheet is constant and compared whole elsewhere; it holds `>` of its own.
    let parts = html.split(separator: "<", omittingEmptySubsequences: false)
    for part in parts.dropFirst() where part != "!DOCTYPE html>\n" {
      guard let end = part.firstIndex(of: ">") else {
        faults.append("open tag \(part)")
        continue
      }
      read(part[..<end])
      let rest = part[part.index(after: end)...]
      if rest.contains(">") && tags.last?.name != "style" { faults.append("bare > in \(rest)") }
      if tags.last.map({ $0.name == "style" && !$0.isEnd }) != true { text += rest }
    }
  }

  private mutating func read(_ inside: Substring) {
    var inside = inside
    if inside.hasSuffix("/") { inside = inside.dropLast() }
    let isEnd = inside.hasPrefix("/")
    if isEnd { inside = inside.dropFirst() }
    let name = inside.prefix { $0 != " " }
    var tag = Tag(name: String(name), isEnd: isEnd, attributes: [])
    if !Self.elements.contains(tag.name) { faults.append("element \(tag.name)") }
    var rest = inside.dropFirst(name.count)
    while rest.hasPrefix(" ") {
      rest = rest.dropFirst()
      let name = rest.prefix { $0 != "=" }
      rest = rest.dropFirst(name.count)
      guard rest.hasPrefix("=\""), Self.attributes.contains(String(name)) else {
        faults.append("attribute \(name) in \(inside)")
        break
      }
      let value = rest.dropFirst(2).prefix { $0 != "\"" }
      rest = rest.dropFirst(value.count + 3)
      tag.attributes.append((String(name), String(value)))
    }
    if !rest.isEmpty { faults.append("rest \(rest)") }
    tags.append(tag)
  }

  func values(of attribute: String) -> [String] {
    tags.flatMap { $0.attributes }.filter { $0.name == attribute }.map(\.value)
  }
}

/// Shows that a page holds nothing that loads, runs or leads away, and that its parts fit.
func expectInertPage(_ html: String) {
  let page = PageMarkup(html)
  #expect(page.faults.isEmpty, "\(page.faults.prefix(5))")
  let ids = page.values(of: "id")
  #expect(Set(ids).count == ids.count, "\(ids)")
  for id in ids {
    #expect(
      id.utf8.allSatisfy { UInt8(ascii: "-") == $0 || ($0 | 0x20) >= 0x61 || $0 >= 0x30 }, "\(id)")
  }
  for link in page.values(of: "href") {
    #expect(link.hasPrefix("#") && ids.contains(String(link.dropFirst())), "\(link)")
  }
  var open: [String] = []
  for tag in page.tags where !["meta", "rect", "path"].contains(tag.name) {
    if !tag.isEnd {
      open.append(tag.name)
    } else {
      #expect(open.popLast() == tag.name)
    }
  }
  #expect(open.isEmpty)
}

@Suite struct PageTests {
  @Test(arguments: AnalysisCase.all)
  func `a page loads, runs and links nothing`(_ case: AnalysisCase) throws {
    expectInertPage(try `case`.file("report.html"))
  }

  @Test func `the policy allows one style sheet and nothing else`() throws {
    let html = try #require(AnalysisCase.all.first).file("report.html")
    let style = try #require(
      html.split(separator: "<style>").dropFirst().first?.split(separator: "</style>").first)
    let digest = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
    #expect(
      html.contains(
        "content=\"default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'\""
      ))
    #expect(html.split(separator: "<style>").count == 2)
    #expect(!html.contains(" style="))
  }

  @Test(arguments: AnalysisCase.all)
  func `the page says what the Markdown says`(_ case: AnalysisCase) throws {
    let page = PageMarkup(try `case`.file("report.html"))
    let shown = Self.words(page.text.replacing("&nbsp;", with: " "))
    guard `case`.name != "far too much" else { return }
    for table in MarkdownShape.tables(`case`.markdown) where table[0][0] != "Action" {
      for cell in table.joined() where !cell.hasPrefix("---") {
        let plain = Self.words(
          MarkdownShape.withoutMarks(cell).map { Quoted.escapedForMarkup(String($0)) }.joined())
        let isThere = plain.isEmpty || shown.contains(plain)
        #expect(isThere, "\(cell)")
      }
    }
  }

  /// Without spaces, which the two write differently.
  private static func words(_ text: String) -> String {
    String(text.filter { $0 != " " && $0 != "\n" })
  }

  @Test func `each proof leads to its line and each line has its place`() throws {
    let html = try #require(AnalysisCase.all.first).file("report.html")
    let page = PageMarkup(html)
    let rows = page.values(of: "id").filter { $0.hasPrefix("E") && Int($0.dropFirst()) != nil }
    #expect(rows.count == 20)
    for row in rows { #expect(html.contains("href=\"#\(row)\"")) }
    #expect(!html.contains("✍"))
  }
}
