internal import FloodmarkTestSupport
internal import FoundationEssentials
internal import IncidentModel
import Testing

@testable internal import ReportWriting

extension AnalysisCase {
  func file(_ name: String) throws -> String {
    try #require(files.first { $0.name == name }, "\(name)").text
  }
}

/// Reads RFC 4180 back: rows of fields.
enum CSVRows {
  static func read(_ text: String) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\"") {
        if isQuoted && index < bytes.count && bytes[index] == byte {
          field.append(byte)
          index += 1
        } else {
          isQuoted.toggle()
        }
      } else if isQuoted || (byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\n")) {
        field.append(byte)
      } else {
        row.append(String(decoding: field, as: UTF8.self))
        field = []
        if byte == UInt8(ascii: "\n") {
          rows.append(row)
          row = []
        }
      }
    }
    return rows
  }
}

/// Shows that a table has rows of one width and no field that a spreadsheet would compute.
func expectPlainTable(_ text: String) {
  let rows = CSVRows.read(text)
  #expect(Set(rows.map(\.count)).count == 1)
  let starts = Set("=+-@\t\r\n＝＋－＠".unicodeScalars)
  let formulas = rows.joined().filter { $0.unicodeScalars.first.map(starts.contains) ?? false }
  #expect(formulas.isEmpty)
}

@Suite struct ExportTests {
  @Test(arguments: AnalysisCase.all)
  func `the timeline is what Timesketch imports`(_ case: AnalysisCase) throws {
    let text = try `case`.file("timeline.csv")
    expectPlainTable(text)
    let rows = CSVRows.read(text)
    #expect(rows[0].prefix(3) == ["message", "datetime", "timestamp_desc"])
    let timeline = `case`.analysis.timeline
    #expect(rows.count == timeline.count + 1)
    let lines = try `case`.file("timeline.jsonl").split(separator: "\n")
    #expect(lines.count == timeline.count)
    for (index, line) in lines.enumerated().prefix(200) {
      let entry = try JSONDecoder().decode(JSONTree.self, from: Data(line.utf8))
      #expect(entry["datetime"] == .string(Clock.rfc3339(timeline[index].time)))
      #expect(entry["timestamp_desc"] == .string(rows[index + 1][2]))
      guard case .string(let message) = entry["message"] else {
        Issue.record("no message in \(line)")
        continue
      }
      #expect(rows[index + 1][0] == message || rows[index + 1][0] == "'" + message)
      #expect(!message.isEmpty && !rows[index + 1][2].isEmpty)
    }
  }

  @Test(arguments: AnalysisCase.all)
  func `the table of series adds up to the analysis`(_ case: AnalysisCase) throws {
    let text = try `case`.file("series.csv")
    expectPlainTable(text)
    let rows = CSVRows.read(text).dropFirst()
    for (column, path) in [(3, \ServiceSeries.requests), (4, \.failed), (5, \.repeats)] {
      let sum = rows.compactMap { Int($0[column]) }.reduce(0, +)
      let wanted = `case`.analysis.series.flatMap { $0[keyPath: path] }.compactMap { $0 }
      #expect(sum == wanted.reduce(0, +))
      #expect(rows.filter { !$0[column].isEmpty }.count == wanted.count)
    }
  }

  @Test(arguments: AnalysisCase.all)
  func `evidence is a line each, as the JSON has it`(_ case: AnalysisCase) throws {
    let lines = try `case`.file("evidence.ndjson").split(separator: "\n")
    #expect(lines.count == `case`.analysis.evidence.count)
    let json = try `case`.file("report.json")
    // The largest repeats the sample's lines.
    guard json.utf8.count < 1_000_000 else { return }
    let report = try JSONDecoder().decode(JSONTree.self, from: Data(json.utf8))
    for (index, line) in lines.enumerated().prefix(200) {
      let item = try JSONDecoder().decode(JSONTree.self, from: Data(line.utf8))
      #expect(item["id"] == .string("E\(index + 1)"))
      let wanted = try #require(report["evidence"]?["E\(index + 1)"])
      for name in ["file", "member", "line", "offset", "time", "quote"] {
        #expect(item[name] == wanted[name], "\(name)")
      }
    }
  }

  @Test(arguments: AnalysisCase.all)
  func `metrics follow their grammar and count what the analysis counts`(
    _ case: AnalysisCase
  ) throws {
    let text = try `case`.file("metrics.openmetrics")
    #expect(text.hasSuffix("# EOF\n"))
    let sample = /[a-z0-9_]+\{service="(?:[^"\\]|\\["\\n])*"\} -?[0-9.e+-]+ [0-9]+/
    var last: [String: Double] = [:]
    var checked = 0
    for line in text.split(separator: "\n") where !line.hasPrefix("# ") {
      checked += 1
      if checked <= 300 || checked % 97 == 0 {
        #expect(try sample.wholeMatch(in: line) != nil, "\(line)")
      }
      let words = line.split(separator: " ")
      let key = words.dropLast(2).joined(separator: " ")
      let value = try #require(Double(words[words.count - 2]))
      if let before = last[key], key.contains("_total{"), value < before {
        Issue.record("a counter falls: \(line)")
      }
      last[key] = value
    }
    let sums = last.filter { $0.key.hasPrefix("floodmark_requests_total") }.values.reduce(0, +)
    let wanted = `case`.analysis.series.flatMap(\.requests).compactMap { $0 }.reduce(0, +)
    #expect(Int(sums) == wanted)
  }

  private static let promtool = "/usr/bin/promtool"

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: promtool)))
  func `Prometheus makes blocks of the metrics`() throws {
    for name in ["the sample", "gaps", "hostile names", "no incident"] {
      let `case` = try #require(AnalysisCase.all.first { $0.name == name })
      let folder = try TemporaryFolder()
      let path = try folder.write(try `case`.file("metrics.openmetrics"), to: "in.txt")
      let made = try run(
        Self.promtool, ["tsdb", "create-blocks-from", "openmetrics", path, folder.path + "/out"])
      #expect(made.exitCode == 0, "\(name): \(made.errorText)")
    }
  }

  @Test(arguments: [
    ("=1+1", "\"'=1+1\""), ("a\"b", "\"a\"\"b\""), ("＝x", "\"'＝x\""), ("", "\"\""),
    ("a,b", "\"a,b\""),
    ("-5", "\"'-5\""), ("=\u{301}", "\"'=\u{301}\""),
  ])
  func `a field is quoted and never a formula`(text: String, field: String) {
    #expect(Array(CSVText.escaped(text).utf8) == Array(field.utf8))
  }

  @Test func `services that are masked alike stay apart in the metrics`() throws {
    var analysis = SampleAnalysis.whole
    for mail in ["anna@example.com", "bob@example.com"] {
      var series = SampleAnalysis.series
      series.service = mail
      analysis.series.append(series)
    }
    let report = ReportWriter.write(
      analysis, options: sampleOptions(), formats: [.openmetrics])
    let text = String(decoding: report.files[0].bytes, as: UTF8.self)
    #expect(text.contains("{service=\"‹email›\"}"))
    #expect(text.contains("{service=\"‹email› (2)\"}"))
  }
}
