internal import IncidentModel
import Testing

@testable internal import ReportWriting

@Suite struct MermaidTests {
  private static func written(
    _ analysis: Analysis, _ formats: Set<ReportFormat> = [.markdown, .summary, .html]
  ) -> [String: String] {
    var options = sampleOptions()
    options.mermaid = true
    let report = ReportWriter.write(analysis, options: options, formats: formats)
    return Dictionary(
      uniqueKeysWithValues: report.files.map {
        ($0.name, String(decoding: $0.bytes, as: UTF8.self))
      })
  }

  private static func diagram(_ text: String?) -> [Substring] {
    let parts = (text ?? "").split(separator: "```mermaid\n")
    guard parts.count > 1 else { return [] }
    return parts[1].split(separator: "\n").prefix { $0 != "```" }.map { $0 }
  }

  @Test func `a chart is drawn where it is asked for, in the Markdown's body alone`() throws {
    let files = Self.written(SampleAnalysis.whole)
    let lines = Self.diagram(files["report.md"])
    #expect(
      lines.prefix(4) == [
        "xychart-beta", "  title \"Instances needed and ready\"",
        "  x-axis \"minutes from 17:30 UTC\" 0 --> 118", "  y-axis \"instances\" 0 --> 40",
      ])
    #expect(lines.count == 6)
    for (line, name) in zip(lines.suffix(2), ["needed", "ready"]) {
      let values = line.split(separator: "[").last?.split(separator: ",") ?? []
      #expect(line.hasPrefix("  line \"\(name)\" ["))
      #expect(values.count == 60)
    }
    #expect(lines.joined(separator: "\n").unicodeScalars.count <= 2000)
    #expect(files["summary.md"]?.contains("mermaid") == false)
    #expect(files["report.html"]?.contains("xychart") == false)
    #expect(!markdown(SampleAnalysis.whole).contains("mermaid"))
  }

  @Test func `a gap leaves the chart out, and no name of a log is in it`() throws {
    for name in ["gaps", "no capacity input", "one record", "nothing at all"] {
      let `case` = try #require(AnalysisCase.all.first { $0.name == name })
      #expect(Self.diagram(Self.written(`case`.analysis)["report.md"]).isEmpty, "\(name)")
    }
    let hostile = try #require(AnalysisCase.all.first { $0.name == "hostile names" })
    #expect(
      Self.diagram(Self.written(hostile.analysis)["report.md"])
        == Self.diagram(Self.written(SampleAnalysis.whole)["report.md"]))
  }
}
