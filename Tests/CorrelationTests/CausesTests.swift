import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Planted outages and the cause that each must lead to.
enum Planted {
  /// A rise from 50 to 150 requests/s at 18:00 that fifteen instances cannot carry.
  static func surge(_ ready: [(at: Double, count: Double)] = [(0, 10)]) -> Scenario {
    var scenario = Scenario()
    scenario.demand = [(0, 50), (1800, 150), (5400, 50)]
    scenario.ready = ready
    return scenario
  }

  static func refusals(_ reason: CapacityEvent.Reason) -> [CapacityEvent] {
    (0..<12).map { .line(2000 + Double($0) * 240, .launchFailed(reason), zone: "us-east-1b") }
  }

  static func refused(_ reason: CapacityEvent.Reason) -> Scenario {
    var scenario = surge()
    scenario.events =
      [.line(1895, .scaleOutDecided(from: 10, to: 25))] + refusals(reason)
      + [.line(900, .observed(desired: 10, ready: 10, maximum: 40))]
    return scenario
  }

  static var atMaximum: Scenario {
    var scenario = surge([(0, 10), (1980, 15)])
    scenario.events = [
      .line(600, .observed(desired: 10, ready: 10, maximum: 15)),
      .line(1890, .scaleOutDecided(from: 10, to: 15)),
      .line(1980, .inService, count: 5),
      .line(2100, .limitReached(limit: 15, wanted: 25)),
    ]
    return scenario
  }

  static var tooSlow: Scenario {
    var scenario = surge([(0, 10), (2700, 26)])
    scenario.events = [
      .line(600, .observed(desired: 10, ready: 10, maximum: 60)),
      .line(1980, .scaleOutDecided(from: 10, to: 26)),
      .line(2000, .launchStarted, count: 16),
      .line(2700, .inService, count: 16),
    ]
    return scenario
  }

  static var silent: Scenario {
    var scenario = surge()
    scenario.events = [
      .line(300, .observed(desired: 10, ready: 10, maximum: 60)),
      .line(2400, .notTriggered(.metricMissing)),
      .line(3000, .notTriggered(.metricMissing)),
    ]
    return scenario
  }
}

struct CausesTests {
  @Test(arguments: [
    (CapacityEvent.Reason.insufficientCapacity, Cause.capacityExhausted),
    (.quota, .quotaReached), (.addressSpace, .quotaReached), (.badTemplate, .launchFailing),
    (.timeout, .launchFailing),
  ])
  func `the code of a refusal decides between stock, limit and template`(
    _ reason: CapacityEvent.Reason, _ cause: Cause
  ) throws {
    let analysis = Planted.refused(reason).analysis()
    #expect(analysis.incidents.count == 1)
    #expect(analysis.incidents.first?.cause == cause, "\(analysis.verdicts)")
    let finding = try #require(analysis.finding(cause))
    #expect(finding.role == .leading)
    #expect(!finding.supporting.isEmpty)
    #expect(finding.supporting.contains { !$0.evidence.isEmpty })
  }

  @Test func `a group at its maximum while more is needed leads to max-size-reached`() {
    let analysis = Planted.atMaximum.analysis()
    #expect(analysis.incidents.first?.cause == .maxSizeReached, "\(analysis.verdicts)")
    #expect(analysis.finding(.capacityExhausted)?.verdict == .contradicted)
    #expect(analysis.finding(.demandSurge)?.role == .trigger)
  }

  @Test func `capacity that comes after the damage leads to scaling-too-slow`() {
    let analysis = Planted.tooSlow.analysis()
    #expect(analysis.incidents.first?.cause == .scalingTooSlow, "\(analysis.verdicts)")
    #expect(analysis.finding(.maxSizeReached)?.verdict != .supported)
    #expect(analysis.finding(.scalingNotTriggered)?.verdict == .contradicted)
  }

  @Test func `a scaler that decides nothing leads to scaling-not-triggered`() {
    let analysis = Planted.silent.analysis()
    #expect(analysis.incidents.first?.cause == .scalingNotTriggered, "\(analysis.verdicts)")
  }

  @Test
  func `without a capacity log a surge is named with less certainty and the log is asked for`() {
    let analysis = Planted.surge().analysis()
    #expect(analysis.incidents.first?.cause == .demandSurge, "\(analysis.verdicts)")
    let finding = analysis.finding(.demandSurge)
    #expect((finding?.likelihood?.value ?? 1) <= 0.79)
    #expect(finding?.needs == ["the autoscaler's log"])
    #expect(analysis.finding(.capacityExhausted)?.verdict == .untestable)
    #expect(analysis.finding(.capacityExhausted)?.likelihood == nil)
  }

  @Test func `where no line names a client demand is blamed with less certainty`() throws {
    var view = Planted.atMaximum.view()
    let named = Correlator.analyse(view, options: AnalysisOptions())
    #expect((named.finding(.maxSizeReached)?.likelihood?.value ?? 0) > 0.79)
    view.trails = ClientTrails()
    let finding = Correlator.analyse(view, options: AnalysisOptions()).finding(.maxSizeReached)
    #expect((finding?.likelihood?.value ?? 1) <= 0.79)
    #expect(finding?.needs.contains("client addresses in the access log") == true)
  }

  @Test func `every incident carries one finding of each cause in the order of the catalogue`() {
    let analysis = Planted.atMaximum.analysis()
    #expect(analysis.incidents.first?.findings.map(\.cause) == Cause.allCases)
    #expect(CauseRegistry.tests.map(\.cause) == Cause.allCases)
    for finding in analysis.incidents.first?.findings ?? [] {
      #expect(!finding.statement.pieces.isEmpty)
      #expect((finding.supporting + finding.opposing).allSatisfy { $0.evidence.count <= 3 })
    }
  }

  @Test func `a note alone never passes its cap`() {
    let claim = CapacityEvent.note(
      2040, "Currently out of capacity for scaling", claim: .launchFailed(.insufficientCapacity))
    let finding = Planted.surge().analysis(more: claim).finding(.capacityExhausted)
    #expect((finding?.likelihood?.value ?? 1) <= 0.89)
    #expect((finding?.likelihood?.value ?? 0) >= 0.3)
  }

  @Test func `unrelated loud groups change no verdict`() {
    let plain = Planted.tooSlow.analysis()
    let loud = (0..<60).map {
      CapacityEvent.line(
        1700 + Double($0) * 20, .launchFailed(.insufficientCapacity), group: "nightly-batch",
        offset: 100_000 + $0)
    }
    let noisy = Planted.tooSlow.analysis(more: loud)
    #expect(noisy.incidents.first?.cause == plain.incidents.first?.cause)
    for cause in Cause.allCases where cause != .retryStorm {
      #expect(noisy.finding(cause)?.verdict == plain.finding(cause)?.verdict, "\(cause)")
    }
  }

  @Test func `an error step without load is no shortage`() {
    var scenario = Scenario()
    scenario.broken = (1800, 3600, 0.2)
    scenario.events = [
      .line(600, .observed(desired: 10, ready: 10, maximum: 15)),
      .line(2400, .launchFailed(.insufficientCapacity)),
      .line(2500, .launchFailed(.insufficientCapacity)),
      .line(2600, .launchFailed(.insufficientCapacity)),
    ]
    let analysis = scenario.analysis()
    #expect(analysis.incidents.count == 1)
    #expect(analysis.finding(.capacityExhausted)?.verdict != .supported, "\(analysis.verdicts)")
    #expect(analysis.capacity.first?.shortfall == nil)
    #expect(analysis.capacity.first?.perInstanceRateIsLowerBound == true)
  }
}
