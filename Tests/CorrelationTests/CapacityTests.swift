import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

struct CapacityTests {
  @Test func `a step function holds its value until the next step and is unknown before the first`()
  {
    var steps = StepFunction()
    steps.set(10, at: Scenario.time(0))
    steps.set(15, at: Scenario.time(90))
    steps.set(15, at: Scenario.time(95))
    #expect(steps.steps.count == 2)
    #expect(steps.value(at: Scenario.time(-1)) == nil)
    #expect(steps.value(at: Scenario.time(89)) == 10)
    #expect(steps.value(at: Scenario.time(90)) == 15)
    let minute = TimeSpan(start: Scenario.time(60), end: Scenario.time(120))
    #expect(steps.mean(over: minute) == 12.5)
    #expect(steps.range(over: minute) == 10...15)
    #expect(steps.mean(over: TimeSpan(start: Scenario.time(-60), end: Scenario.time(60))) == nil)
  }

  @Test func `ready starts from a describe document and counts arrivals and terminations`() {
    let curve = CapacityCurve(
      group: "shop-web",
      events: [
        .line(10, .inService, count: 2), .line(100, .terminated(.scaleIn)),
        .line(200, .observed(desired: 11, ready: 11, maximum: 15)), .line(300, .inService),
      ], serving: StepFunction())
    #expect(curve.ready.value(at: Scenario.time(0)) == 10)
    #expect(curve.ready.value(at: Scenario.time(50)) == 12)
    #expect(curve.ready.value(at: Scenario.time(150)) == 11)
    #expect(curve.ready.value(at: Scenario.time(400)) == 12)
    #expect(curve.maximum.value(at: Scenario.time(0)) == 15)
  }

  @Test func `arrivals that a complete count holds are not added when another input tells of them`()
  {
    func twice(_ seconds: Double, from input: Int, count: Int) -> CapacityEvent {
      var event = CapacityEvent.line(seconds, .inService, count: count)
      event.position.input = input
      return event
    }
    let events: [CapacityEvent] = [
      .line(100, .scaleOutDecided(from: 8, to: 10)), .line(110, .launchStarted, count: 2),
      .line(200, .observed(desired: 10, ready: 10, maximum: nil)),
      twice(205, from: 2, count: 2),
      .line(300, .scaleOutDecided(from: 10, to: 12)),
      twice(400, from: 2, count: 2),
    ]
    let curve = CapacityCurve(group: "g", events: events, serving: StepFunction())
    #expect(curve.ready.value(at: Scenario.time(250)) == 10)
    #expect(curve.ready.value(at: Scenario.time(500)) == 12)
  }

  @Test func `what was refused is not wanted twice when the scaler asks again`() {
    let rounds: [CapacityEvent] = (0..<4).flatMap { round -> [CapacityEvent] in
      let second = Double(600 + 300 * round)
      return [
        .line(second, .scaleOutDecided(from: nil, to: nil), count: 10),
        .line(second + 5, .launchFailed(.insufficientCapacity), count: 10),
      ]
    }
    let curve = CapacityCurve(
      group: "g",
      events: [.line(100, .observed(desired: 14, ready: 14, maximum: nil))] + rounds,
      serving: StepFunction())
    #expect(curve.wanted.value(at: Scenario.time(602)) == 24)
    #expect(curve.wanted.value(at: Scenario.time(1_502)) == 24)
    #expect(curve.wanted.value(at: Scenario.time(1_600)) == 24)
  }

  @Test func `an instance may carry as little as it completed where requests timed out`() throws {
    var scenario = Planted.atMaximum
    scenario.refusedAs = 504
    let account = try #require(scenario.analysis().capacity.first)
    let interval = try #require(account.perInstanceRateInterval)
    #expect(interval.lowerBound <= Scenario.perInstance)
    #expect(try #require(account.perInstanceRate) > 1.5 * Scenario.perInstance)
  }

  @Test func `ready starts from the first decision where nothing else tells`() {
    let curve = CapacityCurve(
      group: "shop-web",
      events: [.line(100, .scaleOutDecided(from: 10, to: 15)), .line(200, .inService, count: 5)],
      serving: StepFunction())
    #expect(curve.ready.value(at: Scenario.time(0)) == 10)
    #expect(curve.ready.value(at: Scenario.time(200)) == 15)
    #expect(curve.wanted.value(at: Scenario.time(100)) == 15)
  }

  @Test func `a document without a moment tells no size that dated lines tell`() {
    var document: [CapacityEvent] = [
      .line(0, .configChanged(minimum: 5, maximum: 8, desired: 8)),
      .line(0, .observed(desired: 8, ready: 8, maximum: 8)),
    ]
    for index in document.indices { document[index].precisionSeconds = 86_400 }
    let decided = CapacityCurve(
      group: "shop-web",
      events: document + [
        .line(100, .scaleOutDecided(from: 5, to: 8)), .line(200, .inService, count: 3),
      ], serving: StepFunction())
    #expect(decided.ready.value(at: Scenario.time(50)) == 5)
    #expect(decided.ready.value(at: Scenario.time(200)) == 8)
    #expect(decided.wanted.value(at: Scenario.time(50)) == 5)
    #expect(decided.maximum.value(at: Scenario.time(50)) == 8)
    let silent = CapacityCurve(
      group: "shop-web", events: document + [.line(200, .inService, count: 3)],
      serving: StepFunction())
    #expect(silent.ready.value(at: Scenario.time(50)) == 5)
    #expect(silent.ready.value(at: Scenario.time(200)) == 8)
  }

