import FloodmarkTestSupport
import Foundation
import IncidentModel
import Testing

/// `--baseline`: earlier archives that tell what is normal, and count nowhere else.
struct BaselineTests {
  struct Report: Decodable {
    struct Input: Decodable {
      var path: String
      var baseline: Bool
      var records: Int
      var outsideWindow: Int
    }
    struct Normal: Decodable {
      var learntFrom: String
      var start: String
    }
    struct Service: Decodable {
      var requests: Int
      var normal: Normal?
    }
    struct Spike: Decodable {
      var onset: String
      var baselineRps: Double
    }
    struct Window: Decodable {
      var start: String
    }
    var inputs: [Input]
    var services: [Service]
    var spikes: [Spike]
    var window: Window
  }

  /// An archive that begins at the onset of its surge, and one of the same hours of earlier days.
  private static func archives(
    _ seed: UInt64, daysBefore: [Int], in folder: borrowing TemporaryFolder
  ) throws -> (plan: IncidentPlan, lines: Int) {
    var plan = IncidentPlan(scenario: .maxSizeReached, seed: seed)
    for days in daysBefore {
      var quiet = plan
      quiet.start = plan.start.advanced(bySeconds: -86_400 * Double(days))
      quiet.demand.corners = []
      quiet.decisions = []
      let incident = SimulatedIncident(quiet)
      try SimulatedArchive(incident, access: .combined, capacity: .none)
        .writeLogs(to: folder.path + "/earlier/\(days)")
    }
    plan.cut(leadSeconds: 0)
    let archive = SimulatedArchive(
      SimulatedIncident(plan), access: .combined, capacity: .awsActivities)
    try archive.writeLogs(to: folder.path + "/logs")
    return (plan, archive.truth.total)
  }

  private static func report(_ arguments: [String]) throws -> (Report, String) {
    let done = try run(builtCommand(), ["report"] + arguments + ["--format", "json"])
    #expect(done.exitCode == 0, "\(done.errorText)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let text = try run(builtCommand(), ["report"] + arguments).outputText
    return (try decoder.decode(Report.self, from: Data(done.output)), text)
  }

  @Test func `an archive that begins inside the surge gets its normal from the days before`() throws
  {
    let folder = try TemporaryFolder()
    let (plan, lines) = try Self.archives(21, daysBefore: [1, 2], in: folder)
    let logs = folder.path + "/logs"
    let (alone, _) = try Self.report([logs])
    let (told, text) = try Self.report([logs, "--baseline", folder.path + "/earlier"])
    #expect(alone.services.first?.normal?.learntFrom == "first-minutes")
    #expect(told.services.first?.normal?.learntFrom == "days")
    #expect(told.services.map(\.requests).reduce(0, +) == lines)
    #expect(told.window.start == alone.window.start)
    let spike = try #require(told.spikes.first)
    #expect(abs(spike.baselineRps - plan.demand.base) < 0.25 * plan.demand.base)
    let earlier = told.inputs.filter(\.baseline)
    #expect(earlier.count == 2 * plan.servers)
    #expect(earlier.allSatisfy { $0.records == $0.outsideWindow && $0.records > 0 })
    #expect(text.contains("was learnt from the same minutes of earlier days"))
    #expect(text.contains("access, baseline"))
  }

  @Test func `what a baseline has of the window itself counts nowhere`() throws {
    let folder = try TemporaryFolder()
    let (_, lines) = try Self.archives(22, daysBefore: [1], in: folder)
    // A copy of the outage's own logs, a little longer at the front, among the earlier ones.
    let own = try String(contentsOfFile: folder.path + "/logs/access/edge-1.log", encoding: .utf8)
    try folder.write("192.0.2.1 - garbage\n" + own, to: "earlier/again.log")
    let (told, text) = try Self.report([
      folder.path + "/logs", "--baseline", folder.path + "/earlier",
    ])
    #expect(told.services.map(\.requests).reduce(0, +) == lines)
    #expect(text.contains("a baseline ends there"))
    let (early, _) = try Self.report([
      folder.path + "/logs", "--baseline", folder.path + "/earlier", "--from",
      "2000-01-01T00:00:00Z",
    ])
    #expect(early.services.map(\.requests).reduce(0, +) == lines)
    #expect(early.window.start == told.window.start)
    // An equal copy is no baseline at all: its requests are reported on.
    try folder.write(own, to: "earlier/again.log")
    let (equal, _) = try Self.report([
      folder.path + "/logs", "--baseline", folder.path + "/earlier",
    ])
    #expect(equal.services.map(\.requests).reduce(0, +) == lines)
  }

  @Test func `a baseline of long ago, larger than the archive, hides nothing of it`() throws {
    let folder = try TemporaryFolder()
    let (_, lines) = try Self.archives(23, daysBefore: [200, 201], in: folder)
    try SimulatedArchive(
      SimulatedIncident(IncidentPlan(scenario: .maxSizeReached, seed: 23)), access: .combined,
      capacity: .none
    )
    .writeLogs(to: folder.path + "/whole")
    let (told, text) = try Self.report([
      folder.path + "/whole", "--baseline", folder.path + "/earlier",
    ])
    #expect(told.spikes.count == 1)
    #expect(told.services.map(\.requests).reduce(0, +) > lines)
    #expect(text.contains("tell nothing of these hours"))
    #expect(!text.contains("**Gap"))
  }

  @Test func `a run of nothing but baseline says so`() throws {
    let folder = try TemporaryFolder()
    try folder.write("x\n", to: "logs/a.log")
    let done = try run(
      builtCommand(), ["report", folder.path + "/logs", "--baseline", folder.path + "/logs"])
    #expect(done.exitCode == 1)
    #expect(done.errorText.contains("under --baseline"))
  }
}
