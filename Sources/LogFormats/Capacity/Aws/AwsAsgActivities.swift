package import IncidentModel

/// The scaling activities of an EC2 Auto Scaling group (`aws autoscaling describe-scaling-activities`).
///
/// A document with `Activities`, a bare array, or one object a line; newest first, which nothing here relies on.
/// <https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Activity.html>
package enum AwsAsgActivities: CapacityFormat {
  package static let name = "aws-asg-activities"
  package static let summary = "EC2 Auto Scaling activities (describe-scaling-activities)"
  package static let example = """
    {"ActivityId":"5f7e0d1c-0000-4000-8000-000000000001","AutoScalingGroupName":"shop-web",\
    "Description":"Launching a new EC2 instance: i-0aaaaaaaaaaaaaaa1","Cause":"At \
    2018-07-16T18:02:30Z a monitor alarm shop-web-cpu-high in state ALARM triggered policy \
    shop-web-out changing the desired capacity from 10 to 15.","StartTime":\
    "2018-07-16T18:02:41.094Z","EndTime":"2018-07-16T18:06:05Z","StatusCode":"Successful"}
    """
  package static let kind = InputKind.capacity
  package static let envelopes = ["Activities"]
  package static let strictness = 8

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    let object = try JSONObject(
      record, naming: ["ActivityId\""],
      or: "the object has no ActivityId and AutoScalingGroupName")
    guard object.text("ActivityId") != nil, object.text("AutoScalingGroupName") != nil else {
      throw LineError("the object has no ActivityId and AutoScalingGroupName", at: 0)
    }
    guard let start = CapacityStamp.member(object["StartTime"]) else {
      throw LineError(
        "the activity has no StartTime", at: object.member("StartTime")?.range.lowerBound ?? 0)
    }
    let activity = AsgActivity(object, start: start, position: context.position)
    var events = activity.decisions(record)
    activity.addInstanceEvents(to: &events, record)
    return events.isEmpty ? .ignored : .events(events)
  }
}
