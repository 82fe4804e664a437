import FloodmarkTestSupport
import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// One flow logged at two places, and what only looks like it.
struct VantageTests {
  /// What one side logged: which requests, with which times and statuses, from whom.
  private struct Side {
    var name: String
    var incident: SimulatedIncident
    var tellsShed = false
    var tellsDuration = true
    var isInner = false
    /// Seconds by which its clock is ahead.
    var ahead = 0.0
    var status: UInt16?
    var client: UInt64?
    /// Only every second target, from this one on.
    var shard: Int32?

    func events(_ service: Int) -> [UInt64: [TrailEvent]] {
      var events: [UInt64: [TrailEvent]] = [:]
      for (number, request) in incident.requests.enumerated()
      where request.kind != .healthCheck && !(isInner && request.backend < 0)
        && (shard.map { request.target % 2 == $0 } ?? true)
      {
        let duration = isInner ? request.backendDuration : request.duration
        let stamp = request.arrival + Int64(ahead * 1_000_000) + (isInner ? 300 : 0)
        var mix = SeededNoise(seed: UInt64(request.client) + 1)
        let id = client ?? mix.bits() >> 1
        events[id, default: []].append(
          TrailEvent(
            arrival: Instant(microseconds: stamp / 1_000 * 1_000), url: UInt64(request.target) + 1,
            template: shard == nil ? UInt64(request.target % 40) + 100 : 100, offset: number * 80,
            line: UInt32(number + 1), input: Int32(service), service: Int32(service),
            milliseconds: tellsDuration ? Int32(clamping: duration / 1_000) : -1,
            status: status ?? (isInner && request.status == 504 ? 499 : request.status),
            flags: tellsShed && request.backend < 0 ? .shed : []))
      }
      return events
    }

    var traffic: ServiceTraffic {
      var buckets: [Int64: BucketCounts] = [:]
      for event in events(0).values.joined() {
        var counts = BucketCounts()
        if event.status >= 500 { counts.status503 = 1 } else { counts.answered = 1 }
        counts.tellingShed = tellsShed ? 1 : 0
        counts.shed = event.flags.contains(.shed) ? 1 : 0
        buckets[event.arrival.bucketStart(width: 10).seconds, default: BucketCounts()].add(counts)
      }
      return ServiceTraffic(
        name: name,
        buckets: buckets.sorted { $0.key < $1.key }.map {
          ServiceTraffic.Bucket(start: $0.key, counts: $0.value)
        })
    }
  }

  private static func view(_ sides: [Side]) -> TrafficView {
    var trails: [UInt64: [TrailEvent]] = [:]
    for (index, side) in sides.enumerated() {
      for (id, events) in side.events(index) { trails[id, default: []] += events }
    }
    var view = TrafficView(bucketSeconds: 10, services: sides.map(\.traffic))
    view.trails = ClientTrails(
      clients: trails.sorted { $0.key < $1.key }.map { id, events in
        ClientTrail(
          id: id, agentFamily: "Chrome", count: events.count,
          events: events.sorted { ($0.arrival, $0.position) < ($1.arrival, $1.position) })
      })
    return view
  }

  private static func incident(_ seed: UInt64) -> SimulatedIncident {
    var plan = IncidentPlan(scenario: .maxSizeReached, seed: seed)
    plan.cut(leadSeconds: 1_200)
    plan.demand.base *= 0.4
    plan.capacity *= 0.4
    return SimulatedIncident(plan)
  }

  @Test(arguments: [UInt64(3), 4, 5, 6])
  func `the server behind the balancer is found inside of it`(seed: UInt64) {
    let incident = Self.incident(seed)
    let outer = Side(name: "z-balancer", incident: incident, tellsShed: true)
    var inner = Side(name: "a-web", incident: incident, isInner: true)
    #expect(Vantages(Self.view([outer, inner])).outermost == ["a-web": "z-balancer"])
    #expect(Vantages(Self.view([inner, outer])).outermost == ["a-web": "z-balancer"])
    // Without durations on the inner side the one that tells what was shed is the outer one.
    inner.tellsDuration = false
    #expect(Vantages(Self.view([outer, inner])).outermost == ["a-web": "z-balancer"])
    // A quarter of the outer log is lost: what is inside stays inside.
    var lossy = outer
    lossy.incident.lose(share: 0.25)
    #expect(Vantages(Self.view([lossy, inner])).outermost == ["a-web": "z-balancer"])
  }

