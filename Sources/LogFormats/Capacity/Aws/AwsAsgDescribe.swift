package import IncidentModel

/// A description of EC2 Auto Scaling groups (`aws autoscaling describe-auto-scaling-groups`): bounds, wanted size and instances in service.
///
/// The document does not say when it was made. Its events carry the context's date where one is
/// known; else they stand on 1970-01-01 with `lacksDate`, exact to a day.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html>
package enum AwsAsgDescribe: CapacityFormat {
  package static let name = "aws-asg-describe"
  package static let summary = "EC2 Auto Scaling groups (describe-auto-scaling-groups)"
  package static let example = """
    {"AutoScalingGroupName":"shop-web","MinSize":10,"MaxSize":15,"DesiredCapacity":15,\
    "Instances":[{"InstanceId":"i-0aaaaaaaaaaaaaaa1","AvailabilityZone":"us-east-1a",\
    "LifecycleState":"InService","HealthStatus":"Healthy"}]}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["AutoScalingGroups"]
  package static let strictness = 8

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    let object = try JSONObject(
      record, naming: ["AutoScalingGroupName\""],
      or: "the object has no AutoScalingGroupName with its sizes")
    guard let group = object.string("AutoScalingGroupName"),
      let minimum = object.integer("MinSize"), let maximum = object.integer("MaxSize"),
      let desired = object.integer("DesiredCapacity")
    else {
      throw LineError("the object has no AutoScalingGroupName with its sizes", at: 0)
    }
    let time = context.date ?? Instant(seconds: 0)
    let sizes = "\(minimum)|\(maximum)|\(desired)"
    let text = object.cut(
      ["AutoScalingGroupName", "MinSize", "MaxSize", "DesiredCapacity"], of: record)
    let stem = CapacityEvent(
      time: time,
      kind: CapacityEvent.Kind.configChanged(minimum: minimum, maximum: maximum, desired: desired)
        .bounded,
      position: context.position, text: text, precisionSeconds: 86_400,
      lacksDate: context.date == nil, group: group,
      key: "asg-describe|\(group)|\(time.microseconds)|\(sizes)")
    var events = [stem]
    if case .array(let instances)? = object["Instances"] {
      let ready = instances.count { isInService($0) }
      var observed = stem
      observed.kind =
        CapacityEvent.Kind.observed(desired: desired, ready: ready, maximum: maximum).bounded
      observed.key = "asg-observed|\(group)|\(time.microseconds)|\(sizes)|\(ready)"
      events.append(observed)
    }
    addSuspensions(object, stem, record, to: &events)
    return .events(events)
  }

  private static func isInService(_ value: JSONObject.Value) -> Bool {
    guard case .object(let instance) = value else { return false }
    return instance.string("LifecycleState") == "InService"
  }

  /// Processes without which the group can't grow; the reason tells since when (`User suspended at …Z`).
  private static func addSuspensions(
    _ object: JSONObject, _ stem: CapacityEvent, _ record: Span<UInt8>,
    to events: inout [CapacityEvent]
  ) {
    for case .object(let process) in object.array("SuspendedProcesses").prefix(32) {
      guard let name = process.string("ProcessName"),
        ["Launch", "AlarmNotification", "ReplaceUnhealthy"].contains(name)
      else { continue }
      var event = stem
      event.kind = .notTriggered(.unknown(LogText("\(name) is suspended", kind: .message)))
      event.text = object.cut(["SuspendedProcesses"], of: record)
      event.key = "asg-suspended|\(stem.group ?? "")|\(name)|\(stem.time.microseconds)"
      var reason = MessageCursor(process.text("SuspensionReason") ?? [])
      if reason.skip(past: "suspended at "), let since = CapacityStamp.iso(reason.rest) {
        event.time = since.time
        event.precisionSeconds = 1
        event.lacksDate = false
        event.key = "asg-suspended|\(stem.group ?? "")|\(name)|\(since.time.microseconds)"
      }
      events.append(event)
    }
  }
}
