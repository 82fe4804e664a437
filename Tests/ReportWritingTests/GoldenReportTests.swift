internal import FoundationEssentials
internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// The sample's options: everything that its golden report shows.
func sampleOptions() -> ReportOptions {
  var options = ReportOptions(version: "1.0.0")
  options.zone = SampleAnalysis.zone
  options.redaction.networkClients = { $0 == "203.0.113.0/24" ? 180 : 1 }
  return options
}

func markdown(_ analysis: Analysis, _ options: ReportOptions = sampleOptions()) -> String {
  let report = ReportWriter.write(analysis, options: options, formats: [.markdown])
  return String(decoding: report.files[0].bytes, as: UTF8.self)
}

@Suite struct GoldenReportTests {
  private static var golden: String {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    return "/" + folder + "/Golden/example.md"
  }

  @Test func `the sample gives the golden report`() throws {
    let got = markdown(SampleAnalysis.whole)
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
      try Data(got.utf8).write(to: URL(filePath: Self.golden))
      Issue.record("recorded a new golden report: read it, then run again without RECORD_GOLDEN")
      return
    }
    let want = String(decoding: try Data(contentsOf: URL(filePath: Self.golden)), as: UTF8.self)
    let wanted = want.split(separator: "\n", omittingEmptySubsequences: false)
    let given = got.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, pair) in zip(wanted, given).enumerated() where pair.0 != pair.1 {
      Issue.record("line \(index + 1)\nwant \(pair.0)\ngot  \(pair.1)")
      return
    }
    #expect(wanted.count == given.count)
  }

  @Test func `the same analysis and options give the same bytes`() {
    let formats = Set(ReportFormat.allCases)
    let first = ReportWriter.write(SampleAnalysis.whole, options: sampleOptions(), formats: formats)
    let again = ReportWriter.write(SampleAnalysis.whole, options: sampleOptions(), formats: formats)
    #expect(
      first.files.map(\.name) == [
        "report.md", "summary.md", "report.html", "charts/capacity.svg", "charts/latency.svg",
        "charts/excess.svg", "timeline.csv", "series.csv", "timeline.jsonl", "evidence.ndjson",
        "metrics.openmetrics", "report.json",
      ])
    #expect(first.files.map(\.bytes) == again.files.map(\.bytes))
  }
}
