internal import FloodmarkTestSupport
internal import FoundationEssentials
import Testing

@testable internal import ReportWriting

@Suite(.enabled(if: SchemaCheck.isPossible)) struct SchemaTests {
  private static func faults(_ paths: [String]) throws -> String {
    try SchemaCheck.faults("report-1.schema.json", paths)
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
