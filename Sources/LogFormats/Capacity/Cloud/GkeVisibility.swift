package import IncidentModel

/// The visibility events of GKE's cluster autoscaler: decisions, their results, and why nothing was done.
///
/// A result names its decision alone, and exports come newest first, so that results wait for theirs.
/// <https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-autoscaler-visibility>
package enum GkeVisibility: CapacityFormat {
  package static let name = "gke-visibility"
  package static let summary = "GKE cluster autoscaler visibility events"
  package static let example = """
    {"jsonPayload":{"decision":{"decideTime":"1531764150","eventId":"e1","scaleUp":\
    {"increasedMigs":[{"mig":{"name":"gke-shop-web-a0c72690-grp","nodepool":"shop-web","zone":\
    "us-central1-c"},"requestedNodes":5}]}}}}
    """
  package static let kind = InputKind.capacity
  package static let envelopes: [String] = []
  package static let strictness = 9

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    let reason: StaticString = "the object has no decision, result or status of the autoscaler"
    let keys: [StaticString] = [
      "decision\"", "resultInfo\"", "noDecisionStatus\"", "autoscaledNodesCount\"",
    ]
    let entry = try JSONObject(record, naming: keys, or: reason)
    let payload = entry.object("jsonPayload") ?? entry
    let stamp = CapacityStamp.member(entry["timestamp"])
    let words: [(key: String, time: String)] = [
      ("decision", "decideTime"), ("resultInfo", "measureTime"),
      ("noDecisionStatus", "measureTime"), ("status", "measureTime"),
    ]
    for (key, timeKey) in words {
      guard let inner = payload.object(key) else { continue }
      guard let time = CapacityStamp.member(inner[timeKey]) ?? stamp else {
        throw LineError("the event has no time", at: 0)
      }
      let stem = FactStem(
        time: time, position: context.position, text: payload.cut([key], of: record),
        source: "gke", identity: "\(key)|\(time.microseconds)|\(entry.string("insertId") ?? "")")
      let events = GkeEvent(inner, stem).events(key, &memory)
      return events.isEmpty ? .ignored : .events(events)
    }
    throw LineError(reason, at: 0)
  }

  package static func finish(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    let results = memory.results
    memory.results = []
    var events: [CapacityEvent] = []
    for result in results {
      events += GkeEvent.told(result, memory.orders[result.id], isLast: true)
    }
    return (events + memory.releaseHeld()).sorted {
      ($0.time, $0.position) < ($1.time, $1.position)
    }
  }
}

/// Nodes that a decision ordered for one group.
struct NodeOrder: Sendable {
  var group: String?
  var zone: String?
  var count: Int
}

/// How an order went, whose decision may come later.
struct OrderResult: Sendable {
  var id: String
  /// The provider's message and what it names; empty: it went well.
  var failure: [UInt8]
  var parameters: [String]
  var stem: FactStem
}

/// One event of the autoscaler.
struct GkeEvent {
  private let object: JSONObject
  private let stem: FactStem

  init(_ object: JSONObject, _ stem: FactStem) {
    self.object = object
    self.stem = stem
  }

  func events(_ key: String, _ memory: inout CapacityMemory) -> [CapacityEvent] {
    switch key {
    case "decision": decision(&memory)
    case "resultInfo": results(&memory)
    case "noDecisionStatus": refusals()
    default:
      [
        stem.event(
          .observed(
            desired: object.integer("autoscaledNodesTarget"),
            ready: object.integer("autoscaledNodesCount"), maximum: nil))
      ]
    }
  }

  private func decision(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    var stem = stem
    let id = object.string("eventId") ?? ""
    if !id.isEmpty { stem.identity = id }
    var events: [CapacityEvent] = []
    var orders: [NodeOrder] = []
    for item in object.object("scaleUp")?.objects("increasedMigs").prefix(256) ?? [] {
      let (group, zone) = Self.place(item.object("mig"))
      let count = item.integer("requestedNodes") ?? 1
      orders.append(NodeOrder(group: group, zone: zone, count: count))
      events.append(
        stem.with(group: group, zone: zone)
          .event(.scaleOutDecided(from: nil, to: nil), count: count))
    }
    for item in object.object("scaleDown")?.objects("nodesToBeRemoved").prefix(256) ?? [] {
      let node = item.object("node")
      let (group, zone) = Self.place(node?.object("mig"))
      let named = stem.with(group: group, zone: zone, instance: node?.string("name"))
      events.append(named.event(.scaleInDecided(from: nil, to: nil)))
      events.append(named.event(.terminated(.scaleIn)))
    }
    for key in ["nodePoolCreated", "nodePoolDeleted"] where object.object(key) != nil {
      events.append(
        stem.event(.configChanged(minimum: nil, maximum: nil, desired: nil), about: key))
    }
    if !id.isEmpty, memory.orders.count < CapacityMemory.groupLimit { memory.orders[id] = orders }
    return events
  }