  @Test func `a log without arrivals leaves ready unknown unless backends were seen`() {
    let events: [CapacityEvent] = [.line(100, .scaleOutDecided(from: 10, to: 15))]
    let blind = CapacityCurve(group: "g", events: events, serving: StepFunction())
    #expect(blind.ready.value(at: Scenario.time(500)) == nil)
    var serving = StepFunction()
    serving.set(9, at: Scenario.time(0))
    let seen = CapacityCurve(group: "g", events: events, serving: serving)
    #expect(seen.ready.value(at: Scenario.time(500)) == 9)
  }

  @Test func `one address in front of a group is not its fleet`() {
    var serving = StepFunction()
    serving.set(1, at: Scenario.time(0))
    let wide = CapacityCurve(
      group: "g", events: [.line(100, .scaleOutDecided(from: 7, to: 10))], serving: serving)
    #expect(wide.ready.steps.isEmpty)
    #expect(wide.wanted.value(at: Scenario.time(0)) == 7)
    let narrow = CapacityCurve(
      group: "g", events: [.line(100, .scaleOutDecided(from: 1, to: 4))], serving: serving)
    #expect(narrow.ready.value(at: Scenario.time(500)) == 1)
  }

  @Test func `a limit that counts what can be added is no maximum size`() {
    let curve = CapacityCurve(
      group: "g",
      events: [
        .line(100, .scaleOutDecided(from: 10, to: 13)),
        .line(110, .limitReached(limit: 2, wanted: 11)),
      ], serving: StepFunction())
    #expect(curve.maximum.steps.isEmpty)
  }

  @Test func `the shortfall is right at the minute of the peak`() throws {
    let account = try #require(Planted.atMaximum.analysis().capacity.first)
    let rate = try #require(account.perInstanceRate)
    #expect(abs(rate - Scenario.perInstance) < 0.3)
    #expect(account.perInstanceRateInterval?.contains(Scenario.perInstance) == true)
    #expect(account.peakReady == 15 || account.peakReady == 10)
    let needed = try #require(account.peakNeeded)
    // 150 requests/s ÷ 6, with the scenario's noise.
    #expect((24...27).contains(needed))
    #expect(account.shortfall == needed - (account.peakReady ?? 0))
    #expect(account.maximumSize == 15)
    #expect(account.maximumSource != nil)
  }

  @Test func `phases of a scale-out are exact to the log`() throws {
    let account = try #require(Planted.tooSlow.analysis().capacity.first)
    let phases = try #require(account.scaleOuts.first)
    #expect(phases.decision == Scenario.time(1980))
    #expect(phases.firstLaunch == Scenario.time(2000))
    #expect(phases.firstInService == Scenario.time(2700))
    #expect((phases.from, phases.to) == (10, 26))
    // 25 needed, 10 ready, from 18:00 to 18:15.
    #expect((12...17).contains(account.shortfall ?? 0))
    let area = try #require(account.instanceMinutesShort)
    #expect(abs(area - 15 * 15) / 225 < 0.15)
  }

  @Test func `without a capacity log the backends that were seen stand in`() throws {
    var scenario = Planted.surge()
    scenario.backends = (0..<10).map { index in
      ServiceTraffic.Backend(
        name: "192.0.2.\(index):80", first: Scenario.time(0), last: Scenario.time(7200),
        minutes: (0..<120).map { .init(start: Scenario.start + $0 * 60, count: 300) })
    }
    let account = try #require(scenario.analysis().capacity.first)
    #expect(account.source == .inferred)
    #expect((12...17).contains(account.shortfall ?? 0))
  }

  @Test func `a figure that the log states replaces the measured one`() throws {
    var scenario = Planted.atMaximum
    scenario.events[3] = .line(2100, .limitReached(limit: 15, wanted: 60))
    let account = try #require(scenario.analysis().capacity.first)
    #expect(account.peakNeeded == 60)
    #expect(account.shortfall == 45)
  }

  @Test func `groups go to services by instances, then by words of their names`() {
    var shop = Scenario()
    shop.service = "app/shop-web/50dc6c495c0c9188"
    shop.backends = []
    var cart = Scenario()
    cart.service = "cart.example.com"
    cart.minutes = 10
    let signals = [shop, cart].map { scenario in
      SignalDetection.signal(
        of: scenario.traffic(), bucketSeconds: 10,
        window: TimeSpan(start: Scenario.time(0), end: Scenario.time(7200)), gaps: [],
        options: AnalysisOptions())
    }
    let groups: [(name: String, events: [CapacityEvent])] = [
      ("shop-web-asg", []), ("eks-cart-ng", []), ("nightly-batch", []),
    ]
    let mapped = GroupMapping.map(groups: groups, signals: signals)
    #expect(mapped[0].services == ["app/shop-web/50dc6c495c0c9188"])
    #expect(mapped[1].services == ["cart.example.com"])
    #expect(mapped[2].services.isEmpty)
    let settled = GroupMapping.map(
      groups: groups, signals: signals,
      configured: [
        ConfiguredGroup(group: "nightly-batch", services: ["cart.example.com"]),
        ConfiguredGroup(group: "eks-cart-ng", services: ["gone.example.com"]),
      ])
    #expect(settled[2].services == ["cart.example.com"])
    #expect(settled[2].reason == "configured")
    #expect(settled[1].services.isEmpty)
    #expect(settled[0].services == ["app/shop-web/50dc6c495c0c9188"])
    #expect(GroupMapping.host(of: "[2001:db8::1]:80") == "2001:db8::1")
    #expect(GroupMapping.host(of: "192.0.2.1:80") == "192.0.2.1")
  }
}
