import IncidentModel
import Testing

@testable import Correlation

/// Lines that can't be read, in an incident and outside of it.
struct RejectRiseTests {
  private static let start = Instant(seconds: 1_700_000_040)
  private static let access = TimeSpan(start: start, end: start.advanced(bySeconds: 7_200))

  private static var input: InputSummary {
    var input = InputSummary(name: InputName(file: "web.log"))
    input.kind = .access
    return input
  }

  /// An incident of ten minutes that begins after an hour, in the middle of a minute.
  private static var incident: Incident {
    let span = TimeSpan(
      start: start.advanced(bySeconds: 3_630), end: start.advanced(bySeconds: 4_230))
    let impact = Impact(requests: 0, failed: 0, throttled: 0, abandoned: 0, bytes: 0)
    return Incident(
      id: "I1", service: "shop", services: ["shop"], span: span, startUncertaintySeconds: 1,
      endUncertaintySeconds: 1, endState: .recovered, detectedBy: [.errors], cause: nil,
      spikes: [], impact: impact, outside: impact, phases: Phases(), worstSpan: nil,
      findings: [], evidence: [])
  }

  private static func rejected(_ minutes: [(minute: Int, count: Int)]) -> RejectSummary {
    var summary = RejectSummary(
      format: "combined", reason: "cut", count: minutes.reduce(0) { $0 + $1.count },
      first: LogPosition(input: 0, line: 1, offset: 0))
    summary.stretches = minutes.map {
      RejectSummary.Stretch(
        start: start.advanced(bySeconds: Double($0.minute * 60)), count: $0.count)
    }
    return summary
  }

  private func rises(_ rejected: [RejectSummary], _ input: InputSummary = Self.input)
    -> [Coverage.RejectRise]
  {
    RejectRises.rises(of: rejected, inputs: [input], incidents: [Self.incident], in: Self.access)
  }

  @Test func `rejected lines that pile up in an incident are told`() {
    let lines = Self.rejected([(3, 10), (59, 2), (60, 100), (70, 290), (71, 10)])
    #expect(rises([lines]) == [Coverage.RejectRise(incident: "I1", count: 390, total: 412)])
  }

  @Test func `lines that are rejected all the time are no rise`() {
    #expect(rises([Self.rejected((0..<120).map { ($0, 5) })]).isEmpty)
  }

  @Test func `a few lines are no rise`() {
    #expect(rises([Self.rejected([(62, 9)])]).isEmpty)
    #expect(rises([Self.rejected([(62, 10)])]).count == 1)
  }

  @Test func `lines of capacity logs and of unknown minutes are left out`() {
    var input = Self.input
    input.kind = .capacity
    #expect(rises([Self.rejected([(62, 50)])], input).isEmpty)
    var wide = Self.rejected([(60, 50)])
    wide.widthSeconds = 3_600
    #expect(rises([wide]).isEmpty)
  }
}
