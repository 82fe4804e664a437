package import IncidentModel

/// The horizontal pod autoscaler: its lines in the controller-manager's log, or its objects (`kubectl get hpa -o json`).
///
/// An object tells bounds as of no known time, its wanted size as of the last scaling, and its conditions since when they hold.
/// <https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/>
package enum Hpa: CapacityFormat {
  package static let name = "hpa"
  package static let summary = "Horizontal pod autoscaler, controller log or objects"
  package static let example =
    "I0716 18:02:30.259469       1 horizontal.go:881] \"Successfully rescaled\" "
    + "logger=\"horizontal-pod-autoscaler-controller\" HPA=\"shop/web\" currentReplicas=10 "
    + "desiredReplicas=15 reason=\"cpu resource utilization (percentage of request) above target\""
  package static let kind = InputKind.capacity
  package static let envelopes = ["items"]
  package static let strictness = 6

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    if record.byte(at: 0) == UInt8(ascii: "{") {
      let reason: StaticString = "the object is no HorizontalPodAutoscaler"
      let object = try JSONObject(record, naming: ["metadata\"", "caller\"", "v\""], or: reason)
      if object["caller"] == nil, object["v"] == nil {
        return .events(try HpaObject(object, record, context).events)
      }
    }
    return try KlogLine.outcome(of: record, in: context, memory: &memory)
  }

  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool {
    if let message = KlogLine.message(of: record) { return HpaMessage(message).isOwn }
    return record.byte(at: 0) == UInt8(ascii: "{")
  }
}

/// One object with its bounds, its wish and its conditions.
struct HpaObject {
  private let object: JSONObject
  private let stem: FactStem
  private let maximum: Int?
  private let conditions: [JSONObject]

  init(
    _ object: JSONObject, _ record: Span<UInt8>, _ context: CapacityContext
  ) throws(LineError) {
    guard object.string("kind") == "HorizontalPodAutoscaler",
      let name = object.string(at: "metadata", "name")
    else { throw LineError("the object is no HorizontalPodAutoscaler", at: 0) }
    self.object = object
    let space = object.string(at: "metadata", "namespace")
    maximum = object.object("spec")?.integer("maxReplicas")
    let status = object.object("status")
    let old = object.object(at: ["metadata", "annotations"])?
      .text("autoscaling.alpha.kubernetes.io/conditions")
    if let old {
      let wrapped = Array(#"{"conditions":"#.utf8) + old + [UInt8(ascii: "}")]
      conditions = JSONObject(lenient: wrapped).objects("conditions")
    } else {
      conditions = status?.objects("conditions") ?? []
    }
    stem = FactStem(
      time: context.date ?? Instant(seconds: 0), position: context.position,
      text: object.cut(["spec", "status"], of: record), source: "hpa-object", identity: "",
      group: space.map { "\($0)/\(name)" } ?? name, precisionSeconds: 86_400,
      lacksDate: context.date == nil)
  }

  var events: [CapacityEvent] {
    let low = object.object("spec")?.integer("minReplicas")
    let wanted = object.object("status")?.integer("desiredReplicas")
    let sizes = "\(low ?? -1)|\(maximum ?? -1)|\(wanted ?? -1)"
    // What is wanted is so since the last scaling; before it another size was.
    let scaled = CapacityStamp.member(object.object("status")?["lastScaleTime"])
    var events = [
      stem.event(
        .configChanged(
          minimum: low, maximum: maximum, desired: scaled == nil ? wanted : nil),
        about: "\(stem.time.microseconds)|\(sizes)")
    ]
    if let scaled, let wanted {
      var dated = stem.at(scaled)
      dated.precisionSeconds = 1
      dated.lacksDate = false
      events.append(
        dated.event(
          .observed(desired: wanted, ready: nil, maximum: nil),
          about: "lastScaleTime|\(scaled.microseconds)"))
    }
    for condition in conditions.prefix(16) {
      guard let time = CapacityStamp.member(condition["lastTransitionTime"]),
        let kind = kind(of: condition)
      else { continue }
      var dated = stem.at(time)
      dated.precisionSeconds = 1
      dated.lacksDate = false
      events.append(
        dated.event(kind, about: "\(condition.string("reason") ?? "")|\(time.microseconds)"))
    }
    return events
  }

  private func kind(of condition: JSONObject) -> CapacityEvent.Kind? {
    let message = condition.text("message") ?? []
    let isTrue = condition.string("status") == "True"
    switch (condition.string("type"), condition.string("reason")) {
    case ("ScalingLimited", "TooManyReplicas"):
      return isTrue ? .limitReached(limit: maximum, wanted: nil) : nil
    case ("ScalingLimited", "ScaleUpLimit"): return isTrue ? .notTriggered(.stabilisation) : nil
    case ("AbleToScale", "ScaleUpStabilized"), ("AbleToScale", "ScaleDownStabilized"):
      return .notTriggered(.stabilisation)
    case ("AbleToScale", "BackoffBoth"), ("AbleToScale", "BackoffUpscale"):
      return .notTriggered(.backoff)
    case ("AbleToScale", _): return isTrue ? nil : .notTriggered(FactStem.unknown(message))
    case ("ScalingActive", "ScalingDisabled"): return .notTriggered(FactStem.unknown(message))
    case ("ScalingActive", _): return isTrue ? nil : .notTriggered(.metricMissing)
    default: return nil
    }
  }
}
