import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Statements that are made only where the inputs bear them out, and the lines that prove them.
struct TrueWordsTests {
  private func words(_ sentence: Sentence?) -> String {
    (sentence?.pieces ?? []).map { piece in
      if case .words(let words) = piece { words } else { "…" }
    }.joined()
  }

  @Test func `capacity is said to have arrived only where a line tells of an arrival`() throws {
    let late = try #require(Planted.tooSlow.analysis().finding(.scalingTooSlow))
    #expect(words(late.statement).hasPrefix("capacity arrived after the damage"))
    var never = Planted.tooSlow
    // An arrival of another day tells that the log knows arrivals.
    never.events[3] = .line(-90_000, .inService, count: 1)
    let none = try #require(never.analysis().finding(.scalingTooSlow))
    #expect(!words(none.statement).contains("arrived"), "\(none)")
    var silent = Planted.tooSlow
    silent.events.removeLast()
    let untold = try #require(silent.analysis().finding(.scalingTooSlow))
    #expect(!words(untold.statement).contains("arrived"), "\(untold)")
  }

  @Test func `what no input shows is not said to have stayed as it was`() throws {
    var scenario = Scenario()
    scenario.broken = (1800, 3000, 0.3)
    var view = scenario.view()
    func statement(_ view: TrafficView) -> String {
      let analysis = Correlator.analyse(view, options: AnalysisOptions())
      return words(analysis.finding(.errorsWithoutLoad)?.statement)
    }
    #expect(statement(view) == "requests failed while traffic and latency stayed as they were")
    view.services[0].latency = []
    #expect(statement(view) == "requests failed while traffic stayed as it was")
    view.services[0].backends = (0..<5).map { index in
      ServiceTraffic.Backend(
        name: "192.0.2.\(index):80", first: Scenario.time(0), last: Scenario.time(7200),
        minutes: (0..<120).map { .init(start: Scenario.start + $0 * 60, count: 600) })
    }
    #expect(statement(view) == "requests failed while traffic and capacity stayed as they were")
  }

  @Test func `a route that fails is proved by a line of that route`() throws {
    var scenario = Scenario()
    scenario.broken = (1800, 3000, 0.05)
    var view = scenario.view()
    for stratum in view.services[0].sample.indices {
      let start = view.services[0].sample[stratum].start - Scenario.start
      let fails = (1800..<3000).contains(start)
      for place in view.services[0].sample[stratum].requests.indices {
        let isPay = place % 16 == 3
        view.services[0].sample[stratum].requests[place].template = isPay ? "/pay" : "/page"
        view.services[0].sample[stratum].requests[place].outcome =
          isPay && fails ? .failed : .answered
        view.services[0].sample[stratum].requests[place].text = LogText(
          isPay ? "POST /pay" : "GET /page", kind: .line)
      }
    }
    let analysis = Correlator.analyse(view, options: AnalysisOptions())
    let finding = try #require(analysis.finding(.hotEndpoint))
    let id = try #require(finding.supporting.first?.evidence.first, "\(finding)")
    let proof = analysis.evidence.first { $0.id == id }
    #expect(proof.map { String(decoding: $0.quote.bytes, as: UTF8.self) } == "POST /pay")
  }

