import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Planted outages that are no plain shortage of capacity under a surge.
struct CausesOtherTests {
  private let known: CapacityEvent = .line(300, .observed(desired: 10, ready: 10, maximum: 40))

  @Test func `capacity taken away by policy leads to premature-scale-in`() {
    var scenario = Scenario()
    scenario.ready = [(0, 10), (1800, 5), (3600, 10)]
    scenario.events = [
      known, .line(1790, .scaleInDecided(from: 10, to: 5)),
      .line(1800, .terminated(.scaleIn), count: 5),
      .line(3400, .scaleOutDecided(from: 5, to: 10)), .line(3600, .inService, count: 5),
    ]
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.cause == .prematureScaleIn, "\(analysis.verdicts)")
    #expect(analysis.finding(.demandSurge)?.verdict == .contradicted)
  }

  @Test func `growing and shrinking in turn leads to flapping`() {
    var scenario = Scenario()
    scenario.ready = [(0, 10)]
    scenario.events = [known]
    for turn in 0..<5 {
      let at = 1800 + Double(turn) * 600
      scenario.ready += [(at, 5), (at + 300, 10)]
      scenario.events += [
        .line(at - 5, .scaleInDecided(from: 10, to: 5)), .line(at, .terminated(.scaleIn), count: 5),
        .line(at + 200, .scaleOutDecided(from: 5, to: 10)), .line(at + 300, .inService, count: 5),
      ]
    }
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.cause == .flapping, "\(analysis.verdicts)")
  }

  @Test func `instances that health checks take out over and over lead to instance-churn`() {
    var scenario = Scenario()
    scenario.ready = [(0, 10), (1800, 6), (4200, 10)]
    scenario.events = [known, .line(1800, .terminated(.unhealthy), zone: "b", count: 4)]
    for turn in 0..<6 {
      let at = 2000 + Double(turn) * 300
      let zone = turn % 2 == 0 ? "a" : "b"
      scenario.events += [
        .line(at, .launchStarted, zone: zone), .line(at + 60, .inService, zone: zone),
        .line(at + 120, .terminated(.unhealthy), zone: zone),
      ]
    }
    scenario.events.append(.line(4200, .inService, count: 4))
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.cause == .instanceChurn, "\(analysis.verdicts)")
  }

  @Test func `one zone's instances that vanish at once lead to zone-lost`() {
    var scenario = Scenario()
    scenario.ready = [(0, 10), (1800, 5), (4200, 10)]
    scenario.events =
      [known]
      + ["a", "b", "c"].map {
        .line(310, .inService, zone: $0, count: 0, offset: Int($0.utf8.first ?? 0))
      }
      + (0..<5).map {
        .line(1800 + Double($0), .terminated(.unknown(LogText("gone", kind: .message))), zone: "b")
      }
      + [.line(4200, .inService, zone: "a", count: 5)]
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.cause == .zoneLost, "\(analysis.verdicts)")
  }

  @Test func `an error step after a change leads to errors-without-load`() throws {
    var scenario = Scenario()
    scenario.broken = (1800, 3600, 0.2)
    scenario.events = [known]
    let change = CapacityEvent.line(1770, .change, group: nil)
    let analysis = scenario.analysis(more: [change])
    #expect(analysis.incidents.first?.cause == .errorsWithoutLoad, "\(analysis.verdicts)")
    let finding = try #require(analysis.finding(.errorsWithoutLoad))
    #expect(
      finding.supporting.contains {
        $0.sentence.pieces.contains(.time(change.time, precisionSeconds: 1))
      })
  }

  @Test func `an error step in the midst of a sale that was carried well is no load`() throws {
    var scenario = Scenario()
    scenario.demand = [(0, 28), (1_200, 54), (6_000, 28)]
    scenario.broken = (3_000, 4_800, 0.4)
    scenario.events = [known]
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.cause == .errorsWithoutLoad, "\(analysis.verdicts)")
    // The same step with the rise was never carried before.
    scenario.demand = [(0, 28), (3_000, 54), (6_000, 28)]
    let together = scenario.analysis()
    #expect(
      (together.finding(.errorsWithoutLoad)?.likelihood?.value ?? 0)
        < (analysis.finding(.errorsWithoutLoad)?.likelihood?.value ?? 0))
  }

  @Test func `a group that came to its maximum soon after the rise was not silent`() {
    var scenario = Planted.atMaximum
    scenario.events.removeAll {
      if case .scaleOutDecided = $0.kind { return true }
      return false
    }
    let analysis = scenario.analysis()
    #expect(analysis.finding(.scalingNotTriggered)?.verdict == .contradicted)
    #expect(analysis.incidents.first?.cause == .maxSizeReached, "\(analysis.verdicts)")
  }

  @Test func `a failure that one source tells and another explains is one`() throws {
    var scenario = Planted.refused(.insufficientCapacity)
    let retold = scenario.events.compactMap { event -> CapacityEvent? in
      guard case .launchFailed = event.kind else { return nil }
      var event = event
      event.kind = .launchFailed(.unknown(LogText("scale up failed", kind: .message)))
      event.time = event.time.advanced(bySeconds: -12)
      event.position.input = 2
      return event
    }
    scenario.events += retold
    let analysis = scenario.analysis()
    #expect(!retold.isEmpty)
    #expect(analysis.incidents.first?.cause == .capacityExhausted, "\(analysis.verdicts)")
    #expect(analysis.finding(.launchFailing)?.verdict == .contradicted)
  }

  @Test func `launches that were refused had been asked for, though no line tells of the decision`()
  {
    var scenario = Planted.refused(.insufficientCapacity)
    scenario.events.removeAll {
      if case .scaleOutDecided = $0.kind { return true }
      return false
    }
    let analysis = scenario.analysis()
    #expect(analysis.finding(.scalingNotTriggered)?.verdict == .contradicted)
    #expect(analysis.incidents.first?.cause == .capacityExhausted, "\(analysis.verdicts)")
  }

  @Test func `slow answers at steady load lead to dependency-slow`() {
    var scenario = Scenario()
    scenario.slow = (1800, 3600, 5000)
    scenario.broken = (1800, 3600, 0.1)
    scenario.events = [known]
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.cause == .dependencySlow, "\(analysis.verdicts)")
    // Demand stayed as it was, so nothing may say that failures came with it.
    let words = analysis.finding(.errorsWithoutLoad).map { "\($0.statement)" } ?? ""
    #expect(!words.contains("came with load"), "\(words)")
  }

  @Test func `the steady fleet is a guess without a capacity log`() {
    var scenario = Scenario()
    scenario.broken = (1800, 3600, 0.2)
    let likelihood = scenario.analysis().finding(.errorsWithoutLoad)?.likelihood?.value
    #expect((likelihood ?? 1) <= CauseJudgement.noCapacityCap)
    #expect((likelihood ?? 0) >= CauseJudgement.supported)
  }

  @Test func `a minute or a few dozen failures are too little to be sure of`() throws {
    // 480 failures in two minutes, and 90 in five: each would be almost certain if it were more.
    for (seconds, share) in [(120.0, 0.16), (300.0, 0.012)] {
      var scenario = Scenario()
      scenario.demand = [(0, 25)]
      scenario.broken = (1800, 1800 + seconds, share)
      scenario.events = [known]
      let analysis = scenario.analysis(more: [.line(1770, .change, group: nil)])
      let finding = try #require(analysis.finding(.errorsWithoutLoad))
      #expect(finding.verdict == .supported, "\(analysis.verdicts)")
      #expect((finding.likelihood?.value ?? 1) <= CauseJudgement.fewCap, "\(analysis.verdicts)")
      scenario.broken = (1800, 2400, 0.16)
      let more = scenario.analysis(more: [.line(1770, .change, group: nil)])
      #expect((more.finding(.errorsWithoutLoad)?.likelihood?.value ?? 0) > 0.9)
    }
  }

  @Test func `failures on one route alone lead to hot-endpoint`() {
    var scenario = Scenario()
    scenario.broken = (1800, 3600, 0.2)
    scenario.events = [known]
    var view = scenario.view()
    view.services[0].sample = (30..<60).map { minute in
      let start = Scenario.start + Int64(minute * 60)
      let requests = (0..<50).map { index in
        SampledRequest(
          arrival: Instant(seconds: start + 1), duration: -1, status: index < 10 ? 500 : 200,
          outcome: index < 10 ? .failed : .answered, isShed: false,
          template: index < 15 ? "/checkout" : "/deals/{n}", method: "GET", client: "192.0.2.1",
          network: "192.0.2.0/24", agentFamily: "Chrome", agentSignature: 1, referrerHost: "",
          zone: "", backend: "", isAsset: false,
          position: LogPosition(input: 0, line: index, offset: index), text: nil)
      }
      return ServiceTraffic.SampleStratum(
        start: start, widthSeconds: 60, count: 3000, requests: requests)
    }
    let analysis = Correlator.analyse(view, options: AnalysisOptions())
    #expect(analysis.incidents.first?.cause == .hotEndpoint, "\(analysis.verdicts)")
  }

  @Test func `repeats are said to be untestable in plain words`() {
    let finding = Planted.tooSlow.analysis().finding(.retryStorm)
    #expect(finding?.verdict == .untestable)
    #expect(finding?.likelihood == nil)
    #expect(finding?.needs.isEmpty == false)
  }

  @Test func `no evidence at all leaves an incident undetermined`() {
    var scenario = Scenario()
    scenario.ready = [(0, 10), (1800, 5), (3600, 10)]
    let analysis = scenario.analysis()
    #expect(analysis.incidents.count == 1)
    #expect(analysis.incidents.first?.cause == nil, "\(analysis.verdicts)")
    #expect(analysis.openQuestions.contains { !$0.needs.isEmpty })
  }

  @Test func `first minutes, maximum and shortage of stock each get their part`() throws {
    var scenario = Planted.surge([(0, 10), (2165, 15), (3540, 18), (4980, 27)])
    scenario.demand = [(0, 50), (1855, 180), (5060, 100)]
    scenario.events =
      [
        .line(1950, .scaleOutDecided(from: 10, to: 15)), .line(1960, .launchStarted, count: 5),
        .line(2165, .inService, count: 5),
        .line(2950, .configChanged(minimum: 10, maximum: 40, desired: 35)),
        .line(2950, .scaleOutDecided(from: 15, to: 35), offset: 29501),
      ]
      + (0..<14).map { .line(3004 + Double($0) * 136, .launchFailed(.insufficientCapacity)) }
      + [.line(3540, .inService, count: 3, offset: 1), .line(4980, .inService, count: 9)]
    let notes =
      CapacityEvent.note(
        2220, "shop-web is at max 15, waiting", claim: .limitReached(limit: 15, wanted: nil))
      + CapacityEvent.note(
        3240, "Currently out of capacity for scaling", claim: .launchFailed(.insufficientCapacity))
    let analysis = scenario.analysis(more: notes)
    #expect(analysis.incidents.first?.cause == .capacityExhausted, "\(analysis.verdicts)")
    #expect(analysis.finding(.maxSizeReached)?.role == .before, "\(analysis.verdicts)")
    #expect(analysis.finding(.scalingTooSlow)?.role == .firstMinutes, "\(analysis.verdicts)")
    #expect(analysis.finding(.demandSurge)?.role == .trigger)
    let leading = try #require(analysis.finding(.capacityExhausted)?.span)
    #expect(leading.start == Scenario.time(3004))
    #expect(leading.end == Scenario.time(4980))
    #expect(analysis.capacity.first?.maximumSize == 15)
  }
}

