import FloodmarkTestSupport
import Foundation
import Synchronization
import Testing

/// `floodmark attach`, run as a user runs it.
struct AttachTests {
  static let report = Fixture.packageRoot + "/Reports/prime-day-2018"
  static let token = "token-that-nobody-may-see"

  /// Runs the command with these settings and no others.
  static func attach(
    _ folder: String = report, to target: String, _ more: [String] = [],
    settings: [String: String] = [:]
  ) throws -> CommandRun {
    let bare = [
      "FLOODMARK_TRACKERS": "", "XDG_CONFIG_HOME": "/nonexistent", "FLOODMARK_GITHUB_TOKEN": "",
      "FLOODMARK_GITHUB_URL": "", "FLOODMARK_REDMINE_TOKEN": "", "FLOODMARK_REDMINE_URL": "",
    ]
    return try run(
      builtCommand(), ["attach", folder, "--to", target] + more,
      environment: bare.merging(settings) { _, new in new })
  }

  static func settings(_ server: LoopbackServer) -> [String: String] {
    ["FLOODMARK_GITHUB_TOKEN": token, "FLOODMARK_GITHUB_URL": server.address]
  }

  /// A ticket on GitHub that keeps what is posted to it.
  final class Ticket: Sendable {
    let comments = Mutex<[String]>([])

    func respond(_ request: ReceivedRequest) -> ScriptedAnswer {
      guard request.headers["authorization"] == "Bearer \(AttachTests.token)" else {
        return .answer(401, headers: [:], body: #"{"message":"Bad \u001b[2J credentials"}"#)
      }
      switch (request.method, request.target) {
      case ("GET", "/user"): return .answer(200, headers: [:], body: #"{"id":7}"#)
      case ("GET", "/repos/octo-org/shop/issues/12"):
        return .answer(200, headers: [:], body: "{}")
      case ("GET", "/repos/octo-org/shop/issues/12/comments?per_page=100&page=1"):
        let all = comments.withLock { $0 }.enumerated().map { index, body in
          #"{"id":\#(index),"user":{"id":7},"html_url":"https://github.example/\#(index)",\#(body)"#
        }
        return .answer(200, headers: [:], body: "[" + all.joined(separator: ",") + "]")
      case ("POST", "/repos/octo-org/shop/issues/12/comments"):
        comments.withLock { $0.append(String(request.text.dropFirst())) }
        return .answer(201, headers: [:], body: "{}")
      default: return .answer(404, headers: [:], body: #"{"message":"Not Found"}"#)
      }
    }
  }

  @Test func `a second run posts nothing`() throws {
    let ticket = Ticket()
    let server = try LoopbackServer { ticket.respond($0) }
    for round in 1...2 {
      let run = try Self.attach(to: "github:octo-org/shop#12", settings: Self.settings(server))
      #expect(run.exitCode == 0, "\(run.errorText)")
      #expect(run.outputText == "https://github.example/0\n")
      #expect(run.errorText.contains(round == 1 ? "Attached." : "nothing was sent"))
      #expect(ticket.comments.withLock { $0.count } == 1)
    }
    #expect(ticket.comments.withLock { $0.first }?.contains("The whole report") == true)
  }

  @Test func `a dry run asks nobody, needs no token and shows none`() throws {
    let server = try LoopbackServer { _ in .answer(500, headers: [:], body: "") }
    for settings in [Self.settings(server), [:]] {
      let run = try Self.attach(
        to: "github:octo-org/shop#12", ["--dry-run"], settings: settings)
      #expect(run.exitCode == 0, "\(run.errorText)")
      #expect(run.outputText.contains("To: github:octo-org/shop#12\n"))
      #expect(run.outputText.contains("# Incident report: 16 July 2018"))
      #expect(run.outputText.contains("`floodmark-report sha256:"))
      #expect(!(run.outputText + run.errorText).contains(Self.token))
    }
    #expect(server.requests.isEmpty)
    let files = try Self.attach(to: "redmine:https://example.com/#5", ["--dry-run"])
    #expect(files.outputText.contains("File: report.md, "))
    #expect(files.outputText.contains("File: report.json, "))
  }

  @Test func `a refusal says what to do, and prints neither the token nor what a terminal obeys`()
    throws
  {
    let ticket = Ticket()
    let server = try LoopbackServer { ticket.respond($0) }
    var settings = Self.settings(server)
    let missing = try Self.attach(to: "github:octo-org/other#12", settings: settings)
    #expect(missing.exitCode == 1)
    #expect(missing.errorText.contains("was not found, or the token cannot see it"))
    settings["FLOODMARK_GITHUB_TOKEN"] = "another-token"
    let wrong = try Self.attach(to: "github:octo-org/shop#12", settings: settings)
    #expect(wrong.exitCode == 1)
    #expect(wrong.errorText.contains("FLOODMARK_GITHUB_TOKEN was not accepted (401)"))
    #expect(wrong.errorText.contains("No comment was posted."))
    for run in [missing, wrong] {
      #expect(!run.errorText.contains(Self.token) && !run.errorText.contains("another-token"))
      #expect(run.errors.allSatisfy { $0 >= 0x20 || $0 == 0x0A })
    }
    #expect(ticket.comments.withLock { $0.isEmpty })
  }

  @Test func `a proxy of the environment does not get what is for this machine`() throws {
    let ticket = Ticket()
    let server = try LoopbackServer { ticket.respond($0) }
    let proxy = try LoopbackServer { _ in .answer(502, headers: [:], body: "") }
    let settings = Self.settings(server)
      .merging(["http_proxy": proxy.address, "all_proxy": proxy.address]) { _, new in new }
    let run = try Self.attach(to: "github:octo-org/shop#12", settings: settings)
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(proxy.requests.isEmpty)
  }

  @Test func `a host that is not configured gets nothing`() throws {
    let server = try LoopbackServer { _ in .answer(200, headers: [:], body: "{}") }
    let run = try Self.attach(
      to: "redmine:\(server.address)/#12",
      settings: [
        "FLOODMARK_REDMINE_TOKEN": Self.token,
        "FLOODMARK_REDMINE_URL": "https://tickets.example.com",
      ])
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("Nothing was sent"))
    #expect(server.requests.isEmpty)
  }

  @Test func `what was not masked is refused unless it is asked for`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(), to: "web.log")
    let place = folder.path + "/out"
    let made = try ReportTests.report([
      folder.path + "/web.log", "--no-redact", "--format", "markdown,json", "--output", place,
    ])
    #expect(made.exitCode == 0, "\(made.errorText)")
    let target = "file:" + folder.path + "/ticket"
    let refused = try Self.attach(place, to: target)
    #expect(refused.exitCode == 1)
    #expect(refused.errorText.contains("--attach-unredacted"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/ticket"))
    // A report.json that says otherwise does not cover a report.md that does not.
    let golden = [UInt8](try Data(contentsOf: URL(filePath: Self.report + "/report.json")))
    let own = try folder.read("out/report.json")
    try folder.write(golden, to: "out/report.json")
    #expect(try Self.attach(place, to: target).errorText.contains("--attach-unredacted"))
    try folder.write(own, to: "out/report.json")
    let taken = try Self.attach(place, to: target, ["--attach-unredacted"])
    #expect(taken.exitCode == 0, "\(taken.errorText)")
  }

