package import IncidentModel

/// The activities of Application Auto Scaling, which scales ECS services among others (`describe-scaling-activities`).
///
/// Newest first, and a size is told without the one before it. The reasons for not scaling come
/// only with `--include-not-scaled-activities`, so that their absence proves nothing.
/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingActivity.html>
package enum AwsApplicationAutoscaling: CapacityFormat {
  package static let name = "aws-application-autoscaling"
  package static let summary = "Application Auto Scaling activities (ECS, DynamoDB, Aurora)"
  package static let example = """
    {"ActivityId":"5f7e0d1c-0000-4000-8000-000000000021","ServiceNamespace":"ecs","ResourceId":\
    "service/shop/shop-web","ScalableDimension":"ecs:service:DesiredCount","Description":\
    "Setting desired count to 15.","Cause":"monitor alarm shop-web-cpu-high in state ALARM \
    triggered policy shop-web-out","StartTime":"2018-07-16T18:02:31Z","StatusCode":"Successful"}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["ScalingActivities"]
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
    let object = try JSONObject(
      record, naming: ["ScalableDimension\""],
      or: "the object has no ActivityId with its ScalableDimension")
    guard let id = object.string("ActivityId"), object.text("ScalableDimension") != nil else {
      throw LineError("the object has no ActivityId with its ScalableDimension", at: 0)
    }
    guard let start = CapacityStamp.member(object["StartTime"]) else {
      throw LineError(
        "the activity has no StartTime", at: object.member("StartTime")?.range.lowerBound ?? 0)
    }
    let text = object.cut(
      ["Description", "Cause", "StartTime", "StatusCode", "StatusMessage", "NotScaledReasons"],
      of: record)
    let stem = FactStem(
      time: start, position: context.position, text: text, source: "app-as", identity: id,
      group: (object.string("ResourceId") ?? "").tail(behind: "/"))
    var events = bounds(object, stem) + notScaled(object, stem)
    events += size(object, stem, &memory)
    return events.isEmpty ? .ignored : .events(events)
  }

  /// What alarms and policies that take capacity away are usually called; it counts only where no size before is known.
  private static let inwardWords = [
    "low", "-lt-", "scale-in", "scale_in", "scalein", "scale-down", "scaledown", "decrease",
  ]

  /// `Setting desired count to 15.`, or another dimension's word in the place of the count.
  private static func size(
    _ object: JSONObject, _ stem: FactStem, _ memory: inout CapacityMemory
  ) -> [CapacityEvent] {
    let description = object.text("Description") ?? []
    guard
      let size = number(behind: "Setting desired ", "to ", in: description)
        ?? number(behind: "Setting ", "capacity units to ", in: description)
    else { return [] }
    let cause = (object.text("Cause") ?? []).lowercasedASCII
    let isInward = inwardWords.contains { cause.contains(text: $0) }
    var events = memory.aim(at: size, stem, hint: isInward ? .inward : nil)
    let message = object.text("StatusMessage") ?? []
    switch object.string("StatusCode") {
    case "Failed", "Unfulfilled":
      let reason = ProviderReasons.reason(of: message.isEmpty ? description : message)
      events.append(stem.event(.launchFailed(reason)))
    case "Successful" where message.contains(text: "successfully fulfilled"):
      // The service itself says that it runs so many.
      let end = CapacityStamp.member(object["EndTime"]) ?? stem.time
      events.append(
        stem.at(end).event(.observed(desired: size, ready: size, maximum: nil), about: "end"))
    default: break
    }
    return events
  }

  /// The bounds that an activity set.
  private static func bounds(_ object: JSONObject, _ stem: FactStem) -> [CapacityEvent] {
    let description = object.text("Description") ?? []
    let cause = object.text("Cause") ?? []
    let low =
      number(behind: "Setting min capacity ", "to ", in: description)
      ?? number(behind: "minimum capacity was set ", "to ", in: cause)
    let high =
      number(behind: "max capacity ", "to ", in: description)
      ?? number(behind: "maximum capacity was set ", "to ", in: cause)
    guard low != nil || high != nil else { return [] }
    return [stem.event(.configChanged(minimum: low, maximum: high, desired: nil))]
  }

  /// Why nothing was done; to be at the size that is wanted, or at the least, is no restraint.
  private static func notScaled(_ object: JSONObject, _ stem: FactStem) -> [CapacityEvent] {
    object.objects("NotScaledReasons").prefix(16).compactMap { reason in
      guard let code = reason.string("Code") else { return nil }
      switch code {
      case "AlreadyAtMinCapacity", "AlreadyAtDesiredCapacity": return nil
      case "AlreadyAtMaxCapacity":
        return stem.event(
          .limitReached(limit: reason.integer("MaxCapacity"), wanted: nil), about: code)
      default:
        return stem.event(
          .notTriggered(ProviderReasons.reason(of: Array(code.utf8))), about: code)
      }
    }
  }

  private static func number(
    behind first: String, _ second: String, in text: [UInt8]
  ) -> Int? {
    var cursor = MessageCursor(text)
    guard cursor.skip(past: first), cursor.skip(past: second) else { return nil }
    return cursor.integer()
  }
}
