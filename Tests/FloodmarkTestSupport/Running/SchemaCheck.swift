internal import FoundationEssentials

/// Documents held against a published schema by a validator that others keep: Debian's `python3-jsonschema`.
package enum SchemaCheck {
  private static let python = "/usr/bin/python3"

  /// Whether the validator is there.
  package static let isPossible: Bool =
    FileManager.default.isExecutableFile(atPath: python)
    && (try? run(python, ["-c", "import jsonschema"]))?.exitCode == 0

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

  /// What of the files is not as the schema says, a line each; what the validator itself says where it fails.
  package static func faults(_ schema: String, _ paths: [String]) throws -> String {
    let done = try run(
      python, ["-c", script, Fixture.packageRoot + "/Schemas/" + schema] + paths)
    return done.exitCode == 0 ? done.outputText : "failed: " + done.errorText
  }
}
