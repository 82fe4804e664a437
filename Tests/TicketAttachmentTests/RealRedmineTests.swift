import FloodmarkTestSupport
import Foundation
import Testing

@testable import TicketAttachment

/// Where the Redmine is that `make tracker-test` starts.
enum RedmineServer {
  static let environment = ProcessInfo.processInfo.environment
  static let address = environment["FLOODMARK_TEST_REDMINE"]
  static let key = environment["FLOODMARK_TEST_REDMINE_KEY"] ?? ""
  static let format = environment["FLOODMARK_TEST_REDMINE_FORMAT"] ?? ""
}

/// A real Redmine, which `make tracker-test` starts on the loopback address; elsewhere these are skipped.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .enabled(if: RedmineServer.address != nil, "make tracker-test starts a Redmine"))
struct RealRedmineTests {
  struct Issue: Decodable {
    struct Journal: Decodable {
      var id: Int
      var notes: String?
      var privateNotes: Bool

      private enum CodingKeys: String, CodingKey {
        case id, notes
        case privateNotes = "private_notes"
      }
    }

    struct File: Decodable {
      var id: Int
      var filename: String
      var filesize: Int
      var description: String
    }

    var id: Int
    var journals: [Journal]?
    var attachments: [File]?
  }

  struct Envelope: Decodable {
    var issue: Issue
  }

  static func send(
    _ method: String, _ path: String, body: String = "", isAPI: Bool = true
  ) async throws -> HTTPAnswer {
    let headers = [
      (name: "X-Redmine-API-Key", value: RedmineServer.key),
      (name: "Content-Type", value: "application/json"),
    ]
    return try await WebCourier().send(
      HTTPRequest(
        method: method, address: (RedmineServer.address ?? "") + path,
        headers: isAPI ? headers : [],
        body: Array(body.utf8)))
  }

  /// What of the kept report hangs on a ticket, its head beside.
  static let files = ["capacity.svg", "excess.svg", "report.json", "report.md"]

