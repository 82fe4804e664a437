internal import IncidentModel

/// A format in which the simulator writes what the scaler did.
package enum CapacityLogKind: String, CaseIterable, Sendable {
  /// As `aws autoscaling describe-scaling-activities` prints it: one document, newest first.
  case awsActivities = "aws-asg-activities"
  /// The same objects, one a line.
  case awsActivityLines = "aws-asg-activities-lines"
  case clusterAutoscaler = "cluster-autoscaler-klog"
  case none

  package var fileName: String? {
    switch self {
    case .awsActivities: "asg-activities.json"
    case .awsActivityLines: "asg-activities.jsonl"
    case .clusterAutoscaler: "cluster-autoscaler.log"
    case .none: nil
    }
  }
}

/// Writes a fleet's history as scaling activities of EC2 Auto Scaling.
///
/// An activity tells its decision in `Cause`; a decision that launched nothing is not in the history, as with the real service.
package struct ActivityLogWriter {
  private struct Entry {
    var start: Instant
    var fields: [(key: String, value: String)]
  }

  private let plan: IncidentPlan
  private var entries: [Entry] = []
  private var dice: Dice

  package init(incident: SimulatedIncident) {
    plan = incident.plan
    dice = Dice(seed: incident.plan.seed, stream: 21)
    for activity in incident.fleet.activities { add(activity, of: incident.fleet) }
    for number in 0..<plan.unrelatedGroups { addUnrelated(number) }
    entries.sort { $0.start < $1.start }
    entries.reverse()
  }

  /// The document of the command line: indented by four blanks, newest first.
  package var document: [UInt8] {
    var text = "{\n    \"Activities\": ["
    for (index, entry) in entries.enumerated() {
      text += index == 0 ? "\n        {\n" : ",\n        {\n"
      text += entry.fields.map { "            \"\($0.key)\": \($0.value)" }
        .joined(separator: ",\n")
      text += "\n        }"
    }
    return Array((text + (entries.isEmpty ? "]\n}\n" : "\n    ]\n}\n")).utf8)
  }

  /// One object a line, newest first.
  package var lines: [UInt8] {
    let all = entries.map { entry in
      "{" + entry.fields.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}\n"
    }
    return Array(all.joined().utf8)
  }

  private mutating func identifier() -> String {
    var text = String(dice.next(), radix: 16) + String(dice.next(), radix: 16)
    while text.utf8.count < 32 { text += "0" }
    let digits = Array(text)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
      .joined(separator: "-")
  }

  private static func quoted(_ text: String) -> String {
    var escaped = "\""
    for character in text {
      if character == "\"" || character == "\\" { escaped += "\\" }
      escaped.append(character)
    }
    return escaped + "\""
  }

  private mutating func add(_ activity: FleetActivity, of fleet: Fleet) {
    let decision = activity.decision.map { fleet.decisions[$0] }
    let moved = stampText(activity.start.advanced(bySeconds: -2))
    let change =
      activity.outcome == .unhealthy
      ? "At \(moved) an instance was taken out of service in response to an ELB system health"
        + " check failure."
      : activity.outcome == .terminated
        ? "At \(moved) an instance was taken out of service in response to a difference between"
          + " desired and actual capacity, shrinking the capacity from \(activity.from) to"
          + " \(activity.to)."
        : "At \(moved) an instance was started in response to a difference between desired and"
          + " actual capacity, increasing the capacity from \(activity.from) to \(activity.to)."
    let cause = (decision.map { Self.words(for: $0, group: plan.group) + "  " } ?? "") + change
    var description = "Launching a new EC2 instance"
    var message: String?
    switch activity.outcome {
    case .inService: description += ": " + fleet.instances[activity.instance].identifier
    case .terminated, .unhealthy:
      description = "Terminating EC2 instance: " + fleet.instances[activity.instance].identifier
    case .failed(let refusal):
      let text = Self.message(refusal, zone: activity.zone, zones: plan.zones)
      message = text
      description += ".  Status Reason: " + text
    }
    append(
      group: plan.group, description: description, cause: cause, start: activity.start,
      end: activity.end, message: message, zone: activity.zone)
  }

  private mutating func append(
    group: String, description: String, cause: String, start: Instant, end: Instant,
    message: String?, zone: Int
  ) {
    var fields: [(key: String, value: String)] = [
      ("ActivityId", Self.quoted(identifier())),
      ("AutoScalingGroupName", Self.quoted(group)),
      ("Description", Self.quoted(description)),
      ("Cause", Self.quoted(cause)),
      ("StartTime", Self.quoted(stampText(start, decimals: 3))),
      ("EndTime", Self.quoted(stampText(end))),
      ("StatusCode", Self.quoted(message == nil ? "Successful" : "Failed")),
    ]
    if let message { fields.append(("StatusMessage", Self.quoted(message))) }
    let details =
      "{\"Subnet ID\":\"subnet-5ea0c12\(zone)\",\"Availability Zone\":\"\(Self.zone(zone))\"}"
    fields.append(("Progress", "100"))
    fields.append(("Details", Self.quoted(details)))
    entries.append(Entry(start: start, fields: fields))
  }

  static func zone(_ number: Int) -> String {
    "us-east-1" + ["a", "b", "c", "d", "e", "f"][number % 6]
  }

  static func words(for decision: ScalingDecision, group: String) -> String {
    let change = "changing the desired capacity from \(decision.from) to \(decision.to)."
    let time = stampText(decision.time)
    switch decision.reason {
    case .alarm:
      let way = decision.to > decision.from ? ("high", "out") : ("low", "in")
      return "At \(time) a monitor alarm \(group)-cpu-\(way.0) in state ALARM triggered policy"
        + " \(group)-\(way.1) \(change)"
    case .constraints(let minimum, let maximum):
      return "At \(time) a user request update of AutoScalingGroup constraints to min: \(minimum),"
        + " max: \(maximum), desired: \(decision.to) \(change)"
    }
  }

  /// The provider's words for a refusal.
  static func message(_ refusal: LaunchRefusal, zone: Int, zones: Int) -> String {
    let rest = (0..<max(2, zones)).filter { $0 != zone }.map { Self.zone($0) }
    let text =
      switch refusal {
      case .insufficientCapacity:
        "We currently do not have sufficient c5.4xlarge capacity in the Availability Zone you"
          + " requested (\(Self.zone(zone))). Our system will be working on provisioning"
          + " additional capacity. You can currently get c5.4xlarge capacity by not specifying an"
          + " Availability Zone in your request or choosing \(rest.joined(separator: ", "))."
      case .quota:
        "You have requested more vCPU capacity than your current vCPU limit of 256 allows for the"
          + " instance bucket that the specified instance type belongs to. Please visit"
          + " http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
      case .badTemplate: "The image id '[ami-0c55b159cbfafe1f0]' does not exist."
      }
    return text + " Launching EC2 instance failed."
  }

  static let unrelatedNames = ["batch-render", "search-index", "mail-relay"]

  /// Another group that fails loudly all the time.
  private mutating func addUnrelated(_ number: Int) {
    let group = Self.unrelatedNames[number % 3]
    var second = dice.integer(60...600)
    while second < plan.seconds {
      let start = plan.start.advanced(bySeconds: Double(second))
      let message = Self.message(.insufficientCapacity, zone: number, zones: plan.zones)
      append(
        group: group, description: "Launching a new EC2 instance.  Status Reason: " + message,
        cause: "At \(stampText(start.advanced(bySeconds: -2))) an instance was started in response"
          + " to a difference between desired and actual capacity, increasing the capacity from 2"
          + " to 3.",
        start: start, end: start.advanced(bySeconds: 1), message: message, zone: number)
      second += dice.integer(90...400)
    }
  }
}
