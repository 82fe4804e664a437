internal import IncidentModel

/// One call of an AWS interface, as CloudTrail and EventBridge tell it.
struct ApiCall {
  private let call: JSONObject
  private let name: String
  private let parameters: JSONObject?
  private let stem: FactStem
  /// The code without its `Server.` or `Client.`, and the message behind it; empty where the call succeeded.
  private let failure: [UInt8]

  init(_ call: JSONObject, time: Instant, position: LogPosition, text: LogText) {
    self.call = call
    name = call.string("eventName") ?? ""
    parameters = call.object("requestParameters")
    let identity = call.string("eventID") ?? "\(time.microseconds)|\(name)"
    stem = FactStem(
      time: time, position: position, text: text, source: "cloudtrail", identity: identity,
      group: Self.group(parameters, call.object("responseElements")))
    let code = call.text("errorCode") ?? []
    let message = call.text("errorMessage") ?? []
    failure = code.isEmpty ? message : message.isEmpty ? code : code + Array(": ".utf8) + message
  }

  /// Calls that only change how a group scales.
  private static let configuration: Set<String> = [
    "SuspendProcesses", "ResumeProcesses", "PutScalingPolicy", "DeletePolicy", "DeleteAlarms",
    "DisableAlarmActions", "EnableAlarmActions", "PutScheduledUpdateGroupAction",
    "DeleteScheduledAction", "DeleteScalingPolicy", "DeregisterScalableTarget",
    "PutScheduledAction", "StartInstanceRefresh", "CreateLaunchConfiguration",
    "CreateLaunchTemplateVersion", "ModifyLaunchTemplate", "DeleteAutoScalingGroup",
  ]
  /// Calls that start instances.
  private static let launches: Set<String> = [
    "RunInstances", "CreateFleet", "StartInstances", "RequestSpotInstances", "RequestSpotFleet",
    "RunTask", "StartTask",
  ]
  /// Calls that bring another version of the software.
  private static let deploys: Set<String> = [
    "UpdateFunctionCode", "UpdateFunctionCode20150331v2", "CreateDeployment", "UpdateEnvironment",
    "StartPipelineExecution",
  ]

  func events(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    if !failure.isEmpty { return refused() }
    if Self.launches.contains(name) { return launched() }
    switch name {
    case "SetDesiredCapacity":
      return parameters?.integer("desiredCapacity").map { desired(to: $0, &memory) } ?? []
    case "UpdateAutoScalingGroup", "CreateAutoScalingGroup": return configured(&memory)
    case "RegisterScalableTarget": return registered()
    case "UpdateService", "CreateService": return service(&memory)
    case "TerminateInstances", "TerminateInstanceInAutoScalingGroup", "StopInstances":
      return terminated()
    case "BidEvictedEvent":
      let gone = call.object("serviceEventDetails")?.texts("instanceIdSet") ?? []
      return gone.prefix(1_000).map {
        stem.with(instance: $0.asText).event(.terminated(.spotReclaimed))
      }
    default: break
    }
    if Self.deploys.contains(name) { return [stem.event(.change)] }
    if Self.configuration.contains(name) {
      return [stem.event(.configChanged(minimum: nil, maximum: nil, desired: nil))]
    }
    return []
  }

  /// A refused launch, or a size beyond the bounds; what else was refused changed nothing.
  private func refused() -> [CapacityEvent] {
    if Self.launches.contains(name) {
      return [stem.event(.launchFailed(reason), count: parameters?.integer("maxCount") ?? 1)]
    }
    guard name == "SetDesiredCapacity" else { return [] }
    var cursor = MessageCursor(failure)
    guard cursor.skip(past: "value "), let wanted = cursor.integer(),
      cursor.skip(past: "above max value "), let limit = cursor.integer()
    else { return [] }
    return [
      stem.event(
        .limitReached(limit: limit, wanted: wanted),
        count: max(1, wanted.subtractingReportingOverflow(limit).partialValue))
    ]
  }

  private var reason: CapacityEvent.Reason { ProviderReasons.reason(of: failure) }

  /// What a call that succeeded started; a fleet's call succeeds although parts of it were refused.
  private func launched() -> [CapacityEvent] {
    let response = call.object("responseElements")
    var events: [CapacityEvent] = []
    for error in response?.descendants(with: "errorCode").prefix(100) ?? [] {
      let text =
        (error.text("errorCode") ?? []) + Array(": ".utf8)
        + (error.text("errorMessage") ?? [])
      events.append(
        stem.event(
          .launchFailed(ProviderReasons.reason(of: text)), about: "\(events.count)"))
    }
    for item in response?.descendants(with: "instanceId").prefix(1_000) ?? [] {
      guard let id = item.string("instanceId") else { continue }
      let zone = item.string(at: "placement", "availabilityZone")
      events.append(started(id, zone))
    }
    for item in response?.descendants(with: "instanceIds").prefix(100) ?? [] {
      let ids = item.texts("instanceIds") + (item.object("instanceIds")?.texts("item") ?? [])
      for id in ids.prefix(1_000) { events.append(started(id.asText, nil)) }
    }
    return events
  }

  private func started(_ instance: String, _ zone: String?) -> CapacityEvent {
    var event = stem.with(zone: zone, instance: instance).event(.launchStarted)
    event.key = AsgActivity.launchKey(instance)
    return event
  }

  private func desired(to size: Int, _ memory: inout CapacityMemory) -> [CapacityEvent] {
    memory.aim(at: size, stem)
  }

  private func configured(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    let low = parameters?.integer("minSize")
    let high = parameters?.integer("maxSize")
    let wanted = parameters?.integer("desiredCapacity")
    return [stem.event(.configChanged(minimum: low, maximum: high, desired: wanted))]
  }

  private func registered() -> [CapacityEvent] {
    let low = parameters?.integer("minCapacity")
    let high = parameters?.integer("maxCapacity")
    return [stem.event(.configChanged(minimum: low, maximum: high, desired: nil))]
  }

  /// A service with another count scales, one with another task definition is a deploy.
  private func service(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    let isDeploy =
      parameters?.text("taskDefinition") != nil || parameters?["forceNewDeployment"] != nil
    if !isDeploy, let count = parameters?.integer("desiredCount") {
      return desired(to: count, &memory)
    }
    return [stem.event(.change)]
  }

  private func terminated() -> [CapacityEvent] {
    let agent =
      (call.string("userAgent") ?? "") + (call.string(at: "userIdentity", "invokedBy") ?? "")
    let isScaler =
      agent.contains("autoscaling") || name == "TerminateInstanceInAutoScalingGroup"
    let reason: CapacityEvent.Reason =
      isScaler ? .scaleIn : FactStem.unknown(Array("\(name) by a user".utf8))
    let items = parameters?.descendants(with: "instanceId").prefix(1_000) ?? []
    return items.compactMap { item in
      item.string("instanceId").map {
        stem.with(instance: $0).event(.terminated(reason))
      }
    }
  }

  /// The group that a call names, or that its instances are tagged with.
  private static func group(_ parameters: JSONObject?, _ response: JSONObject?) -> String? {
    if let name = parameters?.string(anyOf: ["autoScalingGroupName", "service", "serviceName"]) {
      return name.tail(behind: "/")
    }
    if let resource = parameters?.string("resourceId") { return resource.tail(behind: "/") }
    let tags =
      (parameters?.descendants(with: "key") ?? [])
      + (response?.descendants(with: "key") ?? [])
    return tags.first { $0.string("key") == "aws:autoscaling:groupName" }?.string("value")
  }
}
