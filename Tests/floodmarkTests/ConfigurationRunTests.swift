import FloodmarkTestSupport
import Foundation
import Testing

/// `--config FILE`, and the `floodmark.yaml` that a folder brings.
struct ConfigurationRunTests {
  private func json(_ run: CommandRun) throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(run.output)) as? [String: Any],
      "\(run.errorText)")
  }

  private func options(_ run: CommandRun) throws -> [String: Any] {
    try #require(try json(run)["options"] as? [String: Any])
  }

  @Test func `a file settles what the options leave open, and the report says so`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(), to: "logs/web.log")
    try folder.write("slo: 95\nservice-by: member\n", to: "ops.yaml")
    let logs = folder.path + "/logs"
    let config = ["--config", folder.path + "/ops.yaml", "--format", "json"]
    let run = try ReportTests.report([logs] + config)
    #expect(try options(run)["objective"] as? Double == 0.95)
    #expect(
      try options(run)["given"] as? [String]
        == ["--config ops.yaml (--service-by member --slo 95.0)"])
    let services = try #require(try json(run)["services"] as? [[String: Any]])
    #expect(services.first?["name"] as? String == "web.log")
    let over = try ReportTests.report([logs] + config + ["--slo", "90", "--service-by", "host"])
    #expect(try options(over)["objective"] as? Double == 0.9)
  }

  @Test func `a folder's own file is used, said, and no input`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(), to: "logs/web.log")
    try folder.write("slo: 95\n", to: "logs/floodmark.yaml")
    let run = try ReportTests.report([folder.path + "/logs", "--format", "json"])
    #expect(try options(run)["objective"] as? Double == 0.95)
    #expect(
      try options(run)["given"] as? [String] == ["floodmark.yaml of the folder (--slo 95.0)"])
    let inputs = try #require(try json(run)["inputs"] as? [[String: Any]])
    #expect(inputs.compactMap { $0["path"] as? String } == ["web.log"])
    // Of several PATHs none speaks for the others.
    try folder.write(ReportTests.lines(), to: "more/web-2.log")
    let two = try ReportTests.report(
      [folder.path + "/logs", folder.path + "/more", "--format", "json"])
    #expect(try options(two)["objective"] as? Double == 0.999)
  }

  @Test func `each folder of a batch has its own`() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b", "c"] {
      try folder.write(ReportTests.lines(), to: "root/\(name)/web.log")
    }
    try folder.write("slo: 95\n", to: "root/a/floodmark.yaml")
    try folder.write("slo: wrong\n", to: "root/c/floodmark.yaml")
    let run = try BatchTests.batch(folder.path + "/root", folder.path + "/out")
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("c: no report: "))
    #expect(run.errorText.contains("line 1: 'slo' wants a percentage"))
    for (name, objective) in [("a", 0.95), ("b", 0.999)] {
      let data = Data(try folder.read("out/\(name)/report.json"))
      let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let options = try #require(json["options"] as? [String: Any])
      #expect(options["objective"] as? Double == objective)
    }
  }

  @Test func `a file that can't be used is an error with its line`() throws {
    let folder = try TemporaryFolder()
    try folder.write(ReportTests.lines(), to: "logs/web.log")
    try folder.write("slo: 95\nlog-format: combined\n", to: "ops.yaml")
    let run = try ReportTests.report(
      [folder.path + "/logs", "--config", folder.path + "/ops.yaml"])
    #expect(run.exitCode == 1)
    #expect(run.errorText.contains("ops.yaml', line 2: 'log-format' is no key here."))
    #expect(try ReportTests.report([folder.path + "/logs", "--config"]).exitCode == 64)
    let none = try ReportTests.report([folder.path + "/logs", "--config", "/nowhere.yaml"])
    #expect(none.exitCode == 1)
    #expect(none.errorText.contains("/nowhere.yaml"))
  }

  @Test func `inspect reads the formats of a folder's own file`() throws {
    let folder = try TemporaryFolder()
    try folder.write("17:31 the shop is slow\n", to: "logs/said.txt")
    try folder.write("log-formats: [{path: '*.txt', format: notes}]\n", to: "logs/floodmark.yaml")
    let run = try runBinary("inspect", folder.path + "/logs")
    #expect(run.outputText.contains("notes"))
    #expect(!run.outputText.contains("floodmark.yaml"))
  }
}
