import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// The fluid queue against sums made by hand, and what it tells against outages that were run again.
struct CounterfactualTests {
  private static func cells(
    _ arrivals: [Double], ready: Double, again: Double = 0
  ) -> [FluidQueue.Cell] {
    arrivals.map {
      FluidQueue.Cell(
        seconds: 60, arrivals: $0, firstAttempts: $0, ready: ready, repeatsForEach: again)
    }
  }

  @Test func `without a wait all that passes capacity fails`() {
    // 2 instances of 5 requests/s work 600 a minute.
    let queue = FluidQueue(rate: 5, wait: 0, feedsBack: false)
    let failed = queue.failures(Self.cells([500, 600, 900, 660, 100], ready: 2))
    #expect(failed.map { ($0 * 1e6).rounded() / 1e6 } == [0, 0, 300, 60, 0])
  }

  @Test func `what may wait is worked off later and fails no more`() {
    // 12 s of work may wait: 120 requests, as many as the second minute brings too many.
    let queue = FluidQueue(rate: 5, wait: 12, feedsBack: false)
    let saved = queue.failures(Self.cells([600, 720, 480, 600], ready: 2))
    #expect(saved.allSatisfy { abs($0) < 1e-9 })
    let both = queue.failures(Self.cells([600, 720, 720], ready: 2))
    #expect(both.map { ($0 * 1e6).rounded() / 1e6 } == [0, 0, 120])
  }

  @Test func `repeats follow the failures of ten seconds before`() {
    // 110 requests in 10 s against 100: 10 fail, half of them come back, and so on: 10, 15, 17.5, 18.75, 19.375, 19.6875.
    let queue = FluidQueue(rate: 5, wait: 0, feedsBack: true)
    let failed = queue.failures(Self.cells([660], ready: 2, again: 0.5))
    #expect(abs(failed[0] - 100.3125) < 1e-9)
  }

  @Test func `no fleet fails everything and nothing divides by it`() {
    let queue = FluidQueue(rate: 5, wait: 10, feedsBack: true)
    #expect(queue.failures(Self.cells([60, 0], ready: 0)) == [60, 0])
    #expect(queue.failures([]).isEmpty)
  }

  @Test func `numbers of the queue are told to two digits`() {
    #expect(QueuedHistory.rounded(1_234, up: false) == 1_200)
    #expect(QueuedHistory.rounded(1_234, up: true) == 1_300)
    #expect(QueuedHistory.rounded(99, up: true) == 99)
    #expect(QueuedHistory.rounded(0.4, up: true) == 0)
    #expect(QueuedHistory.rounded(.nan, up: true) == 0)
  }

  /// Demand of 150 requests/s from 1,800 s on against 10 instances of 6; the scaler decides after `lag` and ends at `maximum`.
  private static func outage(
    seed: UInt64, lag: Double, maximum: Int, boot: Double = 180
  ) -> Scenario {
    var scenario = Scenario()
    scenario.seed = seed
    scenario.demand = [(0, 50), (1_800, 150), (4_800, 50)]
    let served = 1_800 + lag + boot
    scenario.ready = [(0, 10), (served, Double(maximum))]
    scenario.events = [
      .line(300, .observed(desired: 10, ready: 10, maximum: maximum)),
      .line(1_800 + lag, .scaleOutDecided(from: 10, to: maximum)),
      .line(1_805 + lag, .launchStarted, count: maximum - 10),
      .line(served, .inService, count: maximum - 10),
      .line(1_900 + lag, .limitReached(limit: maximum, wanted: 26)),
    ]
    return scenario
  }

  private static func failed(_ scenario: Scenario) -> Int {
    scenario.traffic().buckets.reduce(0) { $0 + $1.counts.failed }
  }

  private static func told(
    _ change: Counterfactual.Change, of scenario: Scenario
  ) -> Counterfactual? {
    scenario.analysis().incidents.first?.counterfactuals.first { $0.change == change }
  }

