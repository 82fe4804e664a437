package import IncidentModel

/// CloudTrail: `Records` of its files, `Events` of `lookup-events`, or one record a line.
///
/// The request's time, its parameters and its error code; what an account asked EC2, Auto Scaling and ECS for.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
package enum CloudTrail: CapacityFormat {
  package static let name = "cloudtrail"
  package static let summary = "AWS CloudTrail records and lookup-events"
  package static let example = """
    {"eventTime":"2018-07-16T18:20:04Z","eventSource":"ec2.amazonaws.com","eventName":\
    "RunInstances","errorCode":"Server.InsufficientInstanceCapacity","errorMessage":"We \
    currently do not have sufficient c5.4xlarge capacity in zones with support for 'gp2' \
    volumes.","eventID":"5f7e0d1c-0000-4000-8000-000000000011"}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["Events", "Records"]
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
      record, naming: ["eventSource\"", "CloudTrailEvent\""],
      or: "the object has no eventName with its eventSource")
    var call = object
    var text: LogText?
    if let inner = object.text("CloudTrailEvent") {
      call = JSONObject(lenient: inner)
      text = object.cut(["EventName", "EventTime", "CloudTrailEvent"], of: record)
    }
    guard call.text("eventName") != nil, call.text("eventSource") != nil else {
      throw LineError("the object has no eventName with its eventSource", at: 0)
    }
    guard let time = CapacityStamp.member(call["eventTime"]) else {
      throw LineError(
        "the record has no eventTime", at: object.member("eventTime")?.range.lowerBound ?? 0)
    }
    let proof = [
      "eventTime", "eventName", "errorCode", "errorMessage", "requestParameters",
      "serviceEventDetails",
    ]
    let request = ApiCall(
      call, time: time, position: context.position, text: text ?? call.cut(proof, of: record))
    let events = request.events(&memory)
    return events.isEmpty ? .ignored : .events(events)
  }
}
