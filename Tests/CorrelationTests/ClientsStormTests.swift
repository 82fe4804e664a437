import FloodmarkTestSupport
import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

extension SimulatedTrails {
  /// What the tally would have of the incident, but for text: counts, fleet and followed clients.
  func view() -> TrafficView {
    var buckets: [Int64: BucketCounts] = [:]
    var minutes: [Int32: [Int64: Int]] = [:]
    var exemplars: [Exemplar] = []
    for (number, request) in incident.requests.enumerated() where kind.writes(request) {
      let start = floorDivide(request.arrival, 10_000_000) * 10
      var counts = buckets[start] ?? BucketCounts()
      switch request.status {
      case 503: counts.status503 += 1
      case 504: counts.status504 += 1
      case 500...: counts.status500 += 1
      case 499: counts.abandoned += 1
      case 400...: counts.clientErrors += 1
      default: counts.answered += 1
      }
      counts.tellingShed += 1
      if request.isFailed, request.backend < 0 { counts.shed += 1 }
      buckets[start] = counts
      if request.backend >= 0 {
        minutes[request.backend, default: [:]][floorDivide(start, 60) * 60, default: 0] += 1
      }
      guard number % 40 == 0 else { continue }
      exemplars.append(
        Exemplar(
          stratum: floorDivide(start, 60) * 60, outcome: request.isFailed ? .failed : .answered,
          role: .chosen, arrival: Instant(microseconds: request.arrival), status: request.status,
          position: LogPosition(input: 0, line: number + 1, offset: number * 100),
          text: LogText("line \(number)", kind: .line)))
    }
    var traffic = ServiceTraffic(
      name: "shop.example.com",
      buckets: buckets.sorted { $0.key < $1.key }.map {
        ServiceTraffic.Bucket(start: $0.key, counts: $0.value)
      }, exemplars: exemplars)
    traffic.backends = minutes.sorted { $0.key < $1.key }.map { number, counts in
      let sorted = counts.sorted { $0.key < $1.key }
      return ServiceTraffic.Backend(
        name: "192.0.2.\(number):80", first: Instant(seconds: sorted[0].key),
        last: Instant(seconds: sorted[sorted.count - 1].key),
        minutes: sorted.map { ServiceTraffic.Backend.Minute(start: $0.key, count: $0.value) })
    }
    var input = InputSummary(name: InputName(file: "access.log"))
    input.kind = .access
    let all = buckets.sorted { $0.key < $1.key }.map {
      ServiceTraffic.Backend.Minute(start: $0.key, count: $0.value.requests)
    }
    var view = TrafficView(
      bucketSeconds: 10, services: [traffic], inputs: [input],
      inputMinutes: [TrafficView.InputMinutes(input: 0, minutes: all)])
    view.trails = trails()
    return view
  }
}

/// Retry storms: for and against (METHODS §7, §8).
struct ClientsStormTests {
  /// A rise of three minutes beyond what a fleet that never grows can take, and clients that ask again.
  private func burst(again chance: Double, seed: UInt64 = 11) -> SimulatedTrails {
    var plan = IncidentPlan(scenario: .scalingNotTriggered, seed: seed)
    let onset = 3_900
    plan.demand.base = 14
    plan.demand.swing = 0
    plan.demand.corners = [(onset, 1.0), (onset + 10, 2.6), (onset + 180, 2.6), (onset + 190, 1.0)]
      .map { DemandCurve.Corner(second: Double($0.0), factor: $0.1) }
    plan.onset = onset
    plan.seconds = onset + 1_500
    plan.size = 8
    plan.capacity = 14 / 8 / 0.7
    plan.retryChance = [DemandCurve.Corner(second: 0, factor: chance)]
    plan.retryBackoff = 2
    plan.retryAttempts = 12
    plan.repeatCeiling = 30
    return SimulatedTrails(SimulatedIncident(plan), kind: .nginxTimed)
  }

  private func analysis(_ simulated: SimulatedTrails) -> Analysis {
    Correlator.analyse(simulated.view(), options: AnalysisOptions())
  }

  @Test func `repeats that outlive the rise are a storm that leads`() throws {
    let simulated = burst(again: 1.6)
    let told = analysis(simulated)
    let incident = try #require(told.incidents.first)
    let storm = try #require(told.finding(.retryStorm))
    #expect(storm.verdict == .supported, "\(told.verdicts)")
    #expect(incident.cause == .retryStorm, "\(told.verdicts)")
    let repeats = try #require(incident.impact.repeats)
    let planted = simulated.repeats(in: incident.span)
    #expect(
      abs(repeats - planted) * 100 < 3 * incident.impact.requests, "\(repeats) of \(planted)")
    let spike = try #require(told.spikes.first)
    #expect(spike.composition.kind == .retries)
    #expect((spike.composition.retryShare ?? 0) > 0.6)
    #expect((spike.firstAttemptPeakRate ?? 0) < 0.8 * spike.peakRate)
    let series = try #require(told.series.first)
    #expect(series.repeats.compactMap { $0 }.reduce(0, +) > planted * 9 / 10)
  }

  @Test func `an outage whose failures nobody repeats is no storm`() throws {
    let told = analysis(burst(again: 0))
    let storm = try #require(told.finding(.retryStorm))
    #expect(storm.verdict == .contradicted, "\(told.verdicts)")
    #expect(told.incidents.first?.cause != .retryStorm)
    #expect((told.incidents.first?.impact.repeats ?? .max) < 60)
    #expect(told.spikes.first?.composition.kind != .retries)
  }

  @Test func `without clients repeats are not told`() throws {
    var view = burst(again: 1.6).view()
    view.trails = ClientTrails()
    let told = Correlator.analyse(view, options: AnalysisOptions())
    #expect(told.finding(.retryStorm)?.verdict == .untestable)
    #expect(told.incidents.first?.impact.repeats == nil)
    #expect(told.incidents.first?.impact.clientsAffected == nil)
    #expect(told.series.first?.repeats.contains { $0 != nil } == false)
  }

  @Test func `three failed lines of one client prove a repeat`() throws {
    func event(_ second: Int, _ status: UInt16) -> TrailEvent {
      TrailEvent(
        arrival: Instant(seconds: TrafficBuilder.origin + Int64(second)), url: 5, template: 5,
        offset: second * 10, line: UInt32(second), input: 0, service: 0, milliseconds: -1,
        status: status, flags: [])
    }
    let events = [event(5, 503), event(300, 503), event(303, 503), event(309, 503)]
    var trail = ClientTrail(id: 9, count: 4, events: events)
    trail.texts = events.map { TrailText(position: $0.position, text: LogText("x", kind: .line)) }
    var builder = TrafficBuilder("5x600")
    builder.name = "shop.example.com"
    let traffic = builder.traffic()
    var view = TrafficView(bucketSeconds: 1, services: [traffic])
    view.trails = ClientTrails(clients: [trail])
    let signal = SignalDetection.signal(
      of: traffic, bucketSeconds: 1, window: builder.window, gaps: [], options: AnalysisOptions())
    let story = try #require(ClientStory(view, of: signal))
    #expect(story.proof(in: builder.window).map(\.position.line) == [300, 303, 309])
  }
}
