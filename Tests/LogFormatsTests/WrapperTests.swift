import FloodmarkTestSupport
import IncidentModel
import Testing

@testable import LogFormats

/// Lines as they stand inside of others.
@Suite struct WrapperTests {
  private static let stamp = "2024-03-05T14:03:22.413656027Z"

  /// What stands in front of a line, by the wrapper's name.
  static let fronts: [(name: String, front: String)] = [
    ("cri", "\(stamp) stdout F "),
    ("cri with a zone", "2024-03-05T15:03:22.413656027+01:00 stderr F "),
    ("timestamps", "\(stamp) "),
    ("logcli", #"\#(stamp) {app="web", pod="web \"1\"} x"} "#),
    ("a tag alone", "frontend.0 nginx: "),
    ("aws logs tail", "2024-03-05T14:03:22.413000+00:00 web/nginx/0123abcd "),
    ("pod", "[pod/shop-web-7d9f8b6c5-x2x4z/nginx] "),
    ("pod with timestamps", "[pod/shop-web-7d9f8b6c5-x2x4z/nginx] \(stamp) "),
    ("compose", "web-1  | "),
    ("compose with colours and timestamps", "\u{1B}[2Kweb-1  | \(stamp) "),
    ("RFC 3164", "<134>Mar  5 14:03:22 lb-1 nginx: "),
    ("RFC 3164 without priority", "Mar 15 14:03:22 lb-1 nginx[31]: "),
    ("RFC 3164 with a year", "Mar  5 2024 14:03:22 lb-1 nginx: "),
    ("rsyslog", "2024-03-05T14:03:22+00:00 lb-1 nginx[31]: "),
    ("RFC 5424", "<171>1 2024-03-05T14:03:22.000000+00:00 lb-1 nginx - - - "),
    (
      "RFC 5424 with data",
      "218 <171>1 2024-03-05T14:03:22Z lb-1 nginx 31 - [x@1 a=\"b\\]\"] \u{FEFF}"
    ),
    ("syslog in cri", "\(stamp) stdout F <134>Mar  5 14:03:22 lb-1 nginx: "),
    (
      "compose around cri around syslog",
      "web-1 | \(stamp) stdout F <134>Mar  5 14:03:22 lb-1 nginx: "
    ),
  ]

  @Test(arguments: fronts.map { $0.name }, ["combined", "ingress-nginx", "json-lines"])
  func `a line behind a wrapper is read as the line itself`(
    _ wrapper: String, _ name: String
  ) throws {
    let front = try #require(Self.fronts.first { $0.name == wrapper }).front
    let format = try #require(FormatRegistry.access(named: name))
    let plain = readMember("\(format.example)\n\(format.example)\n")
    let (end, sink) = readMember("\(front)\(format.example)\n\(front)\(format.example)\n")
    #expect(end.format == name)
    #expect(end.confidence == 1)
    #expect(sink.rejected.isEmpty)
    #expect(sink.told.map(Self.words) == plain.sink.told.map(Self.words))
  }

  /// What was told, without the place.
  private static func words(_ told: String) -> Substring { told.drop { $0 != " " } }

  static let objects: [(name: String, line: @Sendable (String) -> String)] = [
    ("docker", { #"{"log":"\#($0)\n","stream":"stdout","time":"2024-03-05T14:03:22.2Z"}"# }),
    (
      "journald",
      {
        #"{ "__REALTIME_TIMESTAMP" : "1709647402000000", "MESSAGE_ID":"1", "MESSAGE" : "\#($0)" }"#
      }
    ),
    (
      "filebeat",
      { #"{"@timestamp":"2024-03-05T14:03:22Z","host":{"name":"a"},"message":"\#($0)"}"# }
    ),
    (
      "stackdriver",
      { #"{"insertId":"1","textPayload":"\#($0)","timestamp":"2024-03-05T14:03:22Z"}"# }
    ),
    ("fluentd", { #"{"log":"\#($0)","kubernetes":{"pod_name":"web-1"}}"# }),
    (
      "elasticsearch",
      { #"{"_index":"a","_source":{"@timestamp":"2024-03-05","message":"\#($0)"}}"# }
    ),
    ("splunk", { #"{"preview":false,"result":{"_raw":"\#($0)","host":"web-1"}}"# }),
    ("datadog", { #"{"id":"A","attributes":{"message":"\#($0)","service":"web"}}"# }),
    ("loki", { #"{"labels":{"app":"web"},"line":"\#($0)","timestamp":"2024-03-05T14:03:22Z"}"# }),
  ]

  @Test(arguments: [
    ("uvicorn", "INFO:     203.0.113.7:52458 - \"GET /cart HTTP/1.1\" 503 Service Unavailable"),
    ("morgan", "GET /cart 503 3.456 ms - 12"),
  ])
  func `a header without a year tells the time beside the day in the file's name`(
    _ name: String, _ text: String
  ) {
    let lines = ["<134>Jan  1 00:00:01 web-1 web[31]: ", "Dec 31 23:59:59 web-1 web[31]: "]
      .map { "\($0)\(text)\n" }.joined()
    let dated = readMember(lines, options: ReaderOptions(fileName: "web-2024-01-01.log"))
    #expect(dated.end.format == name)
    #expect(dated.sink.told.map { $0.contains("2024-01-01T00:00:01") } == [true, false])
    #expect(dated.sink.told.map { $0.contains("2023-12-31T23:59:59") } == [false, true])
    #expect(readMember(lines).sink.told.allSatisfy { !$0.contains("503") })
  }

  @Test(arguments: objects.map { $0.name })
  func `a line inside of a JSON string is read as the line itself`(_ wrapper: String) throws {
    let wrap = try #require(Self.objects.first { $0.name == wrapper }).line
    let escaped = IngressNginx.example.replacing("\"", with: "\\\"")
    let line = wrap(escaped)
    let plain = readMember("\(IngressNginx.example)\n")
    for width in [7, 100, 100_000] {
      let (end, sink) = readMember("\(line)\n\(line)\n", width: width)
      #expect(end.format == "ingress-nginx")
      #expect(sink.told.map(Self.words) == (plain.sink.told + plain.sink.told).map(Self.words))
    }
  }

  @Test(arguments: [
    #""_time","_raw",host"#, "@timestamp,@message,@log", "Date,Message,Host",
  ])
  func `a line in a cell of a table is read as the line itself`(_ header: String) {
    let escaped = IngressNginx.example.replacing("\"", with: "\"\"")
    let row = #""2024-03-05 14:03:22.000","\#(escaped)",web-1"#
    let plain = readMember("\(IngressNginx.example)\n")
    let (end, sink) = readMember("\(header)\n\(row)\n\(row)\n")
    #expect(end.format == "ingress-nginx")
    let told = sink.told.dropFirst().map(Self.words)
    #expect(told == (plain.sink.told + plain.sink.told).map(Self.words))
    #expect(sink.rejected.count == 1)
  }

  @Test(arguments: [
    #""a","b" c,2024-03-05T14:03:22Z 192.0.2.1"#, #"2024-03-05,say "hello, you" to them all"#,
    #""2024-03-05","never closed and long enough"#, "2024-03-05T14:03:22Z", #"1,"short""#,
    #"{"a":"1","b":"2024-03-05T14:03:22Z"}"#, "web,2024-03-05T14:03:22Z 192.0.2.1",
  ])
  func `what is no row of a table has no cell`(_ line: String) {
    #expect(Wrapper.cell.inner(of: Array(line.utf8).span) == nil)
  }

  @Test func `the place of a request is that of the outer line`() {
    let line = "\(Self.stamp) stdout F \(Combined.example)\n"
    let (_, sink) = readMember(line + line)
    #expect(sink.told.map { $0.prefix { $0 != " " } } == ["1@0", "2@\(line.utf8.count)"])
  }

  @Test func `the mark of a refused inner line counts from the outer one`() throws {
    let front = "\(Self.stamp) stdout F "
    let bad = Combined.example.replacing("5316", with: "many")
    let (_, sink) = readMember(
      "\(front)\(Combined.example)\n\(front)\(Combined.example)\n\(front)\(bad)\n")
    let rejected = try #require(sink.rejected.first)
    let column = try #require(bad.utf8.firstRange(of: "many".utf8)).lowerBound
    #expect(
      rejected.column == front.utf8.count + bad.utf8.distance(from: bad.startIndex, to: column))
    #expect(rejected.excerpt.bytes.starts(with: front.utf8))
  }

  @Test func `pieces of a line are put together by stream`() {
    let line = Combined.example
    let half = line.index(line.startIndex, offsetBy: 40)
    let front = "\(Self.stamp) stdout"
    let text = """
      \(front) F \(line)
      \(front) F \(line)
      \(front) F \(line)
      \(front) P \(line[..<half])
      \(Self.stamp) stderr F \(line)
      \(front) F \(line[half...])
      \(front) F \(line)

      """
    let (end, sink) = readMember(text)
    #expect(sink.records == 6)
    #expect(sink.rejected.isEmpty)
    #expect(sink.passed == 1)
    #expect(end.lines == 7)
  }

  @Test func `a line whose end never came is read as far as it goes`() {
    let front = "\(Self.stamp) stdout"
    let text =
      (0..<4).map { _ in "\(front) F \(Combined.example)\n" }.joined()
      + "\(front) P \(Combined.example)\n"
    #expect(readMember(text).sink.records == 5)
    let cut = text.dropLast(30)
    #expect(
      readMember(String(cut)).sink.rejected.map(\.reason) == ["the line is cut: it ends early"])
  }

  @Test func `Docker cuts long lines into several objects`() {
    func object(_ text: Substring, _ end: String) -> String {
      let escaped = text.replacing("\"", with: "\\\"")
      return
        "{\"log\":\"\(escaped)\(end)\",\"stream\":\"stdout\",\"time\":\"2024-03-05T14:03:22Z\"}\n"
    }
    let line = Combined.example
    let half = line.index(line.startIndex, offsetBy: 60)
    let whole = object(line[...], "\\n")
    let (end, sink) = readMember(
      whole + whole + whole + object(line[..<half], "") + object(line[half...], "\\n") + whole)
    #expect(sink.records == 5)
    #expect(sink.passed == 1)
    #expect(end.lines == 6)
    #expect(Set(sink.told.filter { !$0.hasSuffix("passed") }.map(Self.words)).count == 1)
  }

  @Test func `an autoscaler's log in a container is read too`() {
    let line =
      "I0716 18:02:30.975037       1 orchestrator.go:529] Final scale-up plan: [{shop-web 10->15 (max: 15)}]"
    let (end, sink) = readMember("2018-07-16T18:02:30.975Z stderr F \(line)\n")
    #expect(end.format == "cluster-autoscaler")
    #expect(sink.events.count == 2)
  }

  @Test func `a line without the wrapper of its neighbours is read as it is`() {
    let line = "\(Self.stamp) stdout F \(Combined.example)\n"
    let (_, sink) = readMember(line + line + line + Combined.example + "\n" + line)
    #expect(sink.records == 5)
  }

  @Test(arguments: ["events", "logEvents"])
  func `an export of CloudWatch holds the lines of any log`(_ key: String) {
    let escaped = AwsElb.example.replacing("\"", with: "\\\"")
    let event =
      "{\"timestamp\":1709647402000,\"message\":\"\(escaped)\",\"ingestionTime\":1709647403000}"
    let (end, sink) = readMember("{\n  \"\(key)\": [\n    \(event),\n    \(event)\n  ]\n}\n")
    #expect(end.format == "aws-elb")
    #expect(sink.records == 2)
  }

  @Test func `mutated wrapped lines keep their count`() {
    let rounds = FuzzRounds("wrapped", count: 30)
    var numbers = FuzzNumbers(seed: rounds.seed)
    let line = Combined.example.replacing("\"", with: "\\\"")
    let lines =
      Self.fronts.map { $0.front + Combined.example } + Self.objects.map { $0.line(line) }
    for round in 0..<rounds.count {
      var bytes: [UInt8] = []
      for _ in 0..<40 {
        let kind = round % 3 == 0 ? numbers.below(lines.count) : round % lines.count
        bytes += ByteMutation.mutated(Array(lines[kind].utf8), with: bytes, &numbers) + [10]
      }
      rounds.keep(bytes)
      let (end, sink) = readMember(bytes, width: 1 + numbers.below(3_000))
      if !sink.events.isEmpty { continue }
      // A line feed put into a line makes two.
      #expect(
        end.lines == sink.records + sink.rejected.count + sink.passed,
        "\(rounds.words), round \(round)")
    }
  }
}
