import FloodmarkTestSupport
import Foundation
import Testing

@testable import TicketAttachment

/// Files beside a ticket of GitHub: a secret gist, or a branch.
@Suite(.timeLimit(.minutes(2)))
struct GitHubStoreTests {
  typealias Step = TrackerScript.Step

  private static let gists = "/gists?per_page=100&page=1"
  private static let description = "floodmark-report sha256:\(Sample.digest)"
  private static let address = "https://gist.example/7"

  private static func run(
    _ script: TrackerScript, _ store: FileStore
  ) async throws -> TicketDelivery.Receipt {
    try await Sample.run(
      GitHubTests.target, GitHubTests.settings(script),
      options: TicketOptions(isInternal: false, visibility: nil, store: store))
  }

  private static func posted(_ address: String) -> Step {
    .write(
      "POST", GitHubTests.comments, 201,
      holds: ["report.md=\(address)".replacing("/", with: "\\/"), Sample.digest])
  }

  @Test func `a gist holds all files and the comment names it`() async throws {
    let script = try GitHubTests.script(
      GitHubTests.start + [
        GitHubTests.empty, .get(Self.gists, "[]"),
        .write(
          "POST", "/gists", 201, #"{"html_url":"\#(Self.address)"}"#,
          holds: [
            #""public":false"#, Self.description, #""report.md":{"content":"file report.md"}"#,
            #""report.json":{"content""#,
          ]),
        Self.posted(Self.address), GitHubTests.posted(),
      ])
    #expect(try await Self.run(script, .gist) == .posted(address: "https://github.com/c/5"))
    script.expectDone()
  }

  @Test func `a gist of an earlier try is found and not made again`() async throws {
    let found =
      #"[{"description":"x"},{"description":"\#(Self.description)","html_url":"\#(Self.address)"}]"#
    let script = try GitHubTests.script(
      GitHubTests.start + [
        GitHubTests.empty, .get(Self.gists, found), Self.posted(Self.address), GitHubTests.posted(),
      ])
    #expect(try await Self.run(script, .gist) == .posted(address: "https://github.com/c/5"))
    script.expectDone()
  }

  @Test func `after a reset the gist is looked for`() async throws {
    let found = #"[{"description":"\#(Self.description)","html_url":"\#(Self.address)"}]"#
    let script = try GitHubTests.script(
      GitHubTests.start + [
        GitHubTests.empty, .get(Self.gists, "[]"),
        Step(method: "POST", target: "/gists", answer: .reset), .get(Self.gists, found),
        Self.posted(Self.address), GitHubTests.posted(),
      ])
    #expect(try await Self.run(script, .gist) == .posted(address: "https://github.com/c/5"))
    script.expectDone()
    #expect(script.requests.count { $0.method == "POST" && $0.target == "/gists" } == 1)
  }

  @Test func `a branch receives each file once`() async throws {
    let folder = "/repos/octo-org/shop/contents/incidents/2018-07-16-ab12ab12"
    let script = try GitHubTests.script(
      GitHubTests.start + [
        GitHubTests.empty,
        .get("\(folder)/report.md?ref=incident-files", #"{"html_url":"https://github.com/f/md"}"#),
        .get("\(folder)/report.json?ref=incident-files", "{}", status: 404),
        .write(
          "PUT", "\(folder)/report.json", 201,
          #"{"content":{"html_url":"https://github.com/f/js"}}"#,
          holds: [
            #""branch":"incident-files""#,
            #""content":"\#(Data("file report.json".utf8).base64EncodedString())""#,
          ]),
        Self.posted("https://github.com/f/md"), GitHubTests.posted(),
      ])
    #expect(
      try await Self.run(script, .branch("incident-files"))
        == .posted(address: "https://github.com/c/5"))
    script.expectDone()
  }

  @Test func `a store that is refused posts nothing`() async throws {
    let script = try GitHubTests.script(
      GitHubTests.start + [
        GitHubTests.empty, .get(Self.gists, #"{"message":"Not Found"}"#, status: 404),
      ])
    await #expect(throws: AttachFailure.self) { try await Self.run(script, .gist) }
    script.expectDone()
  }

  @Test(arguments: [
    ("gist", FileStore.gist), ("branch:main", .branch("main")), ("branch:a/b-1", .branch("a/b-1")),
  ])
  func `a store is named`(text: String, store: FileStore) {
    #expect(FileStore(parsing: text) == store)
  }

  @Test(arguments: ["", "gists", "branch:", "branch:../x", "branch:a b", "branch:a?b", "branch:/a"])
  func `what names no store is refused`(text: String) {
    #expect(FileStore(parsing: text) == nil)
  }
}
