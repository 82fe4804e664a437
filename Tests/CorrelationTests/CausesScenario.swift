import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// A service, its group and an outage, written as shorthand; makes the view that the tally would hold.
///
/// Two hours from 2018-07-16 17:30 UTC, 10 s buckets, one instance carries 6 requests/s, 10 instances, 50 requests/s.
struct Scenario {
  /// 2018-07-16T17:30:00Z
  static let start: Int64 = 1_531_762_200
  static let perInstance = 6.0

  var service = "shop.example.com"
  var minutes = 120
  /// Seed of the noise, and its relative height.
  var seed: UInt64 = 7
  var noise = 0.04
  /// (from second, requests per second); holds until the next.
  var demand: [(at: Double, rate: Double)] = [(0, 50)]
  /// (from second, ready instances): the planted truth that failures follow.
  var ready: [(at: Double, count: Double)] = [(0, 10)]
  var events: [CapacityEvent] = []
  /// The status that refused requests get.
  var refusedAs: UInt16 = 503
  /// A share of requests that fail as 500 from a second on.
  var broken: (from: Double, until: Double, share: Double)?
  /// p95 in ms from a second on, where given.
  var slow: (from: Double, until: Double, milliseconds: Double)?
  var backends: [ServiceTraffic.Backend] = []

  static func time(_ second: Double) -> Instant {
    Instant(seconds: start).advanced(bySeconds: second)
  }

  private func at<Value>(_ second: Double, _ steps: [(at: Double, value: Value)]) -> Value {
    (steps.last { $0.at <= second } ?? steps[0]).value
  }

  private func rate(_ second: Double) -> Double { at(second, demand.map { ($0.at, $0.rate) }) }
  private func size(_ second: Double) -> Double { at(second, ready.map { ($0.at, $0.count) }) }

  /// Requests and failures of the ten seconds from `second`, with ± 4 % of noise from a fixed sequence.
  private func cell(_ second: Double, _ noise: Double) -> (requests: Int, failed: Int, broken: Int)
  {
    let requests = Int((rate(second) * 10 * (1 + self.noise * noise)).rounded())
    let capacity = Int(size(second) * Self.perInstance * 10)
    var failed = max(0, requests - capacity)
    var other = 0
    if let broken, second >= broken.from, second < broken.until {
      other = Int(Double(requests) * broken.share)
      failed = max(0, failed - other)
    }
    return (requests, failed, other)
  }

  func traffic(input: Int = 0) -> ServiceTraffic {
    var noise = SplitMix(seed: seed)
    var traffic = ServiceTraffic(name: service, buckets: [])
    traffic.backends = backends
    var line = 0
    for index in 0..<(minutes * 6) {
      let second = Double(index * 10)
      let draw = Double(noise.next() % 2001) / 1000 - 1
      let (requests, failed, other) = cell(second, draw)
      var counts = BucketCounts()
      counts.answered = UInt32(requests - failed - other)
      switch refusedAs {
      case 504: counts.status504 = UInt32(failed)
      case 502: counts.status502 = UInt32(failed)
      default: counts.status503 = UInt32(failed)
      }
      counts.status500 = UInt32(other)
      counts.timed = UInt32(requests)
      let start = Self.start + Int64(index * 10)
      traffic.buckets.append(ServiceTraffic.Bucket(start: start, counts: counts))
      if index % 6 == 0 { traffic.latency.append(latency(second, requests * 6)) }
      line += requests
      for (outcome, count) in [
        (OutcomeClass.answered, requests - failed), (.failed, failed + other),
      ]
      where count > 0 && index % 3 == 0 {
        traffic.exemplars.append(exemplar(outcome, start, line, input))
      }
    }
    return traffic
  }

  private func latency(_ second: Double, _ count: Int) -> ServiceTraffic.Latency {
    var p95 = 180.0
    if let slow, second >= slow.from, second < slow.until { p95 = slow.milliseconds }
    return ServiceTraffic.Latency(
      start: Self.start + Int64(second), widthSeconds: 60, count: count, p50: p95 / 3, p95: p95,
      p99: p95 * 2)
  }

  private func exemplar(
    _ outcome: OutcomeClass, _ start: Int64, _ line: Int, _ input: Int
  ) -> Exemplar {
    let status: UInt16 = outcome == .failed ? refusedAs : 200
    let text = "192.0.2.7 - - \"GET /deals HTTP/1.1\" \(status) 197"
    return Exemplar(
      stratum: start / 60 * 60, outcome: outcome, role: .first,
      arrival: Instant(seconds: start + 1), status: status,
      position: LogPosition(input: input, line: line + Int(outcome.rawValue), offset: line * 80),
      text: LogText(text, kind: .line))
  }

