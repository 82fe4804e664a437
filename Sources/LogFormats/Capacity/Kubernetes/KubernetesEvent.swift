internal import IncidentModel

/// What an event is about.
struct EventSubject {
  /// In small letters: `pod`, `node`, `horizontalpodautoscaler`.
  var kind: String
  var name: String
  var space: String?

  /// The workload that the object belongs to, with its namespace; nil for what is none.
  var group: String? {
    let owner: String
    switch kind {
    case "pod": owner = Self.workload(ofPod: name)
    case "replicaset": owner = Self.withoutHash(name)
    case "node", "configmap", "nodeclaim", "": return nil
    default: owner = name
    }
    return space.map { "\($0)/\(owner)" } ?? owner
  }

  /// `web-7d9f8b6c5-x2x4z` and `web-0` are pods of `web`.
  static func workload(ofPod name: String) -> String {
    guard let dash = name.lastIndex(of: "-") else { return name }
    let last = name[name.index(after: dash)...]
    let head = String(name[..<dash])
    if !last.isEmpty, last.utf8.allSatisfy(isDigit) { return head }
    let isRandom = last.utf8.count == 5 && last.utf8.allSatisfy { isDigit($0) || isLetter($0) }
    return isRandom ? withoutHash(head) : name
  }

  /// Without the six to ten letters and digits that name a version of a workload's template.
  private static func withoutHash(_ name: String) -> String {
    guard let dash = name.lastIndex(of: "-") else { return name }
    let last = name[name.index(after: dash)...].utf8
    let isHash =
      (6...10).contains(last.count) && last.allSatisfy { isDigit($0) || isLetter($0) }
      && last.contains(where: isDigit)
    return isHash ? String(name[..<dash]) : name
  }
}

/// One event object of either schema.
struct KubernetesEvent {
  private let stem: FactStem
  private let last: Instant
  private let count: Int
  private let reason: EventReason

  init(
    _ outer: JSONObject, _ record: Span<UInt8>, _ context: CapacityContext
  ) throws(LineError) {
    // Exporters and watches put the object into another one.
    let inner = ["event", "object", "jsonPayload"].compactMap { outer.object($0) }.first
    let object = inner ?? outer
    guard let about = object.object("involvedObject") ?? object.object("regarding"),
      let word = object.string("reason")
    else { throw LineError("the object has no involvedObject or regarding with a reason", at: 0) }
    let series = object.object("series")
    let first = object.time(anyOf: ["firstTimestamp", "deprecatedFirstTimestamp"])
    let stated = object.time(anyOf: ["eventTime"]) ?? first
    let latest =
      series?.time(anyOf: ["lastObservedTime"])
      ?? object.time(anyOf: ["lastTimestamp", "deprecatedLastTimestamp"])
    let made = object.object("metadata").flatMap { $0.time(anyOf: ["creationTimestamp"]) }
    guard let time = stated ?? latest ?? made else {
      throw LineError("the event has no time", at: 0)
    }
    last = max(time, latest ?? time)
    count = series?.integer("count") ?? object.integer(anyOf: ["count", "deprecatedCount"]) ?? 1
    let subject = EventSubject(
      kind: (about.string("kind") ?? "").lowercased(), name: about.string("name") ?? "",
      space: about.string("namespace"))
    let message = object.text("message") ?? object.text("note") ?? []
    reason = EventReason(word, message, subject)
    let id =
      object.string(at: "metadata", "uid")
      ?? "\(subject.space ?? "")|\(subject.name)|\(time.microseconds)|\(word)"
    stem = FactStem(
      time: time, position: context.position,
      text: object.cut(Self.quoted(word, tellsLast: count > 1 || stated == nil), of: record),
      source: "k8s", identity: id, group: subject.group)
  }

  /// What a report quotes: of a roll-out its words, for its timeline has no room for more; of others no more than a quote has room for.
  private static func quoted(_ word: String, tellsLast: Bool) -> [String] {
    if word == "ScalingReplicaSet" || word == "DeploymentRollback" { return ["message", "note"] }
    let own = ["reason", "message", "note", "firstTimestamp", "eventTime"]
    return tellsLast ? own + ["lastTimestamp", "count", "series"] : own
  }

  /// The first occurrence, and the last with the number of the others: those between have no time.
  func events(_ memory: inout CapacityMemory) -> [CapacityEvent] {
    var events = reason.events(stem, &memory)
    guard count > 1, last > stem.time, !events.isEmpty else { return events }
    var later = stem.at(last)
    later.identity += "|\(last.microseconds)"
    for var event in reason.events(later, &memory) {
      event.count = max(
        1, min(event.count.multipliedReportingOverflow(by: count - 1).partialValue, 1_000_000))
      events.append(event)
    }
    return events
  }
}
