import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Groups that no name ties to a service.
struct MappingCluesTests {
  /// Backends that answer in every minute from a second on.
  private static func backends(_ count: Int, from second: Double = 0) -> [ServiceTraffic.Backend] {
    (0..<count).map { index in
      let first = Int(second / 60)
      return ServiceTraffic.Backend(
        name: "192.0.2.\(index):\(8_000 + first)", first: Scenario.time(second),
        last: Scenario.time(7_200),
        minutes: (first..<120).map { .init(start: Scenario.start + Int64($0) * 60, count: 300) })
    }
  }

  private static var loud: [CapacityEvent] {
    stride(from: 100.0, to: 7_000, by: 150).map {
      .line($0, .launchFailed(.insufficientCapacity), group: "batch-render")
    }
  }

  private static func grouped(_ events: [CapacityEvent], _ group: String) -> [CapacityEvent] {
    events.map { event in
      var event = event
      event.group = group
      return event
    }
  }

  private func mapping(
    _ scenario: Scenario, _ groups: [(name: String, events: [CapacityEvent])]
  ) -> [GroupMapping] {
    let signal = SignalDetection.signal(
      of: scenario.traffic(), bucketSeconds: 10,
      window: TimeSpan(start: Scenario.time(0), end: Scenario.time(7_200)), gaps: [],
      options: AnalysisOptions())
    return GroupMapping.map(groups: groups, signals: [signal])
  }

  @Test func `a name that speaks of the web finds the only service, and no more than likely`()
    throws
  {
    var scenario = Planted.silent
    scenario.service = "default"
    scenario.events = Self.grouped(scenario.events, "frontend-blue") + Self.loud
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.cause == .scalingNotTriggered, "\(analysis.verdicts)")
    let finding = try #require(analysis.finding(.scalingNotTriggered))
    #expect(finding.likelihood?.value == MappingClues.webWord)
    scenario.events = Self.grouped(Planted.silent.events, "alpha") + Self.loud
    #expect(scenario.analysis().incidents.first?.cause == .demandSurge)
    scenario.events += Self.grouped(Planted.silent.events, "www-two")
    scenario.events += Self.grouped(Planted.silent.events, "www-three")
    #expect(scenario.analysis().incidents.first?.cause == .demandSurge)
  }

  @Test func `a fleet of the same size that grew with its group is its fleet`() {
    var scenario = Planted.tooSlow
    scenario.service = "default"
    scenario.backends = Self.backends(10) + Self.backends(16, from: 2_700)
    let three: [CapacityEvent] = [.line(10, .observed(desired: 3, ready: 3, maximum: nil))]
    let mapped = mapping(
      scenario, [("alpha", Planted.tooSlow.events), ("beta", three), ("gamma", Self.loud)])
    #expect(mapped[0].services == ["default"])
    #expect(mapped[0].likelihood > 0.9)
    #expect(mapped[1].services.isEmpty)
    #expect(mapped[2].services.isEmpty)
  }

  @Test func `two groups of one size are no clue`() {
    var scenario = Planted.surge()
    scenario.service = "default"
    scenario.backends = Self.backends(10)
    let ten: [CapacityEvent] = [.line(10, .observed(desired: 10, ready: 10, maximum: nil))]
    let alone = mapping(scenario, [("alpha", ten), ("gamma", Self.loud)])
    #expect(alone[0].services == ["default"])
    #expect(alone[0].likelihood == MappingClues.sameSize)
    let both = mapping(scenario, [("alpha", ten), ("beta", ten), ("gamma", Self.loud)])
    #expect(both.allSatisfy { $0.services.isEmpty })
    let named = mapping(scenario, [("alpha", ten), ("web-two", ten), ("gamma", Self.loud)])
    #expect(named[1].services == ["default"])
    #expect(named[1].likelihood == MappingClues.webWord)
  }

  @Test func `a decision from before the access logs does not hide one within the rise`() {
    var scenario = Planted.tooSlow
    scenario.service = "default"
    let old: [CapacityEvent] = [.line(-3_000, .scaleOutDecided(from: 9, to: 10))]
    let mapped = mapping(
      scenario, [("alpha", old + Planted.tooSlow.events), ("gamma", Self.loud)])
    #expect(mapped[0].services == ["default"])
    #expect(mapped[0].likelihood == MappingClues.movedTogether)
    #expect(mapped[1].services.isEmpty)
  }

  /// Ten instances at 18:00, four from then on, ten again at 18:20; the scaler decides again after a quarter of an hour.
  private static var shrunk: Scenario {
    var scenario = Scenario()
    scenario.ready = [(0, 10), (1_800, 4), (3_000, 10)]
    scenario.events = [
      .line(600, .observed(desired: 10, ready: 10, maximum: 40)),
      .line(1_790, .scaleInDecided(from: 10, to: 4)),
      .line(1_800, .terminated(.scaleIn), count: 6),
      .line(2_700, .scaleOutDecided(from: 4, to: 10)),
      .line(3_000, .inService, count: 6),
    ]
    return scenario
  }

  @Test func `an unsure group does not make its causes alike`() {
    var scenario = Self.shrunk
    scenario.service = "default"
    scenario.events = Self.grouped(scenario.events, "frontend-blue") + Self.loud
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.cause == .prematureScaleIn, "\(analysis.verdicts)")
    #expect(analysis.finding(.scalingNotTriggered)?.verdict != .supported)
    #expect(analysis.finding(.scalingTooSlow)?.verdict != .supported)
  }

  @Test func `a removed node belongs to the group that its name begins with`() {
    var scenario = Self.shrunk
    let nodes: [CapacityEvent] = (0..<6).flatMap { number -> [CapacityEvent] in
      let name = "shop-web-node-\(number)"
      return [
        .line(
          1_790 + Double(number) / 10, .scaleInDecided(from: nil, to: nil), group: nil,
          instance: name),
        .line(
          1_790 + Double(number) / 10, .terminated(.scaleIn), group: nil, instance: name),
      ]
    }
    scenario.events =
      [.line(60, .scaleOutDecided(from: 9, to: 10))] + nodes
      + [.line(2_700, .scaleOutDecided(from: 4, to: 10))] + Self.loud
    let analysis = scenario.analysis()
    #expect(analysis.incidents.first?.cause == .prematureScaleIn, "\(analysis.verdicts)")
    let steps = analysis.capacity.first { $0.group == "shop-web" }?.steps ?? []
    #expect(steps.contains { $0.wanted == 4 })
  }

  @Test func `clues that point to different groups point to none`() {
    var scenario = Planted.tooSlow
    scenario.service = "default"
    let mapped = mapping(
      scenario, [("alpha", Planted.tooSlow.events), ("web-two", []), ("gamma", Self.loud)])
    #expect(mapped.allSatisfy { $0.services.isEmpty })
  }
}

