internal import IncidentModel
internal import TrafficTally

/// The failures sit on one route: a shortage fails every route alike.
struct HotEndpoint: CauseTest {
  let cause = Cause.hotEndpoint
  static let leastSampled = 25
  static let leastShare = 0.8
  static let othersFail = 0.02

  private struct Route {
    var requests = 0.0
    var failed = 0.0
  }

  func examine(_ context: CauseContext) -> CauseCase {
    var routes: [String: Route] = [:]
    var sampledFailures = 0
    for stratum in context.signal.traffic.sample where !stratum.requests.isEmpty {
      let weight = Double(stratum.count) / Double(stratum.requests.count)
      for request in stratum.requests where context.span.contains(request.arrival) {
        guard !request.template.isEmpty else { continue }
        routes[request.template, default: Route()].requests += weight
        if request.outcome == .failed {
          routes[request.template, default: Route()].failed += weight
          sampledFailures += 1
        }
      }
    }
    guard sampledFailures >= Self.leastSampled else {
      return .untestable(
        "too few failed requests with a path were kept to compare routes",
        needs: ["request paths in the access log"])
    }
    // Sums in the order of the names, so that they round alike on every run.
    let ordered = routes.sorted { $0.key < $1.key }
    let failed = ordered.reduce(0) { $0 + $1.value.failed }
    let requests = ordered.reduce(0) { $0 + $1.value.requests }
    guard let top = ordered.max(by: { $0.value.failed < $1.value.failed }) else {
      return .excluded("no route failed")
    }
    return weigh(
      top.key, share: top.value.failed / failed,
      others: (failed - top.value.failed) / max(1, requests - top.value.requests),
      part: top.value.requests / requests, context)
  }

  private func weigh(
    _ template: String, share: Double, others: Double, part: Double, _ context: CauseContext
  ) -> CauseCase {
    let route = LogText(template, kind: .path)
    guard share >= Self.leastShare, others < Self.othersFail, part < Self.leastShare else {
      return .excluded(
        part >= Self.leastShare
          ? "nearly all requests went to one route, so that routes do not tell"
          : "the route that failed most, \(log: route), had \(share: share) of the failures and \(share: part) of the requests"
      )
    }
    var examined = CauseCase(
      statement: "\(share: share) of the failures were on one route: \(log: route)",
      otherwise: "one route failed more than the others")
    examined.assumesSteadyFleet = true
    examined.support(
      "\(share: share) of the failures were on \(log: route), which had \(share: part) of the requests",
      2.8, .composition, isSpecific: true, evidence: context.failure(on: template))
    examined.support(
      "all other routes together failed in \(share: others) of their requests", 1.4, .status,
      isSpecific: true)
    return examined
  }
}

extension CauseContext {
  /// The first failed request of a route whose line is kept.
  fileprivate func failure(on template: String) -> [EvidenceID] {
    for stratum in signal.traffic.sample {
      let first = stratum.requests.filter {
        $0.outcome == .failed && $0.template == template && $0.text != nil
          && span.contains($0.arrival)
      }.min { ($0.arrival, $0.position) < ($1.arrival, $1.position) }
      if let id = first.flatMap({ evidence.cite($0) }) { return [id] }
    }
    return []
  }
}
