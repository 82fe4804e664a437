import ArchiveInput
import FloodmarkTestSupport
import IncidentModel
import Testing
import TrafficTally

@testable import Pipeline

/// Halves of W3C extended logs, which have no `#Fields:` of their own.
@Suite struct ColumnSeriesTests {
  /// More columns than IIS writes unless it is told to.
  private static let wide = "date time s-ip cs-method cs-uri-stem c-ip sc-status cs-host time-taken"
  private static let swapped =
    "date time c-ip cs-method cs-uri-stem s-ip sc-status cs-host time-taken"

  private static func lines(_ minutes: Range<Int>) -> String {
    minutes.map {
      "2018-10-16 10:\($0 < 10 ? "0" : "")\($0):00 192.0.2.10 GET /cart 203.0.113.\($0) 503 shop.example.com 123\r\n"
    }.joined()
  }

  private static func file(_ fields: String, _ minutes: Range<Int>) -> String {
    "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: \(fields)\r\n"
      + lines(minutes)
  }

  private func rows(
    _ files: [(String, String)], forced: [ForcedFormat] = []
  ) async throws -> [InputSummary] {
    let folder = try TemporaryFolder()
    for (name, text) in files { try folder.write(Array(text.utf8), to: name) }
    var options = ReadingOptions()
    options.paths = [folder.path]
    options.forcedFormats = forced
    let read = try await Reading(options: options, meter: ReadMeter()).view().inputs
    let shown = try await Inspection(options: options, meter: ReadMeter()).rows().map(\.summary)
    #expect(read.map(\.records) == shown.map(\.records))
    #expect(read.map(\.format) == shown.map(\.format))
    return read
  }

  @Test func `the second half borrows the columns of its series, and that is said`() async throws {
    let found = try await rows([
      ("u_ex181016.log", Self.file(Self.wide, 0..<10)),
      ("u_ex181016_x.log", Self.lines(10..<30)),
    ])
    #expect(found.map(\.records) == [10, 20] && found.map(\.format) == ["iis", "iis"])
    #expect(found[0].problems.isEmpty)
    #expect(found[1].problems.map(\.kind) == [.ambiguousFormat])
  }

  @Test func `a set that does not fit is not borrowed, and the way out is named`() async throws {
    let found = try await rows([
      ("u_ex181016.log", Self.file("date time c-ip sc-status", 0..<0)),
      ("u_ex181016_x.log", Self.lines(10..<30)),
    ])
    #expect(found[1].records == 0 && found[1].format == nil)
    #expect("\(found[1].problems.map(\.detail))".contains("#Fields"))
  }

  @Test func `of two sets that fit none is borrowed`() async throws {
    let found = try await rows([
      ("u_ex181015.log", Self.file(Self.wide, 0..<10)),
      ("u_ex181016.log", Self.file(Self.swapped, 0..<10)),
      ("u_ex181017.log", Self.lines(10..<30)),
    ])
    #expect(found.map(\.records) == [10, 10, 0])
  }

  @Test func `another folder and another series lend nothing`() async throws {
    let found = try await rows([
      ("a/u_ex181016.log", Self.file(Self.wide, 0..<10)),
      ("b/u_ex181017.log", Self.lines(10..<30)),
      ("a/other181017.log", Self.lines(10..<30)),
    ])
    #expect(found.map(\.records).sorted() == [0, 0, 10])
  }

  @Test func `columns can be given`() async throws {
    let given = ForcedFormat(option: "*_x.log=#Fields: \(Self.wide)")
    let found = try await rows(
      [("u_ex181016_x.log", Self.lines(10..<30))], forced: [try #require(given)])
    #expect(found.map(\.records) == [20])
    #expect(formatStringProblem("#Fields: date time c-ip") != nil)
    #expect(formatStringProblem("#Fields: \(Self.wide)") == nil)
  }
}
