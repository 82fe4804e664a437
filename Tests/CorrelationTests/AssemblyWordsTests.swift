import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Every sentence of every planted outage keeps to the words of a report.
struct AssemblyWordsTests {
  static let forbidden = [
    "root cause", "human error", "fault of", "should have", "failed to notice", "careless",
    "mistake", "obviously", "simply", "just ", "unfortunately", "attack", "because", "therefore",
  ]

  private static let outages: [Scenario] = [
    Planted.atMaximum, Planted.tooSlow, Planted.silent, Planted.surge(),
    Planted.refused(.insufficientCapacity), Planted.refused(.quota), Planted.refused(.badTemplate),
  ]

  private func sentences(_ analysis: Analysis) -> [Sentence] {
    let findings = analysis.incidents.flatMap(\.findings)
    return findings.map(\.statement) + findings.flatMap(\.needs)
      + findings.flatMap { ($0.supporting + $0.opposing).map(\.sentence) }
      + analysis.timeline.map(\.text) + analysis.openQuestions.flatMap { [$0.title, $0.text] }
      + analysis.capacity.flatMap { [$0.mappingReason, $0.readySource] }
      + analysis.coverage.clock.map(\.reason)
  }

  @Test func `no sentence blames, and no cause is claimed by a word`() {
    for analysis in Self.outages.map({ $0.analysis() }) {
      for sentence in sentences(analysis) {
        for case .words(let words) in sentence.pieces {
          for word in Self.forbidden { #expect(!words.lowercased().contains(word), "\(words)") }
          #expect(!words.contains("`") && !words.contains("|") && !words.contains("\n"))
        }
      }
    }
  }

  @Test func `clauses end without a full stop and shares have a whole`() {
    for analysis in Self.outages.map({ $0.analysis() }) {
      let clauses =
        analysis.incidents.flatMap(\.findings).flatMap { finding in
          [finding.statement] + (finding.supporting + finding.opposing).map(\.sentence)
        } + analysis.timeline.map(\.text)
      for clause in clauses {
        if case .words(let last) = clause.pieces.last { #expect(last.last != ".", "\(last)") }
        for case .share(_, let whole) in clause.pieces { #expect(whole > 0) }
      }
    }
  }

  @Test func `every supported finding has a span, a share and lines that prove it`() {
    for analysis in Self.outages.map({ $0.analysis() }) {
      for finding in analysis.incidents.flatMap(\.findings) where finding.verdict == .supported {
        #expect(finding.span != nil && finding.failedShare != nil && finding.role != nil)
        #expect(finding.supporting.contains { !$0.evidence.isEmpty })
      }
    }
  }
}
