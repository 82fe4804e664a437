internal import IncidentModel

/// One EventBridge event: which service tells what of which instance.
struct BridgeEvent {
  private let type: String
  private let source: String
  private let detail: JSONObject
  private let stem: FactStem

  init(_ object: JSONObject, time: Instant, _ record: Span<UInt8>, _ context: CapacityContext) {
    type = object.string("detail-type") ?? ""
    source = object.string("source") ?? ""
    detail = object.object("detail") ?? JSONObject(lenient: [])
    let id = object.string("id") ?? "\(time.microseconds)|\(type)"
    stem = FactStem(
      time: time, position: context.position,
      text: object.cut(["detail-type", "time", "detail"], of: record), source: "event",
      identity: id, zone: object.string("availability-zone"))
  }

  func events(_ record: Span<UInt8>, _ memory: inout CapacityMemory) -> [CapacityEvent] {
    if type == "AWS API Call via CloudTrail" {
      return ApiCall(detail, time: stem.time, position: stem.position, text: stem.text)
        .events(&memory)
    }
    switch source {
    case "aws.autoscaling": return group(record, &memory)
    case "aws.ec2": return instance(&memory)
    case "aws.ec2fleet", "aws.ec2spotfleet": return fleet()
    case "aws.ecs": return container(&memory)
    case "aws.application-autoscaling": return target()
    case "aws.cloudwatch":
      return type == "CloudWatch Alarm State Change" ? [stem.event(.alert)] : []
    default: return []
    }
  }

  private func group(
    _ record: Span<UInt8>, _ memory: inout CapacityMemory
  ) -> [CapacityEvent] {
    let named = stem.with(
      group: detail.string("AutoScalingGroupName"), instance: detail.string("EC2InstanceId"))
    if type.contains("Instance Refresh") {
      return [named.event(.configChanged(minimum: nil, maximum: nil, desired: nil))]
    }
    if type == "EC2 Instance-launch Lifecycle Action", let instance = named.instance {
      var started = named.event(.launchStarted)
      started.key = AsgActivity.launchKey(instance)
      return [started]
    }
    guard type.hasPrefix("EC2 Instance Launch") || type.hasPrefix("EC2 Instance Terminate") else {
      return []
    }
    if let instance = named.instance { memory.settle(instance) }
    let start = CapacityStamp.member(detail["StartTime"]) ?? stem.time
    let activity = AsgActivity(
      detail, start: start, position: stem.position,
      status: type.hasSuffix("Unsuccessful") ? "Failed" : "Successful")
    var events = activity.decisions(record)
    activity.addInstanceEvents(to: &events, record)
    return events
  }

  private func instance(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    let named = stem.with(instance: detail.string("instance-id"))
    guard let id = named.instance else { return [] }
    switch type {
    case "EC2 Spot Instance Interruption Warning":
      memory.settle(id)
      return [named.event(.terminated(.spotReclaimed))]
    case "EC2 Spot Instance Request Fulfillment":
      var started = named.event(.launchStarted)
      started.key = AsgActivity.launchKey(id)
      return [started]
    case "EC2 Instance Rebalance Recommendation": return [named.event(.note)]
    case "EC2 Instance State-change Notification":
      // The group's own events tell more of the same; only for want of them it counts.
      let state = detail.string("state") ?? ""
      if state == "shutting-down" || state == "terminated" || state == "stopping" {
        let reason = FactStem.unknown(Array("the instance is \(state)".utf8))
        memory.hold(named.event(.terminated(reason)), for: id)
      }
      return []
    default: return []
    }
  }

  /// `EC2 Fleet Error`, `EC2 Spot Fleet Instance Change` and the like, with the subtypes of a fleet's history.
  private func fleet() -> [CapacityEvent] {
    var named = stem.with(instance: detail.string("instance-id"))
    named.identity += detail.string("sub-type") ?? ""
    let kinds = [
      ("Instance Change", "instanceChange"), ("State Change", "fleetRequestChange"),
      ("Error", "error"),
    ]
    let kind = kinds.first { type.hasSuffix($0.0) }?.1 ?? "information"
    return AwsFleetHistory.change(
      kind, detail.string("sub-type") ?? "", detail.text("description") ?? [], named)
  }

