import FloodmarkTestSupport
import Foundation
import IncidentModel
import Testing

/// Archives that hold the balancer's log and the log of the servers behind it, through the built command.
struct VantageReportTests {
  struct Report: Decodable {
    struct Service: Decodable {
      var name: String
      var requests: Int
      var insideOf: String?
      var perhapsSameAs: String?
    }
    struct Incident: Decodable {
      struct Impact: Decodable {
        var failed: Int
      }
      var services: [String]
      var cause: String
      var impact: Impact
    }
    struct Group: Decodable {
      var services: [String]
      var perInstanceRps: Double?
    }
    var services: [Service]
    var incidents: [Incident]
    var capacity: [Group]
  }

  private static func report(_ path: String) throws -> Report {
    let done = try run(builtCommand(), ["report", path, "--format", "json"])
    #expect(done.exitCode == 0, "\(done.errorText)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Report.self, from: Data(done.output))
  }

  private static func incident(_ seed: UInt64) -> SimulatedIncident {
    var plan = IncidentPlan(scenario: .maxSizeReached, seed: seed)
    plan.cut(leadSeconds: 2_400)
    return SimulatedIncident(plan)
  }

  @Test(arguments: [(UInt64(31), AccessLogKind.combined), (32, .nginxTimed)])
  func `the log behind the balancer adds nothing to what the balancer's own tells`(
    seed: UInt64, kind: AccessLogKind
  ) throws {
    let folder = try TemporaryFolder()
    let incident = Self.incident(seed)
    let alone = SimulatedArchive(incident, access: .awsALB, capacity: .awsActivities)
    try alone.writeLogs(to: folder.path + "/alone")
    let both = SimulatedArchive(
      incident, access: .awsALB, capacity: .awsActivities, inner: InnerVantage(kind: kind))
    try both.writeLogs(to: folder.path + "/both")
    let one = try Self.report(folder.path + "/alone")
    let two = try Self.report(folder.path + "/both")
    let outer = try #require(one.services.first?.name)
    #expect(two.services.count == 2)
    #expect(two.services.first { $0.name != outer }?.insideOf == outer)
    #expect(two.services.first { $0.name == outer }?.insideOf == nil)
    #expect(two.incidents.map(\.impact.failed) == one.incidents.map(\.impact.failed))
    #expect(two.incidents.map(\.cause) == one.incidents.map(\.cause))
    #expect(two.incidents.allSatisfy { $0.services == [outer] })
    #expect(two.capacity.map(\.services) == [[outer]])
    #expect(two.capacity.first?.perInstanceRps == one.capacity.first?.perInstanceRps)
  }

  @Test func `behind a balancer that hides its clients it is a suspicion`() throws {
    let folder = try TemporaryFolder()
    let archive = SimulatedArchive(
      Self.incident(33), access: .awsALB, capacity: .awsActivities,
      inner: InnerVantage(kind: .combined, balancer: "192.0.2.10"))
    try archive.writeLogs(to: folder.path + "/logs")
    let report = try Self.report(folder.path + "/logs")
    #expect(report.services.allSatisfy { $0.insideOf == nil })
    #expect(report.services.allSatisfy { $0.perhapsSameAs != nil })
  }
}