  @Test(arguments: UInt64(1)...8)
  func `a larger maximum, run again, fails within the interval`(seed: UInt64) throws {
    let lag = 120 + Double(seed) * 15
    let told = try #require(
      Self.told(.largerMaximum, of: Self.outage(seed: seed, lag: lag, maximum: 15)))
    let truth = Self.failed(Self.outage(seed: seed, lag: lag, maximum: 27))
    #expect(told.failedLow <= truth && truth <= told.failedHigh, "\(told) \(truth)")
    #expect(!told.assumptions.isEmpty)
  }

  @Test(arguments: UInt64(1)...8)
  func `an earlier decision, run again, fails within the interval`(seed: UInt64) throws {
    let lag = 240 + Double(seed) * 30
    let account = Self.outage(seed: seed, lag: lag, maximum: 27).analysis().capacity.first
    let told = try #require(
      Self.told(.earlierDecision, of: Self.outage(seed: seed, lag: lag, maximum: 27)),
      "\(account?.perInstanceRate ?? 0) \(account?.perInstanceRateIsLowerBound ?? true)")
    let truth = Self.failed(Self.outage(seed: seed, lag: 30, maximum: 27))
    #expect(told.failedLow <= truth && truth <= told.failedHigh, "\(told) \(truth)")
  }

  @Test func `a schedule within the maximum, run again, fails within the interval`() throws {
    let told = try #require(Self.told(.schedule, of: Self.outage(seed: 3, lag: 150, maximum: 20)))
    var scheduled = Self.outage(seed: 3, lag: 150, maximum: 20)
    scheduled.ready = [(0, 10), (1_700, 20)]
    let truth = Self.failed(scheduled)
    #expect(told.failedLow <= truth && truth <= told.failedHigh, "\(told) \(truth)")
  }

  /// An outage in which launches are refused from a second on.
  private static func refused(
    from second: Double, maximum: Int, lag: Double = 150,
    for reason: CapacityEvent.Reason = .insufficientCapacity
  ) -> Scenario {
    var scenario = outage(seed: 4, lag: lag, maximum: maximum)
    scenario.events += stride(from: second, to: 4_700, by: 120).map {
      .line($0, .launchFailed(reason))
    }
    return scenario
  }

  @Test func `where launches were refused the worst is what was, and the best is before that`()
    throws
  {
    let scenario = Self.refused(from: 2_400, maximum: 15)
    let incident = try #require(scenario.analysis().incidents.first)
    let told = try #require(incident.counterfactuals.first { $0.change == .largerMaximum })
    #expect(told.failedHigh == incident.impact.failed, "\(told)")
    #expect(told.failedLow < told.failedHigh, "\(told)")
    #expect(
      told.assumptions.contains {
        $0.pieces.contains(.time(Scenario.time(2_400), precisionSeconds: 1))
      })
    // The provider granted all until the refusal: what would have failed lies inside.
    let truth = Self.failed(Self.outage(seed: 4, lag: 150, maximum: 27))
    #expect(told.failedLow <= truth && truth <= told.failedHigh)
    // What came was granted, so no refusal stood in the way of having it earlier.
    let plain = try #require(Self.told(.schedule, of: Self.outage(seed: 4, lag: 150, maximum: 15)))
    let schedule = incident.counterfactuals.first { $0.change == .schedule }
    #expect(schedule?.failedLow == plain.failedLow && schedule?.failedHigh == plain.failedHigh)
  }

  @Test func `instances beyond those that were granted are asked for, and not in service`() throws {
    var scenario = Self.refused(from: 2_400, maximum: 27)
    // Five came before launches were refused.
    scenario.ready = [(0, 10), (2_130, 15)]
    scenario.events[3] = .line(2_130, .inService, count: 5)
    let told = try #require(Self.told(.schedule, of: scenario))
    #expect("\(told.kind)".contains("asked for before demand rose"), "\(told.kind)")
    let granted = try #require(Self.told(.schedule, of: Self.refused(from: 2_400, maximum: 15)))
    #expect("\(granted.kind)".contains("in service before demand rose"), "\(granted.kind)")
  }

  @Test func `a limit of the account would have refused the same at any time`() throws {
    let scenario = Self.refused(from: 2_400, maximum: 15, for: .quota)
    let incident = try #require(scenario.analysis().incidents.first)
    let told = try #require(incident.counterfactuals.first { $0.change == .largerMaximum })
    #expect(told.failedLow == told.failedHigh && told.failedHigh == incident.impact.failed)
    #expect("\(told.assumptions)".contains("would not have helped"))
  }

  @Test func `a larger maximum that meets the refusal at once would not have helped`() throws {
    let scenario = Self.refused(from: 1_801, maximum: 15)
    let incident = try #require(scenario.analysis().incidents.first)
    let told = try #require(incident.counterfactuals.first { $0.change == .largerMaximum })
    #expect(told.failedLow == told.failedHigh && told.failedHigh == incident.impact.failed)
    #expect("\(told.assumptions)".contains("would not have helped"))
  }

  @Test(arguments: UInt64(1)...4)
  func `a fleet that is kept, run again, fails within the interval`(seed: UInt64) throws {
    var scenario = Scenario()
    scenario.seed = seed
    scenario.demand = [(0, 100)]
    scenario.ready = [(0, 20), (1_800, 10), (3_000, 20)]
    scenario.events = [
      .line(300, .observed(desired: 20, ready: 20, maximum: 30)),
      .line(1_795, .scaleInDecided(from: 20, to: 10)),
      .line(1_800, .terminated(.scaleIn), count: 10),
      .line(2_800, .scaleOutDecided(from: 10, to: 20)),
      .line(3_000, .inService, count: 10),
    ]
    let told = try #require(Self.told(.fleetKept, of: scenario))
    var kept = scenario
    kept.ready = [(0, 20)]
    let truth = Self.failed(kept)
    #expect(told.failedLow <= truth && truth <= told.failedHigh, "\(told) \(truth)")
    #expect(told.failedHigh * 2 < Self.failed(scenario))
    let others = scenario.analysis().incidents.first?.counterfactuals.map(\.change) ?? []
    #expect(!others.contains(.schedule) && !others.contains(.earlierDecision))
  }

  @Test func `without a measured capacity nothing is told`() {
    var scenario = Scenario()
    scenario.broken = (1_800, 3_600, 0.3)
    scenario.events = [.line(300, .observed(desired: 10, ready: 10, maximum: 15))]
    #expect(scenario.analysis().incidents.first?.counterfactuals == [])
  }
}

