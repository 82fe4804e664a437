import FloodmarkTestSupport
import Foundation
import Testing

@testable import TicketAttachment

/// Where the Request Tracker is that `make tracker-test` starts.
enum RequestTrackerServer {
  static let environment = ProcessInfo.processInfo.environment
  static let address = environment["FLOODMARK_TEST_RT"]
  static let token = environment["FLOODMARK_TEST_RT_TOKEN"] ?? ""
  /// Of a user who may do nothing.
  static let guest = environment["FLOODMARK_TEST_RT_GUEST"] ?? ""
}

/// A real Request Tracker, which `make tracker-test` starts on the loopback address; elsewhere these are skipped.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .enabled(
    if: RequestTrackerServer.address != nil, "make tracker-test starts a Request Tracker"))
struct RealRequestTrackerTests {
  static let base = RequestTrackerServer.address ?? ""

  /// One part of a comment.
  struct Part {
    var name: String
    var bytes: [UInt8]
  }

  static func send(_ method: String, _ path: String, body: String = "") async throws -> HTTPAnswer {
    try await WebCourier().send(
      HTTPRequest(
        method: method, address: base + path,
        headers: [
          (name: "Authorization", value: "token " + RequestTrackerServer.token),
          (name: "Content-Type", value: "application/json"),
        ], body: Array(body.utf8)))
  }

  static func object(_ path: String) async throws -> [String: Any] {
    let answer = try await send("GET", "/REST/2.0" + path)
    return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
  }

  static func newTicket() async throws -> Int {
    let answer = try await send(
      "POST", "/REST/2.0/ticket", body: #"{"Queue":"General","Subject":"Shop slow since 17:40"}"#)
    let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
    return try #require((object?["id"] as? String).flatMap { Int($0) })
  }

  static func list(_ path: String) async throws -> [[String: Any]] {
    try await object(path)["items"] as? [[String: Any]] ?? []
  }

  /// The parts of each comment on a ticket that hold anything.
  static func comments(_ ticket: Int) async throws -> [[Part]] {
    var comments: [[Part]] = []
    for transaction in try await list("/ticket/\(ticket)/history?fields=Type&per_page=100")
    where transaction["Type"] as? String == "Comment" {
      let id = try #require(transaction["id"] as? String)
      var parts: [Part] = []
      for file in try await list(
        "/transaction/\(id)/attachments?fields=ContentType,Filename&per_page=100")
      where file["ContentType"] as? String != "multipart/mixed" {
        let part = try await object("/attachment/\(try #require(file["id"] as? String))")
        let text = part["Content"] as? String ?? ""
        parts.append(
          Part(
            name: file["Filename"] as? String ?? "",
            bytes: [UInt8](Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())
          ))
      }
      comments.append(parts)
    }
    return comments
  }

  static func attach(
    _ folder: String? = nil, to ticket: Int, _ more: [String] = [],
    token: String = RequestTrackerServer.token
  ) throws -> CommandRun {
    let kept = try TemporaryFolder()
    if folder == nil { try KeptReport.copied(to: kept) }
    return try run(
      builtCommand(), ["attach", folder ?? kept.path, "--to", "rt:\(base)/#\(ticket)"] + more,
      environment: [
        "FLOODMARK_RT_URL": base, "FLOODMARK_RT_TOKEN": token, "XDG_CONFIG_HOME": "/nonexistent",
      ])
  }

  @Test func `a report hangs on the ticket once, byte for byte, however often it is attached`()
    async throws
  {
    let id = try await Self.newTicket()
    let first = try Self.attach(to: id)
    #expect(first.exitCode == 0, "\(first.errorText)")
    let comments = try await Self.comments(id)
    let parts = try #require(comments.first)
    #expect(comments.count == 1)
    #expect(
      parts.map(\.name).sorted() == ["", "capacity.svg", "excess.svg", "report.json", "report.md"])
    for part in parts where !part.name.isEmpty {
      let folder = part.name.hasSuffix(".svg") ? "/charts/" : "/"
      let bytes = [UInt8](
        try Data(contentsOf: URL(filePath: KeptReport.source + folder + part.name)))
      #expect(part.bytes == bytes, "\(part.name)")
    }
    #expect(first.outputText.hasPrefix("\(Self.base)/Ticket/Display.html?id=\(id)#txn-"))
    let second = try Self.attach(to: id)
    #expect(second.exitCode == 0)
    #expect(second.outputText == first.outputText)
    #expect(second.errorText.contains("already"))
    #expect(try await Self.comments(id).count == 1)
  }

