import FloodmarkTestSupport
import Foundation
import IncidentModel
import Testing

@testable import ReportWriting
@testable import TicketAttachment

/// The comment in each tracker's markup, of the shipped report and of one that is full of hostile text.
struct TrackerCommentTests {
  static let forms: [TrackerComment.Form] = [
    .gitHub, .gitLab, .jiraDocument, .jiraWiki, .neutral, .folder,
  ]

  static func golden() throws -> String {
    let path = Fixture.packageRoot + "/Reports/prime-day-2018/report.md"
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  static func source(_ markdown: String) -> TrackerComment.Source {
    TrackerComment.Source(
      markdown: markdown, digest: Sample.digest, incidents: ["I1"],
      window: ("2018-07-16T17:30:00Z", "2018-07-16T19:30:00Z"), folder: "incident",
      files: ["report.md", "report.json"])
  }

  static func comment(
    _ form: TrackerComment.Form, _ markdown: String,
    files: [(name: String, address: String?)] = [("report.md", nil)], replaced: String? = nil
  ) -> String {
    TrackerComment(form, of: source(markdown)).text(files: files, replaced: replaced)
  }

  /// The head of a report about a service whose name is hostile.
  static func head(of payload: String) -> String {
    let door = Door(redactor: Redactor(settings: RedactionSettings()))
    let quoted = door.admit(LogText(payload, kind: .name))
    return """
      # Incident report: \(quoted.markdownInline), 16 July 2018

      *Written from logs by `floodmark 0.1.0`.*

      ## At a glance

      | Question | Answer |
      |---|---|
      | **What** | 36 % of requests to \(quoted.markdownCell) failed |
      | **How sure** | `quota-reached`: very likely (92 %) |

      ### The picture

      ```text
      needed ▃▃▃▃ 9–36
      ```

      ## What happened

      Words.

      """
  }

  static let payloads = [
    "@everyone", "octo/repo#42", "![x](https://evil.example/b.png)", "a|b|c", "`", "``` x ```",
    "\\`@octocat", " lead and trail ", "", "[~admin]", "{code}x{code}", "!https://e/x.png!",
    "\"text\":https://evil", "h1. x", "[[WikiPage]] {{include(x)}}", "www.evil.example",
    "commit:abc r123 #1", "/close", "</details><script>alert(1)</script>", "**x** _y_",
    "{noformat}", "[E1]: https://evil.example", "a@b.example", "x\n\n# Heading",
    "floodmark-report sha256:" + Sample.otherDigest, "\u{202E}gpj.exe", "`\u{301}@x`", "%%{init}%%",
    "shop.example.com\" onload=\"x", "evil.example|", "a.b\\",
  ]

  static func texts(_ json: Any) -> [(text: String, marks: [String])] {
    guard let node = json as? [String: Any] else { return [] }
    var found: [(String, [String])] = []
    if let text = node["text"] as? String {
      let marks = node["marks"] as? [[String: Any]] ?? []
      found.append((text, marks.compactMap { $0["type"] as? String }))
    }
    for child in node["content"] as? [Any] ?? [] { found += texts(child) }
    return found
  }

  @Test(arguments: forms)
  func theLastLineIsTheMarker(form: TrackerComment.Form) throws {
    let text = Self.comment(form, try Self.golden())
    if form == .jiraDocument {
      let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
      #expect(Self.texts(json).last?.text == "floodmark-report sha256:" + Sample.digest)
      #expect(Self.texts(json).suffix(2).first?.text == Sample.subject)
    } else {
      #expect(Marker(lastLineOf: text)?.digest == Sample.digest)
      #expect(Marker(lastLineOf: text)?.subject == Sample.subject)
    }
    #expect(text.unicodeScalars.count <= 65_536)
    #expect(text.contains("33,049 of 92,858"))
  }

  @Test(arguments: forms)
  func aReplacementSaysSoInItsFirstLine(form: TrackerComment.Form) throws {
    let golden = try Self.golden()
    let known = Self.comment(form, golden, replaced: "2018-07-17")
    let unknown = Self.comment(form, golden, replaced: "<script>")
    if form == .jiraDocument {
      let json = try JSONSerialization.jsonObject(with: Data(known.utf8))
      #expect(Self.texts(json).first?.text == "Replaces the report of 2018-07-17.")
    } else {
      #expect(known.hasPrefix("Replaces the report of 2018-07-17.\n"))
      #expect(unknown.hasPrefix("Replaces an earlier report.\n"))
    }
    #expect(!unknown.contains("<script>"))
  }

  @Test func `github gets the whole report folded, and no more than fits`() throws {
    let golden = try Self.golden()
    let stored = Self.comment(
      .gitHub, golden,
      files: [("report.md", "https://gist.github.com/a/0a"), ("x.md", "http://e/")])
    #expect(stored.contains("Files of this report: [report.md](https://gist.github.com/a/0a)\n"))
    #expect(stored.contains("The gist is secret: whoever has the link can read it."))
    #expect(!stored.contains("x.md") && !stored.contains("in the folder"))
    let text = Self.comment(.gitHub, golden, files: [])
    #expect(text.contains("<details><summary>The whole report</summary>\n\n## What happened"))
    #expect(text.contains("## Evidence"))
    #expect(text.contains("in the folder `incident`"))
    let long = golden + String(repeating: "more words\n", count: 6_000)
    let cut = Self.comment(.gitHub, long, files: [])
    #expect(cut.unicodeScalars.count < 10_000)
    #expect(Marker(lastLineOf: cut)?.digest == Sample.digest)
  }

  @Test func `gitlab links the files, and only by plain addresses`() throws {
    let text = Self.comment(
      .gitLab, try Self.golden(),
      files: [("report.md", "/uploads/0a/report.md"), ("report.json", "/x)![y](https://evil")])
    #expect(text.contains("Files of this report: [report.md](/uploads/0a/report.md)\n"))
    #expect(!text.contains("evil"))
    #expect(!text.contains("## What happened"))
  }

  @Test(arguments: forms)
  func noLineOutsideAFenceIsACommand(form: TrackerComment.Form) throws {
    let edited = try Self.golden().replacingOccurrences(
      of: "## What happened", with: "/close\n\n  /label ~bug\n\n## What happened")
    var isFenced = false
    for line in Self.comment(form, edited).split(separator: "\n") {
      if line.hasPrefix("```") { isFenced.toggle() }
      #expect(isFenced || !line.drop(while: { $0 == " " }).hasPrefix("/"), "\(line)")
    }
  }

  @Test(arguments: payloads)
  func hostileTextIsACodeNodeInADocument(payload: String) throws {
    let text = Self.comment(.jiraDocument, Self.head(of: payload))
    let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let door = Door(redactor: Redactor(settings: RedactionSettings()))
    let shown = door.admit(LogText(payload, kind: .name)).shown
    let found = Self.texts(json)
    let codes = found.filter { $0.marks == ["code"] }.map(\.text)
    #expect(codes.filter { $0 == shown }.count == 2, "\(codes)")
    let around = found.filter { $0.marks != ["code"] }.map(\.text).joined()
    #expect(around.contains("36 % of requests to  failed"), "\(around)")
    #expect(around.contains("needed ▃▃▃▃ 9–36"))
    #expect(found.allSatisfy { !$0.text.isEmpty })
  }

  @Test(arguments: payloads)
  func hostileTextIsNotInACommentWithoutCode(payload: String) {
    for form in [TrackerComment.Form.neutral, .jiraWiki] {
      let text = Self.comment(form, Self.head(of: payload))
      #expect(text.contains("36 % of requests to service 1 failed"), "\(text)")
      #expect(text.contains("quota-reached: very likely (92 %)"))
      #expect(Marker(lastLineOf: text)?.digest == Sample.digest)
    }
    let neutral = Self.comment(.neutral, Self.head(of: payload))
    let marks = Set("`*_~@#[]{}|!\"\\<>=+^&$")
    #expect(neutral.allSatisfy { !marks.contains($0) }, "\(neutral)")
  }

  @Test(arguments: payloads)
  func hostileTextStaysInItsCodeSpanInMarkdown(payload: String) {
    let head = Self.head(of: payload)
    for form in [TrackerComment.Form.gitHub, .gitLab, .folder] {
      let text = Self.comment(form, head)
      // Word for word as the report has it, which other tests prove dead.
      let end = head.range(of: "\n\n## What happened")
      #expect(text.hasPrefix(end.map { String(head[..<$0.lowerBound]) } ?? "-"))
    }
  }

  @Test(arguments: [
    ("shop.example.com", true), ("shop-1.example", true), ("www.example.com", false),
    ("WWW.example.com", false), ("shop", false), ("10.0.0.1", false), ("shop.example.1", false),
    (".example.com", false), ("shop..com", false), ("a.b/c", false), ("quota-reached", true),
    ("floodmark 0.1.0", true), ("floodmark x", false), ("", false),
    (String(repeating: "a", count: 63) + ".com", false), ("shop.exämple.com", false),
  ])
  func aNameIsSafeWhereItCanBeNothingElse(name: String, isSafe: Bool) {
    #expect(NeutralText.isSafe(name) == isSafe)
  }

  @Test func `words of a note are only mentioned where no code span is`() {
    let head = Self.head(of: "shop.example.com").replacingOccurrences(
      of: "very likely (92 %)", with: "the note says “out of capacity (x)” twice")
    let text = Self.comment(.neutral, head)
    #expect(text.contains("the note says the words quoted in the report twice"))
    #expect(text.contains("36 % of requests to shop.example.com failed"))
  }

  @Test func `random heads leave nothing but plain text`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let alphabet = Array("`*|\\[]()#@!<>/{}“”\"'&:-_~ \n\tabc.19▃\u{301}\u{202E}".unicodeScalars)
    for _ in 0..<500 {
      var text = String.UnicodeScalarView("# T\n\n| Q | A |\n|---|---|\n| ".unicodeScalars)
      for _ in 0..<next(60) { text.append(alphabet[next(alphabet.count)]) }
      let markdown = String(text) + " |\n"
      for form in Self.forms {
        let comment = Self.comment(form, markdown)
        if form == .jiraDocument {
          let json = try? JSONSerialization.jsonObject(with: Data(comment.utf8))
          #expect(json != nil, "seed \(seed): \(markdown)")
        } else {
          #expect(Marker(lastLineOf: comment)?.digest == Sample.digest, "seed \(seed)")
        }
        if form == .neutral {
          #expect(!comment.contains { "`*|\\[]#@!{}\"".contains($0) }, "seed \(seed): \(comment)")
          #expect(!comment.contains("://") && !comment.contains("\n/"), "seed \(seed)")
        }
      }
    }
  }
}
