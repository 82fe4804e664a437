import FloodmarkTestSupport
import Foundation
import Testing

@testable import TicketAttachment

/// Who gets a token, and who doesn't.
struct AccessTests {
  static let settings = [
    "FLOODMARK_GITHUB_TOKEN": "t1", "FLOODMARK_GITLAB_TOKEN": "t2", "FLOODMARK_JIRA_TOKEN": "t3",
    "FLOODMARK_JIRA_URL": "https://tickets.example.com", "FLOODMARK_REDMINE_TOKEN": "t4",
    "FLOODMARK_REDMINE_URL": "https://red.example.com/tracker/", "FLOODMARK_RT_TOKEN": "t5",
    "FLOODMARK_RT_URL": "https://rt.example.com",
  ]

  @Test(arguments: [
    ("github:a/b#1", "https://api.github.com"), ("gitlab:a/b#1", "https://gitlab.com"),
    ("gitlab+https://gitlab.com/a/b#1", "https://gitlab.com"),
    ("jira:OPS-1@tickets.example.com", "https://tickets.example.com"),
    ("jira:OPS-1@Tickets.Example.com:443", "https://tickets.example.com"),
    ("redmine:https://RED.example.com:443/tracker/#1", "https://red.example.com/tracker"),
    ("rt:https://rt.example.com/#1", "https://rt.example.com"),
  ])
  func aTargetOfTheConfiguredHostHasAccess(target: String, base: String) throws {
    #expect(try Sample.access(target, Self.settings).base == base)
  }

  @Test(arguments: [
    "gitlab+https://gitlab.com.evil.example.com/a/b#1", "gitlab+https://evil.example.com/a/b#1",
    "gitlab+https://gitlab.com:8443/a/b#1", "gitlab+http://127.0.0.1/a/b#1",
    "jira:OPS-1@evil.example.com", "jira:OPS-1@tickets.example.com:8443",
    "jira:OPS-1@tickets.example.com.", "redmine:https://evil.example.com/tracker/#1",
    "redmine:https://red.example.com/#1", "redmine:https://red.example.com/tracker/other#1",
    "rt:https://red.example.com/tracker/#1", "rt:https://rt.example.com/rt/#1",
  ])
  func anyOtherHostGetsNothing(target: String) throws {
    #expect {
      try Sample.access(target, Self.settings)
    } throws: { error in
      if case TrackerAccess.Failure.otherHost = error { return true }
      return false
    }
  }

  @Test func `what is missing is named`() {
    for (target, name) in [
      ("github:a/b#1", "FLOODMARK_GITHUB_TOKEN"), ("gitlab:a/b#1", "FLOODMARK_GITLAB_TOKEN"),
      ("jira:OPS-1@x.example.com", "FLOODMARK_JIRA_URL"),
      ("redmine:https://x.example.com/#1", "FLOODMARK_REDMINE_URL"),
      ("rt:https://x.example.com/#1", "FLOODMARK_RT_URL"),
    ] {
      #expect(throws: TrackerAccess.Failure.missing(name: name)) {
        try Sample.access(target, [:])
      }
    }
  }

  @Test(arguments: ["a b", "a\r\nX-Other: 1", "a\nb", "ü", "a\u{7F}"])
  func aTokenThatWouldEndItsHeaderIsRefused(token: String) {
    #expect(throws: TrackerAccess.Failure.malformed(name: "FLOODMARK_GITHUB_TOKEN")) {
      try Sample.access("github:a/b#1", ["FLOODMARK_GITHUB_TOKEN": token])
    }
  }

  @Test(arguments: [
    "http://api.example.com", "ftp://api.example.com", "https://", "https://user@example.com",
    "https://example.com/../x", "https://example.com/a?b=c", "https://example.com//x",
  ])
  func anAddressThatIsNotSafeIsRefused(address: String) {
    #expect(throws: TrackerAccess.Failure.badAddress(name: "FLOODMARK_GITHUB_URL")) {
      try Sample.access(
        "github:a/b#1", ["FLOODMARK_GITHUB_TOKEN": "t", "FLOODMARK_GITHUB_URL": address])
    }
  }

  @Test func `a token has no printed form`() throws {
    let access = try Sample.access("github:a/b#1", ["FLOODMARK_GITHUB_TOKEN": Sample.token])
    var dumped = ""
    dump(access, to: &dumped)
    let shown = [dumped, String(describing: access), String(reflecting: access), "\(access)"]
    #expect(shown.allSatisfy { !$0.contains(Sample.token) })
    #expect(access.token.value == Sample.token)
  }

  @Test func `a file of settings must be its owner's alone`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "# tokens\nFLOODMARK_GITHUB_TOKEN=from-file\n\nFLOODMARK_GITHUB_URL=https://g.example.com\n",
      to: "trackers")
    func mode(_ mode: Int) throws {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
    let environment = ["FLOODMARK_TRACKERS": path]
    for open in [0o644, 0o640, 0o604, 0o620, 0o601] {
      try mode(open)
      #expect(throws: TrackerSettings.FileError.open(path: path)) {
        try TrackerSettings(environment: environment)
      }
    }
    try mode(0o600)
    let settings = try TrackerSettings(environment: environment)
    #expect(settings["FLOODMARK_GITHUB_TOKEN"] == "from-file")
    #expect(settings["FLOODMARK_GITHUB_URL"] == "https://g.example.com")
    let above = try TrackerSettings(
      environment: environment.merging(["FLOODMARK_GITHUB_TOKEN": "above"]) { _, new in new })
    #expect(above["FLOODMARK_GITHUB_TOKEN"] == "above")
  }

  @Test func `a file of settings that is none is said with its line`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("FLOODMARK_GITHUB_TOKEN=x\nexport A=b\n", to: "trackers")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    #expect(throws: TrackerSettings.FileError.malformed(path: path, line: 2)) {
      try TrackerSettings(environment: ["FLOODMARK_TRACKERS": path])
    }
    let missing = folder.path + "/none"
    #expect(throws: TrackerSettings.FileError.unreadable(path: missing)) {
      try TrackerSettings(environment: ["FLOODMARK_TRACKERS": missing])
    }
  }
}

