import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import accuracy_table

struct AccuracyTableTests {
  @Test func `every cell of a run has a seed of its own, and two ranges share none`() {
    let one = TrialList(seeds: 3, spoilt: 2, firstSeed: 1, only: nil, quietDays: 30).trials
    let other = TrialList(seeds: 3, spoilt: 2, firstSeed: 1_000, only: nil, quietDays: 30).trials
    #expect(Set(one.map(\.seed)).count == one.count)
    #expect(Set(one.map(\.seed)).isDisjoint(with: other.map(\.seed)))
    #expect(one.filter { $0.scenario == .quiet }.reduce(0) { $0 + $1.days } == 30)
    #expect(TrialList.sample(firstSeed: 1).trials.count == 40)
  }

  @Test func `some archives are counted exactly and told without a confident error`()
    async throws
  {
    let trials = TrialList.sample(firstSeed: 7, ofEach: 2, quietDays: 1, scale: 0.15).trials
    #expect(trials.count == 39)
    let outcomes = try await AccuracyTable.outcomes(of: trials, jobs: 2)
    let tables = Tabulation(outcomes: outcomes)
    let told = "\(tables.text)\n\(tables.misses)"
    let inexact = outcomes.filter { !$0.isCountExact }
    #expect(inexact.isEmpty, "\(told)")
    let confident = outcomes.filter(\.isConfidentlyWrong)
    #expect(confident.isEmpty, "\(told)")
    let alarmed = outcomes.filter { $0.trial.kind == .uneventful && !$0.isRight }
    #expect(alarmed.isEmpty, "\(told)")
    let others = outcomes.filter { $0.trial.kind != .uneventful }
    let wrong = others.filter { !$0.isRight }
    #expect(wrong.count * 10 <= others.count, "\(told)")
    let steps = others.filter(\.isStep)
    // At about one request a second ten seconds, the bar of the whole table, are a handful of requests.
    let late = steps.filter { abs($0.onsetError ?? .infinity) > 30 }
    #expect(late.count * 4 <= steps.count, "\(told)")
    let untimely = others.filter { $0.isDecisionExact == false || $0.isInServiceExact == false }
    #expect(untimely.isEmpty, "\(told)")
  }
}
