import FloodmarkTestSupport
import IncidentModel
import TrafficTally

@testable import Correlation

/// The shipped incident, run once.
let primeDay = SimulatedIncident(PrimeDay.plan)

/// What the tally would have followed of a simulated incident, without the way through text.
struct SimulatedTrails {
  let incident: SimulatedIncident
  let kind: AccessLogKind

  init(_ incident: SimulatedIncident, kind: AccessLogKind) {
    self.incident = incident
    self.kind = kind
  }

  var end: Instant {
    incident.plan.start.advanced(bySeconds: Double(incident.plan.seconds))
  }

  /// Clients as the log tells them apart: by address, and by agent where there is one.
  func trails(level: Int = 0) -> ClientTrails {
    var events: [String: [TrailEvent]] = [:]
    for (number, request) in incident.requests.enumerated() where kind.writes(request) {
      let client = incident.crowd.clients[Int(request.client)]
      let agent = kind.tellsAgent ? incident.crowd.agents[client.agent] : ""
      events["\(client.address) \(agent)", default: []].append(event(request, number))
    }
    var clients: [ClientTrail] = []
    var who: [String: (address: String, agent: String)] = [:]
    for client in incident.crowd.clients {
      let agent = kind.tellsAgent ? incident.crowd.agents[client.agent] : ""
      who["\(client.address) \(agent)"] = (client.address, agent)
    }
    for (name, events) in events {
      var id: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in name.utf8 { id = (id ^ UInt64(byte)) &* 0x100_0000_01b3 }
      var mix = SeededNoise(seed: id)
      id = mix.bits() >> 1
      guard id >> UInt64(63 - level) == 0 else { continue }
      let (address, agent) = who[name] ?? ("", "")
      let (family, major) = AgentFamily.named(agent)
      clients.append(
        ClientTrail(
          id: id, network: SimulatedExcess.network(address),
          agentFamily: name.contains("HealthChecker") ? "ELB-HealthChecker" : family,
          agentSignature: agent.isEmpty ? 0 : SimulatedExcess.signature(agent),
          agentMajor: major, count: events.count,
          events: events.sorted { ($0.arrival, $0.position) < ($1.arrival, $1.position) }))
    }
    return ClientTrails(level: level, clients: clients.sorted { $0.id < $1.id })
  }

  private func event(_ request: SimulatedRequest, _ number: Int) -> TrailEvent {
    let stamp =
      kind.stamp == .completion && !kind.tellsDuration ? request.completion : request.arrival
    let whole = kind.tellsDuration ? stamp : stamp / 1_000_000 * 1_000_000
    return TrailEvent(
      arrival: Instant(microseconds: whole), url: UInt64(request.target) + 1,
      template: UInt64(request.target) / 64 + 1_000_000, offset: number * 100,
      line: UInt32(number + 1), input: 0, service: 0,
      milliseconds: kind.tellsDuration ? Int32(clamping: request.duration / 1000) : -1,
      status: kind.written(request.status), flags: [])
  }

  /// (start of the bucket of ten seconds, failed or given up).
  var failed: [(start: Int64, failed: Int)] {
    var buckets: [Int64: Int] = [:]
    for request in incident.requests
    where kind.writes(request) && (request.isFailed || request.status == 499) {
      let seconds = floorDivide(request.arrival, 1_000_000)
      buckets[floorDivide(seconds, 10) * 10, default: 0] += 1
    }
    return buckets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// From the first to the last minute with more than 3 % of failures.
  var trouble: TimeSpan? {
    let truth = MinuteTruth(incident: incident, kind: kind)
    let bad = truth.arrivals.indices.filter {
      Double(truth.failed[$0]) > 0.03 * Double(max(20, truth.arrivals[$0]))
    }
    guard let first = bad.first, let last = bad.last else { return nil }
    return TimeSpan(
      start: truth.first.advanced(bySeconds: Double(first * 60)),
      end: truth.first.advanced(bySeconds: Double(last * 60 + 60)))
  }

  func repeats(in span: TimeSpan) -> Int {
    incident.requests.count { request in
      kind.writes(request) && request.attempt > 0
        && span.contains(Instant(microseconds: request.arrival))
    }
  }
}