  /// The node pool, for its groups in several zones are one; else the group itself.
  private static func place(_ mig: JSONObject?) -> (group: String?, zone: String?) {
    (mig?.string(anyOf: ["nodepool", "name"]), mig?.string("zone"))
  }

  private func results(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    var events: [CapacityEvent] = []
    for item in object.objects("results").prefix(1_000) {
      guard let id = item.string("eventId") else { continue }
      let error = item.object("errorMsg")
      var own = stem
      own.identity = "\(id)|result"
      let result = OrderResult(
        id: id, failure: error?.text("messageId") ?? [],
        parameters: error?.texts("parameters").prefix(16).map(\.asText) ?? [], stem: own)
      if let orders = memory.orders[id] {
        events += Self.told(result, orders, isLast: false)
      } else if memory.results.count < CapacityMemory.heldLimit {
        memory.results.append(result)
      }
    }
    return events
  }

  /// A result with the orders of its decision; without one only a failure says what it is about.
  static func told(
    _ result: OrderResult, _ orders: [NodeOrder]?, isLast: Bool
  ) -> [CapacityEvent] {
    if result.failure.contains(text: "scale.down.error") {
      return [result.stem.event(.note)]
    }
    if result.failure.isEmpty {
      return (orders ?? []).map { order in
        result.stem.with(group: order.group, zone: order.zone)
          .event(.inService, count: order.count)
      }
    }
    let isOwn = result.failure.contains(text: "service.account.deleted")
    let reason = isOwn ? .badTemplate : ProviderReasons.reason(of: result.failure)
    guard let orders, !orders.isEmpty else {
      return [result.stem.with(group: result.parameters.first).event(.launchFailed(reason))]
    }
    return orders.map { order in
      result.stem.with(group: order.group, zone: order.zone)
        .event(.launchFailed(reason), count: order.count)
    }
  }

  /// Why nothing was done, for each group once; that nothing was taken away is no fact here.
  private func refusals() -> [CapacityEvent] {
    guard let none = object.object("noScaleUp") else { return [] }
    var events: [CapacityEvent] = []
    var seen: Set<String> = []
    func add(_ mig: JSONObject?, _ reason: JSONObject?) {
      guard let reason, events.count < 256 else { return }
      let words = [reason.text("messageId") ?? []] + reason.texts("parameters").prefix(8)
      let text = Array(words.joined(separator: Array(" ".utf8)))
      let (group, zone) = Self.place(mig)
      guard seen.insert("\(group ?? "")|\(zone ?? "")|\(text.asText)").inserted else { return }
      events.append(
        stem.with(group: group, zone: zone).event(Self.kind(text), about: text.asText))
    }
    for skipped in none.objects("skippedMigs") {
      add(skipped.object("mig"), skipped.object("reason"))
    }
    for pods in none.objects("unhandledPodGroups") {
      for rejected in pods.objects("rejectedMigs") {
        add(rejected.object("mig"), rejected.object("reason"))
      }
      for reason in pods.objects("napFailureReasons") { add(nil, reason) }
    }
    if let reason = none.object("reason") { add(nil, reason) }
    return events
  }

  private static func kind(_ text: [UInt8]) -> CapacityEvent.Kind {
    if text.contains(text: "in.backoff") || text.contains(text: "in backoff") {
      return .notTriggered(.backoff)
    }
    switch ProviderReasons.known(text.lowercasedASCII) {
    case .maxSize?: return .limitReached(limit: nil, wanted: nil)
    case let reason?: return .notTriggered(reason)
    case nil: return .notTriggered(FactStem.unknown(text))
    }
  }
}
