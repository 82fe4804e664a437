import FloodmarkTestSupport
import Foundation
import IncidentModel
import Testing

/// What a report says would have changed an outage, held against the outage run again that way.
struct CounterfactualReportTests {
  struct Report: Decodable {
    struct Incident: Decodable {
      struct Other: Decodable {
        var change: String
        var kind: String
        var failedLow: Int
        var failedHigh: Int
      }
      struct Impact: Decodable {
        var failed: Int
      }
      var start: String
      var end: String
      var impact: Impact
      var counterfactuals: [Other]
    }
    var incidents: [Incident]
  }

  private static func told(_ plan: IncidentPlan) throws -> Report.Incident? {
    let folder = try TemporaryFolder()
    try SimulatedArchive(SimulatedIncident(plan), access: .nginxTimed, capacity: .awsActivities)
      .writeLogs(to: folder.path + "/logs")
    let done = try run(builtCommand(), ["report", folder.path + "/logs", "--format", "json"])
    #expect(done.exitCode == 0, "\(done.errorText)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let report = try decoder.decode(Report.self, from: Data(done.output))
    return report.incidents.max { $0.impact.failed < $1.impact.failed }
  }

  /// The first number of a text such as `a maximum of 36 instances instead of 15`.
  private static func number(in text: String) -> Int? {
    text.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
  }

  /// Failures of the outage run again, within the incident that was found.
  private static func failed(_ plan: IncidentPlan, in incident: Report.Incident) throws -> Int {
    let style = Date.ISO8601FormatStyle()
    let ends = try [incident.start, incident.end].map {
      Int64(try Date($0, strategy: style).timeIntervalSince1970 * 1_000_000)
    }
    return SimulatedIncident(plan).requests.count {
      $0.isFailed && (ends[0]..<ends[1]).contains($0.arrival)
    }
  }

  /// The plan as it would have been; nil where the change can't be planted.
  private static func again(_ plan: IncidentPlan, _ other: Report.Incident.Other) -> IncidentPlan? {
    var plan = plan
    let number = number(in: other.kind)
    switch other.change {
    case "larger-maximum": plan.policy.maximum = number ?? plan.policy.maximum
    case "earlier-decision": plan.policy.decisionLag = 30
    case "schedule":
      plan.size = number ?? plan.size
      plan.policy.minimum = plan.size
    case "no-repeats": plan.retryChance = []
    default: return nil
    }
    return plan
  }

  @Test func `outages that are run again fail as often as the report says`() throws {
    var inside: [String: Int] = [:]
    var all: [String: Int] = [:]
    var lines: [String] = []
    for (scenario, seed) in [
      (Scenario.maxSizeReached, UInt64(51)), (.maxSizeReached, 52), (.maxSizeReached, 53),
      (.scalingTooSlow, 54), (.scalingTooSlow, 55), (.scalingTooSlow, 56),
      (.maxSizeReached, 57), (.scalingTooSlow, 58), (.maxSizeReached, 59), (.scalingTooSlow, 60),
    ] {
      var plan = IncidentPlan(scenario: scenario, seed: seed)
      plan.cut(leadSeconds: 1_500)
      plan.retryChance = [DemandCurve.Corner(second: 0, factor: 0.3)]
      let incident = try #require(try Self.told(plan))
      for other in incident.counterfactuals {
        guard let changed = Self.again(plan, other) else { continue }
        let truth = try Self.failed(changed, in: incident)
        let holds = other.failedLow <= truth && truth <= other.failedHigh
        all[other.change, default: 0] += 1
        if holds { inside[other.change, default: 0] += 1 }
        lines.append(
          "\(scenario.rawValue) \(seed) \(other.change): \(other.failedLow) to \(other.failedHigh), truly \(truth), was \(incident.impact.failed)"
        )
      }
    }
    let sums = (inside.values.reduce(0, +), all.values.reduce(0, +))
    #expect(sums.1 >= 20, "\(lines)")
    #expect(sums.0 * 5 >= sums.1 * 4, "\(lines.joined(separator: "\n"))")
  }
}
