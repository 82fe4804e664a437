internal import IncidentModel
internal import TrafficTally

/// The phases of every scale-out, exact from events: decision, launch, in service, first request served (METHODS §6).
enum ScaleOutPhases {
  /// At most this many scale-outs of one group are told.
  static let limit = 200

  static func phases(
    of curve: CapacityCurve, traffic: ServiceTraffic?, evidence: EvidenceCollector
  ) -> [CapacityAccount.ScaleOut] {
    let decisions = curve.events.filter {
      if case .scaleOutDecided = $0.kind { return !$0.isHumanClaim }
      return false
    }
    var result: [CapacityAccount.ScaleOut] = []
    for (index, decision) in decisions.prefix(limit).enumerated() {
      guard case .scaleOutDecided(let from, let to) = decision.kind else { continue }
      let next = index + 1 < decisions.count ? decisions[index + 1].time : nil
      result.append(
        phases(of: decision, from, to, until: next, curve, traffic, evidence))
    }
    return result
  }

  private static func phases(
    of decision: CapacityEvent, _ from: Int?, _ to: Int?, until next: Instant?,
    _ curve: CapacityCurve, _ traffic: ServiceTraffic?, _ evidence: EvidenceCollector
  ) -> CapacityAccount.ScaleOut {
    func isWithin(_ event: CapacityEvent) -> Bool {
      event.time >= decision.time && (next.map { event.time < $0 } ?? true) && !event.isHumanClaim
    }
    let launches = curve.events.filter { $0.kind == .launchStarted && isWithin($0) }
    let launched = Set(launches.compactMap(\.instance))
    // Where both lines name the instance, an arrival belongs to the decision that launched it, however late it comes;
    // without names, to the decision before it.
    let earlier = Set(
      curve.events.filter { $0.kind == .launchStarted && $0.time < decision.time }
        .compactMap(\.instance))
    let arrivals = curve.events.filter { event in
      guard event.kind == .inService, event.time >= decision.time else { return false }
      guard let instance = event.instance, launched.contains(instance) else {
        return isWithin(event) && event.instance.map { !earlier.contains($0) } ?? isWithin(event)
      }
      return true
    }
    let names = Set(arrivals.compactMap(\.instance))
    let served = traffic?.backends.filter { backend in
      names.contains(GroupMapping.host(of: backend.name)) && backend.first >= decision.time
    }.map(\.first).min()
    let proof = [decision] + [launches.first, arrivals.first].compactMap { $0 }
    return CapacityAccount.ScaleOut(
      decision: decision.time, from: from, to: to, firstLaunch: launches.first?.time,
      firstInService: arrivals.first?.time, lastInService: arrivals.last?.time,
      firstServed: served, evidence: proof.map { evidence.cite($0) })
  }
}