/// The Universal Scalability Law.
struct ScalabilityLawTests {
  private static func points(
    _ sizes: [Double], _ alpha: Double, _ beta: Double, noise: Double = 0, seed: UInt64 = 1
  ) -> [(size: Double, throughput: Double)] {
    var random = SeededNoise(seed: seed)
    let law = CapacityAccount.Scalability(
      rate: 6, contention: alpha, coherence: beta, determination: 1, sizes: sizes.count)
    return sizes.map {
      ($0, ScalabilityLaw.throughput(of: $0, law) * (1 + noise * random.normal()))
    }
  }

  @Test func `what follows the law is found again`() throws {
    for (alpha, beta) in [(0.0, 0.0), (0.05, 0), (0, 0.001), (0.03, 0.0005)] {
      let points = Self.points([2, 4, 8, 12, 16, 24, 32], alpha, beta)
      let law = try #require(ScalabilityLaw.fit(points))
      #expect(abs(law.rate - 6) < 1e-6)
      #expect(abs(law.contention - alpha) < 1e-6 && abs(law.coherence - beta) < 1e-8)
      #expect(law.determination > 0.999_999)
      #expect(law.sizes == 7)
    }
  }

  @Test func `noise gives no negative cost`() {
    for seed in UInt64(1)...50 {
      let law = ScalabilityLaw.fit(
        Self.points([2, 4, 6, 8, 12, 16], 0.01, 0, noise: 0.03, seed: seed))
      #expect(law.map { $0.contention >= 0 && $0.coherence >= 0 && $0.rate > 0 } ?? true)
    }
  }

  @Test func `five sizes, or no law, tell nothing`() {
    #expect(ScalabilityLaw.fit(Self.points([2, 4, 8, 12, 16], 0.05, 0)) == nil)
    let scatter = [(2.0, 50.0), (4, 10), (6, 70), (8, 12), (10, 60), (12, 9)].map {
      (size: $0.0, throughput: $0.1)
    }
    #expect(ScalabilityLaw.fit(scatter) == nil)
    #expect(ScalabilityLaw.fit([]) == nil)
  }
}

/// What several sources and relative decisions do to the curve.
struct CurveSourceTests {
  @Test func `an instance of which two sources tell is counted once`() {
    var again = CapacityEvent.line(105, .inService, instance: "i-1", offset: 9_001)
    again.position.input = 2
    let events: [CapacityEvent] = [
      .line(0, .observed(desired: 4, ready: 4, maximum: nil)),
      .line(90, .launchStarted, instance: "i-1"),
      .line(91, .launchStarted, instance: "i-1", offset: 9_000),
      .line(100, .inService, instance: "i-1"), again,
      .line(110, .inService, instance: "i-2"),
      .line(200, .terminated(.scaleIn), instance: "i-1"),
      .line(203, .terminated(.scaleIn), instance: "i-1", offset: 9_002),
      .line(300, .inService, instance: "i-1"),
    ]
    let curve = CapacityCurve(group: "g", events: events, serving: StepFunction())
    #expect(curve.ready.value(at: Scenario.time(150)) == 6)
    #expect(curve.ready.value(at: Scenario.time(250)) == 5)
    #expect(curve.ready.value(at: Scenario.time(350)) == 6)
    #expect(curve.ordered.value(at: Scenario.time(150)) == 5)
  }

  @Test func `a decision that adds so many stands on what there is`() {
    let events: [CapacityEvent] = [
      .line(0, .observed(desired: nil, ready: 4, maximum: nil)),
      .line(100, .scaleOutDecided(from: nil, to: nil), count: 3),
      .line(160, .scaleOutDecided(from: nil, to: nil), count: 2),
    ]
    let curve = CapacityCurve(group: "g", events: events, serving: StepFunction())
    #expect(curve.wanted.value(at: Scenario.time(50)) == 4)
    #expect(curve.wanted.value(at: Scenario.time(120)) == 7)
    #expect(curve.wanted.value(at: Scenario.time(200)) == 9)
  }
}
