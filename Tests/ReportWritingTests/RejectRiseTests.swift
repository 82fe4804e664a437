internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// Rejected lines that pile up in an incident.
@Suite struct RejectRiseTests {
  @Test func `are told where the report says what was read`() {
    var analysis = SampleAnalysis.whole
    let silent = AnalysisCase("none", analysis)
    #expect(!silent.markdown.contains("stand in the minutes of"))
    analysis.coverage.rejectRises = [Coverage.RejectRise(incident: "I1", count: 390, total: 412)]
    let told = AnalysisCase("a rise", analysis)
    #expect(told.markdown.contains("390 of these 412 stand in the minutes of"))
    let json = told.files.first { $0.name.hasSuffix(".json") }?.text ?? ""
    #expect(json.contains("\"rejected_rises\""))
    #expect(json.contains("\"total\": 412"))
  }
}
