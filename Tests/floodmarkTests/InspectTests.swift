import FloodmarkTestSupport
import Testing

/// The built command, run as a user runs it.
struct InspectTests {
  static let lines = (0..<5_000).map { index in
    let second = index % 60 < 10 ? "0\(index % 60)" : "\(index % 60)"
    return
      "198.51.100.\(index % 200) - - [16/Jul/2018:17:30:\(second) +0000] \"GET /deals?p=\(index) HTTP/1.1\" \(index % 50 == 0 ? 503 : 200) 18233 \"-\" \"Mozilla/5.0\"\n"
  }.joined()

  @Test func `a gzip log is recognised by its content and every line is counted`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(gzip(Array(Self.lines.utf8), members: 3), to: "misnamed.png")
    let run = try runBinary("inspect", folder.path)
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(run.outputText.contains("misnamed.png\n"))
    #expect(run.outputText.contains("container  gzip"))
    #expect(run.outputText.contains("format     combined"))
    #expect(run.outputText.contains("5,000: 5,000 read, 0 passed over, 0 rejected"))
    #expect(try countLines(of: path) == 5_000)
  }

  @Test func `a truncated log keeps what decodes and ends with 2`() throws {
    let folder = try TemporaryFolder()
    let whole = gzip(Array(Self.lines.utf8))
    _ = try folder.write(Array(whole.prefix(whole.count / 2)), to: "web.log.gz")
    let run = try runBinary("inspect", folder.path)
    #expect(run.exitCode == 2)
    #expect(run.outputText.contains("format     combined"))
    #expect(run.outputText.contains("ends early"))
  }

  @Test func `garbage is rejected with its reason and the rest is read`() throws {
    let folder = try TemporaryFolder()
    let text = Self.lines + "not a log line at all\n"
    _ = try folder.write(text, to: "web.log")
    let run = try runBinary("inspect", folder.path)
    #expect(run.exitCode == 0)
    #expect(run.outputText.contains("5,001: 5,000 read, 0 passed over, 1 rejected"))
    #expect(run.outputText.contains("first in line 5001"))
  }

  @Test func `hostile names and lines come out as visible text`() throws {
    let folder = try TemporaryFolder()
    let line =
      "198.51.100.7 - - [16/Jul/2018:17:30:00 +0000] \"GET /\u{1B}]8;;https://evil.example\u{7}\u{202E} HTTP/1.1\" 200 1 \"-\" \"-\"\n"
    _ = try folder.write(line, to: "a\u{1B}[2Jb.log")
    let run = try runBinary("inspect", folder.path)
    #expect(run.exitCode == 0)
    let bad = run.output.filter { $0 < 0x20 && $0 != 0x0A }
    #expect(bad.isEmpty)
    #expect(!run.outputText.unicodeScalars.contains("\u{202E}"))
  }

  @Test func `a path that does not exist is named and ends with 1`() throws {
    let run = try runBinary("inspect", "/nonexistent/logs")
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("'/nonexistent/logs' does not exist"))
    #expect(run.output.isEmpty)
  }

  @Test func `a misspelt format is named with its neighbour`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Self.lines, to: "web.log")
    let run = try runBinary("inspect", "--log-format", "combind", folder.path)
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("Did you mean 'combined'?"))
  }

  @Test(arguments: [
    [], ["inspect"], ["inspect", "--threads", "0", "x"],
    ["inspect", "--input-time-zone", "Moon", "x"],
    ["inspect", "-", "-"], ["nonsense"],
  ])
  func wrongUsageEndsWith64(arguments: [String]) throws {
    let run = try run(builtCommand(), arguments)
    #expect(run.exitCode == (arguments.isEmpty ? 0 : 64))
  }

  @Test func `the formats are listed with an example each`() throws {
    let run = try runBinary("formats")
    #expect(run.exitCode == 0)
    for name in ["aws-alb", "combined", "common", "vhost-combined"] {
      #expect(run.outputText.contains("  \(name)\n"))
    }
  }

  @Test func `the version is one line`() throws {
    let run = try runBinary("--version")
    #expect(run.exitCode == 0)
    #expect(run.outputText.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }
}
