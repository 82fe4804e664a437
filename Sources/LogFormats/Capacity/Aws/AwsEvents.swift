package import IncidentModel

/// What AWS services notify: EventBridge events, and the notifications of Auto Scaling that SNS carries.
///
/// Delivery is on a best-effort basis: events come twice, late, or never.
/// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html>
package enum AwsEvents: CapacityFormat {
  package static let name = "aws-events"
  package static let summary = "EventBridge and SNS events of Auto Scaling, EC2, ECS and alarms"
  package static let example = """
    {"version":"0","id":"5f7e0d1c-0000-4000-8000-000000000041","detail-type":"EC2 Spot Instance \
    Interruption Warning","source":"aws.ec2","time":"2018-07-16T18:20:04Z","region":"us-east-1",\
    "detail":{"instance-id":"i-0aaaaaaaaaaaaaaa1","instance-action":"terminate"}}
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
    let outer = try JSONObject(
      record, naming: ["detail-type\"", "Notification\"", "autoscaling:", "source\""],
      or: "the object has no detail-type with its source and detail")
    let events = try events(outer, record, context, &memory)
    return events.isEmpty ? .ignored : .events(events)
  }

  private static func events(
    _ object: JSONObject, _ record: Span<UInt8>, _ context: CapacityContext,
    _ memory: inout CapacityMemory
  ) throws(LineError) -> [CapacityEvent] {
    if object.string("Type") == "Notification", let message = object.text("Message") {
      // What SNS carries is a text; where it is no object, a person wrote it.
      guard let inner = try? JSONObject(message.span) else { return [] }
      let text = object.cut(["Message"], of: record)
      if let alarm = alarm(inner, text, context) { return [alarm] }
      var told = (try? events(inner, message.span, context, &memory)) ?? []
      for index in told.indices { told[index].text = text }
      return told
    }
    if let word = object.string("Event"), word.hasPrefix("autoscaling:") {
      guard let time = object.time(anyOf: ["StartTime", "Time"]) else {
        throw LineError("the notification has no Time", at: 0)
      }
      return notification(word, object, time, record, context)
    }
    if let word = object.string("LifecycleTransition"), word.hasPrefix("autoscaling:") {
      return try lifecycle(word, object, record, context)
    }
    guard object.text("detail-type") != nil, object.text("source") != nil,
      object.object("detail") != nil
    else { throw LineError("the object has no detail-type with its source and detail", at: 0) }
    guard let time = CapacityStamp.member(object["time"]) else {
      throw LineError("the event has no time", at: object.member("time")?.range.lowerBound ?? 0)
    }
    return BridgeEvent(object, time: time, record, context).events(record, &memory)
  }

  /// The message of a lifecycle hook: an instance that is about to serve, or to go.
  private static func lifecycle(
    _ word: String, _ object: JSONObject, _ record: Span<UInt8>, _ context: CapacityContext
  ) throws(LineError) -> [CapacityEvent] {
    guard let time = CapacityStamp.member(object["Time"]) else {
      throw LineError("the notification has no Time", at: 0)
    }
    guard word.hasSuffix("_LAUNCHING"), let instance = object.string("EC2InstanceId") else {
      return []
    }
    let stem = FactStem(
      time: time, position: context.position,
      text: object.cut(["EC2InstanceId", "LifecycleTransition", "Time"], of: record),
      source: "lifecycle", identity: instance, group: object.string("AutoScalingGroupName"),
      instance: instance)
    var started = stem.event(.launchStarted)
    started.key = AsgActivity.launchKey(instance)
    return [started]
  }

  /// The notification of a CloudWatch alarm, which SNS carries in a form of its own.
  private static func alarm(
    _ object: JSONObject, _ text: LogText, _ context: CapacityContext
  ) -> CapacityEvent? {
    guard let name = object.string("AlarmName"),
      let time = CapacityStamp.member(object["StateChangeTime"])
    else { return nil }
    let stem = FactStem(
      time: time, position: context.position, text: text, source: "alarm",
      identity: "\(name)|\(time.microseconds)|\(object.string("NewStateValue") ?? "")")
    return stem.event(.alert)
  }

  /// `autoscaling:EC2_INSTANCE_LAUNCH` and the like, with the members of an activity.
  private static func notification(
    _ word: String, _ object: JSONObject, _ time: Instant, _ record: Span<UInt8>,
    _ context: CapacityContext
  ) -> [CapacityEvent] {
    let isError = word.hasSuffix("_ERROR")
    guard object.text("AutoScalingGroupName") != nil, word.contains("_INSTANCE_") else { return [] }
    let activity = AsgActivity(
      object, start: time, position: context.position, status: isError ? "Failed" : "Successful")
    var events = activity.decisions(record)
    activity.addInstanceEvents(to: &events, record)
    return events
  }
}
