import IncidentModel
import Testing

@testable import LogFormats

private func combined(second: Int, status: Int = 200) -> String {
  let digits = second < 10 ? "0\(second)" : "\(second)"
  return
    "203.0.113.7 - - [05/Mar/2024:14:03:\(digits) +0000] \"GET /cart HTTP/1.1\" \(status) 5316 \"-\" \"curl/8.5\""
}

private func balancer(second: Int) -> String {
  AwsAlb.example.replacing("14:03:22.186641Z", with: "14:03:\(10 + second).186641Z")
}

@Suite struct LogReaderTests {
  @Test func `a member in blocks of any width is read the same`() {
    let text =
      "\u{FEFF}# a header\r\n" + combined(second: 1) + "\r\n\n" + combined(second: 2)
      + "\nnot a request\n" + combined(second: 3) + "\n" + combined(second: 4)
    let whole = readMember(text)
    #expect(whole.sink.records == 4)
    #expect(whole.sink.passed == 2)
    #expect(whole.sink.rejected.map(\.position.line) == [5])
    #expect(whole.end.lines == 7)
    for width in 1...text.utf8.count {
      #expect(readMember(text, width: width).sink.told == whole.sink.told, "width \(width)")
    }
  }

  @Test func `a long member in blocks of any width is read the same`() {
    let lines = (0..<1_500).map { $0 % 100 == 7 ? "noise" : combined(second: $0 % 60) }
    let text = lines.joined(separator: "\n")
    let whole = readMember(text)
    #expect(whole.sink.records == 1_485)
    #expect(whole.end.lines == 1_500)
    for width in [1, 7, 100, 4_096, 65_535, 65_536, 65_537] {
      #expect(readMember(text, width: width).sink.told == whole.sink.told, "width \(width)")
    }
  }

  @Test func `numbers and offsets name the line`() throws {
    let text = combined(second: 1) + "\r\n\nnoise\n" + combined(second: 2) + "\n"
    let sink = readMember(text).sink
    let rejected = try #require(sink.rejected.first)
    #expect(rejected.position.line == 3)
    let bytes = Array(text.utf8)
    let offset = rejected.position.offset
    #expect(Array(bytes[offset..<offset + 5]) == Array("noise".utf8))
    #expect(rejected.excerpt.bytes == Array("noise".utf8))
  }

  @Test func `a header of foreign lines survives`() {
    let text = "starting\nlistening on 80\n" + combined(second: 1) + "\n" + combined(second: 2)
    let (end, sink) = readMember(text + "\n" + combined(second: 3))
    #expect(end.format == "combined")
    #expect(sink.records == 3)
    #expect(sink.rejected.count == 2)
    #expect(end.confidence == 0.6)
  }

  @Test func `a log behind a thousand foreign lines is found`() {
    let lines =
      Array(repeating: "starting up", count: 1_000) + (0..<2_000).map { combined(second: $0 % 60) }
    let (end, sink) = readMember(lines.joined(separator: "\n"))
    #expect(end.format == "combined")
    #expect(end.lines == 3_000)
    #expect(sink.records + sink.rejected.count == 3_000)
    // While the next look is far off, lines are refused; those of the look are read again.
    #expect(sink.records >= 1_000)
  }

  @Test func `a change of the format loses no line and is told`() throws {
    let text =
      (0..<300).map { combined(second: $0 % 60) } + (0..<300).map { balancer(second: $0 % 50) }
    let (end, sink) = readMember(text.joined(separator: "\n"))
    #expect(sink.records == 600)
    #expect(sink.rejected.isEmpty)
    #expect(end.format == "aws-alb")
    let problem = try #require(end.problems.first)
    #expect(problem.kind == .formatChanged)
    #expect(problem.line == 301)
    #expect(sink.told == sink.told.sorted { number(of: $0) < number(of: $1) })
  }

  @Test func `a change among the first lines is told at the line where it begins`() {
    let json =
      #"{"time":"2018-07-16T18:03:02Z","status":503,"remote_addr":"198.51.100.9","request":"GET / HTTP/1.1","request_time":0.2}"#
    let text = (0..<60).map { combined(second: $0 % 60) } + Array(repeating: json, count: 60)
    for lines in [text, text.reversed()] {
      let (end, sink) = readMember(lines.joined(separator: "\n"))
      #expect(sink.records == 120)
      let changes = end.problems.filter { $0.kind == .formatChanged }
      #expect(changes.map(\.line) == [61])
    }
  }

  private func number(of told: String) -> Int {
    Int(told.prefix { $0 != "@" }) ?? 0
  }