  @Test func `the worst span holds the worst minute`() throws {
    // Ten bad minutes, and one minute later that is worse.
    let builder = TrafficBuilder("20x3600", failed: "0x600 .2x600 0x1200 .3x60 0x1140")
    let measure = ImpactMeasure(builder.traffic(), bucketSeconds: 1, objective: 0.999)
    let worst = try #require(measure.worstSpan(in: builder.window))
    #expect(worst.contains(builder.time(2_430)))
    #expect(worst == TimeSpan(start: builder.time(2_400), end: builder.time(2_460)))
    let long = TrafficBuilder("20x3600", failed: "0x600 .2x300 .3x60 .2x240 0x2400")
    let whole = try #require(
      ImpactMeasure(long.traffic(), bucketSeconds: 1, objective: 0.999).worstSpan(in: long.window))
    #expect(whole == TimeSpan(start: long.time(600), end: long.time(1_200)))
  }

  @Test func `the first failure is the first that was counted, whether its line was kept or not`()
    throws
  {
    var view = Planted.tooSlow.view()
    let kept = view.services[0].exemplars
    let first = try #require(
      Planted.tooSlow.analysis().incidents.first?.phases.firstFailure)
    view.services[0].exemplars = kept.filter {
      $0.outcome != .failed || $0.arrival > first.advanced(bySeconds: 40)
    }
    let analysis = Correlator.analyse(view, options: AnalysisOptions())
    let told = try #require(analysis.incidents.first?.phases.firstFailure)
    #expect(first.seconds(since: told) >= 0 && first.seconds(since: told) <= 10)
    let row = try #require(analysis.timeline.first { $0.kind == .firstFailure })
    #expect(words(row.text).contains("the first of which the line is kept came at"))
  }

  @Test func `an incident that lasts to the last line ends with it`() throws {
    let builder = TrafficBuilder("20x3605", failed: "0x2400 .3x1205", seed: 6)
    let signal = SignalDetection.signal(
      of: builder.traffic(), bucketSeconds: 1, window: builder.window, gaps: [],
      options: AnalysisOptions())
    #expect(signal.incidents.first?.span.end == builder.time(3_605))
  }

  @Test func `an incident that lasts beyond the window is cut with it, and no request is lost`()
    throws
  {
    let builder = TrafficBuilder("20x3600", failed: "0x2400 .3x1200", seed: 6)
    var options = AnalysisOptions()
    options.to = .moment(builder.time(3_593))
    let view = TrafficView(bucketSeconds: 1, services: [builder.traffic()])
    let analysis = Correlator.analyse(view, options: options)
    let incident = try #require(analysis.incidents.first)
    #expect(incident.span.end == analysis.window.span.end)
    #expect(
      incident.impact.requests + incident.outside.requests
        == analysis.services.first?.impact.requests)
  }

  @Test func `slow for less than two cells before the first failure is no slow beginning`() throws {
    var builder = TrafficBuilder(
      "20x2400 60x1200 20x1800", failed: ".001x2400 0x12 .4x1188 .001x1800", seed: 3)
    builder.milliseconds = perSecond("100x2400 2000x1200 100x1800")
    func start(_ builder: TrafficBuilder) throws -> Instant {
      let signal = SignalDetection.signal(
        of: builder.traffic(), bucketSeconds: 1, window: builder.window, gaps: [],
        options: AnalysisOptions())
      let incident = try #require(signal.incidents.first)
      #expect(incident.detectedBy == [.errors, .latency])
      return incident.span.start
    }
    #expect(try start(builder) >= builder.time(2_412))
    builder.failedShare = perSecond(".001x2400 0x120 .4x1080 .001x1800")
    // Two minutes are.
    #expect(try start(builder) <= builder.time(2_410))
  }

  @Test func `a share of failures that never changes is asked about where it is large`() {
    func questions(_ share: String) -> [OpenQuestion] {
      let builder = TrafficBuilder("20x3600", failed: "\(share)x3600", seed: 4)
      let view = TrafficView(bucketSeconds: 1, services: [builder.traffic()])
      return Correlator.analyse(view, options: AnalysisOptions()).openQuestions
    }
    let first = words(questions(".2").first?.title)
    #expect(first.hasPrefix("Whether it is usual that"))
    #expect(!questions(".002").contains { words($0.title).hasPrefix("Whether it is usual") })
  }

  @Test func `services that fail together are each told with what failed of them`() throws {
    var other = Planted.tooSlow
    other.service = "api.example.com"
    other.seed = 9
    let analysis = Planted.tooSlow.analysis(others: [other.traffic()])
    let incident = try #require(analysis.incidents.first)
    let told = try #require(incident.others.first)
    #expect(incident.others.count == 1 && [incident.service, told.service].count == 2)
    #expect(Set([incident.service, told.service]) == ["shop.example.com", "api.example.com"])
    let traffic = told.service == other.service ? other.traffic() : Planted.tooSlow.traffic()
    let counts = traffic.buckets(in: told.span)
    #expect(told.failed == counts.reduce(0) { $0 + $1.counts.failed } && told.failed > 0)
    #expect(told.requests == counts.reduce(0) { $0 + $1.counts.requests })
    let cited = Set(analysis.evidence.map(\.id))
    #expect(!told.evidence.isEmpty && told.evidence.allSatisfy(cited.contains))
  }

  @Test func `a shortfall is as long as the incident that it made`() throws {
    var scenario = Planted.atMaximum
    scenario.demand = [(0, 50), (1_830, 150), (5_430, 50)]
    let analysis = scenario.analysis()
    let incident = try #require(analysis.incidents.first)
    // Neither begins nor ends with a minute.
    #expect(incident.span.start > Scenario.time(1_800))
    #expect(incident.span.end < Scenario.time(5_460))
    #expect(analysis.capacity.first?.shortfallSpan == incident.span)
  }

  private static let cuts:
    [(span: ClosedRange<Int>, incidents: [ClosedRange<Int>], cut: ClosedRange<Int>)] = [
      (0...60, [-600...20, 30...900], 30...60), (0...60, [-600...20], 0...20),
      (0...120, [20...90], 20...90), (0...120, [-60...180], 0...120),
      (0...180, [70...110], 0...180), (0...60, [60...90], 0...60), (0...60, [], 0...60),
    ]

  @Test(arguments: cuts)
  func `a shortfall is cut to the second where an incident begins or ends in its outer minutes`(
    span: ClosedRange<Int>, incidents: [ClosedRange<Int>], cut: ClosedRange<Int>
  ) {
    func times(_ seconds: ClosedRange<Int>) -> TimeSpan {
      TimeSpan(
        start: Scenario.time(Double(seconds.lowerBound)),
        end: Scenario.time(Double(seconds.upperBound)))
    }
    #expect(CapacityAssembly.clipped(times(span), to: incidents.map(times)) == times(cut))
  }

  @Test(arguments: [
    (Planted.atMaximum, [TimelineEntry.Kind.recovery, .withinCapacity]),
    (Planted.surge([(0, 40)]), [.spikeEnd]),
  ])
  func `what is over is proved by a line of then and not by a nearer one of before`(
    scenario: Scenario, kinds: [TimelineEntry.Kind]
  ) throws {
    let told = scenario.analysis().timeline.filter { kinds.contains($0.kind) }
    #expect(Set(told.map(\.kind)) == Set(kinds))
    var view = scenario.view()
    view.services[0].exemplars.removeAll { line in
      told.contains { 0.0..<50 ~= line.arrival.seconds(since: $0.time) }
    }
    let analysis = Correlator.analyse(view, options: AnalysisOptions())
    for row in analysis.timeline where kinds.contains(row.kind) {
      let lines = analysis.evidence.filter { row.evidence.contains($0.id) }
      #expect(!lines.isEmpty && lines.allSatisfy { $0.time >= row.time }, "\(row) \(lines)")
    }
  }
}
