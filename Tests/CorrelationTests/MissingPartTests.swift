import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Inputs that show only a part of an incident.
struct MissingPartTests {
  private static func outage(until minutes: Int) -> Scenario {
    var scenario = Scenario()
    scenario.minutes = minutes
    scenario.demand = [(0, 50), (1_800, 150), (4_800, 50)]
    scenario.events = [
      .line(300, .observed(desired: 10, ready: 10, maximum: 15)),
      .line(1_920, .scaleOutDecided(from: 10, to: 15)),
      .line(2_000, .limitReached(limit: 15, wanted: 26)), .line(2_100, .inService, count: 5),
    ]
    scenario.ready = [(0, 10), (2_100, 15)]
    return scenario
  }

  @Test func `logs that end inside the incident say what to fetch and lower every verdict`() throws
  {
    let whole = try #require(Self.outage(until: 120).analysis().incidents.first)
    let cut = try #require(Self.outage(until: 60).analysis().incidents.first)
    #expect(whole.missing.isEmpty)
    #expect(cut.missing.map(\.kind) == [.end])
    #expect(whole.findings.contains { ($0.likelihood?.value ?? 0) > CauseJudgement.partialCap })
    #expect(cut.findings.allSatisfy { ($0.likelihood?.value ?? 0) <= CauseJudgement.hiddenCap })
    #expect(cut.findings.allSatisfy { $0.needs.contains(cut.missing[0].fetch) })
    #expect(cut.cause == whole.cause)
  }

  @Test func `logs that end while the failures fade lower a verdict by little`() throws {
    var scenario = Self.outage(until: 120)
    // Back within capacity, but for a rest of 3 % to the last line.
    scenario.broken = (4_800, 7_200, 0.03)
    let incident = try #require(scenario.analysis().incidents.first)
    #expect(incident.missing.map(\.kind) == [.end])
    let most = incident.findings.compactMap { $0.likelihood?.value }.max() ?? 0
    #expect(most <= CauseJudgement.partialCap && most > CauseJudgement.hiddenCap)
  }

  @Test func `a window that is cut by the user asks for a later one`() throws {
    var options = AnalysisOptions()
    options.to = .moment(Scenario.time(3_600))
    let analysis = Correlator.analyse(Self.outage(until: 120).view(), options: options)
    let part = try #require(analysis.incidents.first?.missing.first)
    #expect(part.fetch == "a report with a later end")
  }

  @Test func `logs that begin inside the incident say so`() throws {
    var scenario = Self.outage(until: 120)
    scenario.demand = [(0, 150), (1_800, 50)]
    scenario.ready = [(0, 10)]
    scenario.events = [.line(300, .observed(desired: 10, ready: 10, maximum: 15))]
    let incident = try #require(scenario.analysis().incidents.first)
    #expect(incident.missing.contains { $0.kind == .beginning })
  }

