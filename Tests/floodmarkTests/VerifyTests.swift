import FloodmarkTestSupport
import Foundation
import Testing

/// `floodmark verify`: a report against its archives.
struct VerifyTests {
  static let report = Fixture.packageRoot + "/Reports/prime-day-2018/report.json"

  @Test func `the shipped report matches its archive`() throws {
    let run = try runBinary("verify", Self.report, Fixture.primeDay)
    #expect(run.exitCode == 0, "\(run.outputText)")
    #expect(run.errorText.contains("quotes and 5 inputs match"))
  }

  @Test func `a quote that was changed is named`() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOfFile: Self.report, encoding: .utf8)
    let forged = text.replacingOccurrences(
      of: "Currently out of capacity for scaling", with: "Everything is fine")
    #expect(forged != text)
    try folder.write(forged, to: "report.json")
    let run = try runBinary("verify", folder.path + "/report.json", Fixture.primeDay)
    #expect(run.exitCode == 1)
    #expect(run.outputText.contains("notes.txt:4 does not say what the report quotes"))
    #expect(run.outputText.split(separator: "\n").count == 1)
  }

  @Test func `a changed archive is named, and every line that moved`() throws {
    let folder = try TemporaryFolder()
    let text = ReportTests.lines()
    try folder.write(text, to: "logs/web.log")
    let made = try ReportTests.report([folder.path + "/logs", "--format", "json"])
    try folder.write(made.output, to: "report.json")
    let whole = try runBinary("verify", folder.path + "/report.json", folder.path + "/logs")
    #expect(whole.exitCode == 0, "\(whole.outputText)")
    try folder.write(String(text.dropFirst(57)), to: "logs/web.log")
    let cut = try runBinary("verify", folder.path + "/report.json", folder.path + "/logs")
    #expect(cut.exitCode == 1)
    #expect(cut.outputText.contains("web.log: it has changed since the report was written"))
    try FileManager.default.removeItem(atPath: folder.path + "/logs/web.log")
    try folder.write(text, to: "logs/other.log")
    let gone = try runBinary("verify", folder.path + "/report.json", folder.path + "/logs")
    #expect(gone.outputText.contains("web.log: it was not found under the PATHs"))
  }
}