/// Logs that tell decisions and no arrivals.
struct UntoldArrivalTests {
  private static func scenario(demandUntil end: Double) -> Scenario {
    var scenario = Planted.surge([(0, 10), (2_700, 26)])
    scenario.demand[2].at = end
    scenario.events = [
      .line(600, .observed(desired: 10, ready: nil, maximum: 60)),
      .line(1_980, .scaleOutDecided(from: 10, to: 26)),
    ]
    return scenario
  }

  @Test func `failures that end under load after a decision are slow scaling`() {
    let analysis = Self.scenario(demandUntil: 5_400).analysis()
    #expect(analysis.incidents.first?.cause == .scalingTooSlow, "\(analysis.verdicts)")
  }

  @Test func `failures that end with the demand are not`() {
    let analysis = Self.scenario(demandUntil: 2_690).analysis()
    #expect(analysis.incidents.first?.cause != .scalingTooSlow, "\(analysis.verdicts)")
    #expect(analysis.finding(.scalingTooSlow)?.verdict != .supported)
  }
}

/// Measures that must not take the edges of an outage for its middle.
struct EdgeTests {
  @Test func `half minutes at the ends of a short outage do not lower what an instance carries`()
    throws
  {
    var scenario = Planted.surge()
    scenario.demand = [(0, 50), (1_830, 75), (2_010, 50)]
    scenario.events = [.line(300, .observed(desired: 10, ready: 10, maximum: 60))]
    let account = try #require(scenario.analysis().capacity.first)
    let rate = try #require(account.perInstanceRate)
    #expect(abs(rate / Scenario.perInstance - 1) < 0.02)
    #expect(!account.perInstanceRateIsLowerBound)
    let short = try #require(account.shortfall)
    #expect(account.shortfallInterval?.contains(short) == true)
  }

  @Test func `a fleet that grew and got faster does not make the time before slow`() throws {
    let builder = TrafficBuilder(
      "20x3600 60x600 60x3000", failed: "0x3600 .4x600 0x3000", seed: 3)
    var slow = builder
    slow.milliseconds = perSecond("120x3600 400x600 35x3000")
    let found = signal(slow)
    let incident = try #require(found.incidents.first)
    #expect(found.incidents.count == 1)
    #expect(abs(incident.span.start.seconds(since: slow.time(3_600))) <= 20)
    let normal = try #require(found.baseline.p50Milliseconds)
    #expect(abs(normal - 120) < 1)
  }
}