  static func newIssue() async throws -> Int {
    let answer = try await send(
      "POST", "/issues.json",
      body: #"{"issue":{"project_id":"incidents","subject":"Shop slow since 17:40"}}"#)
    return try JSONDecoder().decode(Envelope.self, from: Data(answer.body)).issue.id
  }

  static func issue(_ id: Int) async throws -> Issue {
    let answer = try await send("GET", "/issues/\(id).json?include=journals,attachments")
    return try JSONDecoder().decode(Envelope.self, from: Data(answer.body)).issue
  }

  static func attach(
    _ folder: String? = nil, to issue: Int, _ more: [String] = [], token: String = RedmineServer.key
  ) throws -> CommandRun {
    let kept = try TemporaryFolder()
    if folder == nil { try KeptReport.copied(to: kept) }
    return try run(
      builtCommand(),
      ["attach", folder ?? kept.path, "--to", "redmine:\(RedmineServer.address ?? "")/#\(issue)"]
        + more,
      environment: [
        "FLOODMARK_REDMINE_URL": RedmineServer.address ?? "", "FLOODMARK_REDMINE_TOKEN": token,
        "XDG_CONFIG_HOME": "/nonexistent",
      ])
  }

  /// The HTML into which Redmine turned a note.
  static func rendered(_ journal: Int, of issue: Int) async throws -> String {
    let page = try await send("GET", "/issues/\(issue)", isAPI: false)
    let html = String(decoding: page.body, as: UTF8.self)
    let start = try #require(html.range(of: "id=\"journal-\(journal)-notes\""))
    let rest = html[start.upperBound...]
    let open = try #require(rest.firstIndex(of: ">"))
    let end = try #require(rest.range(of: "</div>"))
    return String(rest[rest.index(after: open)..<end.lowerBound])
  }

  @Test func `a report hangs on the ticket once, however often it is attached`() async throws {
    let id = try await Self.newIssue()
    let first = try Self.attach(to: id)
    #expect(first.exitCode == 0, "\(first.errorText)")
    let issue = try await Self.issue(id)
    let journal = try #require(issue.journals?.first)
    #expect(issue.journals?.count == 1)
    let json = [UInt8](try Data(contentsOf: URL(filePath: KeptReport.source + "/report.json")))
    #expect(issue.attachments?.map(\.filename).sorted() == Self.files)
    #expect(issue.attachments?.first { $0.filename == "report.json" }?.filesize == json.count)
    let marker = try #require(Marker(lastLineOf: journal.notes ?? ""))
    #expect(
      issue.attachments?.allSatisfy {
        $0.description == "floodmark-report sha256:\(marker.digest)"
      } == true)
    #expect(
      first.outputText == "\(RedmineServer.address ?? "")/issues/\(id)#change-\(journal.id)\n")
    let second = try Self.attach(to: id)
    #expect(second.exitCode == 0)
    #expect(second.outputText == first.outputText)
    #expect(second.errorText.contains("already"))
    let after = try await Self.issue(id)
    #expect(after.journals?.count == 1 && after.attachments?.count == Self.files.count)
  }

  @Test func `the note comes out word for word in every format of texts`() async throws {
    let id = try await Self.newIssue()
    #expect(try Self.attach(to: id).exitCode == 0)
    let journal = try #require(try await Self.issue(id).journals?.first)
    let html = try await Self.rendered(journal.id, of: id)
    let tags = Set(html.matches(of: /<\/?([a-z0-9]+)/).map { String($0.1) })
    #expect(tags == ["p"], "\(RedmineServer.format): \(html)")
    let text = html.replacing(/<[^>]*>/, with: "").replacing("&#39;", with: "'")
      .replacing("&#8217;", with: "'").replacing("’", with: "'")
    let wanted = (journal.notes ?? "").split(whereSeparator: \.isWhitespace)
    #expect(text.split(whereSeparator: \.isWhitespace) == wanted, "\(RedmineServer.format)")
  }

  @Test func `the attached report is shown as a page of tables`() async throws {
    let id = try await Self.newIssue()
    #expect(try Self.attach(to: id).exitCode == 0)
    let files = try await Self.issue(id).attachments ?? []
    let markdown = try #require(files.first { $0.filename == "report.md" })
    let page = try await Self.send("GET", "/attachments/\(markdown.id)", isAPI: false)
    let html = String(decoding: page.body, as: UTF8.self)
    #expect(html.matches(of: /<table/).count > 5)
    #expect(html.contains("needed, instances"))
  }

  @Test func `an earlier report is replaced in its own note`() async throws {
    let id = try await Self.newIssue()
    #expect(try Self.attach(to: id).exitCode == 0)
    let folder = try TemporaryFolder()
    for name in ["report.md", "report.json"] {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: KeptReport.source + "/" + name)))
      try folder.write(bytes + (name == "report.json" ? [0x0A] : []), to: name)
    }
    let run = try Self.attach(folder.path, to: id, ["--replace"])
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(run.errorText.contains("in place of"))
    let issue = try await Self.issue(id)
    let notes = (issue.journals ?? []).compactMap { Marker(lastLineOf: $0.notes ?? "") }
    #expect(notes.count == 1)
    #expect(issue.attachments?.count == Self.files.count + 2)
    #expect(try Self.attach(folder.path, to: id, ["--replace"]).errorText.contains("already"))
  }

  @Test func `an internal note is private, and files, which can't be, stay away`() async throws {
    let id = try await Self.newIssue()
    #expect(try Self.attach(to: id, ["--internal"]).exitCode == 0)
    let issue = try await Self.issue(id)
    #expect(issue.journals?.map(\.privateNotes) == [true])
    #expect(issue.attachments?.isEmpty == true)
    let page = try await Self.send("GET", "/issues/\(id)", isAPI: false)
    let html = String(decoding: page.body, as: UTF8.self)
    #expect(html.contains("Shop slow") && !html.contains("floodmark"))
  }

  @Test func `a wrong key, a missing ticket and a file too large say what to do`() async throws {
    let id = try await Self.newIssue()
    let wrong = try Self.attach(to: id, token: "0123456789abcdef")
    #expect(wrong.exitCode == 1)
    #expect(wrong.errorText.contains("FLOODMARK_REDMINE_TOKEN was not accepted (401)"))
    #expect(!wrong.errorText.contains("0123456789abcdef"))
    let missing = try Self.attach(to: 999_999)
    #expect(missing.exitCode == 1)
    #expect(missing.errorText.contains("was not found, or the token cannot see it"))
    let folder = try TemporaryFolder()
    for name in ["report.md", "report.json"] {
      try folder.write(
        [UInt8](try Data(contentsOf: URL(filePath: KeptReport.source + "/" + name))), to: name)
    }
    try folder.write([UInt8](repeating: 0x20, count: 5_242_881), to: "evidence.ndjson")
    let large = try Self.attach(folder.path, to: id)
    #expect(large.exitCode == 1)
    #expect(large.errorText.contains("maximum allowed file size"), "\(large.errorText)")
    #expect(large.errorText.contains("No comment was posted"))
    #expect(large.errorText.contains("report.md, report.json"))
    #expect(try await Self.issue(id).journals?.isEmpty == true)
  }
}
