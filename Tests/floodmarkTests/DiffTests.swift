import FloodmarkTestSupport
import Foundation
import Testing

/// `floodmark diff`.
struct DiffTests {
  private static let golden = Fixture.packageRoot + "/Reports/prime-day-2018/report.json"

  private static func edited(
    _ changes: (inout [String: Any]) -> Void
  ) throws -> [UInt8] {
    let bytes = try Data(contentsOf: URL(filePath: golden))
    var report = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    changes(&report)
    return [UInt8](try JSONSerialization.data(withJSONObject: report))
  }

  private static func diff(_ arguments: [String]) throws -> CommandRun {
    try run(builtCommand(), ["diff"] + arguments)
  }

  @Test func `a report does not differ from itself`() throws {
    let done = try Self.diff([Self.golden, Self.golden, "--exit-code"])
    #expect(done.exitCode == 0)
    #expect(done.outputText.contains("No difference."))
    let json = try Self.diff([Self.golden, Self.golden, "--format", "json"])
    let read = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output)) as? [String: Any])
    #expect(read["same"] as? Bool == true)
    #expect(read["schema"] as? String == "floodmark.diff/1")
  }

  @Test func `what changed is told with both values, what is missing as not told`() throws {
    let folder = try TemporaryFolder()
    let other = try Self.edited { report in
      var incidents = report["incidents"] as? [[String: Any]] ?? []
      incidents[0]["cause"] = "max-size-reached"
      var impact = incidents[0]["impact"] as? [String: Any] ?? [:]
      impact["failed"] = 1_234
      impact["clients_affected"] = nil
      incidents[0]["impact"] = impact
      report["incidents"] = incidents
      report["capacity"] = nil
    }
    let path = try folder.write(other, to: "b.json")
    let done = try Self.diff([Self.golden, path])
    #expect(done.exitCode == 0)
    #expect(done.outputText.contains("capacity-exhausted → max-size-reached"))
    #expect(done.outputText.contains("33,049 → 1,234"))
    #expect(done.outputText.contains("5,628 → not told"))
    #expect(done.outputText.contains("0.751 requests/s → not told"))
    #expect(try Self.diff([Self.golden, path, "--exit-code"]).exitCode == 1)
    let json = try Self.diff([path, Self.golden, "--format", "json"])
    #expect(json.outputText.contains("\"impact.failed\""))
  }

  @Test(.enabled(if: SchemaCheck.isPossible))
  func `what programs get is as the schema says, member for member`() throws {
    let folder = try TemporaryFolder()
    let reports = ["prime-day-2018", "quota", "retry-storm", "three-tenants/library"].map {
      Fixture.packageRoot + "/Reports/\($0)/report.json"
    }
    var paths: [String] = []
    for (a, b) in [(0, 0), (0, 1), (1, 2), (2, 3), (3, 0)] {
      let done = try Self.diff([reports[a], reports[b], "--format", "json"])
      #expect(done.exitCode == 0)
      paths.append(try folder.write(done.output, to: "\(a)-\(b).json"))
    }
    let faults = try SchemaCheck.faults("diff-1.schema.json", paths)
    #expect(faults.isEmpty, "\(faults.prefix(2000))")
    let text = String(decoding: try folder.read("0-1.json"), as: UTF8.self)
    for (old, new) in [("\"field\"", "\"name\""), ("\"same\": false", "\"same\": 0")] {
      #expect(text.contains(old))
      let path = try folder.write(text.replacing(old, with: new, maxReplacements: 1), to: "x.json")
      #expect(try !SchemaCheck.faults("diff-1.schema.json", [path]).isEmpty, "\(new)")
    }
  }

  @Test func `last year's outage is held against this year's by order`() throws {
    let folder = try TemporaryFolder()
    let other = try Self.edited { report in
      var incidents = report["incidents"] as? [[String: Any]] ?? []
      incidents[0]["start"] = "2019-07-15T18:00:00Z"
      incidents[0]["end"] = "2019-07-15T18:30:00Z"
      incidents[0]["service"] = "another"
      report["incidents"] = incidents
    }
    let path = try folder.write(other, to: "b.json")
    let done = try Self.diff([Self.golden, path])
    #expect(done.outputText.contains("at other times"))
    #expect(done.outputText.contains("1 h 27 min 33 s → 30 min"))
    #expect(!done.outputText.contains("Only in"))
    let incidents = try Self.edited { $0["incidents"] = [] as [Any] }
    let none = try folder.write(incidents, to: "c.json")
    let alone = try Self.diff([Self.golden, none])
    #expect(alone.outputText.contains("Only in A"))
  }

  @Test func `hostile text comes through no door unescaped`() throws {
    let folder = try TemporaryFolder()
    let other = try Self.edited { report in
      var incidents = report["incidents"] as? [[String: Any]] ?? []
      incidents[0]["cause"] = "\u{1B}[31mred\u{7}\u{202E}\nOnly in B"
      incidents[0]["end_state"] = String(repeating: "x", count: 10_000)
      report["incidents"] = incidents
    }
    let path = try folder.write(other, to: "b.json")
    for format in ["text", "json"] {
      let done = try Self.diff([Self.golden, path, "--format", format])
      #expect(done.exitCode == 0)
      let scalars = done.outputText.unicodeScalars
      #expect(scalars.allSatisfy { ($0.value >= 0x20 || $0 == "\n") && $0.value != 0x202E })
      #expect(!done.outputText.contains("\nOnly in B"))
      #expect(done.outputText.utf8.count < 30_000)
    }
  }

  @Test func `what is no report is refused in words`() throws {
    let folder = try TemporaryFolder()
    let deep = String(repeating: "[", count: 100_000)
    for (index, text) in [
      "", "{}", "[]", "{\"schema\": 3}", deep, "{\"schema\":\"other/1\"}", "\u{0}",
    ]
    .enumerated() {
      let path = try folder.write(text, to: "\(index).json")
      let done = try Self.diff([Self.golden, path])
      #expect(done.exitCode == 1, "\(text.prefix(20))")
      #expect(done.errorText.contains("is not a report"))
    }
    #expect(try Self.diff([Self.golden, folder.path + "/none.json"]).exitCode == 1)
  }
}
