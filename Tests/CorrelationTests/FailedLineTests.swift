import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Many services over a long time widen the strata of which lines are kept: of a day, say, there may be no line of an outage's first failure.
struct FailedLineTests {
  /// An outage whose failed lines that were kept as proof stand long behind its beginning.
  private func view() -> TrafficView {
    var view = Planted.tooSlow.view()
    let failed = view.services[0].exemplars.filter { $0.outcome == .failed }
    view.services[0].exemplars.removeAll { $0.outcome == .failed }
    view.services[0].exemplars += failed.suffix(1)
    return view
  }

  /// A client of which one failed request and its line are kept.
  private static func addFollowed(_ view: inout TrafficView, at moment: Instant) -> TrailEvent {
    let event = TrailEvent(
      arrival: moment, url: 7, template: 7, offset: 4_000, line: 50,
      input: 0, service: 0, milliseconds: -1, status: 503, flags: [])
    view.trails.clients.append(
      ClientTrail(
        id: 2, count: 1, events: [event],
        texts: [TrailText(position: event.position, text: LogText("of a client", kind: .line))]))
    return event
  }

  private func row(_ view: TrafficView) throws -> (row: TimelineEntry, evidence: [Evidence]) {
    let analysis = Correlator.analyse(view, options: AnalysisOptions())
    let row = try #require(analysis.timeline.first { $0.kind == .firstFailure })
    #expect(analysis.incidents.first?.phases.firstFailure == row.time)
    return (row, analysis.evidence.filter { row.evidence.contains($0.id) })
  }

  /// The first failing bucket of the outage.
  private func firstBucket(_ view: TrafficView) throws -> Instant {
    let start = Scenario.time(1700)
    let bucket = view.services[0].buckets.first {
      Instant(seconds: $0.start) >= start && $0.counts.failed > 0
    }
    return Instant(seconds: try #require(bucket).start)
  }

  @Test func `the line of the very request proves it where it was kept`() throws {
    let view = Planted.tooSlow.view()
    let (row, evidence) = try row(view)
    let first = try firstBucket(view)
    #expect(row.time >= first && row.time < first.advanced(bySeconds: 10))
    #expect(evidence.map(\.time) == [row.time])
    #expect(row.precisionSeconds == 1)
  }

  @Test func `a followed client's line proves it where no other was kept near it`() throws {
    var view = view()
    let first = try firstBucket(view)
    let event = Self.addFollowed(&view, at: first.advanced(bySeconds: 30))
    let (row, evidence) = try row(view)
    #expect(row.time == first)
    // The time is that of the bucket.
    #expect(row.precisionSeconds == 10)
    #expect(evidence.map(\.position) == [event.position])
  }

  @Test func `a sampled line proves it where no other was kept near it`() throws {
    var view = view()
    let first = try firstBucket(view)
    let stratum = try #require(
      view.services[0].sample.firstIndex {
        Instant(seconds: $0.start) >= first && $0.requests.contains { $0.outcome == .failed }
      })
    let place = try #require(
      view.services[0].sample[stratum].requests.firstIndex { $0.outcome == .failed })
    view.services[0].sample[stratum].requests[place].text = LogText("of the sample", kind: .line)
    let position = view.services[0].sample[stratum].requests[place].position
    let (row, evidence) = try row(view)
    #expect(row.time == first)
    #expect(evidence.map(\.position) == [position])
  }

  @Test func `without a line near it the next one is cited, and the row says so`() throws {
    let view = view()
    let (row, evidence) = try row(view)
    #expect(row.time == (try firstBucket(view)))
    let line = try #require(evidence.first)
    #expect(line.time.seconds(since: row.time) > 120)
    let tellsWhen = row.text.pieces.contains { piece in
      if case .time(let time, _) = piece { time == line.time } else { false }
    }
    #expect(tellsWhen)
  }

  @Test(arguments: [1, 2, 5])
  func `how many services are looked at at once changes nothing`(atOnce: Int) async {
    var others = (0..<4).map { number in
      var other = Planted.tooSlow
      other.service = "api-\(number).example.com"
      other.seed = UInt64(number + 20)
      return other.traffic()
    }
    others[1].exemplars = []
    let view = Planted.atMaximum.view(others: others)
    let alone = Correlator.analyse(view, options: AnalysisOptions())
    let together = await Correlator.analysis(
      of: view, options: AnalysisOptions(), atOnce: atOnce)
    #expect(together.services == alone.services)
    #expect(together.services.count == 5)
    #expect(together.series == alone.series)
    #expect(together.incidents == alone.incidents)
    #expect(together.spikes == alone.spikes)
    #expect(together.capacity == alone.capacity)
    #expect(together.timeline == alone.timeline)
    #expect(together.evidence == alone.evidence)
    #expect(together.openQuestions == alone.openQuestions)
  }

  @Test func `the first line that is kept is the first, whatever it was kept for`() throws {
    var view = view()
    let first = try firstBucket(view)
    var late = try #require(view.services[0].exemplars.first { $0.outcome == .failed })
    late.arrival = first.advanced(bySeconds: 100)
    view.services[0].exemplars.append(late)
    let event = Self.addFollowed(&view, at: first.advanced(bySeconds: 30))
    #expect(try row(view).evidence.map(\.position) == [event.position])
  }

  @Test func `a service that fails with another is proved by a sampled line if need be`() throws {
    var other = Planted.tooSlow
    other.service = "api.example.com"
    other.seed = 9
    let view = Planted.tooSlow.view(others: [other.view().services[0]])
    let told = try #require(
      Correlator.analyse(view, options: AnalysisOptions()).incidents.first?.others.first)
    let place = try #require(view.services.firstIndex { $0.name == told.service })
    var bare = view
    bare.services[place].exemplars.removeAll { $0.outcome == .failed }
    for stratum in bare.services[place].sample.indices {
      for index in bare.services[place].sample[stratum].requests.indices {
        bare.services[place].sample[stratum].requests[index].text = LogText("kept", kind: .line)
      }
    }
    let analysis = Correlator.analyse(bare, options: AnalysisOptions())
    let failing = try #require(analysis.incidents.first?.others.first)
    #expect(failing.service == told.service)
    let lines = analysis.evidence.filter { failing.evidence.contains($0.id) }
    #expect(lines.map(\.quote) == [LogText("kept", kind: .line)])
  }
}
