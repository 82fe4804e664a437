import IncidentModel
import TrafficTally

@testable import Correlation

/// A service minute by minute, with noise that swings for minutes as real noise does: what the levels in its timeline are held against.
struct LevelScene {
  static let start: Int64 = 1_531_700_400

  var seed: UInt64 = 1
  var minutes = 180
  /// Requests per second, share that is not served, median in milliseconds, instances: by minute.
  var arrivals: (Double) -> Double = { _ in 40 }
  var failed: (Double) -> Double = { _ in 0 }
  var abandoned: (Double) -> Double = { _ in 0 }
  var median: (Double) -> Double = { _ in 100 }
  var tail: (Double) -> Double = { _ in 3 }
  var fleet: ((Double) -> Int)?
  /// Height of the noise of latency, of which seven tenths stay for the next minute.
  var noise = 0.1
  /// Variance ÷ mean of the arrivals of a minute.
  var dispersion = 4.0
  var events: [CapacityEvent] = []
  /// Lines and the minutes of backends are kept by the hour, as over many days.
  var isHourly = false

  static func time(_ minute: Double) -> Instant {
    Instant(seconds: start).advanced(bySeconds: minute * 60)
  }

  func traffic() -> ServiceTraffic {
    var random = SeededNoise(seed: seed)
    var traffic = ServiceTraffic(name: "shop.example.com", buckets: [])
    var swings = (0.0, 0.0)
    var backends: [Int: [ServiceTraffic.Backend.Minute]] = [:]
    for minute in 0..<minutes {
      // Ten-second cells take the values of their own moment, so that a change may lie within a minute.
      var sum = BucketCounts()
      let spread = ((dispersion - 1) / max(1, 60 * arrivals(Double(minute)))).squareRoot()
      let swing = max(0.1, 1 + spread * random.normal())
      for part in 0..<6 {
        let at = Double(minute) + Double(part) / 6
        let count = random.poisson(10 * arrivals(at) * swing)
        var counts = BucketCounts()
        counts.status503 = UInt32(random.binomial(count, failed(at)))
        counts.abandoned = UInt32(random.binomial(count - counts.failed, abandoned(at)))
        counts.answered = UInt32(count - counts.failed - Int(counts.abandoned))
        counts.timed = UInt32(count)
        if count > 0 {
          traffic.buckets.append(
            ServiceTraffic.Bucket(
              start: Self.start + Int64(60 * minute + 10 * part), counts: counts))
        }
        sum.add(counts)
      }
      swings.0 = 0.7 * swings.0 + 0.7 * noise * random.normal()
      swings.1 = 0.7 * swings.1 + 0.7 * noise * random.normal()
      addLatency(&traffic, minute, Int(sum.answered), swings)
      addLines(&traffic, minute, sum)
      if let fleet {
        let size = max(1, fleet(Double(minute)))
        for place in 0..<size {
          backends[place, default: []].append(
            ServiceTraffic.Backend.Minute(
              start: Self.start + Int64(60 * minute),
              count: random.poisson(Double(sum.requests) / Double(size))))
        }
      }
    }
    traffic.backends = backends.sorted { $0.key < $1.key }.map { place, minutes in
      let told = minutes.filter { $0.count > 0 }
      return ServiceTraffic.Backend(
        name: "192.0.2.\(place + 1):8080", first: Instant(seconds: told.first?.start ?? 0),
        last: Instant(seconds: (told.last?.start ?? 0) + 59), minutes: told)
    }
    if isHourly { Self.keepByTheHour(&traffic) }
    return traffic
  }

  private static func keepByTheHour(_ traffic: inout ServiceTraffic) {
    traffic.backendMinuteSeconds = 3_600
    for place in traffic.backends.indices {
      let hours = Dictionary(grouping: traffic.backends[place].minutes) { $0.start / 3_600 * 3_600 }
      traffic.backends[place].minutes = hours.sorted { $0.key < $1.key }.map { start, minutes in
        ServiceTraffic.Backend.Minute(start: start, count: minutes.reduce(0) { $0 + $1.count })
      }
    }
    let hours = Dictionary(grouping: traffic.sample) { $0.start / 3_600 * 3_600 }
    traffic.sample = hours.sorted { $0.key < $1.key }.map { start, strata in
      ServiceTraffic.SampleStratum(
        start: start, widthSeconds: 3_600, count: strata.reduce(0) { $0 + $1.count },
        requests: strata.flatMap(\.requests))
    }
  }

