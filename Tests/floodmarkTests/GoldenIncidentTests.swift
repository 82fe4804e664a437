import FloodmarkTestSupport
import Foundation
import Testing

/// The reports in `Reports/`, byte for byte; `make golden` writes them anew.
struct GoldenIncidentTests {
  private static let reports = Fixture.packageRoot + "/Reports"
  private static let records = ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1"
  /// Bytes of a `report.json` that is kept.
  private static let longestJSON = 100_000

  /// The files of a folder that are kept, by their path in it.
  private static func files(in folder: String) throws -> [String: Data] {
    let found = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    var files: [String: Data] = [:]
    for name in found where !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
      guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
      let bytes = try Data(contentsOf: URL(filePath: folder + "/" + name))
      if name.hasSuffix("report.json") && bytes.count > longestJSON { continue }
      files[name] = bytes
    }
    return files
  }

  /// Holds what was written against what is kept, or keeps it.
  private static func hold(_ made: String, against name: String) throws {
    let kept = reports + "/" + name
    let got = try files(in: made)
    #expect(!got.isEmpty)
    if records {
      try? FileManager.default.removeItem(atPath: kept)
      for (name, bytes) in got { try write(Array(bytes), to: kept + "/" + name) }
      return
    }
    let want = try files(in: kept)
    #expect(Set(got.keys) == Set(want.keys), "\(name)")
    for (file, bytes) in want.sorted(by: { $0.key < $1.key }) where got[file] != bytes {
      let lines = [bytes, got[file] ?? Data()].map {
        String(decoding: $0, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      }
      let place = zip(lines[0], lines[1]).enumerated().first { $0.element.0 != $0.element.1 }
      Issue.record(
        "\(name)/\(file), line \((place?.offset ?? 0) + 1)\nwant \(place?.element.0.prefix(300) ?? "")\ngot  \(place?.element.1.prefix(300) ?? "")\n'make golden' writes it anew; read the difference"
      )
    }
  }

  @Test(arguments: GoldenIncident.all)
  func `a simulated incident gives its golden report`(_ incident: GoldenIncident) throws {
    let folder = try TemporaryFolder()
    for archive in incident.archives {
      try archive.make().writeLogs(to: folder.path + "/logs/" + archive.folder)
    }
    let made = folder.path + "/made"
    let formats = ["--format", incident.isBatch ? "markdown" : "markdown,json,summary,svg"]
    let arguments =
      incident.isBatch
      ? ["batch", folder.path + "/logs"] : ["report", folder.path + "/logs/archive"]
    let run = try run(
      builtCommand(), arguments + ["--output", made] + formats + incident.options)
    #expect(run.exitCode == 0, "\(run.errorText)")
    try Self.hold(made, against: incident.name)
  }

  @Test func `the shipped incident gives its golden report`() throws {
    let folder = try TemporaryFolder()
    let run = try ReportTests.report(
      [Fixture.primeDay] + ReportTests.window + [
        "--format", "markdown,json,summary,svg", "--output", folder.path,
      ])
    #expect(run.exitCode == 0, "\(run.errorText)")
    try Self.hold(folder.path, against: "prime-day-2018")
  }
}