  @Test func `the page shows the comment word for word, without a tag in it`() async throws {
    let id = try await Self.newTicket()
    let done = try Self.attach(to: id)
    #expect(done.exitCode == 0, "\(done.errorText)")
    let sent = String(
      decoding: try #require(try await Self.comments(id).first?.first { $0.name.isEmpty }).bytes,
      as: UTF8.self)
    let page = try await Self.send("GET", "/Ticket/History.html?id=\(id)")
    let html = String(decoding: page.body, as: UTF8.self)
    let start = try #require(html.range(of: "Incident report"), "no comment on the page")
    let end = try #require(
      html.range(of: "floodmark-report sha256:", range: start.upperBound..<html.endIndex))
    let shown = html[start.lowerBound..<end.lowerBound]
    let tags = Set(shown.matches(of: /<\/?([a-z0-9]+)/).map { String($0.1) })
    #expect(tags.isSubset(of: ["br"]), "\(tags)")
    let text = shown.replacing(/<[^>]*>/, with: " ").replacing("&nbsp;", with: " ")
      .replacing("&gt;", with: ">").replacing("&lt;", with: "<")
      .replacing(/&#(\d+);/) { match in
        UInt8(match.1).map { String(UnicodeScalar($0)) } ?? String(match.0)
      }
    let wanted = try #require(sent.range(of: "floodmark-report sha256:"))
    #expect(
      text.split(whereSeparator: \.isWhitespace)
        == sent[..<wanted.lowerBound].split(whereSeparator: \.isWhitespace))
  }

  @Test func `a later report gets a comment of its own that names the earlier`() async throws {
    let id = try await Self.newTicket()
    #expect(try Self.attach(to: id).exitCode == 0)
    let folder = try TemporaryFolder()
    for name in ["report.md", "report.json"] {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: KeptReport.source + "/" + name)))
      try folder.write(bytes + (name == "report.json" ? [0x0A] : []), to: name)
    }
    let run = try Self.attach(folder.path, to: id, ["--replace"])
    #expect(run.exitCode == 0, "\(run.errorText)")
    let comments = try await Self.comments(id)
    #expect(comments.count == 2)
    let text = comments.last?.first { $0.name.isEmpty }.map {
      String(decoding: $0.bytes, as: UTF8.self)
    }
    #expect(text?.hasPrefix("Replaces the report of ") == true)
    #expect(try Self.attach(folder.path, to: id, ["--replace"]).errorText.contains("already"))
    #expect(try await Self.comments(id).count == 2)
  }

  @Test func `a wrong token, a missing ticket and a missing right say what to do`() async throws {
    let id = try await Self.newTicket()
    for token in ["1-14-0123456789abcdef0123456789abcdef", "0123456789abcdef"] {
      let wrong = try Self.attach(to: id, token: token)
      #expect(wrong.exitCode == 1)
      #expect(wrong.errorText.contains("FLOODMARK_RT_TOKEN was not accepted (401)"))
      #expect(!wrong.errorText.contains(token))
    }
    let missing = try Self.attach(to: 999_999)
    #expect(missing.exitCode == 1)
    #expect(missing.errorText.contains("was not found, or the token cannot see it"))
    let guest = try Self.attach(to: id, token: RequestTrackerServer.guest)
    #expect(guest.exitCode == 1)
    #expect(guest.errorText.contains("CommentOnTicket"), "\(guest.errorText)")
    #expect(!guest.errorText.contains(RequestTrackerServer.guest))
    #expect(try await Self.comments(id).isEmpty)
  }
}
