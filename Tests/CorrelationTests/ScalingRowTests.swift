import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Decisions, launches and arrivals in the timeline and among the milestones.
struct ScalingRowTests {
  private func from(input: Int, _ event: CapacityEvent) -> CapacityEvent {
    var event = event
    event.position.input = input
    return event
  }

  private func decisions(
    _ scenario: Scenario = Planted.tooSlow, more: [CapacityEvent] = []
  ) -> [TimelineEntry] {
    scenario.analysis(more: more).timeline.filter { $0.kind == .scaleOutDecided }
  }

  private func quotes(_ ids: [EvidenceID?], in analysis: Analysis) -> [String] {
    ids.map { id in
      analysis.evidence.first { $0.id == id }.map {
        String(decoding: $0.quote.bytes, as: UTF8.self)
      }
        ?? "none"
    }
  }

  @Test(arguments: [0.0, 1, 59])
  func `one decision of which two inputs tell is one row with both lines`(late: Double) {
    let again = from(input: 2, .line(1980 + late, .scaleOutDecided(from: 10, to: 26)))
    let rows = decisions(more: [again])
    #expect(rows.count == 1 && rows[0].evidence.count == 2, "\(rows)")
    #expect(rows.first?.time == Scenario.time(1980))
  }

  @Test func `another size, a later one and a way back are rows of their own`() {
    #expect(
      decisions(more: [from(input: 2, .line(1990, .scaleOutDecided(from: 26, to: 30)))]).count == 2)
    #expect(
      decisions(more: [from(input: 2, .line(2045, .scaleOutDecided(from: 10, to: 26)))]).count == 2)
    let rows = decisions(more: [
      .line(1985, .scaleInDecided(from: 26, to: 12)),
      .line(1990, .scaleOutDecided(from: 12, to: 26)),
    ])
    #expect(rows.count == 2, "\(rows)")
  }

  @Test func `a scaler and what it scales, in one input, tell of one decision`() {
    var scenario = Planted.tooSlow
    scenario.events[1] = .line(1980, .scaleOutDecided(from: nil, to: 26))
    let rows = decisions(scenario, more: [.line(1981, .scaleOutDecided(from: 10, to: 26))])
    #expect(rows.count == 1 && rows[0].evidence.count == 2, "\(rows)")
    // The one tells to which size, the other from which.
    #expect(rows.first?.text.figures.first == 10)
  }

  @Test func `an instance that was launched before the decision is not its first arrival`() {
    var scenario = Planted.tooSlow
    scenario.events += [
      .line(1900, .launchStarted, instance: "i-early"),
      .line(2100, .inService, instance: "i-early"),
      .line(2010, .launchStarted, instance: "i-late"),
      .line(2650, .inService, instance: "i-late"),
    ]
    let analysis = scenario.analysis()
    let phases = analysis.incidents.first?.phases
    #expect(phases?.firstDecision == Scenario.time(1980))
    #expect(phases?.firstLaunch == Scenario.time(2000))
    #expect(phases?.firstInService == Scenario.time(2650))
    let proofs = [phases?.decisionProof, phases?.launchProof, phases?.inServiceProof]
    #expect(
      quotes(proofs, in: analysis) == [
        "line of second 1980", "line of second 2000", "line of second 2650",
      ])
    let account = analysis.capacity.first?.scaleOuts.first
    #expect(account?.firstInService == Scenario.time(2650))
  }

  /// Five of ten instances go at 1,740, and demand stays; what replaces them is launched at once.
  private static var lost: Scenario {
    var scenario = Scenario()
    scenario.ready = [(0, 10), (1740, 5), (2700, 10)]
    scenario.events = [
      .line(600, .observed(desired: 10, ready: 10, maximum: 60)),
      .line(700, .launchStarted, instance: "i-old"),
      .line(1740, .terminated(.unhealthy), zone: "us-east-1b", count: 5),
      .line(1745, .inService, instance: "i-old"),
      .line(1750, .launchStarted, instance: "i-new"),
      .line(2700, .inService, instance: "i-new"),
    ]
    return scenario
  }

  @Test func `without a decision the replacements of what was lost are the first to be launched`() {
    let analysis = Self.lost.analysis()
    let phases = analysis.incidents.first?.phases
    #expect(phases?.firstDecision == nil && phases?.decisionProof == nil)
    #expect(phases?.firstLaunch == Scenario.time(1750))
    #expect(phases?.firstInService == Scenario.time(2700))
    #expect(
      quotes([phases?.launchProof, phases?.inServiceProof], in: analysis) == [
        "line of second 1750", "line of second 2700",
      ])
  }

  @Test func `instances that go one after another have one row, which tells until when`() throws {
    var scenario = Self.lost
    scenario.events += (1..<4).map {
      .line(1740 + Double($0) * 60, .terminated(.unhealthy), zone: "us-east-1b")
    }
    let rows = scenario.analysis().timeline.filter { $0.kind == .terminated }
    let row = try #require(rows.first)
    #expect(rows.count == 1 && row.count == 8)
    #expect(row.text.pieces.contains(.time(Scenario.time(1920), precisionSeconds: 1)), "\(row)")
  }

  @Test func `what was wanted before the first decision is told by the line that knows it`() {
    func wanted(_ late: Double) -> Int? {
      CapacityCurve(
        group: "g",
        events: [
          .line(100, .scaleOutDecided(from: nil, to: 16)),
          .line(100 + late, .scaleOutDecided(from: 8, to: 16)),
        ], serving: StepFunction()
      ).wanted.value(at: Scenario.time(50))
    }
    #expect(wanted(1) == 8)
    #expect(wanted(600) == nil)
  }

  @Test func `an end that stands before the arrival of the same second makes no instance more`() {
    let curve = CapacityCurve(
      group: "g",
      events: [
        .line(0, .observed(desired: 1, ready: 1, maximum: nil)), .line(10, .terminated(.unhealthy)),
        .line(60, .terminated(.unhealthy), instance: "i-1", offset: 1),
        .line(60, .inService, instance: "i-1", offset: 2), .line(90, .inService, instance: "i-2"),
      ], serving: StepFunction())
    #expect(curve.ready.value(at: Scenario.time(30)) == 0)
    #expect(curve.ready.value(at: Scenario.time(60)) == 0)
    #expect(curve.ready.value(at: Scenario.time(90)) == 1)
  }

  @Test
  func
    `a fleet that shrank is proved by a line of one that went, though lines are kept by the hour`()
    throws
  {
    var scene = LevelScene()
    scene.minutes = 36 * 60
    scene.isHourly = true
    scene.fleet = { $0 < 18 * 60 ? 12 : 6 }
    scene.failed = { 10 * 60..<26 * 60 ~= $0 ? 0.3 : 0 }
    let analysis = scene.analysis()
    let rows = analysis.timeline.filter { $0.kind == .fleetChanged }
    let row = try #require(rows.first, "\(analysis.timeline.map(\.kind))")
    #expect(row.text.figures.prefix(2) == [12, 6])
    let proof = try #require(analysis.evidence.first { row.evidence.contains($0.id) })
    let line = try #require(
      Int(String(decoding: proof.quote.bytes, as: UTF8.self).split(separator: " ").last ?? ""))
    // Lines of a minute go to its instances in turn.
    let (minute, place) = (line / 10, line % 10)
    #expect(minute < 18 * 60 && (minute + place) % 12 >= 6, "\(line)")
  }

  @Test func `instances that went without a decision were not taken away by the scaler`() throws {
    let finding = try #require(Self.lost.analysis().finding(.prematureScaleIn))
    #expect(finding.verdict != .supported)
    #expect("\(finding)".contains("the scaler took no capacity away"), "\(finding)")
    #expect(!"\(finding)".contains("no capacity was removed"))
  }

  @Test func `a row of one is told as one, without an end`() throws {
    var scenario = Self.lost
    scenario.events[2] = .line(1740, .terminated(.unhealthy), zone: "us-east-1b")
    let rows = scenario.analysis().timeline
    let gone = try #require(rows.first { $0.kind == .terminated })
    let come = try #require(rows.last { $0.kind == .inService })
    for (row, start) in [(gone, "1 instance terminated"), (come, "1 instance in service")] {
      let words = row.text.pieces.map { if case .words(let words) = $0 { words } else { "…" } }
      #expect(words.joined().hasPrefix(start), "\(row)")
      #expect(row.count == 1 && row.evidence.count == 1)
      let tellsTime = row.text.pieces.contains { if case .time = $0 { true } else { false } }
      #expect(!tellsTime, "\(row)")
    }
  }

  @Test func `a decision that many others follow is told again by its own line alone`() {
    let many = (0..<2_000).map { number in
      CapacityEvent.line(
        2_050 + Double(number) / 2, .scaleOutDecided(from: nil, to: 27 + number % 2),
        offset: 100_000 + number)
    }
    let again = from(input: 2, .line(2_000, .scaleOutDecided(from: 10, to: 26)))
    let rows = decisions(more: many + [again])
    #expect(rows.count == 2_001)
    #expect(rows.first?.evidence.count == 2)
    #expect(rows.dropFirst().allSatisfy { $0.evidence.count == 1 })
  }
}
