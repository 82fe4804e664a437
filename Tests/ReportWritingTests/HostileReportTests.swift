internal import FloodmarkTestSupport
internal import FoundationEssentials
internal import IncidentModel
import Testing

@testable internal import ReportWriting

/// Whole reports in which payloads stand wherever the logs' text can.
enum HostileReport {
  /// So many payloads a report.
  private static let batch = 12

  static let all: [AnalysisCase] = {
    let payloads = HostileCase.all.filter { $0.bytes.count < 65_536 }
    return stride(from: 0, to: payloads.count, by: batch).map { start in
      // All of one size, so that reports have one shape; the last begins a little earlier.
      let first = min(start, payloads.count - batch)
      let part = Array(payloads[first..<(first + batch)])
      return AnalysisCase("payloads from \(start)", analysis(part))
    }
  }()

  private static func analysis(_ payloads: [HostileCase]) -> Analysis {
    var analysis = SampleAnalysis.whole
    func payload(_ place: Int) -> HostileCase { payloads[place % payloads.count] }
    func text(_ place: Int, _ kind: LogText.Kind) -> LogText {
      LogText(bytes: payload(place).bytes, kind: kind)
    }
    func string(_ place: Int) -> String { String(decoding: payload(place).bytes, as: UTF8.self) }
    let service = string(0)
    analysis.services = [ServiceSummary(name: service, impact: SampleAnalysis.total)]
    analysis.series[0].service = service
    for place in 1..<payloads.count {
      var series = SampleAnalysis.series
      series.service = string(place)
      analysis.series.append(series)
      analysis.services.append(ServiceSummary(name: string(place), impact: SampleAnalysis.total))
    }
    analysis.incidents[0].service = service
    analysis.incidents[0].services = [service] + (1..<4).map(string)
    analysis.spikes[0].service = service
    analysis.capacity[0].services = [service]
    analysis.capacity[0].group = string(1)
    analysis.capacity[0].refusals[0].reason = .unknown(text(2, .message))
    analysis.spikes[0].composition.segments = (0..<8).map { place in
      Composition.Segment(
        dimension: ["route", "client_agent", "referrer_host", "service"][place % 4],
        value: text(place + 3, [.path, .agent, .name, .line][place % 4]), shareOfExcess: 0.1,
        baselineShare: 0.1, shareError: 0.01)
    }
    for place in analysis.timeline.indices {
      let kind: LogText.Kind = place % 2 == 0 ? .note : .message
      analysis.timeline[place].text = "\(log: text(place, kind)) came"
      analysis.timeline[place].group = string(place + 5)
    }
    for place in analysis.evidence.indices { analysis.evidence[place].quote = text(place, .line) }
    for place in analysis.inputs.indices {
      analysis.inputs[place].name = InputName(
        file: string(place + 4), member: place % 2 == 0 ? string(place + 7) : nil)
      analysis.inputs[place].problems = [
        InputProblem(kind: .corrupt, detail: "\(log: text(place + 2, .message)) was found", line: 3)
      ]
    }
    for place in analysis.incidents[0].findings.indices {
      analysis.incidents[0].findings[place].statement = "\(log: text(place, .message)) is told"
      analysis.incidents[0].findings[place].needs = ["\(log: text(place + 1, .name))"]
    }
    analysis.openQuestions[0].title = "Why \(log: text(6, .path)) fails"
    analysis.options.given = [string(8)]
    analysis.options.service = string(9)
    return analysis
  }

  /// A report of the same shape in which nothing is hostile.
  static let plain = AnalysisCase(
    "plain",
    analysis(
      (0..<batch).map { number in
        let word = "plain" + String(UnicodeScalar(UInt8(0x61 + number)))
        return HostileCase(file: "", kind: .name, bytes: Array(word.utf8), visible: word)
      }))
}

@Suite struct HostileReportTests {
  @Test func `no payload is left out`() {
    #expect(HostileReport.all.count >= 8)
  }

  @Test(arguments: HostileReport.all)
  func `a page holds no markup of a payload's`(_ case: AnalysisCase) throws {
    expectInertPage(try `case`.file("report.html"))
  }

  @Test(arguments: HostileReport.all)
  func `a drawing holds no markup of a payload's`(_ case: AnalysisCase) throws {
    #expect(`case`.drawings.count == 3)
    for drawing in `case`.drawings {
      try expectInert(drawing.text, drawing.name)
      let wanted = try #require(HostileReport.plain.drawings.first { $0.name == drawing.name })
      let content = try #require(DrawingContent(drawing.text))
      let other = try #require(DrawingContent(wanted.text))
      #expect(content.elements.map(\.name) == other.elements.map(\.name))
    }
  }

  @Test(arguments: HostileReport.all)
  func `tables stay tables and lines stay lines`(_ case: AnalysisCase) throws {
    for name in ["timeline.csv", "series.csv"] {
      let text = try `case`.file(name)
      expectPlainTable(text)
      let rows = try HostileReport.plain.file(name)
      #expect(text.utf8.filter { $0 == 0x0a }.count == rows.utf8.filter { $0 == 0x0a }.count)
    }
    for name in ["timeline.jsonl", "evidence.ndjson"] {
      for line in try `case`.file(name).split(separator: "\n") {
        #expect(throws: Never.self) {
          try JSONDecoder().decode(JSONTree.self, from: Data(line.utf8))
        }
      }
    }
    let metrics = try `case`.file("metrics.openmetrics")
    let sample = /[a-z0-9_]+\{service="(?:[^"\\]|\\["\\n])*"\} [0-9.e+-]+ [0-9]+/
    for line in metrics.split(separator: "\n").enumerated().filter({ $0.offset % 61 == 5 }) {
      let isSample = try sample.wholeMatch(in: line.element) != nil
      #expect(isSample || line.element.hasPrefix("# "), "\(line.element)")
    }
  }

  @Test(arguments: HostileReport.all)
  func `nothing that a terminal obeys is in any file`(_ case: AnalysisCase) {
    for file in `case`.files {
      let bad = file.text.unicodeScalars.filter { scalar in
        (scalar.value < 0x20 && scalar != "\n") || (0x7f...0x9f).contains(scalar.value)
          || scalar.properties.generalCategory == .format
          || scalar.properties.generalCategory == .lineSeparator
      }
      #expect(bad.isEmpty, "\(file.name)")
    }
  }

  private static let allowed: Set<String> = [
    "h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "strong", "em", "code",
    "pre", "a", "ul", "li", "details", "summary",
  ]

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cmark-gfm")),
    arguments: HostileReport.all)
  func `a Markdown renderer finds our own elements alone`(_ case: AnalysisCase) throws {
    func elements(_ text: String) throws -> [String] {
      let html = try run(
        "/usr/bin/cmark-gfm",
        ["--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "-e", "tasklist"],
        input: Array(text.utf8)
      ).outputText
      return html.split(separator: "<").dropFirst(html.hasPrefix("<") ? 0 : 1).map {
        String($0.prefix { !" >/".contains($0) })
      }.filter { !$0.isEmpty }
    }
    for name in ["report.md", "summary.md"] {
      let text = try `case`.file(name)
      let found = try elements(text)
      #expect(Self.allowed.isSuperset(of: found), "\(Set(found).subtracting(Self.allowed))")
      // Links are ours, and there are as many as where nothing is hostile.
      let plain = try elements(try HostileReport.plain.file(name))
      for element in ["a", "table", "tr", "h1", "h2", "h3", "li", "strong"] {
        #expect(
          found.filter { $0 == element }.count == plain.filter { $0 == element }.count, "\(element)"
        )
      }
    }
  }
}
