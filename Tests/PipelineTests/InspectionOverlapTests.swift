import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import Pipeline

@Suite struct InspectionOverlapTests {
  /// Lines of different clients and targets, one a second.
  private static func lines(_ range: Range<Int>) -> String {
    range.map { number in
      let (minute, second) = (number / 60 % 60, number % 60)
      let clock = "1\(number / 3_600):\(minute / 10)\(minute % 10):\(second / 10)\(second % 10)"
      return
        "198.51.100.\(number % 250) - - [16/Jul/2018:\(clock) +0000] \"GET /item/\(number) HTTP/1.1\" 200 \(100 + number) \"-\" \"curl/8.5\"\n"
    }.joined()
  }

  private func problems(_ files: [(String, Range<Int>)]) async throws -> [[String]] {
    let folder = try TemporaryFolder()
    for (name, range) in files { try folder.write(Array(Self.lines(range).utf8), to: name) }
    var options = ReadingOptions()
    options.paths = [folder.path]
    let rows = try await Inspection(options: options, meter: ReadMeter()).rows()
    return rows.map { $0.summary.problems.map { "\($0.kind): \($0.detail)" } }
  }

  @Test func `inputs that share lines are named, as the report names them`() async throws {
    let found = try await problems([("a.log", 0..<4_000), ("b.log", 2_000..<8_000)])
    #expect(found.count == 2 && found[1].isEmpty)
    #expect(found[0].count == 1)
    #expect(found[0].first?.contains("may be counted twice") == true)
  }

  @Test func `a copy is told from an overlap`() async throws {
    let found = try await problems([("a.log", 0..<4_000), ("b.log", 0..<4_000)])
    #expect(found[0].isEmpty)
    #expect(found[1].first?.contains("all of its lines seem to stand in") == true)
  }

  @Test func `logs that follow each other share nothing`() async throws {
    let found = try await problems([("a.log", 0..<4_000), ("b.log", 4_000..<8_000)])
    #expect(found == [[], []])
  }
}
