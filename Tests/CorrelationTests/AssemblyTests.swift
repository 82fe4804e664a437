import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

struct AssemblyTests {
  @Test func `stamps without a year get the one of the access logs`() throws {
    let time = CivilTime(year: 1972, month: 7, day: 16, hour: 18).instant()
    var event = CapacityEvent.line(0, .scaleOutDecided(from: 10, to: 15))
    event.time = time
    event.lacksYear = true
    var scenario = Planted.surge()
    scenario.events = [event]
    let analysis = scenario.analysis()
    let row = try #require(analysis.timeline.first { $0.kind == .scaleOutDecided })
    #expect(CivilTime(row.time).year == 2018)
    #expect(analysis.inputs[1].problems.map(\.kind) == [.assumedYear])
    #expect(analysis.coverage.clock.first { $0.input == 1 }?.uncertaintySeconds == 1)
  }

  @Test func `a turn of the year within one input begins a new year`() {
    let span = TimeSpan(
      start: CivilTime(year: 2018, month: 12, day: 31, hour: 20).instant(),
      end: CivilTime(year: 2019, month: 1, day: 1, hour: 4).instant())
    let stamps = [(12, 31, 23), (1, 1, 1)]
    let events = stamps.enumerated().map { index, stamp in
      CapacityEvent(
        time: CivilTime(year: 1972, month: stamp.0, day: stamp.1, hour: stamp.2).instant(),
        kind: .launchStarted, position: LogPosition(input: 0, line: index, offset: index),
        text: LogText("x", kind: .line), lacksYear: true)
    }
    let clock = EventClock(
      events: events, inputs: [InputSummary(name: InputName(file: "a"))], access: span)
    #expect(clock.events.map { CivilTime($0.time).year } == [2018, 2019])
  }

  @Test func `notes with a time of day stand on the day of the outage, also after midnight`() {
    let span = TimeSpan(
      start: CivilTime(year: 2018, month: 7, day: 16, hour: 22).instant(),
      end: CivilTime(year: 2018, month: 7, day: 17, hour: 2).instant())
    let events = [23 * 3600, 3600].enumerated().map { index, second in
      CapacityEvent(
        time: Instant(seconds: Int64(second)), kind: .note,
        position: LogPosition(input: 0, line: index, offset: index),
        text: LogText("x", kind: .note), precisionSeconds: 60, lacksDate: true)
    }
    let clock = EventClock(
      events: events, inputs: [InputSummary(name: InputName(file: "a"))], access: span)
    #expect(clock.events.map { CivilTime($0.time).day } == [16, 17])
    #expect(clock.inputs[0].problems.map(\.kind) == [.assumedDate])
    #expect(clock.clocks.first?.uncertaintySeconds == 30)
  }

  @Test func `evidence is numbered by time and all of it is cited`() {
    let analysis = Planted.atMaximum.analysis(
      more: CapacityEvent.note(
        2040, "shop-web is at max 15, waiting", claim: .limitReached(limit: 15, wanted: nil)))
    #expect(analysis.evidence.map(\.id.number) == Array(1...analysis.evidence.count))
    #expect(zip(analysis.evidence, analysis.evidence.dropFirst()).allSatisfy { $0.time <= $1.time })
    var cited: Set<EvidenceID> = []
    var copy = analysis
    copy.mapEvidence {
      cited.insert($0)
      return $0
    }
    #expect(cited == Set(analysis.evidence.map(\.id)))
  }

  @Test func `the order of the inputs changes nothing`() {
    var scenario = Planted.refused(.insufficientCapacity)
    let plain = scenario.analysis()
    scenario.events.reverse()
    let turned = scenario.analysis()
    #expect(turned.timeline == plain.timeline)
    #expect(turned.incidents == plain.incidents)
    #expect(turned.capacity == plain.capacity)
    #expect(turned.evidence == plain.evidence)
    #expect(turned.openQuestions == plain.openQuestions)
  }

  @Test func `refusals fold into one row that tells how many and until when`() throws {
    let analysis = Planted.refused(.insufficientCapacity).analysis()
    let rows = analysis.timeline.filter { $0.kind == .launchFailed }
    #expect(rows.count == 1)
    #expect(rows.first?.count == 12)
    #expect(rows.first?.time == Scenario.time(2000))
    #expect(rows.first?.last == Scenario.time(2000 + 11 * 240))
    #expect(rows.first?.mark != nil)
    let marks = analysis.timeline.compactMap(\.mark)
    #expect(marks == Array(["A", "B", "C", "D", "E", "F"].prefix(marks.count)))
    #expect(analysis.timeline.contains { $0.kind == .firstFailure && $0.mark == "A" })
  }

  @Test func `the impact inside and outside an incident adds up to the service`() throws {
    let analysis = Planted.tooSlow.analysis()
    let incident = try #require(analysis.incidents.first)
    let service = try #require(analysis.services.first)
    #expect(incident.impact.requests + incident.outside.requests == service.impact.requests)
    #expect(incident.impact.failed + incident.outside.failed == service.impact.failed)
    #expect(incident.phases.firstDecision == Scenario.time(1980))
    #expect(incident.phases.firstInService == Scenario.time(2700))
    #expect(abs(incident.span.start.seconds(since: Scenario.time(1800))) <= 20)
  }

