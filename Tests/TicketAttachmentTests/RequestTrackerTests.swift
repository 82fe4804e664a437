import FloodmarkTestSupport
import Foundation
import IncidentModel
import Testing

@testable import TicketAttachment

@Suite(.timeLimit(.minutes(2)))
struct RequestTrackerTests {
  typealias Step = TrackerScript.Step

  static let token = "1-7-0123456789abcdef0123456789abcdef"
  static let api = "/rt/REST/2.0"
  static let ticket = Step.get(api + "/ticket/12", #"{"id":12,"Status":"open"}"#)
  static let start: [Step] = [
    .get(api + "/user/7", #"{"id":7,"Name":"robot"}"#), ticket,
  ]

  static func search(of ticket: Int = 12, page: Int = 1) -> String {
    api + "/transactions?query=ObjectType%20%3D%20%27RT%3A%3ATicket%27%20AND%20ObjectId%20%3D%20"
      + "\(ticket)%20AND%20Type%20%3D%20%27Comment%27%20AND%20Subject%20LIKE%20%27"
      + "floodmark%2Dreport%20sha256%3A%27&fields=Creator,Created&orderby=id&order=ASC"
      + "&per_page=100&page=\(page)"
  }

  static func transaction(_ id: Int, by user: String) -> String {
    #"{"type":"transaction","id":"\#(id)","Creator":{"type":"user","id":"\#(user)"},"Created":"2018-07-17T08:00:00Z"}"#
  }

  /// What a look finds: one comment of `user` with each of the digests.
  static func look(_ digests: [String], by user: String = "robot") -> [Step] {
    let list = digests.indices.map { transaction(30 + $0, by: user) }.joined(separator: ",")
    let found = digests.indices.flatMap { index -> [Step] in
      let text = "Head\r\n\r\n\(Sample.subject)\r\n\r\nfloodmark-report sha256:\(digests[index])\n"
      let content = Data(text.utf8).base64EncodedString(options: .lineLength76Characters)
        .replacing("\r\n", with: "\\n")
      return [
        .get(
          api + "/transaction/\(30 + index)/attachments?fields=ContentType,Filename",
          #"{"items":[{"id":"4","ContentType":"multipart/mixed","Filename":""},{"id":"6","ContentType":"text/plain","Filename":"notes.txt"},{"id":"\#(50 + index)","ContentType":"text/plain","Filename":""}]}"#
        ),
        .get(api + "/attachment/\(50 + index)", #"{"Content":"\#(content)"}"#),
      ]
    }
    return [ticket, .get(search(), #"{"items":[\#(list)]}"#)] + found
  }

  static func comment(_ holds: [String] = [], status: Int = 201, _ answer: String = "[]") -> Step {
    .write(
      "POST", api + "/ticket/12/comment", status, answer,
      holds: [
        #""Subject":"floodmark-report sha256:\#(Sample.digest)""#,
        #""ContentType":"text\/plain""#, "floodmark-report sha256:\(Sample.digest)",
      ] + holds)
  }

  static func script(_ steps: [Step]) throws -> TrackerScript {
    try TrackerScript(
      steps, always: ["authorization": "token " + token, "accept": "application/json"])
  }

  static func settings(_ script: TrackerScript) -> [String: String] {
    ["FLOODMARK_RT_TOKEN": token, "FLOODMARK_RT_URL": script.address + "/rt"]
  }

  static func run(
    _ script: TrackerScript, replaces: Bool = false
  ) async throws -> TicketDelivery.Receipt {
    try await Sample.run(
      "rt:\(script.address)/rt/#12", settings(script),
      parcel: Sample.parcel(files: ["report.md"]), replaces: replaces,
      options: TicketOptions(isInternal: true, visibility: nil))
  }

  static func address(_ script: TrackerScript) -> String {
    script.address + "/rt/Ticket/Display.html?id=12#txn-30"
  }

  @Test func `one comment carries the files`() async throws {
    let file = Data("file report.md".utf8).base64EncodedString()
      .replacing("/", with: "\\/")
    let script = try Self.script(
      Self.start + Self.look([]) + [
        Self.comment([
          #""Attachments":[{"FileName":"report.md","FileType":"text\/markdown","FileContent":"\#(file)"}]"#
        ])
      ] + Self.look([Sample.digest]))
    #expect(try await Self.run(script) == .posted(address: Self.address(script)))
    script.expectDone()
  }

  @Test func `the second run posts nothing`() async throws {
    let script = try Self.script(Self.start + Self.look([Sample.digest]))
    #expect(try await Self.run(script) == .alreadyThere(address: Self.address(script)))
    script.expectDone()
  }

  @Test func `another's comment with the same marker counts for nothing`() async throws {
    let script = try Self.script(
      Self.start + Self.look([Sample.digest], by: "stranger") + [Self.comment()]
        + Self.look([Sample.digest]))
    #expect(try await Self.run(script) == .posted(address: Self.address(script)))
    script.expectDone()
  }

  @Test func `a comment can't be edited, so that a new one names the earlier`() async throws {
    let script = try Self.script(
      Self.start + Self.look([Sample.otherDigest]) + [
        Self.comment(["Replaces the report of 2018-07-17"])
      ] + Self.look([Sample.digest]))
    #expect(try await Self.run(script, replaces: true) == .posted(address: Self.address(script)))
    script.expectDone()
  }

  @Test func `a comment whose answer got lost is looked for and not sent twice`() async throws {
    let script = try Self.script(
      Self.start + Self.look([]) + [
        Step(method: "POST", target: Self.api + "/ticket/12/comment", answer: .reset)
      ] + Self.look([Sample.digest]))
    #expect(try await Self.run(script) == .posted(address: Self.address(script)))
    script.expectDone()
  }

  @Test func `a merged ticket is looked through under its new number`() async throws {
    var look = Self.look([Sample.digest])
    look[0] = .get(Self.api + "/ticket/12", #"{"id":4}"#)
    look[1] = .get(
      Self.search(of: 4), #"{"items":[\#(Self.transaction(30, by: "robot"))]}"#)
    let script = try Self.script(Self.start + look)
    #expect(try await Self.run(script) == .alreadyThere(address: Self.address(script)))
    script.expectDone()
  }

  @Test func `what is no token of this tracker's is told to be none`() async throws {
    let script = try TrackerScript(
      [.get(Self.api + "/user/0", #"{"message":"Unauthorized"}"#, status: 401)], always: [:])
    let failure = try await Sample.failure(
      "rt:\(script.address)/rt#12",
      ["FLOODMARK_RT_TOKEN": Sample.token, "FLOODMARK_RT_URL": script.address + "/rt"])
    #expect(failure.step == .identity)
    guard case .refused(status: 401, _) = failure.problem else {
      Issue.record("\(failure)")
      return
    }
    script.expectDone()
  }

  @Test func `a refusal keeps the server's words, and nothing is left behind`() async throws {
    let script = try Self.script(
      Self.start + Self.look([]) + [
        Self.comment(status: 400, #"{"message":"Permission Denied"}"#)
      ])
    do {
      _ = try await Self.run(script)
      Issue.record("it did not fail")
    } catch let failure as AttachFailure {
      #expect(
        failure.problem == .refused(status: 400, message: LogText("Permission Denied", kind: .line))
      )
      #expect(failure.step == .comment && !failure.isUncertain)
      #expect(failure.leftFiles.isEmpty)
      #expect(!String(describing: failure).contains(Self.token))
    }
    script.expectDone()
  }
}
