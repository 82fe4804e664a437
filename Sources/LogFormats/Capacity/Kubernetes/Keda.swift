package import IncidentModel

/// The log of the KEDA operator: JSON, or columns.
///
/// KEDA itself only wakes a workload and lets it sleep again; what lies between is the work of the
/// horizontal pod autoscaler that it makes.
/// <https://keda.sh/docs/latest/concepts/scaling-deployments/>
package enum Keda: CapacityFormat {
  package static let name = "keda"
  package static let summary = "KEDA operator log, JSON or console"
  package static let example =
    "2018-07-16T18:02:30Z\tINFO\tscaleexecutor\tSuccessfully updated ScaleTarget\t"
    + "{\"scaledobject.Name\": \"web\", \"scaledObject.Namespace\": \"shop\", "
    + "\"scaleTarget.Name\": \"web\", \"Original Replicas Count\": 0, \"New Replicas Count\": 1}"
  package static let kind = InputKind.capacity
  package static let envelopes: [String] = []
  package static let strictness = 7

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    try ZapLine.outcome(of: record, in: context, memory: &memory)
  }

  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool {
    let isCandidate =
      record.byte(at: 0) != UInt8(ascii: "{")
      || record.holdsKey("scale", "Scale", "Successfully ", "Pause ", "Created ")
      || record.holdsKey("error getting", "Error getting")
    guard isCandidate, let line = try? ZapLine(record, zone: .utc) else { return false }
    return KedaMessage(line).isOwn
  }
}

/// A message of the KEDA operator, told by its words.
struct KedaMessage {
  private let line: ZapLine

  init(_ line: ZapLine) { self.line = line }

  var isOwn: Bool {
    let stem = FactStem(
      time: line.time, position: LogPosition(input: 0, line: 0, offset: 0),
      text: LogText(bytes: [], kind: .line), source: "", identity: "")
    return name != nil || ["scaleexecutor", "scalehandler", "scale_handler"].contains(line.logger)
      || line.message.contains(text: "ScaledObject") || !events(stem).isEmpty
  }

  /// The scaled object's name; its keys differ by release in their capitals alone.
  private var name: String? {
    let keys = ["scaledobject.Name", "scaledObject.Name", "ScaledObject.Name", "ScaledObject"]
    for key in keys {
      if let found = line.members.string(key) { return found }
      if let found = line.members.object(key)?.string("name") { return found }
    }
    return nil
  }

  private var group: String? {
    let target = line.members.string("scaleTarget.Name") ?? name
    let keys = ["scaledObject.Namespace", "ScaledObject.Namespace", "namespace"]
    let space =
      line.members.string(anyOf: keys) ?? line.members.object("ScaledObject")?.string("namespace")
    guard let target else { return nil }
    return space.map { "\($0)/\(target)" } ?? target
  }

  func events(_ plain: FactStem) -> [CapacityEvent] {
    let stem = plain.with(group: group)
    let message = line.message
    let from = line.members.integer("Original Replicas Count")
    let to = line.members.integer("New Replicas Count")
    if message.starts(with: "Successfully updated ScaleTarget".utf8)
      || message.starts(with: "Successfully set ScaleTarget replicas count".utf8)
    {
      return stem.decision(from: from, to: to)
    }
    if message.starts(with: "Pause Scale Out annotation".utf8) {
      return [stem.event(.notTriggered(FactStem.unknown(message)))]
    }
    let folded = message.lowercasedASCII
    if folded.contains(text: "error getting scale decision")
      || folded.contains(text: "error getting metric")
      || folded.contains(text: "error getting current replicas count")
    {
      return [stem.event(.notTriggered(.metricMissing))]
    }
    if message.starts(with: "Created jobs".utf8) {
      return [
        stem.event(.launchStarted, count: line.members.integer("Number of jobs") ?? 1)
      ]
    }
    return []
  }
}
