package import IncidentModel

/// Managed instance groups of Compute Engine: the errors of a group, its autoscaler's decisions, and the audit log.
///
/// `gcloud compute instance-groups managed list-errors --format=json`, and entries of Cloud Logging.
/// <https://cloud.google.com/compute/docs/autoscaler/viewing-autoscaler-logs>
package enum GceMig: CapacityFormat {
  package static let name = "gce-mig"
  package static let summary = "Compute Engine instance groups: errors, autoscaler, audit log"
  package static let example = """
    {"timestamp":"2018-07-16T18:20:04.812Z","error":{"code":"ZONE_RESOURCE_POOL_EXHAUSTED",\
    "message":"The zone does not have enough resources available to fulfill the request."},\
    "instanceActionDetails":{"action":"CREATING","instance":"https://www.googleapis.com/compute/v1/\
    projects/shop/zones/us-central1-c/instances/shop-web-x7x7"}}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["entries"]
  package static let strictness = 8

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    let reason: StaticString = "the object is no error of a group and no entry of Compute Engine"
    let keys: [StaticString] = [
      "instanceActionDetails\"", "protoPayload\"", "type.googleapis.com/autoscaler.",
    ]
    let object = try JSONObject(record, naming: keys, or: reason)
    let isError = object.object("instanceActionDetails") != nil
    guard isError || GceEntry.isOne(object) else { throw LineError(reason, at: 0) }
    guard let time = CapacityStamp.member(object["timestamp"]) else {
      throw LineError(
        "the entry has no timestamp", at: object.member("timestamp")?.range.lowerBound ?? 0)
    }
    let text = object.cut(
      ["timestamp", "error", "instanceActionDetails", "protoPayload", "jsonPayload"], of: record)
    let stem = FactStem(
      time: time, position: context.position, text: text, source: "gce",
      identity: object.string("insertId") ?? "\(time.microseconds)")
    let entry = GceEntry(object, stem)
    let events = isError ? entry.error() : entry.events(&memory)
    return events.isEmpty ? .ignored : .events(events)
  }
}

/// One entry or error.
private struct GceEntry {
  private let object: JSONObject
  private let payload: JSONObject
  private let stem: FactStem
  private let method: String

  init(_ object: JSONObject, _ stem: FactStem) {
    self.object = object
    payload = object.object("protoPayload") ?? object.object("jsonPayload") ?? object
    method = payload.string("methodName") ?? ""
    let labels = object.object(at: ["resource", "labels"])
    let group =
      labels?.string(anyOf: ["instance_group_manager_name", "instance_group_name"])
      ?? payload.string("instanceGroupName")
    self.stem = stem.with(
      group: group,
      zone: labels?.string(anyOf: ["zone", "location"]) ?? payload.string("zoneName"))
  }

  static func isOne(_ object: JSONObject) -> Bool {
    if let payload = object.object("protoPayload") {
      return payload.string("serviceName") == "compute.googleapis.com"
        || (payload.string("methodName") ?? "").contains("compute.")
    }
    return (object.string(at: "jsonPayload", "@type") ?? "").contains("autoscaler.")
  }

  /// An action on an instance that failed; that one could not be taken away is no lack.
  func error() -> [CapacityEvent] {
    let action = object.string(at: "instanceActionDetails", "action") ?? ""
    let path = object.string(at: "instanceActionDetails", "instance") ?? ""
    let error = object.object("error")
    let first = error?.objects("errors").first ?? error
    let code = first?.text("code") ?? []
    let words = code + Array(": ".utf8) + (first?.text("message") ?? [])
    guard !action.hasPrefix("DELETING"), !action.hasPrefix("ABANDONING"),
      !action.hasPrefix("STOPPING"), !action.hasPrefix("SUSPENDING")
    else { return [] }
    var named = placed(path)
    named.identity += "|\(path)|\(code.asText)"
    return [named.event(.launchFailed(ProviderReasons.reason(of: words)))]
  }

  /// The instance at the end of a path, the zone inside of it, and the group, to whose name four random letters were added.
  private func placed(_ path: String) -> FactStem {
    let parts = path.split(separator: "/").map(String.init)
    var zone: String?
    if let place = parts.firstIndex(of: "zones"), place + 1 < parts.count {
      zone = parts[place + 1]
    }
    guard let name = parts.last, parts.contains("instances") else {
      return stem.with(zone: zone)
    }
    var group: String?
    if let dash = name.lastIndex(of: "-"), name.utf8.distance(from: dash, to: name.endIndex) == 5 {
      group = String(name[..<dash])
    }
    return stem.with(group: stem.group ?? group, zone: zone, instance: name)
  }

  func events(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    let metadata = payload.object("metadata") ?? payload
    if let new = metadata.integer("newSize") { return resized(metadata, to: new) }
    if let status = metadata.object("newStatus") { return statusChanged(status) }
    let failure = failure
    if method.hasSuffix("instances.insert") || method.hasSuffix("instances.start") {
      return inserted(failure)
    }
    if method.hasSuffix("instances.preempted") {
      return [instance.event(.terminated(.spotReclaimed))]
    }
    if !failure.isEmpty || isFirst { return [] }
    if method.hasSuffix("instances.delete") || method.hasSuffix("instances.stop") {
      return [instance.event(.terminated(FactStem.unknown(Array(method.utf8))))]
    }
    if method.contains("repair.recreateInstance") || method.hasSuffix("instances.hostError") {
      return [instance.event(.terminated(.unhealthy))]
    }
    return configured(&memory)
  }

  private var instance: FactStem { placed(payload.string("resourceName") ?? "") }

  /// Two entries tell of one operation: its start and its end.
  private var isFirst: Bool {
    object.value(at: "operation", "first") == .boolean(true)
      && object.value(at: "operation", "last") != .boolean(true)
  }

  /// The code and message of a refused call; empty where it went well.
  private var failure: [UInt8] {
    let errors = payload.object(at: ["response", "error"])?.objects("errors") ?? []
    if let first = errors.first {
      return (first.text("code") ?? []) + Array(": ".utf8) + (first.text("message") ?? [])
    }
    guard let status = payload.object("status"), (status.integer("code") ?? 0) != 0 else {
      return []
    }
    return status.text("message") ?? Array("code \(status.integer("code") ?? 0)".utf8)
  }

  private func inserted(_ failure: [UInt8]) -> [CapacityEvent] {
    var named = instance
    named.identity = object.string(at: "operation", "id") ?? named.identity
    if failure.isEmpty { return [named.event(.launchStarted)] }
    return [named.event(.launchFailed(ProviderReasons.reason(of: failure)))]
  }

  /// The autoscaler's recommendation, and the bound that cut it.
  private func resized(_ metadata: JSONObject, to new: Int) -> [CapacityEvent] {
    if metadata.string("autoscalingMode") == "OFF" { return [] }
    var events = stem.decision(from: metadata.integer("oldSize"), to: new)
    let why = metadata.object("autoscalingReason")
    if let limit = why?.object("scalingLimit"), limit.string("name") == "MAX_INSTANCES" {
      let wanted = why?.object("scalingSignal")?.integer("calculatedSize")
      events.append(
        stem.event(.limitReached(limit: limit.integer("limitSize"), wanted: wanted)))
    }
    return events
  }

  private func statusChanged(_ status: JSONObject) -> [CapacityEvent] {
    let details = status.text("details") ?? []
    let folded = details.lowercasedASCII
    if folded == Array("ok".utf8) || details.isEmpty { return [] }
    if folded.contains(text: "max_num_replicas") || folded.contains(text: "maximum number of") {
      return [stem.event(.limitReached(limit: nil, wanted: nil))]
    }
    if folded.contains(text: "not received any") || folded.contains(text: "no data")
      || folded.contains(text: "metric")
    {
      return [stem.event(.notTriggered(.metricMissing))]
    }
    guard let reason = ProviderReasons.known(folded) else {
      return [stem.event(.notTriggered(FactStem.unknown(details)))]
    }
    return [stem.event(.launchFailed(reason))]
  }

  /// A change of sizes or bounds that a person or program asked for.
  private func configured(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    let target = (payload.string("resourceName") ?? "").tail(behind: "/")
    let named = stem.with(group: stem.group ?? (target.isEmpty ? nil : target))
    let request = payload.object("request")
    if method.hasSuffix("instanceGroupManagers.resize"), let size = request?.integer("size") {
      return memory.aim(at: size, named)
    }
    if let policy = request?.object("autoscalingPolicy") {
      return [
        named.event(
          .configChanged(
            minimum: policy.integer("minNumReplicas"), maximum: policy.integer("maxNumReplicas"),
            desired: nil))
      ]
    }
    let isConfiguration =
      method.contains("autoscalers.") || method.contains("instanceGroupManagers.")
    let isChange =
      ["patch", "update", "insert", "delete"].contains { method.hasSuffix(".\($0)") }
    return isConfiguration && isChange
      ? [named.event(.configChanged(minimum: nil, maximum: nil, desired: nil))] : []
  }
}
