internal import IncidentModel

/// Writes a fleet's history as the log of the Kubernetes cluster-autoscaler.
///
/// These logs have no line for an instance in service, and their stamps no year.
package struct ClusterAutoscalerWriter {
  private var lines: [(time: Instant, text: String)] = []
  private let plan: IncidentPlan

  package init(incident: SimulatedIncident) {
    plan = incident.plan
    let fleet = incident.fleet
    for (turn, decision) in fleet.decisions.enumerated() { add(decision, turn: turn) }
    for activity in fleet.activities { add(activity, of: fleet) }
    if let reached = fleet.limitReached { addLimit(from: reached, incident: incident) }
    for number in 0..<plan.unrelatedGroups { addUnrelated(number) }
    for minute in stride(from: 0, to: plan.seconds, by: 60) {
      write(
        plan.start.advanced(bySeconds: Double(minute)), "I", "static_autoscaler.go:230",
        "Starting main loop")
    }
    lines.sort { $0.time < $1.time }
  }

  package var bytes: [UInt8] {
    Array(lines.map { $0.text + "\n" }.joined().utf8)
  }

  private mutating func write(
    _ time: Instant, _ level: String, _ place: String, _ message: String
  ) {
    let civil = CivilTime(time)
    var head: [UInt8] = []
    head.add(level)
    head.add(civil.month, digits: 2)
    head.add(civil.day, digits: 2)
    head.add(" ")
    head.add(clock: civil)
    head.add(".")
    head.add(civil.microsecond, digits: 6)
    head.add("       1 ")
    lines.append((time, String(decoding: head, as: UTF8.self) + place + "] " + message))
  }

  private mutating func add(_ decision: ScalingDecision, turn: Int) {
    let group = plan.group
    let time = decision.time
    guard decision.to > decision.from else {
      for number in decision.to..<decision.from {
        write(
          time, "I", "scale_down.go:1053",
          "Scale-down: removing empty node \"\(group)-node-\(turn)-\(number)\"")
      }
      return
    }
    let count = decision.to - decision.from
    let moments = (0..<5).map { Instant(microseconds: time.microseconds + Int64($0) * 137) }
    let maximum =
      if case .constraints(_, let raised) = decision.reason { raised } else { plan.policy.maximum }
    write(moments[0], "I", "klogx.go:87", "Pod shop/\(group)-7c9f6d-x2v4q is unschedulable")
    write(moments[1], "I", "orchestrator.go:179", "Best option to resize: \(group)")
    write(moments[2], "I", "orchestrator.go:183", "Estimated \(count) nodes needed in \(group)")
    write(
      moments[3], "I", "orchestrator.go:246",
      "Final scale-up plan: [{\(group) \(decision.from)->\(decision.to) (max: \(maximum))}]")
    write(
      moments[4], "I", "executor.go:147",
      "Scale-up: setting group \(group) size to \(decision.to)")
  }

  private mutating func add(_ activity: FleetActivity, of fleet: Fleet) {
    guard case .failed(let refusal) = activity.outcome else { return }
    let group = plan.group
    let code =
      switch refusal {
      case .insufficientCapacity: "OutOfResource.RESOURCE_POOL_EXHAUSTED"
      case .quota: "OutOfResource.QUOTA_EXCEEDED"
      case .badTemplate: "Other.PERMISSIONS_ERROR"
      }
    let parts = code.split(separator: ".")
    write(
      activity.start, "W", "clusterstate.go:1085",
      "Failed adding 1 nodes (1 unseen previously) to group \(group) due to \(code);"
        + " errorMessages=[]string{\"the provider refused the instance\"}")
    let until = CivilTime(activity.start.advanced(bySeconds: 300))
    var stamp: [UInt8] = []
    stamp.add(date: until)
    stamp.add(" ")
    stamp.add(clock: until)
    stamp.add(".")
    stamp.add(until.microsecond, digits: 6)
    write(
      Instant(microseconds: activity.start.microseconds + 90), "W", "clusterstate.go:295",
      "Disabling scale-up for node group \(group) until"
        + " \(String(decoding: stamp, as: UTF8.self)) +0000 UTC m=+5025.118;"
        + " errorClass=\(parts[0]); errorCode=\(parts[1])")
    write(
      activity.start.advanced(bySeconds: 11), "W", "orchestrator.go:577",
      "Node group \(group) is not ready for scaleup - backoff")
  }

  /// Another group that fails loudly all the time.
  private mutating func addUnrelated(_ number: Int) {
    let group = ActivityLogWriter.unrelatedNames[number % 3]
    var dice = Dice(seed: plan.seed, stream: 40 + UInt64(number))
    var second = dice.integer(60...600)
    while second < plan.seconds {
      write(
        plan.start.advanced(bySeconds: Double(second)), "W", "clusterstate.go:1085",
        "Failed adding 1 nodes (1 unseen previously) to group \(group) due to"
          + " OutOfResource.RESOURCE_POOL_EXHAUSTED; errorMessages=[]string{\"none left\"}")
      second += dice.integer(90...400)
    }
  }

  /// In each minute that needs more than the maximum, a loop skips the group.
  private mutating func addLimit(from reached: Instant, incident: SimulatedIncident) {
    let truth = MinuteTruth(incident: incident, kind: .common)
    for minute in truth.needed.indices where truth.needed[minute] > plan.policy.maximum {
      let time = truth.first.advanced(bySeconds: Double(minute * 60 + 31))
      if time < reached { continue }
      write(
        time, "I", "orchestrator.go:566",
        "Skipping node group \(plan.group) - max size reached")
      write(
        Instant(microseconds: time.microseconds + 80), "I", "orchestrator.go:163",
        "No expansion options")
    }
  }
}