  func view(
    more: [CapacityEvent] = [], others: [ServiceTraffic] = []
  ) -> TrafficView {
    var access = InputSummary(name: InputName(file: "access.log.gz"))
    access.kind = .access
    var capacity = InputSummary(name: InputName(file: "scaling.json"))
    capacity.kind = .capacity
    var notes = InputSummary(name: InputName(file: "zz-notes.txt"))
    notes.kind = .notes
    var traffic = traffic()
    traffic.sample = Self.sample(of: traffic)
    let counts = traffic.buckets.map {
      ServiceTraffic.Backend.Minute(start: $0.start / 60 * 60, count: $0.counts.requests)
    }
    var view = TrafficView(
      bucketSeconds: 10, services: [traffic] + others, events: events + more,
      inputs: [access, capacity, notes],
      inputMinutes: [TrafficView.InputMinutes(input: 0, minutes: counts)])
    view.trails = ClientTrails(clients: [Self.visitor])
    return view
  }

  /// Sampled requests of many different people, in the rise as before it.
  private static func sample(of traffic: ServiceTraffic) -> [ServiceTraffic.SampleStratum] {
    var noise = SeededNoise(seed: 5)
    let minutes = Dictionary(grouping: traffic.buckets) { $0.start / 60 * 60 }
    return minutes.sorted { $0.key < $1.key }.map { start, buckets in
      let count = buckets.reduce(0) { $0 + $1.counts.requests }
      let failed = buckets.reduce(0) { $0 + $1.counts.failed }
      let requests = (0..<64).map { index in
        person(
          at: start, index, isFailed: noise.uniform() * Double(max(1, count)) < Double(failed),
          &noise)
      }
      return ServiceTraffic.SampleStratum(
        start: start, widthSeconds: 60, count: count, requests: requests)
    }
  }

  private static func person(
    at start: Int64, _ index: Int, isFailed: Bool, _ noise: inout SeededNoise
  ) -> SampledRequest {
    func draw(_ count: Double) -> Int { Int(noise.uniform() * count) }
    let network = "198.51.\(draw(250))"
    let agent = draw(6)
    let route = draw(12)
    return SampledRequest(
      arrival: Instant(seconds: start).advanced(bySeconds: Double(index) * 0.9), duration: -1,
      status: isFailed ? 503 : 200, outcome: isFailed ? .failed : .answered, isShed: false,
      template: "/page\(route)", method: "GET", client: network + ".\(draw(250))",
      network: network + ".0/24",
      agentFamily: ["Chrome", "Firefox", "Safari", "Edge", "Mobile Chrome", "Mobile Safari"][agent],
      agentSignature: UInt64(agent + 1), referrerHost: "shop.example.com", zone: "", backend: "",
      isAsset: route < 5, position: LogPosition(input: 0, line: index + 1, offset: index),
      text: nil)
  }

  /// A client that asked once: the log names its clients, and none of them asks again.
  private static let visitor = ClientTrail(
    id: 1, count: 1,
    events: [
      TrailEvent(
        arrival: time(60), url: 1, template: 1, offset: 0, line: 1, input: 0, service: 0,
        milliseconds: -1, status: 200, flags: [])
    ])

  func analysis(
    more: [CapacityEvent] = [], others: [ServiceTraffic] = []
  ) -> Analysis {
    Correlator.analyse(view(more: more, others: others), options: AnalysisOptions())
  }
}

extension CapacityEvent {
  /// A machine's line at a second of the scenario.
  static func line(
    _ second: Double, _ kind: Kind, group: String? = "shop-web", zone: String? = nil,
    instance: String? = nil, count: Int = 1, offset: Int? = nil
  ) -> CapacityEvent {
    CapacityEvent(
      time: Scenario.time(second), kind: kind,
      position: LogPosition(input: 1, line: Int(second), offset: offset ?? Int(second * 10)),
      text: LogText("line of second \(Int(second))", kind: .line), group: group, zone: zone,
      instance: instance, count: count)
  }

  /// A person's line, with the claim that it makes if there is one.
  static func note(_ second: Double, _ text: String, claim: Kind? = nil) -> [CapacityEvent] {
    let kinds: [Kind] = [.note] + (claim.map { [$0] } ?? [])
    return kinds.map { kind in
      CapacityEvent(
        time: Scenario.time(second), kind: kind,
        position: LogPosition(input: 2, line: Int(second), offset: Int(second)),
        text: LogText(text, kind: .note), precisionSeconds: 60, isHumanClaim: kind != .note)
    }
  }
}

extension Analysis {
  func finding(_ cause: Cause) -> Finding? {
    incidents.first?.findings.first { $0.cause == cause }
  }

  /// One line a cause, for a failing test's message.
  var verdicts: String {
    (incidents.first?.findings ?? []).map { finding in
      "\(finding.cause.rawValue) \(finding.verdict.rawValue) \(finding.likelihood?.value ?? -1) \(finding.role?.rawValue ?? "") \(finding.supporting.map(\.weight)) \(finding.opposing.map(\.weight)) \(finding.failedShare ?? -1)"
    }.joined(separator: "\n")
  }
}
