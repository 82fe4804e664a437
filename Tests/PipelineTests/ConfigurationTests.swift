import FloodmarkTestSupport
import Foundation
import IncidentModel
import Testing

@testable import Pipeline

/// Configuration files: what they settle, and what is said of those that can't be used.
struct ConfigurationTests {
  static let whole = """
    log-formats:
      - path: 'access/*.gz'
        format: combined
        name: edge
      - '*.txt=notes'
    input-time-zone: Europe/Berlin
    clock:
      web-3.log.gz: +3600
    service-by: member
    groups:
      shop-asg: shop.example.com
      pool: [cart.example.com, pay.example.com]
    slo: 99.5
    baseline: [last-week]
    address-lists:
      - crawlers.txt
    ticket: 'github:octo-org/shop#12'
    redact: ['order-[0-9]+']
    """

  private func problem(_ text: String, isOwn: Bool = false) -> (Int?, ConfigurationProblem)? {
    do throws(RunError) {
      _ = try ConfigurationFile.parse(text, path: "/logs/ops.yaml", isOwn: isOwn)
      return nil
    } catch {
      guard case .unusableConfiguration(_, let line, let problem) = error else { return nil }
      return (line, problem)
    }
  }

  @Test func `every key is read`() throws {
    let read = try ConfigurationFile.parse(Self.whole, path: "/logs/ops.yaml", isOwn: false)
    #expect(
      read.logFormats == [
        ForcedFormat(pattern: "access/*.gz", format: "combined", name: "edge"),
        ForcedFormat(pattern: "*.txt", format: "notes"),
      ])
    #expect(read.inputTimeZone?.name == "Europe/Berlin")
    #expect(read.clock == [ClockOffset(pattern: "web-3.log.gz", seconds: 3600)])
    #expect(read.serviceBy == .member)
    #expect(
      read.groups == [
        ConfiguredGroup(group: "shop-asg", services: ["shop.example.com"]),
        ConfiguredGroup(group: "pool", services: ["cart.example.com", "pay.example.com"]),
      ])
    #expect(read.slo == 99.5)
    #expect(read.baseline == ["/logs/last-week"])
    #expect(read.addressLists == ["/logs/crawlers.txt"])
    #expect(read.ticket == "github:octo-org/shop#12")
    #expect(read.redact == ["order-[0-9]+"])
  }

  @Test func `an empty file says nothing`() throws {
    for text in ["", "# only a remark\n", "---\n", "~"] {
      let read = try ConfigurationFile.parse(text, path: "a.yaml", isOwn: false)
      #expect(read == Configuration(), "\(text)")
    }
  }

  @Test(arguments: [
    ("slo: 99.9\nlog-format: combined\n", 2), ("slo: lots\n", 1), ("slo: 100", 1),
    ("slo: 1\nclock:\n  a.log: soon\n", 3), ("service-by: weather", 1),
    ("input-time-zone: Europe/Atlantis", 1), ("redact:\n- ok\n- '('\n", 3),
    ("groups:\n  a: {b: c}\n", 2), ("log-formats:\n  - path: x\n", 2),
    ("log-formats:\n  - {format: combined, pfad: x}\n", 2), ("- slo", 1),
    ("slo: 1\nslo: 2\n", 1), ("slo: [1\nticket: x", 2), ("ticket:\n", 1), ("baseline: {a: b}", 1),
  ])
  func whatDoesNotFitIsToldWithItsLine(text: String, line: Int) throws {
    let found = try #require(problem(text))
    #expect(found.0 == line, "\(found)")
  }

  @Test func `an alias bomb is refused before it is read`() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for index in 1..<20 {
      let last = "*a\(index - 1)"
      text += "a\(index): &a\(index) [\(Array(repeating: last, count: 9).joined(separator: ","))]\n"
    }
    text += "? [*a19, *a19]\n: 1\n"
    let found = try #require(problem(text))
    #expect(found.1 == .alias("a0"))
    #expect(found.0 == 2)
    #expect(problem("redact: ['&amp', 'a*.gz']") == nil)
  }

  @Test func `a deep nest is an error and no crash`() {
    #expect(problem(String(repeating: "[", count: 100_000)) != nil)
    #expect(problem(String(repeating: "- ", count: 100_000) + "x") != nil)
    #expect(problem("slo: " + String(repeating: "{a: ", count: 3_000)) != nil)
  }

  @Test(arguments: ["/etc/hosts", "../other", "a/../../b", "link/secret"])
  func anArchivesOwnFileNamesNothingOutsideOfIt(path: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "inside/list.txt")
    try folder.write("x", to: "outside/secret")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/inside/link", withDestinationPath: folder.path + "/outside")
    try folder.write("baseline: ['\(path)']\n", to: "inside/floodmark.yaml")
    let inside = folder.path + "/inside"
    #expect(throws: RunError.self) { try ConfigurationFile.own(of: [inside]) }
    try folder.write("address-lists: [list.txt]\n", to: "inside/floodmark.yaml")
    let own = try #require(try ConfigurationFile.own(of: [inside]))
    #expect(own.addressLists.first?.hasSuffix("/inside/list.txt") == true)
    #expect(try ConfigurationFile.own(of: [inside, folder.path]) == nil)
    // A user's own choice may lead anywhere.
    _ = try ConfigurationFile.parse("baseline: ['\(path)']", path: "a.yaml", isOwn: false)
  }

  @Test func `a folder's own file must be a plain file of bounded size`() throws {
    let folder = try TemporaryFolder()
    try folder.write("slo: 99\n", to: "a/other.yaml")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/a/floodmark.yaml", withDestinationPath: "other.yaml")
    #expect(throws: RunError.self) { try ConfigurationFile.own(of: [folder.path + "/a"]) }
    try folder.write(String(repeating: "# filler\n", count: 130_000), to: "b/floodmark.yaml")
    #expect(throws: RunError.self) { try ConfigurationFile.own(of: [folder.path + "/b"]) }
    #expect(throws: RunError.self) { try ConfigurationFile.read(folder.path + "/none.yaml") }
  }

  @Test func `what was settled first stays, and lists are joined`() {
    var upper = Configuration()
    upper.slo = 99
    upper.logFormats = [ForcedFormat(pattern: nil, format: "iis")]
    var lower = Configuration()
    lower.slo = 95
    lower.serviceBy = ServiceRule.none
    lower.logFormats = [ForcedFormat(pattern: "a", format: "combined")]
    let both = upper.completed(by: lower)
    #expect(both.slo == 99)
    #expect(both.serviceBy == ServiceRule.none)
    #expect(both.logFormats.map(\.format) == ["iis", "combined"])
    #expect(lower.words(beneath: upper) == ["--log-format a=combined", "--service-by none"])
  }
}
