import FloodmarkTestSupport
import Foundation
import IncidentModel
import Testing

@testable import TicketAttachment

@Suite(.timeLimit(.minutes(2)))
struct GitLabTests {
  typealias Step = TrackerScript.Step

  static let project = "/api/v4/projects/group%2Fsub%2Fshop"
  static let notes = project + "/issues/12/notes"
  static let page1 = notes + "?sort=desc&order_by=created_at&per_page=100&page=1"
  static let start: [Step] = [
    .get("/api/v4/user", #"{"id":7}"#), .get(project + "/issues/12", #"{"iid":12}"#),
  ]

  static func note(_ digest: String, by user: Int = 7) -> String {
    #"{"id":5,"body":"\#(Sample.comment(digest))","author":{"id":\#(user)},"system":false,"#
      + #""created_at":"2018-07-17T08:00:00.000Z"}"#
  }

  static func upload(_ name: String) -> Step {
    .write(
      "POST", project + "/uploads", 201,
      #"{"alt":"x","url":"/uploads/0a1b2c/\#(name)","markdown":"![x](/uploads/0a1b2c/\#(name))"}"#,
      holds: [
        "Content-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n", "file \(name)",
      ])
  }

  static func run(
    _ script: TrackerScript, isInternal: Bool = false, replaces: Bool = false
  ) async throws -> TicketDelivery.Receipt {
    try await Sample.run(
      "gitlab+\(script.address)/group/sub/shop#12", settings(script), replaces: replaces,
      options: TicketOptions(isInternal: isInternal, visibility: nil))
  }

  static func settings(_ script: TrackerScript) -> [String: String] {
    ["FLOODMARK_GITLAB_TOKEN": Sample.token, "FLOODMARK_GITLAB_URL": script.address + "/"]
  }

  static func script(_ steps: [Step]) throws -> TrackerScript {
    try TrackerScript(steps, always: ["private-token": Sample.token])
  }

  @Test(arguments: [true, false])
  func filesGoFirstAndTheNoteLinksThem(isInternal: Bool) async throws {
    let links = "report.md=/uploads/0a1b2c/report.md report.json=/uploads/0a1b2c/report.json"
    let script = try Self.script(
      Self.start + [
        .get(Self.page1, "[]"), Self.upload("report.md"), Self.upload("report.json"),
        .write(
          "POST", Self.notes, 201,
          holds: [links.replacingOccurrences(of: "/", with: "\\/"), "\"internal\":\(isInternal)"]),
        .get(Self.page1, "[\(Self.note(Sample.digest))]"),
      ])
    let address = script.address + "/group/sub/shop/-/issues/12#note_5"
    #expect(try await Self.run(script, isInternal: isInternal) == .posted(address: address))
    script.expectDone()
  }

  @Test func `the second run posts nothing, on whichever page the note stands`() async throws {
    let script = try Self.script(
      Self.start + [
        .get(Self.page1, "[]", headers: ["X-Next-Page": "2"]),
        .get(
          Self.page1.dropLast() + "2", "[\(Self.note(Sample.digest))]",
          headers: ["X-Next-Page": ""]),
      ])
    let address = script.address + "/group/sub/shop/-/issues/12#note_5"
    #expect(try await Self.run(script) == .alreadyThere(address: address))
    script.expectDone()
  }

  @Test func `an earlier note is edited`() async throws {
    let script = try Self.script(
      Self.start + [
        .get(Self.page1, "[\(Self.note(Sample.otherDigest))]"), Self.upload("report.md"),
        Self.upload("report.json"), .write("PUT", Self.notes + "/5", 200, holds: [Sample.digest]),
        .get(Self.page1, "[\(Self.note(Sample.digest))]"),
      ])
    let address = script.address + "/group/sub/shop/-/issues/12#note_5"
    #expect(try await Self.run(script, replaces: true) == .replaced(address: address))
    script.expectDone()
  }

  @Test(arguments: [
    "/uploads/0a/x) ![b](https://192.0.2.1/b.png", "https://192.0.2.1/x", "/uploads/../x",
    "/a/@all",
  ])
  func anAddressThatIsMarkupIsNotTaken(address: String) async throws {
    let upload = Step.write("POST", Self.project + "/uploads", 201, "{\"url\":\"\(address)\"}")
    let script = try Self.script(Self.start + [.get(Self.page1, "[]"), upload])
    let failure = try await Sample.failure(
      "gitlab+\(script.address)/group/sub/shop#12", Self.settings(script))
    #expect(failure.problem == .unreadable)
    script.expectDone()
  }

  @Test func `a file that is too large stops before the note, and the files sent are named`()
    async throws
  {
    let refused = Step.write("POST", Self.project + "/uploads", 413, "<html>too large</html>")
    let script = try Self.script(
      Self.start + [.get(Self.page1, "[]"), Self.upload("report.md"), refused])
    let failure = try await Sample.failure(
      "gitlab+\(script.address)/group/sub/shop#12", Self.settings(script))
    #expect(failure.problem == .refused(status: 413, message: nil))
    #expect(failure.step == .upload("report.json"))
    #expect(failure.leftFiles == ["report.md"])
    script.expectDone()
  }
}

@Suite(.timeLimit(.minutes(2)))
struct JiraTests {
  typealias Step = TrackerScript.Step

