import FloodmarkTestSupport
import Foundation
import Testing

/// `floodmark show`: every mark of a report leads to the line that proves it.
struct ShowTests {
  static let report = Fixture.packageRoot + "/Reports/prime-day-2018/report.json"

  static func show(_ arguments: String...) throws -> CommandRun {
    try run(builtCommand(), ["show"] + arguments)
  }

  /// A line of a file, found by other tools.
  static func line(_ number: Int, of file: String) throws -> String {
    let found = try run(
      "/bin/sh",
      [
        "-c", "zcat -f -- \"$1\" | sed -n \"$2{p;q}\"", "line", Fixture.primeDay + "/" + file,
        "\(number)",
      ])
    return found.outputText
  }

  @Test func `every piece of evidence is the line that its position names`() throws {
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: Self.report)))
        as? [String: Any])
    let evidence = try #require(json["evidence"] as? [String: [String: Any]])
    #expect(evidence.count > 20)
    for (id, entry) in evidence {
      let file = try #require(entry["file"] as? String)
      let line = try #require(entry["line"] as? Int)
      let quote = try #require(entry["quote"] as? String)
      let raw = try Self.show(Self.report, id, Fixture.primeDay, "--raw")
      #expect(raw.exitCode == 0, "\(id): \(raw.errorText)")
      let text = raw.outputText
      let expected = try Self.line(line, of: file)
      if file.hasSuffix(".json") {
        // The object begins on the line; it is whole, and the quote's parts stand in it.
        #expect(expected.hasSuffix("{\n"), "\(id)")
        let object = try JSONSerialization.jsonObject(with: Data(raw.output))
        #expect(object is [String: Any], "\(id)")
      } else {
        #expect(text == expected, "\(id)")
      }
      for part in Self.unmasked(quote) {
        let flat = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(flat.contains(part), "\(id): \(part)")
      }
    }
  }

  /// The parts of a quote between masks and clips.
  private static func unmasked(_ quote: String) -> [String] {
    var parts = [""]
    for word in quote.split(separator: " ", omittingEmptySubsequences: false) {
      let isOwn =
        word.contains("…") || word.contains("client-") || word.contains("‹")
        || word.hasPrefix("(") || word.contains("=")
      if isOwn {
        parts.append("")
      } else {
        parts[parts.count - 1] += (parts[parts.count - 1].isEmpty ? "" : " ") + word
      }
    }
    return parts.filter { $0.count > 3 }
  }

  @Test func `all pieces of evidence come in their order`() throws {
    let run = try Self.show(Self.report, "--all", Fixture.primeDay)
    #expect(run.exitCode == 0, "\(run.errorText)")
    let heads = run.outputText.split(separator: "\n").filter { !$0.hasPrefix(" ") }
      .map { String($0.prefix { $0 != " " }) }
    #expect(heads == (1...heads.count).map { "E\($0)" })
    #expect(heads.count > 20)
    let raw = try Self.show(Self.report, "--all", "--raw", Fixture.primeDay)
    #expect(
      raw.output.starts(with: try Self.show(Self.report, "E1", Fixture.primeDay, "--raw").output))
  }

  @Test func `a piece whose archive is not there is named`() throws {
    let run = try Self.show(Self.report, "--all", Fixture.primeDay + "/notes.txt")
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("access/edge-1.log.gz") || run.errorText.contains("access/edge"))
    #expect(run.errorText.contains("is not there"))
  }

  @Test func `the line stands among its neighbours`() throws {
    let run = try Self.show(Self.report, "E1", Fixture.primeDay, "--context", "2")
    let lines = run.outputText.split(separator: "\n")
    #expect(lines.count == 6)
    #expect(lines.map { $0.hasPrefix(">") } == [false, false, false, true, false, false])
  }

  @Test func `a piece that does not exist is refused`() throws {
    let run = try Self.show(Self.report, "E999", Fixture.primeDay)
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("no evidence E999"))
  }

  @Test func `an archive that has changed is said`() throws {
    let folder = try TemporaryFolder()
    let text = ReportTests.lines()
    try folder.write(text, to: "web.log")
    let made = try ReportTests.report([folder.path + "/web.log", "--format", "json"])
    try folder.write(made.output, to: "report.json")
    let before = try Self.show(folder.path + "/report.json", "E1", folder.path + "/web.log")
    #expect(before.exitCode == 0, "\(before.errorText)")
    try folder.write("one line more\n" + text, to: "web.log")
    let after = try Self.show(folder.path + "/report.json", "E1", folder.path + "/web.log")
    #expect(after.exitCode == 1)
    #expect(after.errorText.contains("has changed since the report was written"))
  }

  @Test(arguments: ["../secret.txt", "/etc/passwd", "a/../../secret.txt"])
  func namesThatLeadOutsideAreRefused(name: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("secret\n", to: "secret.txt")
    try folder.write(ReportTests.lines(), to: "logs/web.log")
    let json =
      #"{"schema":"floodmark.report/1","evidence":{"E1":{"file":"\#(name)","member":null,"line":1,"offset":0}},"inputs":[]}"#
    try folder.write(json, to: "report.json")
    let run = try Self.show(folder.path + "/report.json", "E1", folder.path + "/logs")
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("lies outside"))
    #expect(!run.outputText.contains("secret"))
    #expect(!run.outputText.contains("root:"))
  }

  @Test func `what is no report is said`() throws {
    let folder = try TemporaryFolder()
    try folder.write("{}", to: "report.json")
    let run = try Self.show(folder.path + "/report.json", "E1", folder.path)
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("is not a report"))
  }

  @Test func `nothing that a terminal obeys is printed`() throws {
    let folder = try TemporaryFolder()
    let bad = ReportTests.lines().replacingOccurrences(of: "Mozilla", with: "\u{1B}]0;x\u{7}Moz")
    try folder.write(bad, to: "web.log")
    let made = try ReportTests.report([folder.path + "/web.log", "--format", "json"])
    try folder.write(made.output, to: "report.json")
    let run = try Self.show(folder.path + "/report.json", "E1", folder.path + "/web.log")
    #expect(run.exitCode == 0)
    #expect(run.output.allSatisfy { $0 >= 0x20 || $0 == 0x0A })
  }
}
