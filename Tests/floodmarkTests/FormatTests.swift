import FloodmarkTestSupport
import Foundation
import Testing

/// `floodmark report --format`, run as a user runs it.
struct FormatTests {
  private static let formats = [
    "markdown", "json", "summary", "html", "svg", "csv", "jsonl", "ndjson", "openmetrics",
  ]

  private static func report(_ more: [String]) throws -> CommandRun {
    try run(builtCommand(), ["report", Fixture.primeDay] + ReportTests.window + more)
  }

  @Test func `every format writes its files, and the same ones elsewhere`() throws {
    let folder = try TemporaryFolder()
    let first = try Self.report(
      ["--format", Self.formats.joined(separator: ","), "--output", folder.path])
    #expect(first.exitCode == 0, "\(first.errorText)")
    let names = [
      "report.md", "summary.md", "report.html", "charts/capacity.svg", "charts/excess.svg",
      "timeline.csv", "series.csv", "timeline.jsonl", "evidence.ndjson", "metrics.openmetrics",
      "report.json",
    ]
    for name in names {
      #expect(try !folder.read(name).isEmpty, "\(name)")
      #expect(first.errorText.contains("/" + name), "\(name)")
    }
    let found = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    #expect(Set(found) == Set(names + ["charts", ".floodmark.sha256"]))
    let text = String(decoding: try folder.read("report.md"), as: UTF8.self)
    #expect(text.contains("Same data as a drawing: `charts/capacity.svg`"))
    let again = try TemporaryFolder()
    let elsewhere = try run(
      builtCommand(),
      ["report", Fixture.primeDay] + ReportTests.window
        + ["--format", Self.formats.reversed().joined(separator: ","), "--output", again.path],
      folder: folder.path, environment: ["TZ": "Asia/Kolkata", "LANG": "de_DE.UTF-8"])
    #expect(elsewhere.exitCode == 0)
    for name in names { #expect(try folder.read(name) == again.read(name), "\(name)") }
  }

  @Test(arguments: ["json", "summary", "html", "jsonl", "ndjson", "openmetrics"])
  func `a format of one file goes to standard output`(format: String) throws {
    let run = try Self.report(["--format", format])
    #expect(run.exitCode == 0, "\(run.errorText)")
    let start = [
      "json": "{\n  \"schema\"", "summary": "# Incident report: ", "html": "<!DOCTYPE html>\n",
      "jsonl": "{\"message\":", "ndjson": "{\"id\":\"E1\"", "openmetrics": "# TYPE floodmark_",
    ]
    #expect(run.outputText.hasPrefix(try #require(start[format])))
  }

  @Test func `the help names every format`() throws {
    let help = try run(builtCommand(), ["report", "--help"]).outputText
    for format in Self.formats { #expect(help.contains(format), "\(format)") }
  }

  @Test func `--mermaid draws a chart and stands among the options`() throws {
    let run = try Self.report(["--mermaid"])
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(run.outputText.contains("```mermaid\nxychart-beta\n"))
    #expect(run.outputText.contains("--mermaid`"))
  }

  @Test(arguments: ["svg", "csv", "html,json", "markdown,nothing"])
  func `formats of several files want a folder`(format: String) throws {
    let run = try Self.report(["--format", format])
    #expect(run.exitCode == 64)
    #expect(run.output.isEmpty)
    #expect(run.errorText.contains("--output") || run.errorText.contains("markdown,nothing"))
  }

  @Test func `the list of formats names the dialects of strings and their units`() throws {
    let text = try run(builtCommand(), ["formats"]).outputText
    for dialect in ["nginx", "apache", "haproxy", "envoy"] {
      #expect(text.contains("\n  \(dialect):\n"), "\(dialect)")
    }
    #expect(text.contains("in µs: %D, %{us}T\n"))
    #expect(text.contains("in s: $request_time"))
  }
}
