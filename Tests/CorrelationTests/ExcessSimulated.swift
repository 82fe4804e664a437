import FloodmarkTestSupport
import IncidentModel
import TrafficTally

@testable import Correlation

/// What the tally would have of a simulated incident, its request sample included, without the way through text.
struct SimulatedExcess {
  let incident: SimulatedIncident
  let kind: AccessLogKind
  /// Requests kept of each minute.
  var sampleSize = 256

  init(_ incident: SimulatedIncident, kind: AccessLogKind = .nginxTimed) {
    self.incident = incident
    self.kind = kind
  }

  /// One sort of guests by seed, with this share of the excess made by the usual visitors.
  init(
    _ sort: GuestCrowd.Sort, seed: UInt64, mixture: Double = 0, kind: AccessLogKind = .nginxTimed,
    lead: Int = 3_000, adjust: (inout IncidentPlan) -> Void = { _ in }
  ) {
    var plan = IncidentPlan(scenario: .botSurge, seed: seed)
    plan.receive(sort, mixture: mixture)
    plan.cut(leadSeconds: lead)
    adjust(&plan)
    self.init(SimulatedIncident(plan), kind: kind)
  }

  /// The machines' part of the first attempts above the baseline in a stretch, counted, not drawn.
  func machineShare(in span: TimeSpan, excess: Int, repeats: Double) -> Double {
    let machines = incident.requests.count {
      $0.kind == .machine && span.contains(Instant(microseconds: $0.arrival))
    }
    return Double(machines) / max(1, Double(excess) * (1 - repeats))
  }

  func analysis(_ options: AnalysisOptions = AnalysisOptions()) -> Analysis {
    Correlator.analyse(view(), options: options)
  }

  func view() -> TrafficView {
    let trails = SimulatedTrails(incident, kind: kind)
    var view = trails.view()
    view.services[0].sample = strata()
    return view
  }

  private func strata() -> [ServiceTraffic.SampleStratum] {
    var minutes: [Int64: [(rank: UInt64, number: Int)]] = [:]
    for (number, request) in incident.requests.enumerated() where kind.writes(request) {
      var mix = SeededNoise(seed: UInt64(number) &+ incident.plan.seed &* 1_000_003)
      let minute = floorDivide(request.arrival, 60_000_000) * 60
      minutes[minute, default: []].append((mix.bits(), number))
    }
    let families = incident.crowd.agents.map { AgentFamily.named($0) }
    let signatures = incident.crowd.agents.map(Self.signature)
    return minutes.sorted { $0.key < $1.key }.map { minute, ranked in
      let kept = ranked.sorted { $0.rank < $1.rank }.prefix(sampleSize)
      let requests = kept.enumerated().map { place, entry in
        var row = sampled(entry.number, families, signatures)
        if place < 8 { row.text = LogText("line \(entry.number)", kind: .line) }
        return row
      }
      return ServiceTraffic.SampleStratum(
        start: minute, widthSeconds: 60, count: ranked.count,
        requests: requests.sorted { ($0.arrival, $0.position) < ($1.arrival, $1.position) })
    }
  }

  private func sampled(
    _ number: Int, _ families: [(family: String, major: Int)], _ signatures: [UInt64]
  ) -> SampledRequest {
    let request = incident.requests[number]
    let client = incident.crowd.clients[Int(request.client)]
    let resource = incident.site.resources[Int(request.target)]
    let knowsAgent = kind.tellsAgent
    let knowsReferrer = kind != .common && kind != .awsALB
    let host =
      switch request.referrer {
      case -1: ""
      case -2: "www.example.org"
      case -3: "news.example.net"
      default: incident.site.host
      }
    var row = SampledRequest(
      arrival: Instant(microseconds: request.arrival), duration: request.duration,
      status: kind.written(request.status), outcome: Self.outcome(kind.written(request.status)),
      isShed: false, template: Self.template(resource.path), method: resource.method,
      client: client.address, network: Self.network(client.address),
      agentFamily: knowsAgent ? families[client.agent].family : "",
      agentSignature: knowsAgent ? signatures[client.agent] : 0,
      referrerHost: knowsReferrer ? host : "", zone: "", backend: "",
      isAsset: resource.sort == .asset,
      position: LogPosition(input: 0, line: number + 1, offset: number * 100), text: nil)
    row.agentMajor = knowsAgent ? families[client.agent].major : -1
    return row
  }

  private static func outcome(_ status: UInt16) -> OutcomeClass {
    switch status {
    case 500...: .failed
    case 499, 460, 408: .abandoned
    case 429: .throttled
    case 400...: .clientError
    default: .answered
    }
  }

  /// FNV-1a, 64 bits.
  static func signature(_ agent: String) -> UInt64 {
    agent.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  static func network(_ address: String) -> String {
    ClientAddress.bits(address).map { ClientAddress.text($0, length: $0.isSix ? 48 : 24) } ?? ""
  }

  private static func template(_ path: String) -> String {
    path.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.allSatisfy(\.isNumber) && !part.isEmpty
        ? "{n}"
        : part.hasSuffix(".jpg") ? "{n}.jpg" : String(part)
    }.joined(separator: "/")
  }
}