  @Test func `a series has a cell a minute and tells what was needed and ready`() throws {
    let series = try #require(Planted.atMaximum.analysis().series.first)
    #expect(series.bucketSeconds == 60)
    #expect(series.requests.count == 120)
    #expect(series.ready[10] == 10)
    #expect(series.ready[40] == 15)
    #expect(series.wanted[32] == 15)
    #expect((24...27).contains(series.needed[40] ?? 0))
    #expect(series.repeats.allSatisfy { $0 == nil })
    let long = TimeSpan(start: Scenario.time(0), end: Scenario.time(30 * 86_400))
    let width = SeriesAssembly.width(of: long, bucketSeconds: 1)
    #expect(Int(long.seconds) / width < SeriesAssembly.mostCells)
  }

  @Test func `a view without anything gives an empty account`() {
    let analysis = Correlator.analyse(
      TrafficView(bucketSeconds: 1, services: []), options: AnalysisOptions())
    #expect(analysis.incidents.isEmpty)
    #expect(analysis.evidence.isEmpty)
  }

  @Test func `capacity events alone are an account without incidents`() {
    let view = TrafficView(
      bucketSeconds: 1, services: [], events: Planted.tooSlow.events,
      inputs: [InputSummary(name: InputName(file: "a")), InputSummary(name: InputName(file: "b"))])
    let analysis = Correlator.analyse(view, options: AnalysisOptions())
    #expect(analysis.incidents.isEmpty)
    #expect(analysis.capacity.map(\.group) == ["shop-web"])
  }

  @Test func `services that fail together are one incident`() {
    var other = Planted.tooSlow
    other.service = "api.example.com"
    let analysis = Planted.tooSlow.analysis(others: [other.traffic()])
    #expect(analysis.incidents.count == 1)
    #expect(analysis.incidents.first?.services.count == 2)
  }

  @Test func `a window given as times of day bounds the account`() {
    var options = AnalysisOptions()
    options.from = .timeOfDay(seconds: 17 * 3600 + 45 * 60)
    options.to = .timeOfDay(seconds: 19 * 3600)
    let analysis = Correlator.analyse(Planted.tooSlow.view(), options: options)
    #expect(analysis.window.span.start == Scenario.time(900))
    #expect(analysis.window.span.end == Scenario.time(5400))
    #expect(analysis.services.first.map { $0.impact.requests < 700_000 } == true)
    #expect(analysis.series.first?.requests.count == 75)
  }

  @Test func `a hole in all logs is a gap and no zero`() throws {
    var view = Planted.tooSlow.view()
    view.inputMinutes[0].minutes.removeAll {
      (Scenario.start + 600..<Scenario.start + 900).contains($0.start)
    }
    view.services[0].buckets.removeAll {
      (Scenario.start + 600..<Scenario.start + 900).contains($0.start)
    }
    let analysis = Correlator.analyse(view, options: AnalysisOptions())
    let gap = try #require(analysis.coverage.gaps.first)
    #expect(gap.input == nil)
    #expect(gap.span == TimeSpan(start: Scenario.time(600), end: Scenario.time(900)))
    #expect(analysis.series.first?.requests[12] == .some(nil))
    #expect(analysis.timeline.contains { $0.kind == .gap })
  }
}

struct AssemblyClockTests {
  private func shifted(_ seconds: Double) -> Analysis {
    var scenario = Planted.refused(.insufficientCapacity)
    // The describe document tells a size, not a moment; it stays with its input.
    scenario.events = scenario.events.map { event in
      var event = event
      event.time = event.time.advanced(bySeconds: seconds)
      return event
    }
    return scenario.analysis()
  }

  @Test(arguments: [7200.0, -3600, 19_800])
  func `a capacity input in another zone is shifted, and the shift is told`(_ ahead: Double) {
    let analysis = shifted(ahead)
    #expect(analysis.coverage.clock.first { $0.input == 1 }?.offsetSeconds == ahead)
    #expect(analysis.inputs[1].problems.map(\.kind) == [.clockShifted])
    #expect(analysis.timeline.contains { $0.kind == .clockShifted })
    #expect(analysis.timeline.first { $0.kind == .scaleOutDecided }?.time == Scenario.time(1895))
    #expect(analysis.incidents.first?.cause == .capacityExhausted, "\(analysis.verdicts)")
    #expect((analysis.finding(.capacityExhausted)?.likelihood?.value ?? 1) <= 0.79)
  }

  @Test(arguments: [0.0, 60, 300])
  func `a clock that is nearly right is left alone`(_ ahead: Double) {
    let analysis = shifted(ahead)
    #expect(analysis.coverage.clock.first { $0.input == 1 }?.offsetSeconds == 0)
    #expect(!analysis.timeline.contains { $0.kind == .clockShifted })
  }
}
