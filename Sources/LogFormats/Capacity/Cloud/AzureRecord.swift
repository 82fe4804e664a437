internal import IncidentModel

/// One record of Azure Monitor: of the activity log, of autoscale's diagnostics, or of a managed cluster's control plane.
///
/// Exports name the same member in several ways (`time`, `eventTimestamp`, `TimeGenerated`), and put
/// objects into strings. Stamps without a zone are UTC.
struct AzureRecord {
  let category: String
  private let operation: String
  private let result: String
  private let object: JSONObject
  /// The inner members, wherever they stand.
  private let detail: JSONObject
  private let stem: FactStem

  init(_ record: Span<UInt8>, _ context: CapacityContext) throws(LineError) {
    let reason: StaticString = "the object is no record of Azure Monitor"
    let keys: [StaticString] = ["operationName", "operation_name", "OperationName", "ategory\""]
    let object = try JSONObject(record, naming: ["category"] + keys, or: reason)
    self.object = object
    category = Self.word(object, ["category", "Category", "CategoryValue"])
    operation = Self.word(object, ["operationName", "operation_name", "OperationName"])
    guard !category.isEmpty else { throw LineError(reason, at: 0) }
    let stamps = [
      "time", "eventTimestamp", "event_timestamp", "TimeGenerated", "submissionTimestamp",
    ]
    guard let time = object.time(anyOf: stamps) else {
      throw LineError("the record has no time", at: object.member("time")?.range.lowerBound ?? 0)
    }
    result = Self.word(object, ["resultType", "status", "ResultType", "ActivityStatusValue"])
    detail = Self.detail(object)
    let identity =
      object.string(anyOf: ["eventDataId", "event_data_id", "id"])
      ?? "\(time.microseconds)|\(operation)|"
      + (object.string(anyOf: ["correlationId", "correlation_id"]) ?? "")
    stem = FactStem(
      time: time, position: context.position,
      text: object.cut(
        [
          "time", "eventTimestamp", "event_timestamp", "operationName", "operation_name",
          "resultType", "resultDescription", "status", "properties", "property",
        ], of: record),
      source: "azure", identity: identity, group: Self.group(object, detail))
  }

  /// A member that is a word, or an object with the word as its `value`.
  private static func word(_ object: JSONObject, _ keys: [String]) -> String {
    for key in keys {
      if let word = object.string(key) ?? object.object(key)?.string("value") { return word }
    }
    return ""
  }

  /// `properties`, `property` or `Properties`, and what lies inside of those as an object in a string.
  private static func detail(_ object: JSONObject) -> JSONObject {
    for key in ["properties", "property", "Properties"] {
      let inner = object.object(key) ?? object.text(key).map { JSONObject(lenient: $0) }
      guard let inner else { continue }
      return inner.object("eventProperties")
        ?? inner.text("eventProperties").map { JSONObject(lenient: $0) } ?? inner
    }
    return object
  }

  private static func group(_ object: JSONObject, _ detail: JSONObject) -> String? {
    let path =
      detail.string(anyOf: ["ResourceName", "targetResourceId"])
      ?? object.string(anyOf: ["resourceId", "resource_id", "ResourceId", "_ResourceId"])
    guard let path else { return nil }
    // An instance of a scale set stands below the set.
    let parts = path.lowercased().split(separator: "/").map(String.init)
    if let place = parts.firstIndex(of: "virtualmachinescalesets"), place + 1 < parts.count {
      return parts[place + 1]
    }
    return parts.last
  }

  /// What the record tells, whatever its category: exports mix them.
  func events(_ memory: inout CapacityMemory) throws(LineError) -> [CapacityEvent] {
    switch category.lowercased() {
    case "autoscale": return action()
    case "autoscaleevaluations", "autoscalescaleactions": return evaluation()
    case "cluster-autoscaler", "kube-controller-manager": return try controlPlane(&memory)
    case "administrative": return administrative()
    default: return []
    }
  }

  /// `from 3 instances count to 2 instances count` as numbers, which are strings in some exports.
  private var sizes: (from: Int?, to: Int?) {
    (
      detail.integer(anyOf: ["OldInstancesCount", "currentInstanceCount", "CurrentInstanceCount"])
        ?? object.integer(anyOf: ["CurrentInstanceCount"]),
      detail.integer(anyOf: ["NewInstancesCount", "newInstanceCount", "NewInstanceCount"])
        ?? object.integer(anyOf: ["NewInstanceCount"])
    )
  }