extension CausesOtherTests {
  private func rise(botShare: Double, share kind: Composition.Kind) -> CauseContext {
    var scenario = Planted.atMaximum
    scenario.events = []
    let window = TimeSpan(start: Scenario.time(0), end: Scenario.time(7200))
    var signal = SignalDetection.signal(
      of: scenario.traffic(), bucketSeconds: 10, window: window, gaps: [],
      options: AnalysisOptions())
    for index in signal.spikes.indices {
      signal.spikes[index].composition = Composition(
        kind: kind, excessRequests: 100_000, botShare: botShare, retryShare: nil, segments: [])
    }
    let incident = signal.incidents[0]
    return CauseContext(
      service: scenario.service, incident: incident, signal: signal, group: nil, events: [],
      allMinutes: LoadMinute.minutes(of: signal, curve: nil, gaps: []),
      evidence: EvidenceCollector(), clock: EventClock(events: [], inputs: [], access: window))
  }

  @Test func `an excess of machines leads to bot-surge and speaks against demand`() {
    let (findings, leading) = CauseRegistry.findings(rise(botShare: 0.9, share: .botLike))
    #expect(leading == .botSurge)
    #expect(findings.first { $0.cause == .demandSurge }?.verdict != .supported)
  }

  @Test func `an organic excess leads to demand-surge and excludes machines`() {
    let (findings, leading) = CauseRegistry.findings(rise(botShare: 0.03, share: .organic))
    #expect(leading == .demandSurge)
    #expect(findings.first { $0.cause == .botSurge }?.verdict == .contradicted)
  }