  @Test func `a forced format is not given up`() throws {
    let format = try #require(FormatRegistry.format(named: "common"))
    let text = (0..<100).map { combined(second: $0 % 60) }.joined(separator: "\n")
    let (end, sink) = readMember(text, options: ReaderOptions(format: format))
    #expect(end.format == "common")
    #expect(sink.rejected.count == 100)
    #expect(end.confidence == 0)
  }

  @Test func `an unknown file has its best guess named`() throws {
    let text = combined(second: 1) + "\n" + String(repeating: "something else\n", count: 9)
    let (end, sink) = readMember(text)
    #expect(end.format == nil)
    #expect(end.kind == .skipped)
    #expect(sink.records == 0)
    #expect(end.problems.map(\.kind) == [.unknownFormat])
    #expect(end.runnersUp.first?.name == "combined")
    #expect(end.runnersUp.first?.share == 0.1)
  }

  @Test(arguments: ["", "\n", "\n\n\n", "# only headers\n"])
  func `a member without lines has no format`(_ text: String) {
    let (end, sink) = readMember(text)
    #expect(end.format == nil)
    #expect(sink.records + sink.rejected.count == 0)
    #expect(end.lines == sink.passed)
  }

  @Test func `a line over the limit is rejected once and the next one is read`() {
    let long = "203.0.113.7 - - [" + String(repeating: "x", count: LogReader.maximumLineBytes)
    let text = (0..<700).map { combined(second: $0 % 60) } + [long, combined(second: 1)]
    for width in [10_000, 65_536, 300_000] {
      let (end, sink) = readMember(text.joined(separator: "\n") + "\n", width: width)
      #expect(sink.records == 701)
      #expect(sink.rejected.map(\.reason) == ["the line is longer than 1 MiB"])
      #expect(sink.rejected.map(\.position.line) == [701])
      #expect(end.lines == 702)
      #expect(end.problems.map(\.kind) == [.tooLongLine])
    }
  }

  @Test func `a line that was skipped outside keeps numbers and offsets`() {
    var sink = CollectingSink()
    var reader = LogReader(options: ReaderOptions())
    let first = Array((combined(second: 1) + "\n").utf8)
    reader.consume(first.span, offset: 0, isLast: false, into: &sink)
    reader.skipLine(length: 2_000_000, into: &sink)
    let offset = first.count + 2_000_000
    reader.consume(first.span, offset: offset, isLast: true, into: &sink)
    let end = reader.finish(into: &sink)
    #expect(end.lines == 3)
    #expect(sink.told.last?.hasPrefix("3@\(offset) ") == true)
  }

  @Test func `a block of NUL bytes costs one line`() {
    let nuls = String(repeating: "\0", count: 5_000)
    let text =
      combined(second: 1) + "\n203.0.113.7 - - [05/Ma" + nuls + combined(second: 2) + "\n"
      + combined(second: 3)
    let (end, sink) = readMember(text)
    #expect(sink.records == 2)
    #expect(sink.rejected.map(\.reason) == ["the line holds NUL bytes"])
    #expect(end.problems.map(\.kind) == [.nulBytes])
  }

  @Test func `the last line that was cut is rejected as cut`() {
    let text = combined(second: 1) + "\n" + combined(second: 2).prefix(70)
    #expect(readMember(text).sink.rejected.map(\.reason) == ["the line is cut: it ends early"])
  }

  @Test func `whole numbers with a high median are milliseconds`() {
    func line(_ duration: String) -> String {
      "{\"time\":\"2024-03-05T14:03:22Z\",\"status\":200,\"duration\":\(duration)}"
    }
    let milliseconds = readMember([120, 80, 3_000].map { line("\($0)") }.joined(separator: "\n"))
    #expect(milliseconds.sink.told.first?.contains(" 120000 ") == true)
    let seconds = readMember(["0.12", "0.08", "3"].map(line).joined(separator: "\n"))
    #expect(seconds.sink.told.first?.contains(" 120000 ") == true)
  }

  @Test func `stamps that go back are arrivals`() {
    let forward = (0..<1_000).map { combined(second: $0 / 20) }
    #expect(readMember(forward.joined(separator: "\n")).end.stampMeaning == .completion)
    let back = (0..<1_000).map { combined(second: $0 % 50 == 0 ? max(0, $0 / 20 - 9) : $0 / 20) }
    let end = readMember(back.joined(separator: "\n")).end
    #expect(end.stampMeaning == .arrival)
    #expect(end.orderStatistic.behind == 19)
    #expect(end.orderStatistic.lag99 == 9)
    #expect(readMember(combined(second: 1)).end.stampMeaning == nil)
  }
}
