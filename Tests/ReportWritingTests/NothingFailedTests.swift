import IncidentModel
import Testing

@testable internal import ReportWriting

/// Incidents in which no request failed.
@Suite struct NothingFailedTests {
  private static func markdown(_ detection: Incident.Detection, failed: Int = 0) -> String {
    var analysis = SampleAnalysis.whole
    analysis.incidents[0].detectedBy = [detection]
    analysis.incidents[0].endState = .recovered
    analysis.incidents[0].impact.failed = failed
    analysis.incidents[0].impact.p95Milliseconds = 105
    analysis.incidents[0].phases.firstFailure = nil
    return AnalysisCase("\(detection)", analysis).markdown
  }

  @Test func `requests that stayed away came back, and no share of failures did`() {
    let text = Self.markdown(.trafficLoss)
    #expect(text.contains("requests had come back"))
    #expect(!text.contains("the failed share was back"))
    #expect(!text.contains("latency rose to"))
  }

  @Test func `one request that failed is not what happened where all stayed away`() {
    let text = Self.markdown(.trafficLoss, failed: 1)
    #expect(text.contains("stayed away"))
    #expect(text.contains("1 of them failed"))
    #expect(!text.contains("of requests to"))
    #expect(text.contains("requests had come back"))
  }

  @Test func `slow answers became fast, and no share of failures did`() {
    let text = Self.markdown(.latency)
    #expect(text.contains("answers were about as fast as usual again"))
    #expect(!text.contains("the failed share was back"))
    #expect(text.contains("latency rose to 105"))
  }
}
