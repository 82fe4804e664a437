import FloodmarkTestSupport
import Foundation
import Testing

/// Whole archives of the simulator through the built command, held against what was planted and against other tools.
struct EndToEndTests {
  /// What the tests read of a `report.json`.
  struct Report: Decodable {
    struct Service: Decodable {
      var requests: Int
      var failed: Int
    }
    struct Input: Decodable {
      var path: String
      var kind: String
      var format: String?
      var lines: Int
      var records: Int
      var rejected: Int
    }
    struct Incident: Decodable {
      var cause: String
      var start: String
    }
    struct Evidence: Decodable {
      var file: String
      var line: Int
      var offset: Int
    }
    var services: [Service]
    var inputs: [Input]
    var incidents: [Incident]
    var evidence: [String: Evidence]
  }

  static func plan(_ scenario: Scenario, seed: UInt64) -> IncidentPlan {
    IncidentPlan(scenario: scenario, seed: seed)
  }

  /// Writes an archive, reports on it, and reads the report back.
  static func report(
    _ archive: SimulatedArchive, in folder: borrowing TemporaryFolder
  ) throws -> Report {
    try archive.writeLogs(to: folder.path + "/logs")
    let run = try run(
      builtCommand(), ["report", folder.path + "/logs", "--format", "json"])
    #expect(run.exitCode == 0, "\(run.errorText)")
    try folder.write(run.output, to: "report.json")
    return try JSONDecoder().decode(Report.self, from: Data(run.output))
  }

  @Test(arguments: AccessLogKind.allCases)
  func everyLineOfEveryFormatIsCounted(kind: AccessLogKind) throws {
    let place = try #require(AccessLogKind.allCases.firstIndex(of: kind))
    let capacity = CapacityLogKind.allCases[place % CapacityLogKind.allCases.count]
    let seed = UInt64(11 + place)
    let folder = try TemporaryFolder()
    let incident = SimulatedIncident(Self.plan(.capacityExhausted, seed: seed))
    let archive = SimulatedArchive(incident, access: kind, capacity: capacity)
    let report = try Self.report(archive, in: folder)
    let access = report.inputs.filter { $0.kind == "access" }
    #expect(access.count == archive.files.count { $0.path.hasPrefix("access/") })
    for input in access {
      #expect(input.format == kind.rawValue)
      let counted = try countLines(of: folder.path + "/logs/" + input.path)
      #expect(input.lines == counted, "\(input.path) of seed \(seed)")
      #expect(input.records == counted - kind.headerLines && input.rejected == 0)
    }
    #expect(report.services.reduce(0) { $0 + $1.requests } == archive.truth.total)
    #expect(report.services.reduce(0) { $0 + $1.failed } == archive.truth.failed)
  }

  @Test func `every mark of a simulated incident leads to its line`() throws {
    let folder = try TemporaryFolder()
    let incident = SimulatedIncident(Self.plan(.maxSizeReached, seed: 21))
    let archive = SimulatedArchive(incident, access: .awsALB, capacity: .clusterAutoscaler)
    let report = try Self.report(archive, in: folder)
    #expect(report.evidence.count > 5)
    for (id, entry) in report.evidence {
      let shown = try run(
        builtCommand(),
        ["show", folder.path + "/report.json", id, folder.path + "/logs", "--raw"])
      let line = try run(
        "/bin/sh",
        [
          "-c", "zcat -f -- \"$1\" | sed -n \"$2{p;q}\"", "line",
          folder.path + "/logs/" + entry.file, "\(entry.line)",
        ])
      #expect(shown.exitCode == 0)
      #expect(shown.output == line.output, "\(id)")
    }
  }

  @Test func `splitting and renaming files changes no number`() throws {
    let folder = try TemporaryFolder()
    let incident = SimulatedIncident(Self.plan(.capacityExhausted, seed: 31))
    let archive = SimulatedArchive(incident, access: .nginxTimed, capacity: .awsActivities)
    let whole = try Self.report(archive, in: folder)
    let other = try TemporaryFolder()
    var split = archive
    let log = try #require(archive.files.first { $0.path == "access/edge-1.log" })
    let middle = try #require(log.bytes[(log.bytes.count / 2)...].firstIndex(of: 0x0A)) + 1
    split.replace(log.path, with: Array(log.bytes[..<middle]), as: "access/a.log")
    split.replace("access/none.log", with: gzip(Array(log.bytes[middle...])), as: "z/b.txt")
    let parts = try Self.report(split, in: other)
    #expect(parts.services.map(\.requests) == whole.services.map(\.requests))
    #expect(parts.services.map(\.failed) == whole.services.map(\.failed))
    #expect(parts.incidents.map(\.cause) == whole.incidents.map(\.cause))
    #expect(parts.incidents.map(\.start) == whole.incidents.map(\.start))
  }

  @Test func `the same requests logged twice are told as one flow and not added`() throws {
    let folder = try TemporaryFolder()
    let incident = SimulatedIncident(Self.plan(.capacityExhausted, seed: 41))
    let inner = SimulatedArchive(incident, access: .combined, capacity: .awsActivities)
    let outer = SimulatedArchive(incident, access: .awsALB, capacity: .none)
    try inner.writeLogs(to: folder.path + "/logs/inner")
    try outer.writeLogs(to: folder.path + "/logs/outer")
    let run = try runBinary("report", folder.path + "/logs")
    #expect(run.exitCode == 0)
    #expect(
      run.outputText.contains("**One flow, two logs**"),
      "\(run.outputText.prefix(4_000))")
  }
}