  private func container(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    switch type {
    case "ECS Task State Change": return task()
    case "ECS Deployment State Change": return [stem.event(.change)]
    case "ECS Service Action":
      let service = (detail.string("serviceArn") ?? "").tail(behind: "/")
      return action(service.isEmpty ? stem : stem.with(group: service), &memory)
    default: return []
    }
  }

  private func action(
    _ stem: FactStem, _ memory: inout CapacityMemory
  ) -> [CapacityEvent] {
    let reason = detail.text("reason") ?? []
    switch detail.string("eventName") {
    case "SERVICE_STEADY_STATE", "CAPACITY_PROVIDER_STEADY_STATE": return [stem.event(.note)]
    case "SERVICE_TASK_PLACEMENT_FAILURE":
      let known: CapacityEvent.Reason =
        reason.contains(text: "RESOURCE:") || reason.contains(text: "Capacity is unavailable")
        ? .insufficientCapacity : ProviderReasons.reason(of: reason)
      return [stem.event(.launchFailed(known))]
    case "SERVICE_TASK_START_IMPAIRED": return [stem.event(.launchFailed(.badTemplate))]
    case "SERVICE_TASK_CONFIGURATION_FAILURE":
      return [stem.event(.launchFailed(.badTemplate))]
    case "ECS_OPERATION_THROTTLED", "SERVICE_DISCOVERY_OPERATION_THROTTLED":
      return [stem.event(.backoff(until: nil))]
    case "SERVICE_DESIRED_COUNT_UPDATED":
      return detail.integer("desiredCount").map { memory.aim(at: $0, stem) } ?? []
    default: return []
    }
  }

  /// A task that came, served, or went, by the state that it is in.
  private func task() -> [CapacityEvent] {
    let group = (detail.string("group") ?? "").tail(behind: ":")
    let task = (detail.string("taskArn") ?? "").tail(behind: "/")
    var named = stem.with(
      group: group.isEmpty ? nil : group, zone: detail.string("availabilityZone"),
      instance: task.isEmpty ? nil : task)
    // Every change of a task that leaves its state alone is told again.
    named.identity = "task|\(task)|\(detail.string("lastStatus") ?? "")"
    switch detail.string("lastStatus") {
    case "PROVISIONING", "PENDING":
      named.identity = "task|\(task)|started"
      return [named.event(.launchStarted)]
    case "RUNNING": return [named.event(.inService)]
    case "STOPPED":
      let why = detail.text("stoppedReason") ?? []
      let code = detail.string("stopCode") ?? ""
      if code == "TaskFailedToStart" {
        return [named.event(.launchFailed(ProviderReasons.reason(of: why)))]
      }
      return [named.event(.terminated(Self.stopped(code, why)))]
    default: return []
    }
  }

  private static func stopped(_ code: String, _ why: [UInt8]) -> CapacityEvent.Reason {
    if code == "SpotInterruption" || code == "TerminationNotice" { return .spotReclaimed }
    let words = why.lowercasedASCII
    if words.contains(text: "health check") { return .unhealthy }
    if code == "EssentialContainerExited" { return .unhealthy }
    if code == "ServiceSchedulerInitiated" || words.contains(text: "scaling activity") {
      return .scaleIn
    }
    return ProviderReasons.reason(of: why)
  }

  /// An activity of Application Auto Scaling, which here tells both sizes.
  private func target() -> [CapacityEvent] {
    let resource = (detail.string("resourceId") ?? "").tail(behind: "/")
    let named = resource.isEmpty ? stem : stem.with(group: resource)
    var events = named.decision(
      from: detail.integer("oldDesiredCapacity"), to: detail.integer("newDesiredCapacity"))
    if detail["scaledToMax"] == .boolean(true) || detail.string("scaledToMax") == "true" {
      events.append(
        named.event(.limitReached(limit: detail.integer("maxCapacity"), wanted: nil)))
    }
    return events
  }
}
