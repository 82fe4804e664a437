import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import accuracy_table

struct AccuracyTableTests {
  @Test func `every cell of a run has a seed of its own, and two ranges share none`() {
    let one = TrialList(seeds: 3, firstSeed: 1, only: nil, quietDays: 30).trials
    let other = TrialList(seeds: 3, firstSeed: 1_000, only: nil, quietDays: 30).trials
    #expect(Set(one.map(\.seed)).count == one.count)
    #expect(Set(one.map(\.seed)).isDisjoint(with: other.map(\.seed)))
    #expect(one.filter { $0.scenario == .quiet }.reduce(0) { $0 + $1.days } == 30)
    #expect(TrialList.sample(firstSeed: 1).trials.count == 34)
  }
}
