import IncidentModel
import Testing

@testable import LogFormats

struct CapacityAwsTests {
  private func activity(
    _ description: String, cause: String = "", status: String = "Successful",
    message: String? = nil, details: String? = #"{\"Availability Zone\":\"us-east-1a\"}"#,
    start: String = "2018-07-16T18:02:41.094Z", end: String? = "2018-07-16T18:06:05Z",
    id: String = "5f7e0d1c-1"
  ) -> String {
    var members = [
      #""ActivityId":"\#(id)""#, #""AutoScalingGroupName":"shop-web""#,
      #""Description":"\#(description)""#, #""Cause":"\#(cause)""#, #""StartTime":"\#(start)""#,
      #""StatusCode":"\#(status)""#,
    ]
    if let end { members.append(#""EndTime":"\#(end)""#) }
    if let message { members.append(#""StatusMessage":"\#(message)""#) }
    if let details { members.append(#""Details":"\#(details)""#) }
    return "{\(members.joined(separator: ","))}"
  }

  private func read(_ lines: String...) -> CapacityReading {
    CapacityReading(AwsAsgActivities.self, lines)
  }

  private let launch = "Launching a new EC2 instance: i-0aaaaaaaaaaaaaaa1"
  private let alarm =
    "At 2018-07-16T18:02:30Z a monitor alarm shop-web-cpu-high in state ALARM triggered policy "
    + "shop-web-out changing the desired capacity from 10 to 15.  At 2018-07-16T18:02:39Z an "
    + "instance was started in response to a difference between desired and actual capacity, "
    + "increasing the capacity from 10 to 15."

  @Test
  func `a finished launch tells its decision at the time of the cause, its start and its end`() {
    let reading = read(activity(launch, cause: alarm))
    #expect(
      reading.kinds == [.scaleOutDecided(from: 10, to: 15), .launchStarted, .inService])
    #expect(
      reading.events.map(\.time) == [
        moment("2018-07-16T18:02:30Z"), moment("2018-07-16T18:02:41.094Z"),
        moment("2018-07-16T18:06:05Z"),
      ])
    #expect(reading.events.allSatisfy { $0.group == "shop-web" })
    #expect(reading.events[1].zone == "us-east-1a")
    #expect(reading.events[2].instance == "i-0aaaaaaaaaaaaaaa1")
    // The sentence that decided, to its end: the sizes are what it has to prove.
    #expect(reading.texts[0].hasPrefix("At 2018-07-16T18:02:30Z a monitor"))
    #expect(reading.texts[0].hasSuffix("changing the desired capacity from 10 to 15."))
    #expect(
      reading.texts[2].hasPrefix(#""Description":"Launching a new EC2"#)
        && reading.texts[2].contains(#""EndTime":"2018-07-16T18:06:05Z""#))
  }

  @Test func `activities of one decision share its key, other events have keys of their own`() {
    let other = "Launching a new EC2 instance: i-0aaaaaaaaaaaaaaa2"
    let reading = read(activity(launch, cause: alarm), activity(other, cause: alarm, id: "b"))
    #expect(reading.events[0].key == reading.events[3].key)
    #expect(Set(reading.events.map(\.key)).count == 5)
  }

  @Test(arguments: [
    "2018-07-16T18:02:41.094Z", "2018-07-16T18:02:41.094000+00:00",
    "2018-07-16 18:02:41.094000+00:00", "2018-07-16T20:02:41.094000+02:00",
  ])
  func `every client's stamp is the same moment`(start: String) {
    let reading = read(activity(launch, status: "InProgress", start: start, end: nil))
    #expect(reading.kinds == [.launchStarted])
    #expect(reading.events[0].time == moment("2018-07-16T18:02:41.094Z"))
  }

  @Test func `a user's request tells bounds and decision`() {
    let cause =
      "At 2018-07-16T18:19:10Z a user request update of AutoScalingGroup constraints to min: 10, "
      + "max: 40, desired: 35 changing the desired capacity from 15 to 35."
    let reading = read(activity(launch, cause: cause, status: "PreInService", end: nil))
    #expect(
      reading.kinds == [
        .configChanged(minimum: 10, maximum: 40, desired: 35),
        .scaleOutDecided(from: 15, to: 35), .launchStarted,
      ])
    #expect(reading.events[1].count == 20)
  }

  @Test func `a cause that was cut inside of a number decides nothing`() {
    let head = "At 2018-07-16T18:02:30Z a monitor alarm "
    let tail = " changing the desired capacity from 4 to 1"
    let filler = String(repeating: "x", count: 1023 - head.count - tail.count)
    #expect(
      read(activity(launch, cause: head + filler + tail)).kinds == [.launchStarted, .inService])
    #expect(
      read(activity(launch, cause: head + tail)).kinds.first == .scaleInDecided(from: 4, to: 1))
  }

  @Test(arguments: [
    (
      "We currently do not have sufficient c5.4xlarge capacity in the Availability Zone you "
        + "requested (us-east-1b). Launching EC2 instance failed.",
      CapacityEvent.Reason.insufficientCapacity
    ),
    (
      "Could not launch On-Demand Instances. VcpuLimitExceeded - You have requested more vCPU "
        + "capacity (us-east-1b). Launching EC2 instance failed.", .quota
    ),
  ])
  func `a refused launch tells why and where`(message: String, reason: CapacityEvent.Reason) {
    let reading = read(
      activity(
        "Launching a new EC2 instance.  Status Reason: see below", status: "Failed",
        message: message, details: nil))
    #expect(reading.kinds == [.launchFailed(reason)])
    #expect(reading.events[0].zone == "us-east-1b")
    #expect(reading.texts[0].hasPrefix(#""StatusMessage":"#))
  }

  @Test func `without a status message the description gives the reason`() {
    let text = "Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill."
    let reading = read(activity(text, status: "Failed", details: nil))
    #expect(reading.kinds == [.launchFailed(.insufficientCapacity)])
  }

  @Test func `a cancelled launch failed for a reason that is shown`() {
    let reading = read(activity(launch, status: "Cancelled", message: "group was deleted"))
    #expect(
      reading.kinds == [.launchFailed(.unknown(LogText("group was deleted", kind: .message)))])
  }

  @Test(arguments: [
    (
      "an instance was taken out of service in response to an ELB system health check failure.",
      CapacityEvent.Reason.unhealthy
    ),
    (
      "an instance was taken out of service in response to an EC2 instance status check failure.",
      .unhealthy
    ),
    (
      "an instance was taken out of service in response to an EC2 health check that indicated it "
        + "had been terminated or stopped.", .unhealthy
    ),
    (
      "an instance was taken out of service in response to a difference between desired and "
        + "actual capacity, shrinking the capacity from 3 to 2.", .scaleIn
    ),
    ("an instance was taken out of service in response to a user request.", .scaleIn),
    (
      "an instance was taken out of service in response to an EC2 instance rebalance "
        + "recommendation.", .spotReclaimed
    ),
  ])
  func `a terminated instance tells why`(cause: String, reason: CapacityEvent.Reason) {
    let reading = read(
      activity(
        "Terminating EC2 instance: i-0aaaaaaaaaaaaaaa2", cause: "At 2018-07-16T18:30:00Z " + cause))
    #expect(reading.kinds == [.terminated(reason)])
    #expect(reading.events[0].instance == "i-0aaaaaaaaaaaaaaa2")
  }

  @Test func `a scheduled reboot has a reason that no rule knows`() {
    let reading = read(
      activity("Terminating EC2 instance: i-0a", cause: "At noon scheduled reboot"))
    guard case .terminated(.unknown)? = reading.kinds.first else {
      Issue.record("\(reading.kinds)")
      return
    }
  }

  @Test func `standby takes an instance away and gives it back`() {
    let reading = read(
      activity("Moving EC2 instance to Standby: i-0a"),
      activity("Moving EC2 instance out of Standby: i-0a"),
      activity("Detaching EC2 instance: i-0b"),
      activity("Terminating EC2 instance: i-0c", status: "Failed"),
      activity("Launching a new EC2 instance into warm pool: i-0d"))
    #expect(reading.events.count == 3)
    #expect(reading.kinds[1] == .inService)
    #expect(reading.ignored == 2)
  }

  @Test func `details that end in dots still give the zone`() {
    let details = #"{\"Subnet ID\":\"subnet-0\",\"Availability Zone\":\"us-east-1c\"...}"#
    #expect(read(activity(launch, details: details)).events[0].zone == "us-east-1c")
  }

  @Test func `objects of another kind are refused`() {
    #expect(read(#"{"ActivityId":"a"}"#).reasons.count == 1)
    #expect(read(#"{"ActivityId":"a","AutoScalingGroupName":"g"}"#).reasons.count == 1)
    #expect(read("[]").reasons == ["a JSON object should begin here@0"])
  }

  @Test func `a description gives bounds, instances in service and what is suspended`() {
    let line = """
      {"AutoScalingGroupName":"shop-web","MinSize":10,"MaxSize":15,"DesiredCapacity":15,\
      "Instances":[{"LifecycleState":"InService"},{"LifecycleState":"Pending"}],\
      "SuspendedProcesses":[{"ProcessName":"AlarmNotification","SuspensionReason":\
      "User suspended at 2018-07-16T17:30:00Z"},{"ProcessName":"AZRebalance"}]}
      """
    let reading = CapacityReading(AwsAsgDescribe.self, [line])
    #expect(
      reading.kinds.prefix(2) == [
        .configChanged(minimum: 10, maximum: 15, desired: 15),
        .observed(desired: 15, ready: 1, maximum: 15),
      ])
    #expect(reading.events[0].lacksDate && reading.events[0].precisionSeconds == 86_400)
    #expect(reading.events.count == 3)
    #expect(reading.events[2].time == moment("2018-07-16T17:30:00Z"))
    let dated = CapacityReading(
      AwsAsgDescribe.self, [line], date: moment("2018-07-16T00:00:00Z"))
    #expect(dated.events[0].time == moment("2018-07-16T00:00:00Z") && !dated.events[0].lacksDate)
  }
}