struct MarkerTests {
  @Test(arguments: [
    "Head\n\n`floodmark-report sha256:D`", "floodmark-report sha256:D\n\n",
    "Head\r\n{{floodmark-report sha256:D}}\r\n", "x\n  floodmark-report sha256:D  ",
  ])
  func aWholeLastLineIsAMarker(text: String) {
    let text = text.replacingOccurrences(of: "D", with: Sample.digest)
    #expect(Marker(lastLineOf: text)?.digest == Sample.digest)
  }

  @Test(arguments: [
    "", "floodmark-report sha256:D\nmore", "see floodmark-report sha256:D",
    "floodmark-report sha256:D.", "`` floodmark-report sha256:D ``", "floodmark-report sha256:Da",
    "<!-- floodmark-report sha256:D -->", "> floodmark-report sha256:D",
    "FLOODMARK-report sha256:D", "floodmark-report sha256:0",
  ])
  func anythingElseIsNone(text: String) {
    let text = text.replacingOccurrences(of: "D", with: Sample.digest)
    #expect(Marker(lastLineOf: text) == nil)
  }

  @Test func `the line above it names the incident`() {
    let line = Sample.marker(Sample.digest)
    #expect(Marker(lastLineOf: "x\n`\(Sample.subject)`\n\n\(line)")?.subject == Sample.subject)
    #expect(Marker(lastLineOf: "x\n\(line)")?.subject == nil)
    #expect(Marker(lastLineOf: "`\(Sample.subject)`\nx\n\(line)")?.subject == nil)
  }
}

struct RateLimitTests {
  static let now = Date(timeIntervalSince1970: 1_531_764_000)

  static func seconds(_ status: Int, _ headers: [String: String]) -> Int? {
    RateLimit.seconds(in: HTTPAnswer(status: status, headers: headers, body: []), now: now)
  }

  @Test func `the times that servers name are read`() {
    #expect(Self.seconds(429, ["retry-after": "12"]) == 12)
    #expect(Self.seconds(503, ["retry-after": "Mon, 16 Jul 2018 18:00:30 GMT"]) == 30)
    #expect(Self.seconds(429, ["x-ratelimit-reset": "1531764090"]) == 90)
    #expect(Self.seconds(429, ["x-ratelimit-reset": "2018-07-16T18:01:00Z"]) == 60)
    #expect(
      Self.seconds(403, ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "1531764001"]) == 1)
    #expect(Self.seconds(403, ["retry-after": "5"]) == 5)
    #expect(Self.seconds(429, [:]) == 60)
  }

  @Test func `what is no limit asks for no wait`() {
    #expect(Self.seconds(403, [:]) == nil)
    #expect(Self.seconds(403, ["x-ratelimit-remaining": "12"]) == nil)
    #expect(Self.seconds(503, [:]) == nil)
    #expect(Self.seconds(500, ["retry-after": "5"]) == nil)
    #expect(Self.seconds(200, ["x-ratelimit-remaining": "0"]) == nil)
  }

  @Test(arguments: ["-5", "999999999999999999999", "soon", "", "Mon, 99 Jul 2018 18:00:30 GMT"])
  func nonsenseIsTakenForNoTime(text: String) {
    #expect(Self.seconds(429, ["retry-after": text]) == 60)
  }

  @Test func `a time far off stays a number`() {
    #expect(Self.seconds(429, ["retry-after": "9223372036854775807"]) == 366 * 86_400)
    #expect(Self.seconds(429, ["x-ratelimit-reset": "1"]) == 0)
  }
}
