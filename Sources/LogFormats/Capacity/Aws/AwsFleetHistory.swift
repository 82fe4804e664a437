package import IncidentModel

/// The history of an EC2 Fleet or Spot Fleet request, and the Spot requests' own states.
///
/// `describe-fleet-history`, `describe-spot-fleet-request-history`, `describe-spot-instance-requests`.
/// The fleet's name stands outside of the records, so they name no group.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_HistoryRecord.html>
package enum AwsFleetHistory: CapacityFormat {
  package static let name = "aws-fleet-history"
  package static let summary = "EC2 Fleet and Spot Fleet history, Spot request states"
  package static let example = """
    {"Timestamp":"2018-07-16T18:20:04Z","EventType":"error","EventInformation":{"EventSubType":\
    "spotInstanceCountLimitExceeded","EventDescription":"c5.4xlarge, us-east-1b"}}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["HistoryRecords", "SpotInstanceRequests"]
  package static let strictness = 8

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    let object = try JSONObject(
      record, naming: ["EventInformation\"", "SpotInstanceRequestId\""],
      or: "the object has no EventType with its EventInformation")
    let events: [CapacityEvent]
    if let id = object.string("SpotInstanceRequestId"), object.object("Status") != nil {
      events = try request(object, id, record, context)
    } else if object.text("EventType") != nil, let detail = object.object("EventInformation") {
      guard let time = CapacityStamp.member(object["Timestamp"]) else {
        throw LineError(
          "the record has no Timestamp", at: object.member("Timestamp")?.range.lowerBound ?? 0)
      }
      let what = object.string("EventType") ?? ""
      let identity =
        "\(time.microseconds)|\(what)|\(detail.string("EventSubType") ?? "")|"
        + (detail.string("EventDescription") ?? "")
      let stem = FactStem(
        time: time, position: context.position,
        text: object.cut(["Timestamp", "EventType", "EventInformation"], of: record),
        source: "fleet", identity: identity, instance: detail.string("InstanceId"))
      events = change(
        what, detail.string("EventSubType") ?? "", detail.text("EventDescription") ?? [], stem)
    } else {
      throw LineError("the object has no EventType with its EventInformation", at: 0)
    }
    return events.isEmpty ? .ignored : .events(events)
  }

  /// What a type and its subtype say, in a fleet's history and in the events that it sends.
  static func change(
    _ type: String, _ word: String, _ description: [UInt8], _ stem: FactStem
  ) -> [CapacityEvent] {
    switch (type, word) {
    case (_, "launched"):
      // There is no later sign that an instance serves.
      var started = stem.event(.launchStarted)
      if let instance = stem.instance { started.key = AsgActivity.launchKey(instance) }
      return [started, stem.event(.inService)]
    case (_, "terminated"), (_, "termination_notified"):
      return [stem.event(.terminated(.scaleIn))]
    case ("fleetRequestChange", "progress"), ("fleetRequestChange", "submitted"),
      ("fleetRequestChange", "active"):
      return []
    case ("fleetRequestChange", _):
      return [stem.event(.configChanged(minimum: nil, maximum: nil, desired: nil))]
    case (_, "launchSpecTemporarilyBlacklisted"): return [stem.event(.backoff(until: nil))]
    case (_, "iamFleetRoleInvalid"), (_, "spotFleetRequestConfigurationInvalid"),
      (_, "registerWithLoadBalancersFailed"):
      return [stem.event(.launchFailed(.badTemplate))]
    case ("error", _), (_, "fleetProgressHalted"), (_, "launchSpecUnusable"):
      let text = Array("\(word) ".utf8) + description
      return [stem.event(.launchFailed(ProviderReasons.reason(of: text)))]
    default: return []
    }
  }

  /// A Spot request with the code of its state, which is all that remains of its history.
  private static func request(
    _ object: JSONObject, _ id: String, _ record: Span<UInt8>, _ context: CapacityContext
  ) throws(LineError) -> [CapacityEvent] {
    let status = object.object("Status")
    let code = status?.string("Code") ?? ""
    guard
      let time = CapacityStamp.member(status?["UpdateTime"])
        ?? CapacityStamp.member(object["CreateTime"])
    else { throw LineError("the Spot request has no UpdateTime", at: 0) }
    let stem = FactStem(
      time: time, position: context.position,
      text: object.cut(["InstanceId", "SpotInstanceRequestId", "State", "Status"], of: record),
      source: "spot", identity: "\(id)|\(code)",
      zone: object.string("LaunchedAvailabilityZone")
        ?? object.string(at: "LaunchSpecification", "Placement", "AvailabilityZone"),
      instance: object.string("InstanceId"))
    let message = Array("\(code): ".utf8) + (status?.text("Message") ?? [])
    switch code {
    case "fulfilled":
      var started = stem.event(.launchStarted)
      if let instance = stem.instance { started.key = AsgActivity.launchKey(instance) }
      return [started]
    case "capacity-not-available", "placement-group-constraint", "az-group-constraint",
      "launch-group-constraint":
      return [stem.event(.launchFailed(.insufficientCapacity))]
    case "bad-parameters", "constraint-not-fulfillable":
      return [stem.event(.launchFailed(.badTemplate))]
    case "limit-exceeded": return [stem.event(.launchFailed(.quota))]
    case "price-too-low", "system-error", "schedule-expired":
      return [stem.event(.launchFailed(FactStem.unknown(message)))]
    case "instance-terminated-by-user", "request-canceled-and-instance-running":
      return code == "instance-terminated-by-user"
        ? [stem.event(.terminated(FactStem.unknown(message)))] : []
    case _
    where code.hasPrefix("instance-terminated") || code.hasPrefix("instance-stopped")
      || code.hasPrefix("marked-for"):
      return [stem.event(.terminated(.spotReclaimed))]
    default: return []
    }
  }
}
