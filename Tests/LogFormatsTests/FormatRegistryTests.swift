import IncidentModel
import Testing

@testable import LogFormats

@Suite struct FormatRegistryTests {
  @Test func `formats are sorted by name and no name occurs twice`() {
    let access = FormatRegistry.access.map { $0.name }
    let capacity = FormatRegistry.capacity.map { $0.name }
    #expect(access == access.sorted())
    #expect(capacity == capacity.sorted())
    #expect(Set(access + capacity).count == access.count + capacity.count)
  }

  @Test func `every format has a script and every script a format`() {
    #expect(FormatScript.names == FormatRegistry.names)
  }

  @Test(arguments: FormatRegistry.names) func `a format reads its own example`(
    _ name: String
  ) throws {
    switch try #require(FormatRegistry.format(named: name)) {
    case .access(let format):
      var context = AccessContext()
      let lines = format.example.split(separator: "\n").map { Array($0.utf8) }
      for line in lines {
        if line.first == UInt8(ascii: "#") {
          context.directives.note(line.span)
          continue
        }
        var record = AccessRecord()
        #expect(throws: Never.self) { try format.parse(line.span, in: &context, into: &record) }
      }
      #expect(!format.summary.isEmpty && format.summary.utf8.count <= 80)
    case .capacity(let format):
      #expect(!format.summary.isEmpty && format.summary.utf8.count <= 80)
    }
  }

  @Test(arguments: FormatRegistry.names)
  func `the lines of a script are claimed by its format alone`(_ name: String) throws {
    let lines = try FormatScript(named: name).acceptedLines
    if lines.isEmpty { return }
    let (end, sink) = readMember(lines.flatMap { $0 + [UInt8(ascii: "\n")] })
    #expect(end.format == name)
    #expect(sink.rejected.isEmpty)
    #expect(end.confidence >= Detection.threshold)
  }

  @Test(arguments: FormatRegistry.names) func `a file of a single line is recognised`(
    _ name: String
  ) throws {
    guard case .access(let format)? = FormatRegistry.format(named: name) else { return }
    #expect(readMember(format.example).end.format == name)
    #expect(readMember(format.example + "\n").end.format == name)
  }

  @Test(
    arguments: [
      ("combind", "combined"), ("aws_alb", "aws-alb"), ("nginx-time", "nginx-timed"),
      ("json", nil), ("", nil), (String(repeating: "x", count: 10_000), nil),
    ] as [(String, String?)]) func suggestion(_ name: String, _ expected: String?)
  {
    #expect(FormatRegistry.suggestion(for: name) == expected)
  }
}