  @Test func `of three sides the outermost counts for both others`() {
    let incident = Self.incident(8)
    var edge = Side(name: "edge", incident: incident, tellsShed: true, ahead: -0.4)
    edge.tellsDuration = false
    let balancer = Side(name: "balancer", incident: incident, tellsShed: true)
    let web = Side(name: "web", incident: incident, isInner: true)
    let found = Vantages(Self.view([balancer, edge, web])).outermost
    #expect(found["web"] != nil && found["web"] != "web")
    #expect(Set(found.values).count == 1)
    #expect(found.count == 2)
  }

  @Test(arguments: [UInt64(11), 12, 13])
  func `two services that the same clients ask are two flows`(seed: UInt64) {
    // The same clients, routes and hours, but other requests.
    let one = Side(name: "shop", incident: Self.incident(seed), tellsShed: true)
    let other = Side(name: "api", incident: Self.incident(seed + 100), isInner: true)
    var moved = other
    moved.ahead =
      one.incident.plan.start.seconds(since: other.incident.plan.start)
    #expect(Vantages(Self.view([one, moved])).outermost.isEmpty)
  }

  @Test func `hosts that share a page's pictures out between them are two flows`() {
    let incident = Self.incident(14)
    let even = Side(name: "img1", incident: incident, shard: 0)
    let odd = Side(name: "img2", incident: incident, shard: 1)
    #expect(Vantages(Self.view([even, odd])).outermost.isEmpty)
  }

  @Test func `a host that sends everybody on to another is no vantage of it`() {
    let incident = Self.incident(9)
    let secure = Side(name: "https", incident: incident)
    let plain = Side(name: "http", incident: incident, isInner: true, ahead: -0.1, status: 301)
    #expect(Vantages(Self.view([secure, plain])).outermost.isEmpty)
  }

  @Test func `an inner log that names the balancer as every client is a suspicion by its counts`() {
    let incident = Self.incident(10)
    let outer = Side(name: "balancer", incident: incident, tellsShed: true)
    let inner = Side(name: "web", incident: incident, isInner: true, client: 77)
    let view = Self.view([outer, inner])
    #expect(Vantages(view).outermost.isEmpty)
    let analysis = Correlator.analyse(view, options: AnalysisOptions())
    let counts = view.services.map { $0.buckets.map { $0.counts.requests } }
    let spans = analysis.incidents.map {
      "\($0.services) \($0.span.start.seconds - view.services[0].buckets[0].start) \($0.span.seconds)"
    }
    #expect(
      analysis.services.first { $0.name == "web" }?.perhapsSameAs == "balancer",
      "\(counts.map { $0.reduce(0, +) }) \(counts.map(\.count)) \(spans)")
  }

  @Test func `what is inside adds nothing to incidents, spikes and capacity`() throws {
    let incident = Self.incident(3)
    let outer = Side(name: "balancer", incident: incident, tellsShed: true)
    let inner = Side(name: "web", incident: incident, isInner: true)
    let analysis = Correlator.analyse(Self.view([outer, inner]), options: AnalysisOptions())
    let found = try #require(analysis.incidents.first)
    #expect(analysis.incidents.allSatisfy { $0.services == ["balancer"] })
    #expect(analysis.spikes.allSatisfy { $0.service == "balancer" })
    #expect(analysis.capacity.allSatisfy { !$0.services.contains("web") })
    #expect(analysis.services.first { $0.name == "web" }?.insideOf == "balancer")
    #expect(analysis.services.first { $0.name == "balancer" }?.insideOf == nil)
    #expect(found.impact.requests <= outer.traffic.buckets.reduce(0) { $0 + $1.counts.requests })
  }

  @Test func `one name for both logs is told as counted twice`() {
    let incident = Self.incident(3)
    let outer = Side(name: "shop", incident: incident, tellsShed: true)
    let inner = Side(name: "shop", incident: incident, isInner: true)
    var view = Self.view([outer, inner])
    view.services.removeLast()
    for index in view.trails.clients.indices {
      for place in view.trails.clients[index].events.indices {
        view.trails.clients[index].events[place].service = 0
      }
    }
    view.inputs = ["alb.log", "web.log"].map { InputSummary(name: InputName(file: $0)) }
    view.inputMinutes = [0, 1].map { TrafficView.InputMinutes(input: $0, minutes: []) }
    #expect(Vantages(view).doubled.map(\.service) == ["shop"])
    #expect(Set(Vantages(view).doubled.first?.inputs ?? []) == [0, 1])
  }
}