  static let basic =
    "Basic " + Data("robot@example.com:\(Sample.token)".utf8).base64EncodedString()

  static func issue(_ api: Int) -> String { "/rest/api/\(api)/issue/OPS-12" }
  static func page(_ api: Int, from start: Int = 0) -> String {
    issue(api) + "/comment?orderBy=-created&maxResults=100&startAt=\(start)"
  }

  static func start(_ api: Int, limit: Int = 10_000) -> [Step] {
    let user = api == 3 ? #"{"accountId":"a:7"}"# : #"{"key":"JIRAUSER7","name":"robot"}"#
    return [
      .get("/rest/api/\(api)/myself", user),
      .get(
        issue(api) + "?fields=attachment",
        #"{"fields":{"attachment":[{"id":"1","filename":"report.md","size":14}]}}"#),
      .get("/rest/api/\(api)/attachment/meta", #"{"enabled":true,"uploadLimit":\#(limit)}"#),
    ]
  }

  static func upload(_ api: Int, _ name: String) -> Step {
    .write(
      "POST", issue(api) + "/attachments", 200,
      #"[{"id":"2","filename":"\#(name)","size":14}]"#,
      holds: ["name=\"file\"; filename=\"\(name)\""])
  }

  static func comment(_ api: Int, _ digest: String) -> String {
    guard api == 3 else {
      return
        #"{"id":"5","body":"Head\r\n\r\n{{\#(Sample.subject)}}\r\n\r\n{{floodmark-report sha256:\#(digest)}}","author":{"key":"JIRAUSER7"},"created":"2018-07-17T08:00:00.000+0000"}"#
    }
    func paragraph(_ text: String) -> String {
      #"{"type":"paragraph","content":[{"type":"text","text":"\#(text)","marks":[{"type":"code"}]}]}"#
    }
    let content = ["Head", Sample.subject, "floodmark-report sha256:\(digest)"].map(paragraph)
    return
      #"{"id":"5","body":{"type":"doc","version":1,"content":[\#(content.joined(separator: ","))]},"#
      + #""author":{"accountId":"a:7"},"created":"2018-07-17T08:00:00.000+0000"}"#
  }

  static func page(_ api: Int, holding digests: [String]) -> Step {
    let all = digests.map { comment(api, $0) }.joined(separator: ",")
    return .get(page(api), #"{"comments":[\#(all)],"total":\#(digests.count)}"#)
  }

  static func script(_ api: Int, _ steps: [Step]) throws -> TrackerScript {
    try TrackerScript(
      steps,
      always: [
        "authorization": api == 3 ? basic : "Bearer \(Sample.token)", "accept": "application/json",
      ])
  }

  static func settings(_ api: Int, _ script: TrackerScript) -> [String: String] {
    var settings = [
      "FLOODMARK_JIRA_TOKEN": Sample.token, "FLOODMARK_JIRA_URL": script.address,
    ]
    if api == 3 { settings["FLOODMARK_JIRA_EMAIL"] = "robot@example.com" }
    return settings
  }

  /// A parcel whose comment is a document, as the cloud wants it.
  static func parcel(_ api: Int) -> Parcel {
    var parcel = Sample.parcel(files: ["report.md"])
    if api == 3 { parcel.comment = { _, _ in #"{"type":"doc","version":1,"content":[]}"# } }
    return parcel
  }

  static func run(
    _ api: Int, _ script: TrackerScript, replaces: Bool = false, visibility: String? = nil
  ) async throws -> TicketDelivery.Receipt {
    try await Sample.run(
      "jira:OPS-12@127.0.0.1:\(script.port)", settings(api, script), parcel: parcel(api),
      replaces: replaces, options: TicketOptions(isInternal: false, visibility: visibility))
  }

  @Test(arguments: [2, 3])
  func filesGoFirstAndThenTheComment(api: Int) async throws {
    let body = api == 3 ? #"{"body":{"type":"doc""# : #"{"body":"report.md"#
    let script = try Self.script(
      api,
      Self.start(api) + [
        Self.page(api, holding: []), Self.upload(api, "report.md"),
        .write(
          "POST", Self.issue(api) + "/comment", 201,
          holds: [body]),
        Self.page(api, holding: [Sample.digest]),
      ])
    let address = script.address + "/browse/OPS-12?focusedCommentId=5"
    #expect(try await Self.run(api, script) == .posted(address: address))
    script.expectDone()
    let upload = script.requests.first { $0.target.hasSuffix("/attachments") }
    #expect(upload?.headers["x-atlassian-token"] == "no-check")
  }

  @Test func `a comment for one role comes without files, which everybody would see`()
    async throws
  {
    let comment = Step.write(
      "POST", Self.issue(3) + "/comment", 201,
      holds: [#""visibility":{"type":"role","value":"Ops \"A\""}"#])
    let script = try Self.script(
      3,
      Self.start(3).dropLast() + [
        Self.page(3, holding: []), comment, Self.page(3, holding: [Sample.digest]),
      ])
    let address = script.address + "/browse/OPS-12?focusedCommentId=5"
    #expect(
      try await Self.run(3, script, visibility: "Ops \"A\"") == .posted(address: address))
    script.expectDone()
  }

  @Test(arguments: [2, 3])
  func theSecondRunPostsNothing(api: Int) async throws {
    let script = try Self.script(api, Self.start(api) + [Self.page(api, holding: [Sample.digest])])
    let address = script.address + "/browse/OPS-12?focusedCommentId=5"
    #expect(try await Self.run(api, script) == .alreadyThere(address: address))
    script.expectDone()
  }

  @Test(arguments: [2, 3])
  func anEarlierCommentIsEdited(api: Int) async throws {
    let script = try Self.script(
      api,
      Self.start(api) + [
        Self.page(api, holding: [Sample.otherDigest]), Self.upload(api, "report.md"),
        .write("PUT", Self.issue(api) + "/comment/5", 200),
        Self.page(api, holding: [Sample.digest]),
      ])
    let address = script.address + "/browse/OPS-12?focusedCommentId=5"
    #expect(try await Self.run(api, script, replaces: true) == .replaced(address: address))
    script.expectDone()
  }

  @Test func `a file whose upload was cut off is looked for and not sent twice`() async throws {
    let hanging =
      #"{"fields":{"attachment":[{"id":"1","filename":"report.md","size":14,"author":{"accountId":"a:7"}},{"id":"2","filename":"report.md","size":14,"author":{"accountId":"a:7"}}]}}"#
    let script = try Self.script(
      3,
      Self.start(3) + [
        Self.page(3, holding: []),
        Step(method: "POST", target: Self.issue(3) + "/attachments", answer: .reset),
        .get(Self.issue(3) + "?fields=attachment", hanging),
        .write("POST", Self.issue(3) + "/comment", 201), Self.page(3, holding: [Sample.digest]),
      ])
    let address = script.address + "/browse/OPS-12?focusedCommentId=5"
    #expect(try await Self.run(3, script) == .posted(address: address))
    script.expectDone()
  }

  @Test func `the limit is asked for before anything is sent`() async throws {
    let script = try Self.script(3, Self.start(3, limit: 10))
    let failure = try await Sample.failure(
      "jira:OPS-12@127.0.0.1:\(script.port)", Self.settings(3, script), parcel: Self.parcel(3))
    #expect(failure.problem == .tooLarge(file: "report.md", size: 14, limit: 10))
    script.expectDone()
    var steps = Self.start(3)
    steps[2] = .get("/rest/api/3/attachment/meta", #"{"enabled":false}"#)
    let off = try Self.script(3, steps)
    let failed = try await Sample.failure(
      "jira:OPS-12@127.0.0.1:\(off.port)", Self.settings(3, off), parcel: Self.parcel(3))
    #expect(failed.problem == .attachmentsOff)
    off.expectDone()
  }
}

@Suite(.timeLimit(.minutes(2)))
struct RedmineTests {
  typealias Step = TrackerScript.Step

  static let look = "/red/issues/12.json?include=journals,attachments"
  static let start: [Step] = [
    .get("/red/users/current.json", #"{"user":{"id":7,"login":"robot"}}"#),
    .get("/red/issues/12.json", #"{"issue":{"id":12}}"#),
  ]

  static func journals(_ digests: [String], by user: Int = 7) -> Step {
    let all = digests.map {
      #"{"id":5,"user":{"id":\#(user)},"notes":"Head\r\n\r\n\#(Sample.subject)\r\n\r\nfloodmark-report sha256:\#($0)","created_on":"2018-07-17T08:00:00Z"}"#
    }
    return .get(look, #"{"issue":{"id":12,"journals":[\#(all.joined(separator: ","))]}}"#)
  }

  static func upload(_ name: String) -> Step {
    .write(
      "POST", "/red/uploads.json?filename=\(name)", 201,
      #"{"upload":{"id":4,"token":"4.\#(name)"}}"#, holds: ["file \(name)"])
  }

  static let claim =
    #"{"token":"4.report.md","filename":"report.md","content_type":"text\/markdown","description":"floodmark-report sha256:\#(Sample.digest)"}"#

  static func script(_ steps: [Step]) throws -> TrackerScript {
    try TrackerScript(steps, always: ["x-redmine-api-key": Sample.token])
  }

  static func settings(_ script: TrackerScript) -> [String: String] {
    ["FLOODMARK_REDMINE_TOKEN": Sample.token, "FLOODMARK_REDMINE_URL": script.address + "/red"]
  }

  static func run(
    _ script: TrackerScript, replaces: Bool = false, isInternal: Bool = false
  ) async throws -> TicketDelivery.Receipt {
    try await Sample.run(
      "redmine:\(script.address)/red/#12", settings(script),
      parcel: Sample.parcel(files: ["report.md"]), replaces: replaces,
      options: TicketOptions(isInternal: isInternal, visibility: nil))
  }

  @Test func `a private note comes without files, which everybody would see`() async throws {
    let note = Step.write(
      "PUT", "/red/issues/12.json", 204, "",
      holds: [#""private_notes":true,"uploads":[]"#, Sample.digest])
    let script = try Self.script(
      Self.start + [Self.journals([]), note, Self.journals([Sample.digest])])
    let address = script.address + "/red/issues/12#change-5"
    #expect(try await Self.run(script, isInternal: true) == .posted(address: address))
    script.expectDone()
  }

  @Test func `one note claims the files`() async throws {
    let script = try Self.script(
      Self.start + [
        Self.journals([]), Self.upload("report.md"),
        Step(
          method: "PUT", target: "/red/issues/12.json",
          answer: .answer(204, headers: [:], body: ""),
          holds: [Self.claim, "\"private_notes\":false", Sample.digest]),
        Self.journals([Sample.digest]),
      ])
    let address = script.address + "/red/issues/12#change-5"
    #expect(try await Self.run(script) == .posted(address: address))
    script.expectDone()
    let upload = script.requests.first { $0.method == "POST" }
    #expect(upload?.headers["content-type"] == "application/octet-stream")
    #expect(upload?.text == "file report.md")
  }

  @Test func `the second run posts nothing`() async throws {
    let script = try Self.script(Self.start + [Self.journals([Sample.digest])])
    let address = script.address + "/red/issues/12#change-5"
    #expect(try await Self.run(script) == .alreadyThere(address: address))
    script.expectDone()
  }

  @Test func `an earlier note is edited, and the files come before it`() async throws {
    let script = try Self.script(
      Self.start + [
        Self.journals([Sample.otherDigest]), Self.upload("report.md"),
        .write("PUT", "/red/issues/12.json", 204, "", holds: [Self.claim]),
        .write("PUT", "/red/journals/5.json", 204, "", holds: [Sample.digest]),
        Self.journals([Sample.digest]),
      ])
    let address = script.address + "/red/issues/12#change-5"
    #expect(try await Self.run(script, replaces: true) == .replaced(address: address))
    script.expectDone()
  }

  @Test func `a wrong key is found before anything is read as nobody`() async throws {
    let script = try Self.script([.get("/red/users/current.json", "", status: 401)])
    let failure = try await Sample.failure(
      "redmine:\(script.address)/red#12", Self.settings(script))
    #expect(failure.problem == .refused(status: 401, message: nil))
    #expect(failure.step == .identity)
    script.expectDone()
  }

  @Test func `a file that is too large names the limit`() async throws {
    let said =
      #"{"errors":["This file cannot be uploaded because it exceeds the maximum allowed file size (5242880)"]}"#
    let script = try Self.script(
      Self.start + [
        Self.journals([]), .write("POST", "/red/uploads.json?filename=report.md", 422, said),
      ])
    let failure = try await Sample.failure(
      "redmine:\(script.address)/red#12", Self.settings(script))
    guard case .refused(status: 422, let message?) = failure.problem else {
      Issue.record("\(failure)")
      return
    }
    #expect(String(decoding: message.bytes, as: UTF8.self).contains("(5242880)"))
    script.expectDone()
  }
}