  @Test func `files of another run and links are left out`() throws {
    let folder = try TemporaryFolder()
    for name in ["report.md", "report.json"] {
      try folder.write(
        [UInt8](try Data(contentsOf: URL(filePath: Self.report + "/" + name))), to: "in/" + name)
    }
    let old = try folder.write("old", to: "in/evidence.ndjson")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -86_400)], ofItemAtPath: old)
    try folder.write("secret", to: "secret")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/in/series.csv", withDestinationPath: folder.path + "/secret")
    try folder.write("other tenants", to: "in/index.md")
    let run = try Self.attach(folder.path + "/in", to: "file:" + folder.path + "/ticket")
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(run.errorText.contains("'evidence.ndjson' is older than report.json"))
    let names = FileManager.default.enumerator(atPath: folder.path + "/ticket")?
      .compactMap { ($0 as? String).flatMap { $0.split(separator: "/").last.map(String.init) } }
    #expect(
      Set((names ?? []).filter { $0.contains(".") && !$0.hasPrefix("comment-") })
        == ["report.md", "report.json"])
  }

  @Test(arguments: [
    ["--to", "github:a/b"], ["--to", "bugzilla:12"], ["--to", "redmine:http://example.com/#1"], [],
    ["--to", "github:a/b#1", "--internal"], ["--to", "gitlab:a/b#1", "--visibility", "x"],
  ])
  func wrongUsageIsSixtyFour(arguments: [String]) throws {
    let run = try run(builtCommand(), ["attach", Self.report] + arguments)
    #expect(run.exitCode == 64, "\(run.errorText)")
  }

  @Test func `a folder without a report is said`() throws {
    let folder = try TemporaryFolder()
    let none = try Self.attach(folder.path, to: "file:" + folder.path + "/ticket")
    #expect(none.exitCode == 1)
    #expect(none.errorText.contains("is not a report"))
  }
}
