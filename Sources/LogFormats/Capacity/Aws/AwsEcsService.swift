package import IncidentModel

/// ECS services with their event messages (`aws ecs describe-services`), or the messages alone.
///
/// Of a service only the latest 100 messages are kept, and equal ones are left out for hours.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
package enum AwsEcsService: CapacityFormat {
  package static let name = "aws-ecs-service"
  package static let summary = "ECS services and their event messages (describe-services)"
  package static let example = """
    {"id":"5f7e0d1c-0000-4000-8000-000000000031","createdAt":"2018-07-16T18:20:04.595Z",\
    "message":"(service shop-web) was unable to place a task. Reason: Capacity is unavailable \
    at this time. Please try again later or in a different availability zone."}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["services"]
  package static let strictness = 7

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    let object = try JSONObject(
      record, naming: ["serviceName\"", "message\""],
      or: "the object is no ECS service and no message of one")
    if object.text("serviceName") != nil, object["desiredCount"] != nil {
      return outcome(service(object, record, context))
    }
    guard let message = object.text("message"), EcsMessage.isOne(message) else {
      throw LineError("the object is no ECS service and no message of one", at: 0)
    }
    guard let time = CapacityStamp.member(object["createdAt"]) else {
      throw LineError(
        "the message has no createdAt", at: object.member("createdAt")?.range.lowerBound ?? 0)
    }
    let text = object.cut(["createdAt", "message"], of: record)
    return outcome(told(object, message, time, text, context, service: nil))
  }

  private static func outcome(_ events: [CapacityEvent]) -> CapacityOutcome {
    events.isEmpty ? .ignored : .events(events)
  }

  private static func told(
    _ object: JSONObject, _ message: [UInt8], _ time: Instant, _ text: LogText,
    _ context: CapacityContext, service: String?
  ) -> [CapacityEvent] {
    let stem = FactStem(
      time: time, position: context.position, text: text, source: "ecs",
      identity: object.string("id") ?? "\(time.microseconds)|\(message.asText)", group: service)
    return EcsMessage(message).events(stem)
  }

  /// The counts as the document has them, which does not say when it was made, and the messages.
  private static func service(
    _ object: JSONObject, _ record: Span<UInt8>, _ context: CapacityContext
  ) -> [CapacityEvent] {
    let name = object.string("serviceName")
    let time = context.date ?? Instant(seconds: 0)
    let desired = object.integer("desiredCount")
    let ready = object.integer("runningCount")
    var stem = FactStem(
      time: time, position: context.position,
      text: object.cut(
        ["serviceName", "desiredCount", "runningCount", "pendingCount"], of: record),
      source: "ecs-service", identity: "\(time.microseconds)|\(desired ?? -1)|\(ready ?? -1)",
      group: name)
    stem.precisionSeconds = 86_400
    stem.lacksDate = context.date == nil
    var events = [stem.event(.observed(desired: desired, ready: ready, maximum: nil))]
    for deployment in object.objects("deployments").prefix(32) {
      guard let made = CapacityStamp.member(deployment["createdAt"]) else { continue }
      let change = FactStem(
        time: made, position: context.position,
        text: deployment.cut(["createdAt", "id", "status", "taskDefinition"], of: record),
        source: "ecs-deployment", identity: deployment.string("id") ?? "\(made.microseconds)",
        group: name)
      events.append(change.event(.change))
    }
    for event in object.objects("events").prefix(1_000) {
      guard let message = event.text("message"),
        let time = CapacityStamp.member(event["createdAt"])
      else { continue }
      let text = event.cut(["createdAt", "message"], of: record)
      events += told(event, message, time, text, context, service: name)
    }
    return events
  }
}