  private func addLatency(
    _ traffic: inout ServiceTraffic, _ minute: Int, _ count: Int, _ swings: (Double, Double)
  ) {
    let middle = median(Double(minute) + 0.5) * max(0.2, 1 + swings.0)
    traffic.latency.append(
      ServiceTraffic.Latency(
        start: Self.start + Int64(60 * minute), widthSeconds: 60, count: count, p50: middle,
        p95: middle * tail(Double(minute) + 0.5) * max(0.3, 1 + swings.1), p99: middle * 9))
  }

  private func addLines(_ traffic: inout ServiceTraffic, _ minute: Int, _ counts: BucketCounts) {
    let start = Self.start + Int64(60 * minute)
    for (outcome, count) in [
      (OutcomeClass.answered, Int(counts.answered)), (.failed, counts.failed),
    ] where count > 0 {
      let line = 10 * minute + Int(outcome.rawValue) + 1
      traffic.exemplars.append(
        Exemplar(
          stratum: start, outcome: outcome, role: .first, arrival: Instant(seconds: start + 1),
          status: outcome == .failed ? 503 : 200,
          position: LogPosition(input: 0, line: line, offset: 100 * line),
          text: LogText("GET /", kind: .line)))
    }
    let requests = (0..<8).map { place in
      let line = 10 * minute + place
      let at = Double(minute) + Double(place) / 8
      let size = fleet?(Double(minute)) ?? 1
      return SampledRequest(
        arrival: Self.time(at),
        duration: Int64(median(at) * (0.5 + Double(place) / 4) * 1_000), status: 200,
        outcome: .answered, isShed: false, template: "/", method: "GET", client: "198.51.100.7",
        network: "198.51.100.0/24", agentFamily: "Firefox", agentSignature: 1, referrerHost: "",
        zone: "",
        backend: fleet == nil ? "" : "192.0.2.\((minute + place) % max(1, size) + 1):8080",
        isAsset: false, position: LogPosition(input: 0, line: line, offset: 100 * line + 50),
        text: LogText("GET / of \(line)", kind: .line))
    }
    traffic.sample.append(
      ServiceTraffic.SampleStratum(
        start: start, widthSeconds: 60, count: counts.requests, requests: requests))
  }

  func analysis() -> Analysis {
    var access = InputSummary(name: InputName(file: "access.log.gz"))
    access.kind = .access
    var capacity = InputSummary(name: InputName(file: "scaling.json"))
    capacity.kind = .capacity
    let traffic = traffic()
    let counts = traffic.buckets.map {
      ServiceTraffic.Backend.Minute(start: $0.start / 60 * 60, count: $0.counts.requests)
    }
    let view = TrafficView(
      bucketSeconds: 10, services: [traffic], events: events, inputs: [access, capacity],
      inputMinutes: [TrafficView.InputMinutes(input: 0, minutes: counts)])
    return Correlator.analyse(view, options: AnalysisOptions())
  }

  /// Rows of levels as though an incident lasted over these minutes, whatever detection says.
  func rows(of traffic: ServiceTraffic, from first: Double, to last: Double) -> [TimelineEntry] {
    let window = TimeSpan(start: Self.time(0), end: Self.time(Double(minutes)))
    var signal = SignalDetection.signal(
      of: traffic, bucketSeconds: 10, window: window, gaps: [], options: AnalysisOptions())
    signal.incidents = []
    signal.slowTails = []
    let stories = GroupStories(
      signals: [signal], events: [], gaps: [], window: window, objective: 0.999)
    guard let story = stories.stories.first else { return [] }
    let span = TimeSpan(start: Self.time(first), end: Self.time(last))
    let impact = Impact(requests: 1, failed: 0, throttled: 0, abandoned: 0, bytes: 0)
    let incident = Incident(
      id: "I1", service: signal.traffic.name, services: [signal.traffic.name], span: span,
      startUncertaintySeconds: 1, endUncertaintySeconds: 1, endState: .recovered,
      detectedBy: [.errors], cause: nil, spikes: [], impact: impact, outside: impact,
      phases: Phases(), worstSpan: nil, findings: [], evidence: [])
    let traffic = TrafficRows(
      signal: signal, story: story.group, minutes: story.minutes, window: window,
      evidence: EvidenceCollector())
    return LevelRows(traffic: traffic, incident: incident).rows(beside: [])
  }
}

extension Sentence {
  /// The numbers in it, in order: milliseconds, rates and counts alike.
  var figures: [Double] {
    pieces.compactMap { piece in
      switch piece {
      case .milliseconds(let value), .rate(let value): value
      case .count(let value): Double(value)
      default: nil
      }
    }
  }
}
