internal import FoundationEssentials
internal import FoundationXML
internal import IncidentModel
import Testing

@testable internal import ReportWriting

extension AnalysisCase {
  /// The drawings, by their files' names.
  var drawings: [(name: String, text: String)] { files.filter { $0.name.hasSuffix(".svg") } }
}

@Suite struct DrawingTests {
  @Test func `the sample is drawn three times`() throws {
    let sample = try #require(AnalysisCase.all.first)
    #expect(
      sample.drawings.map(\.name) == [
        "charts/capacity.svg", "charts/latency.svg", "charts/excess.svg",
      ])
    for drawing in sample.drawings {
      #expect(sample.markdown.contains("`\(drawing.name)`"), "\(drawing.name)")
    }
  }
}