  @Test func `an hour's file that the next one follows lacks nothing, however demand fell between`()
    throws
  {
    let scenario = Self.outage(until: 120)
    var view = scenario.view()
    let minutes = view.inputMinutes[0].minutes
    var second = InputSummary(name: InputName(file: "access-19.log.gz"))
    second.kind = .access
    view.inputs.append(second)
    func hour(_ number: Int, _ range: Range<Int64>, share: Int) -> TrafficView.InputMinutes {
      TrafficView.InputMinutes(
        input: number,
        minutes: minutes.filter { range.contains($0.start - Scenario.start) }
          .map { .init(start: $0.start, count: $0.count * share / 100) })
    }
    view.inputMinutes = [hour(0, 0..<2_400, share: 100), hour(3, 2_400..<7_200, share: 20)]
    let incident = try #require(
      Correlator.analyse(view, options: AnalysisOptions()).incidents.first)
    #expect(incident.missing.isEmpty, "\(incident.missing)")
  }

  @Test(arguments: [(3_600, 1), (-1_800, 1), (0, 0), (600, 0)] as [(Int64, Int)])
  func `a server whose lines stand an hour off is asked about`(shift: Int64, count: Int) {
    let minutes = Self.outage(until: 120).view().inputMinutes[0].minutes
    let servers = (0..<3).map { number in
      TrafficView.InputMinutes(
        input: number,
        minutes: minutes.map { minute in
          .init(
            start: minute.start + (number == 1 ? shift : 0),
            count: minute.count / (3 + Int(minute.start / 60 + Int64(number)) % 2))
        })
    }
    let found = ShiftedServers.shifts(among: servers)
    #expect(found.count == count)
    #expect(found.allSatisfy { $0.input == 1 && $0.seconds == shift })
    #expect(ShiftedServers.shifts(among: Array(servers.prefix(2))).isEmpty)
  }

  /// Three servers' shares of an outage, the clock of the third so many seconds ahead.
  private static func threeServers(ahead seconds: Int64) -> Analysis {
    var view = Self.outage(until: 120).view()
    let minutes = view.inputMinutes[0].minutes
    for name in ["web-1.log", "web-2.log"] {
      var summary = InputSummary(name: InputName(file: name))
      summary.kind = .access
      view.inputs.append(summary)
    }
    view.inputMinutes = [0, 3, 4].map { input in
      TrafficView.InputMinutes(
        input: input,
        minutes: minutes.map {
          .init(start: $0.start + (input == 4 ? seconds : 0), count: $0.count / 3)
        })
    }
    return Correlator.analyse(view, options: AnalysisOptions())
  }

  @Test(arguments: [(0, nil), (3_600, "web-2.log=+3600"), (-420, "web-2.log=-420")])
  func `with a server's clock off no cause is sure and the option is told`(
    seconds: Int, option: String?
  ) throws {
    let analysis = Self.threeServers(ahead: Int64(seconds))
    let surest = analysis.incidents.flatMap(\.findings).compactMap { $0.likelihood?.value }.max()
    let told = analysis.openQuestions.flatMap(\.text.pieces).compactMap { piece -> String? in
      guard case .log(let text) = piece, text.kind == .file else { return nil }
      return String(decoding: text.bytes, as: UTF8.self)
    }
    if let option {
      #expect((surest ?? 1) <= CauseJudgement.hiddenCap)
      #expect(told.contains(option), "\(told)")
    } else {
      #expect((surest ?? 0) > CauseJudgement.hiddenCap)
      #expect(!told.contains { $0.contains("web-2.log=") }, "\(told)")
    }
  }

  @Test func `of several servers the one whose log stops early is named`() throws {
    let scenario = Self.outage(until: 120)
    var view = scenario.view()
    let minutes = view.inputMinutes[0].minutes
    func input(_ number: Int, _ part: (Int64) -> Int) -> TrafficView.InputMinutes {
      TrafficView.InputMinutes(
        input: number,
        minutes: minutes.compactMap { minute in
          let count = part(minute.start - Scenario.start) * minute.count / 100
          return count > 0 ? .init(start: minute.start, count: count) : nil
        })
    }
    for name in ["web-1.log", "web-2.log"] {
      var summary = InputSummary(name: InputName(file: name))
      summary.kind = .access
      view.inputs.append(summary)
    }
    // From 2,700 s on the second server's lines are missing and nobody took them over.
    view.inputMinutes = [
      input(0) { _ in 50 }, input(3) { _ in 25 }, input(4) { $0 < 2_700 ? 25 : 0 },
    ]
    let found = Correlator.analyse(view, options: AnalysisOptions()).incidents.first?.missing ?? []
    #expect(found.map(\.input) == [4])
    // The others took over what it had: its host stopped serving, and no log is missing.
    view.inputMinutes = [
      input(0) { $0 < 2_700 ? 50 : 65 }, input(3) { $0 < 2_700 ? 25 : 40 },
      input(4) { $0 < 2_700 ? 25 : 0 },
    ]
    let none = Correlator.analyse(view, options: AnalysisOptions()).incidents.first?.missing ?? []
    #expect(none.isEmpty)
  }
}
