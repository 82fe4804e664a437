import Testing

@testable import TicketAttachment

@Test(arguments: [
  (
    "github:octo-org/shop#12", TicketTarget.gitHub(owner: "octo-org", repository: "shop", issue: 12)
  ),
  ("gitlab:group/sub/shop#7", .gitLab(host: nil, project: "group/sub/shop", issue: 7)),
  (
    "gitlab+https://git.example.com/group/shop#7",
    .gitLab(host: "https://git.example.com", project: "group/shop", issue: 7)
  ),
  ("jira:OPS-123@example.com", .jira(key: "OPS-123", host: "example.com")),
  (
    "rt:https://example.com/rt/#5", .requestTracker(base: "https://example.com/rt", ticket: 5)
  ),
  ("redmine:https://example.com/#5", .redmine(base: "https://example.com", issue: 5)),
  ("redmine:https://example.com/red#5", .redmine(base: "https://example.com/red", issue: 5)),
  (
    "redmine:http://127.0.0.1:3901/#5", .redmine(base: "http://127.0.0.1:3901", issue: 5)
  ),
])
func aTargetNamesItsTicket(text: String, target: TicketTarget) throws {
  #expect(try TicketTarget(parsing: text) == target)
}

@Test(arguments: [
  "github:octo-org/shop", "github:octo-org#12", "github:a/b/c#1", "github:../shop#1",
  "github:a/b#x", "gitlab:shop#1", "jira:ops-1@example.com", "jira:OPS@example.com",
  "jira:OPS-1", "redmine:example.com/#5", "redmine:https:///#5",
  "redmine:https://example.com/../#5", "rt:https://example.com/", "rt:12",
  "github:a/b#99999999999999999999",
])
func aMalformedTargetSaysWhatWasExpected(text: String) {
  #expect {
    try TicketTarget(parsing: text)
  } throws: { error in
    if case TicketTarget.ParsingError.malformed(let expected) = error { return !expected.isEmpty }
    return false
  }
}

@Test func `a token never travels over plain http`() {
  #expect(throws: TicketTarget.ParsingError.insecure) {
    try TicketTarget(parsing: "redmine:http://example.com/#5")
  }
  #expect(throws: TicketTarget.ParsingError.insecure) {
    try TicketTarget(parsing: "gitlab+http://127.0.0.1.example.com/a/b#5")
  }
}

@Test func `an unknown tracker is told apart from a malformed name`() {
  #expect(throws: TicketTarget.ParsingError.unknownTracker) {
    try TicketTarget(parsing: "bugzilla:12")
  }
}
