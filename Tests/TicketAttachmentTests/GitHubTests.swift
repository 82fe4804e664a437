import FloodmarkTestSupport
import Foundation
import IncidentModel
import Testing

@testable import TicketAttachment

/// GitHub's part, and what all trackers share: retries, limits, resets, redirects.
@Suite(.timeLimit(.minutes(2)))
struct GitHubTests {
  typealias Step = TrackerScript.Step

  static let target = "github:octo-org/shop#12"
  static let comments = "/repos/octo-org/shop/issues/12/comments"
  static let page1 = comments + "?per_page=100&page=1"
  static let headers = [
    "authorization": "Bearer \(Sample.token)", "accept": "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  ]
  static let start: [Step] = [
    .get("/user", #"{"id":7,"login":"robot","type":"User"}"#),
    .get("/repos/octo-org/shop/issues/12", #"{"number":12}"#),
  ]
  static let empty = Step.get(page1, "[]")
  static let created = Step.write("POST", comments, 201, holds: [Sample.digest, #"{"body":""#])

  static func posted(_ digest: String = Sample.digest, by user: Int = 7, id: Int = 5) -> Step {
    .get(page1, "[\(comment(digest, by: user, id: id))]")
  }

  static func comment(_ digest: String, by user: Int = 7, id: Int = 5) -> String {
    #"{"id":\#(id),"body":"\#(Sample.comment(digest))","user":{"id":\#(user),"type":"User"},"#
      + #""created_at":"2018-07-17T08:00:00Z","html_url":"https://github.com/c/\#(id)"}"#
  }

  static func script(_ steps: [Step]) throws -> TrackerScript {
    try TrackerScript(steps, always: headers)
  }

  static func settings(_ script: TrackerScript) -> [String: String] {
    ["FLOODMARK_GITHUB_TOKEN": Sample.token, "FLOODMARK_GITHUB_URL": script.address]
  }

  static func run(
    _ script: TrackerScript, replaces: Bool = false, waits: Waits = Waits()
  ) async throws -> TicketDelivery.Receipt {
    try await Sample.run(target, settings(script), replaces: replaces, waits: waits)
  }

  @Test func `a comment is posted, and looked at afterwards`() async throws {
    let script = try Self.script(Self.start + [Self.empty, Self.created, Self.posted()])
    #expect(try await Self.run(script) == .posted(address: "https://github.com/c/5"))
    script.expectDone()
  }

  @Test func `the second run posts nothing`() async throws {
    let script = try Self.script(Self.start + [Self.posted()])
    #expect(try await Self.run(script) == .alreadyThere(address: "https://github.com/c/5"))
    script.expectDone()
  }

  @Test func `later pages are looked at too`() async throws {
    let next = ["Link": "<http://192.0.2.1/elsewhere?page=2>; rel=\"next\""]
    let script = try Self.script(
      Self.start + [
        .get(Self.page1, "[]", headers: next),
        .get(Self.comments + "?per_page=100&page=2", "[\(Self.comment(Sample.digest))]"),
      ])
    #expect(try await Self.run(script) == .alreadyThere(address: "https://github.com/c/5"))
    script.expectDone()
  }

  @Test func `a marker of somebody else, or within a comment, is none`() async throws {
    let foreign = Self.comment(Sample.digest, by: 8)
    let quoted =
      #"{"id":6,"body":"\#(Sample.comment(Sample.digest))\n\nand more","user":{"id":7}}"#
    let script = try Self.script(
      Self.start + [
        .get(Self.page1, "[\(foreign),\(quoted)]"), Self.created, Self.posted(id: 9),
      ])
    #expect(try await Self.run(script) == .posted(address: "https://github.com/c/9"))
    script.expectDone()
  }

  @Test func `one's own earlier comment is edited with --replace alone`() async throws {
    let earlier = Self.posted(Sample.otherDigest)
    let edits = try Self.script(
      Self.start + [
        earlier,
        .write("PATCH", "/repos/octo-org/shop/issues/comments/5", 200, holds: [Sample.digest]),
        Self.posted(),
      ])
    #expect(
      try await Self.run(edits, replaces: true) == .replaced(address: "https://github.com/c/5"))
    edits.expectDone()
    let adds = try Self.script(Self.start + [earlier, Self.created, Self.posted()])
    #expect(try await Self.run(adds) == .posted(address: "https://github.com/c/5"))
    adds.expectDone()
  }

  @Test func `a foreign earlier comment is named in a new one`() async throws {
    let created = Step.write(
      "POST", Self.comments, 201, holds: [#"{"body":"Replaces the report of 2018-07-17"#])
    let script = try Self.script(
      Self.start + [Self.posted(Sample.otherDigest, by: 8), created, Self.posted()])
    #expect(
      try await Self.run(script, replaces: true) == .posted(address: "https://github.com/c/5"))
    script.expectDone()
  }

  @Test func `a reset after the request was read leads to a look and not to a second comment`()
    async throws
  {
    let script = try Self.script(
      Self.start + [
        Self.empty, Step(method: "POST", target: Self.comments, answer: .reset), Self.posted(),
      ])
    #expect(try await Self.run(script) == .posted(address: "https://github.com/c/5"))
    script.expectDone()
    #expect(script.requests.count { $0.method == "POST" } == 1)
  }

  @Test func `a comment that got lost is posted again, once`() async throws {
    let lost = Step(method: "POST", target: Self.comments, answer: .reset)
    let script = try Self.script(
      Self.start + [Self.empty, lost, Self.empty, Self.created, Self.posted()])
    #expect(try await Self.run(script) == .posted(address: "https://github.com/c/5"))
    script.expectDone()
    let twice = try Self.script(Self.start + [Self.empty, lost, Self.empty, lost, Self.empty])
    let failure = try await Sample.failure(Self.target, Self.settings(twice))
    #expect(failure.isUncertain)
    #expect(failure.problem == .transport(.cutOff))
    twice.expectDone()
  }

  @Test func `a 502 after a comment leads to a look`() async throws {
    let script = try Self.script(
      Self.start + [Self.empty, .write("POST", Self.comments, 502), Self.posted()])
    #expect(try await Self.run(script) == .posted(address: "https://github.com/c/5"))
    script.expectDone()
  }

  @Test func `a limit with a time is waited for, within two minutes in all`() async throws {
    let waits = Waits()
    let limited = Step.write("POST", Self.comments, 429, headers: ["Retry-After": "7"])
    let script = try Self.script(
      Self.start + [Self.empty, limited, limited, Self.created, Self.posted()])
    #expect(
      try await Self.run(script, waits: waits) == .posted(address: "https://github.com/c/5"))
    script.expectDone()
    #expect(waits.all == [7, 7])
    let long = try Self.script(
      Self.start + [
        Self.empty, .write("POST", Self.comments, 429, headers: ["Retry-After": "900"]),
      ])
    let failure = try await Sample.failure(Self.target, Self.settings(long))
    #expect(failure.problem == .askedToWait(seconds: 900))
    #expect(!failure.isUncertain)
    long.expectDone()
  }

  @Test func `a spent limit that GitHub calls 403 is waited for`() async throws {
    let waits = Waits()
    let reset = Int(Date().timeIntervalSince1970) + 3
    let spent = ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "\(reset)"]
    let script = try Self.script(
      [.get("/user", "{}", headers: spent, status: 403)] + Self.start + [Self.posted()])
    #expect(
      try await Self.run(script, waits: waits) == .alreadyThere(address: "https://github.com/c/5"))
    script.expectDone()
    #expect(waits.all.count == 1 && waits.all.allSatisfy { (0...3).contains($0) })
  }

  @Test func `an app's token, which belongs to no user, counts comments of bots as its own`()
    async throws
  {
    let own = Self.comment(Sample.digest).replacingOccurrences(of: "User", with: "Bot")
    let script = try Self.script([
      .get("/user", #"{"message":"Resource not accessible by integration"}"#, status: 403),
      Self.start[1], .get(Self.page1, "[\(own)]"),
    ])
    #expect(try await Self.run(script) == .alreadyThere(address: "https://github.com/c/5"))
    script.expectDone()
  }

  @Test(arguments: [401, 404, 410, 413, 422])
  func aRefusalKeepsItsStatusAndItsWords(status: Int) async throws {
    let said = #"{"message":"no","errors":["body is too long"]}"#
    let refused = Step.write(
      "POST", Self.comments, status, said, headers: ["X-GitHub-Request-Id": "A:1"])
    let script = try Self.script(Self.start + [Self.empty, refused])
    let failure = try await Sample.failure(Self.target, Self.settings(script))
    guard case .refused(status, let message) = failure.problem else {
      Issue.record("\(failure)")
      return
    }
    #expect(message.map { String(decoding: $0.bytes, as: UTF8.self) } == "no; body is too long")
    #expect(failure.step == .comment)
    #expect(!failure.isUncertain)
    #expect(failure.requestID.map { String(decoding: $0.bytes, as: UTF8.self) } == "A:1")
    script.expectDone()
  }

  @Test func `a challenge is not answered with another request`() async throws {
    let script = try Self.script([
      .get("/user", "{}", headers: ["WWW-Authenticate": "Basic realm=\"x\""], status: 401)
    ])
    let failure = try await Sample.failure(Self.target, Self.settings(script))
    #expect(failure.problem == .refused(status: 401, message: nil))
    #expect(failure.step == .identity)
    script.expectDone()
  }

  @Test(arguments: [301, 302, 307, 308])
  func aTokenFollowsNoRedirect(status: Int) async throws {
    let other = try LoopbackServer { _ in .answer(200, headers: [:], body: "{}") }
    let script = try Self.script([
      .get("/user", "", headers: ["Location": other.address + "/user"], status: status)
    ])
    let failure = try await Sample.failure(Self.target, Self.settings(script))
    guard case .moved(let place?) = failure.problem else {
      Issue.record("\(failure)")
      return
    }
    #expect(String(decoding: place.bytes, as: UTF8.self) == other.address + "/user")
    #expect(other.requests.isEmpty)
    script.expectDone()
  }

  @Test func `a server that sends a byte now and then is given up`() async throws {
    let slow = Step(method: "GET", target: "/user", answer: .dribble)
    let script = try Self.script([slow, slow, slow, slow])
    let waits = Waits()
    let failure = try await Sample.failure(
      Self.target, Self.settings(script), waits: waits, limitSeconds: 0.5)
    #expect(failure.problem == .transport(.timedOut))
    #expect(waits.all == [1, 2, 3])
    // A busy machine may give up before the server has read a request, so that their number is not told.
    #expect((1...4).contains(script.requests.count))
  }

  @Test func `reading is tried four times`() async throws {
    let down = Step.get("/user", "", status: 503)
    let script = try Self.script([down, down, down] + Self.start + [Self.posted()])
    #expect(try await Self.run(script) == .alreadyThere(address: "https://github.com/c/5"))
    script.expectDone()
    let dead = try Self.script([down, down, down, down])
    let failure = try await Sample.failure(Self.target, Self.settings(dead))
    #expect(failure.problem == .refused(status: 503, message: nil))
    dead.expectDone()
  }

  @Test func `an answer in a form that is none is said`() async throws {
    let script = try Self.script([.get("/user", "<html>Log in</html>")])
    let failure = try await Sample.failure(Self.target, Self.settings(script))
    #expect(failure.problem == .unreadable)
    script.expectDone()
  }

  @Test func `nobody who listens is told from a host without address`() async throws {
    let server = try LoopbackServer { _ in .reset }
    let settings = [
      "FLOODMARK_GITHUB_TOKEN": Sample.token, "FLOODMARK_GITHUB_URL": server.address,
    ]
    server.stop()
    let refused = try await Sample.failure(Self.target, settings)
    #expect([.transport(.refused), .transport(.cutOff)].contains(refused.problem))
    let nowhere = settings.merging(
      ["FLOODMARK_GITHUB_URL": "https://tracker.invalid"]) { _, new in new }
    let unknown = try await Sample.failure(Self.target, nowhere)
    #expect(unknown.problem == .transport(.unknownHost))
  }
}