  @Test func `requests that vanish without errors lead to traffic-loss`() {
    var scenario = Scenario()
    scenario.minutes = 180
    scenario.demand = [(0, 50), (7200, 2), (9000, 50)]
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.cause == .trafficLoss, "\(analysis.verdicts)")
    // A twenty-fifth of the usual would be told as 0.0 times.
    let pieces = analysis.finding(.trafficLoss)?.statement.pieces ?? []
    #expect(
      pieces.contains { piece in
        if case .share = piece { true } else { false }
      })
    #expect(analysis.timeline.contains { $0.kind == .trafficLost })
  }

  @Test func `slow answers of a fleet that shrank while requests stayed away belong to the loss`()
    throws
  {
    var scenario = Scenario()
    scenario.minutes = 240
    scenario.demand = [(0, 38), (7200, 2), (9000, 38)]
    scenario.slow = (10_800, 11_400, 5000)
    scenario.ready = [(0, 10), (8_400, 8)]
    scenario.events =
      [known] + [.line(8_390, .scaleInDecided(from: 10, to: 8))]
      + (0..<2).map { .line(8_400, .terminated(.scaleIn), offset: 84_000 + $0) }
    let analysis = scenario.analysis()
    #expect(analysis.incidents.map(\.detectedBy) == [[.trafficLoss], [.latency]])
    #expect(
      analysis.incidents.map(\.cause) == [.trafficLoss, .trafficLoss], "\(analysis.verdicts)")
    // The half hour in which they stayed away is what the reader asks about.
    #expect(analysis.incidents.worstFirst.first?.id == "I1")
    // With its fleet whole again it is slow by itself.
    scenario.ready.append((9_300, 10))
    scenario.events.append(.line(9_300, .inService, count: 2))
    let whole = scenario.analysis()
    #expect(whole.incidents.last?.cause == .dependencySlow, "\(whole.verdicts)")
  }

  @Test func `a few failures as on any day are no errors without load`() {
    var scenario = Scenario()
    scenario.minutes = 180
    scenario.demand = [(0, 50), (7200, 2), (9000, 50)]
    scenario.broken = (7_500, 7_620, 0.05)
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.impact.failed ?? 0 > 0)
    #expect(analysis.incidents.first?.detectedBy == [.trafficLoss])
    #expect(analysis.finding(.errorsWithoutLoad)?.verdict == .contradicted)
    // Nor are they what happened.
    #expect(!analysis.timeline.contains { $0.kind == .firstFailure || $0.kind == .worstMinute })
  }

  @Test func `two causes that weigh alike leave it undetermined`() {
    let context = rise(botShare: 0, share: .cannotTell)
    let findings = [Cause.capacityExhausted, .quotaReached].map { cause in
      Finding(
        cause: cause, verdict: .supported, likelihood: Likelihood(0.9), span: context.span,
        failedShare: 1, statement: "it holds")
    }
    #expect(LeadingCause.choose(among: findings, in: context) == nil)
  }

  @Test(arguments: [(0.0, 0.5), (2, 0.8807970779778823), (-2.5, 0.07585818002124355), (40, 1)])
  func `the logistic function agrees with its table`(_ odds: Double, _ value: Double) {
    #expect(abs(Logistic.probability(ofLogOdds: odds) - value) < 1e-9)
  }
}
