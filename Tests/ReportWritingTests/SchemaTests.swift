internal import FloodmarkTestSupport
internal import FoundationEssentials
import Testing

@testable internal import ReportWriting

private let python = "/usr/bin/python3"

/// Whether the validator of JSON Schema is there: Debian's `python3-jsonschema`.
private let hasValidator: Bool =
  FileManager.default.isExecutableFile(atPath: python)
  && (try? run(python, ["-c", "import jsonschema"]))?.exitCode == 0

@Suite(.enabled(if: hasValidator)) struct SchemaTests {
  /// Validates as published, then with every object closed, so that a member that the schema does not name is found.
  private static let script = """
    import json, sys, jsonschema
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    closed = json.loads(json.dumps(schema))
    def close(node):
        if isinstance(node, dict):
            if "properties" in node:
                node["additionalProperties"] = False
            for value in node.values():
                close(value)
        elif isinstance(node, list):
            for value in node:
                close(value)
    close(closed)
    for path in sys.argv[2:]:
        report = json.load(open(path))
        for form in (schema, closed):
            for error in jsonschema.Draft202012Validator(form).iter_errors(report):
                print(path, list(error.absolute_path), error.message[:200])
    """

  private static func faults(_ paths: [String]) throws -> String {
    let schema = Fixture.packageRoot + "/Schemas/report-1.schema.json"
    let done = try run(python, ["-c", script, schema] + paths)
    #expect(done.exitCode == 0, "\(done.errorText)")
    return done.outputText
  }

  @Test func `generated reports are as the schema says, member for member`() throws {
    let folder = try TemporaryFolder()
    var paths = [Fixture.packageRoot + "/Reports/prime-day-2018/report.json"]
    for (index, `case`) in (AnalysisCase.all + HostileReport.all).enumerated() {
      let text = try `case`.file("report.json")
      // The largest repeats the sample's members some hundred times.
      guard text.utf8.count < 1_000_000 else { continue }
      paths.append(try folder.write(text, to: "\(index).json"))
    }
    let faults = try Self.faults(paths)
    #expect(faults.isEmpty, "\(faults.prefix(2000))")
  }

  @Test func `a report of another shape is told apart`() throws {
    let folder = try TemporaryFolder()
    let text = try AnalysisCase.all[0].file("report.json")
    for (old, new) in [
      ("\"likelihood\": 0.97", "\"likelihood\": 1.7"), ("\"verdict\"", "\"result\""),
      ("\"max_size_source\": \"E6\"", "\"max_size_source\": \"line 6\""),
      ("\"version\":", "\"more\": 1, \"version\":"),
    ] {
      #expect(text.contains(old))
      let path = try folder.write(text.replacing(old, with: new, maxReplacements: 1), to: "x.json")
      #expect(try Self.faults([path]).isEmpty == false, "\(new)")
    }
  }
}