  /// An event of the activity log. What it calls up and down is out and in.
  private func action() -> [CapacityEvent] {
    let properties = object.object("properties") ?? object.object("Properties")
    let named = properties?.string("eventName") ?? Self.word(object, ["eventName", "event_name"])
    let word = (operation + "/" + named).lowercased()
    if word.contains("metricfailure") { return [stem.event(.notTriggered(.metricMissing))] }
    if word.contains("flapping"), !word.contains("flappingoccurred") {
      return [stem.event(.notTriggered(.stabilisation))]
    }
    let (from, to) = sizes
    if word.contains("result") {
      guard let from, let to, from != to, !isFailure else { return isFailure ? [failed()] : [] }
      let step = abs(to.subtractingReportingOverflow(from).partialValue)
      return [stem.event(to > from ? .inService : .terminated(.scaleIn), count: step)]
    }
    var events = stem.decision(from: from, to: to)
    if isFailure { events.append(failed()) }
    let profile =
      detail.object("ActiveAutoscaleProfile")
      ?? detail.text("ActiveAutoscaleProfile").map { JSONObject(lenient: $0) }
    if let most = profile?.object("Capacity")?.integer("Maximum") {
      events.append(stem.event(.observed(desired: nil, ready: nil, maximum: most)))
    }
    return events
  }

  private var isFailure: Bool { result.lowercased().hasPrefix("fail") }

  private func failed() -> CapacityEvent {
    let words = failure
    return stem.event(.launchFailed(ProviderReasons.reason(of: words)))
  }

  /// The code and message of what failed: of an error inside of a string, else the words beside it.
  private var failure: [UInt8] {
    let message = detail.text("statusMessage") ?? detail.text("StatusMessage") ?? []
    let inner = JSONObject(lenient: message).descendants(with: "code")
    let texts = inner.prefix(8).map { error in
      (error.text("code") ?? []) + Array(": ".utf8) + (error.text("message") ?? [])
    }
    if !texts.isEmpty { return Array(texts.joined(separator: Array("; ".utf8))) }
    if !message.isEmpty { return message }
    return object.text("resultDescription") ?? detail.text("scaleActionMessage")
      ?? detail.text("Description") ?? Array("\(operation) \(result)".utf8)
  }

  /// A line of autoscale's diagnostics: the evaluation that decides, and the action that follows it.
  private func evaluation() -> [CapacityEvent] {
    switch detail.string("scaleActionOperationStatus") {
    case "Timeout": return [stem.event(.launchFailed(.timeout))]
    case "Canceled", "Failed": return [failed()]
    default: break
    }
    if isFailure { return [failed()] }
    guard
      operation == "InstanceUpdateEvaluation" || operation == "InstanceScaleAction"
        || operation.isEmpty, detail["shouldUpdateInstance"] != .boolean(false)
    else { return [] }
    // The evaluation and its action tell the same decision within minutes.
    var stem = stem
    let (from, to) = sizes
    stem.identity = "\(floorDivide(stem.time.seconds, 300))|\(from ?? -1)|\(to ?? -1)"
    return stem.decision(from: from, to: to)
  }

  /// A line of a program of the cluster, which has no year; the record's own time has.
  private func controlPlane(_ memory: inout CapacityMemory) throws(LineError) -> [CapacityEvent] {
    guard let line = detail.text("log") ?? detail.text("message") else { return [] }
    let trimmed = line.trimmed
    let context = CapacityContext(position: stem.position, date: stem.time)
    guard
      case .events(let told) = try KlogLine.outcome(
        of: trimmed.span, in: context, memory: &memory)
    else { return [] }
    return told.map { event in
      var event = event
      event.text = stem.text
      return event
    }
  }

  /// What was asked of the resource manager.
  private func administrative() -> [CapacityEvent] {
    let word = operation.lowercased()
    let isScaleSet = word.contains("virtualmachinescalesets/")
    let isMachine = word.contains("virtualmachines/") || isScaleSet || word.contains("agentpools/")
    guard isMachine else { return [] }
    if word.hasSuffix("/write") || word.hasSuffix("/start/action") || word.contains("/scale/") {
      if isFailure { return [failed()] }
      let body = detail.text("requestbody") ?? detail.text("responseBody") ?? []
      let size = JSONObject(lenient: body).value(at: "sku", "capacity")?.integer
      return size.map {
        [stem.event(.configChanged(minimum: nil, maximum: nil, desired: $0))]
      } ?? []
    }
    let isEnd =
      word.hasSuffix("/delete") || word.hasSuffix("/deallocate/action")
      || word.hasSuffix("/delete/action") || word.hasSuffix("/poweroff/action")
    guard isEnd, !isFailure, result.lowercased().hasPrefix("succe") else { return [] }
    return [stem.event(.terminated(FactStem.unknown(Array(operation.utf8))))]
  }
}

extension AzureRecord {
  /// As a format's `parse` wants it.
  static func outcome(
    of record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    let events = try AzureRecord(record, context).events(&memory)
    return events.isEmpty ? .ignored : .events(events)
  }

  /// The category of a record; nil where it is none.
  static func category(of record: Span<UInt8>) -> String? {
    let place = LogPosition(input: 0, line: 0, offset: 0)
    return (try? AzureRecord(record, CapacityContext(position: place)))?.category.lowercased()
  }
}
