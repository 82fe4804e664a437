import IncidentModel
import Testing

@testable import LogFormats

/// Finding the format among all others.
@Suite struct DetectionTests {
  private static let names = FormatRegistry.access.map { $0.name }

  /// The format's accepted lines, with the headers that they need.
  private static func lines(of name: String) throws -> [String] {
    try FormatScript(named: name).acceptedLines.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `there are at least 32 access formats`() {
    #expect(Self.names.count >= 32)
  }

  @Test(arguments: names) func `the runner-up is named and is another`(_ name: String) throws {
    let (end, _) = readMember(try Self.lines(of: name).joined(separator: "\n"))
    let detection = try #require(end.detection)
    let winner = try #require(detection.winner)
    #expect(winner.name == name)
    #expect(winner.decidingLine != nil)
    #expect(!end.runnersUp.contains { $0.name == name })
    for rival in end.runnersUp where rival.share >= Detection.threshold {
      #expect(rival.strictness < winner.strictness, "\(rival.name)")
    }
  }

  @Test(arguments: names) func `a header of foreign lines is survived`(_ name: String) throws {
    let lines = try Self.lines(of: name)
    let requests = lines.count { !$0.hasPrefix("#") }
    let foreign = (0..<max(1, requests / 2)).map { "Starting worker number \($0)" }
    let (end, sink) = readMember((foreign + lines).joined(separator: "\n"))
    #expect(end.format == name)
    #expect(sink.records == requests)
    #expect(sink.rejected.count == foreign.count)
  }

  @Test(arguments: names) func `a change to the format inside of a file is noticed`(
    _ name: String
  ) throws {
    let format = try #require(FormatRegistry.access(named: name))
    // `common` allows for numbers behind its bytes, which is all that `rack` has.
    let short = ["common", "rack"].contains(name) ? Combined.example : Common.example
    // Long lines fill the first 64 KiB, on which the first verdict rests, in a few.
    let before = short.replacing("/cart", with: "/" + String(repeating: "a", count: 2_000))
    let member =
      Array(repeating: before, count: 40) + Array(repeating: format.example, count: 60)
    let (end, sink) = readMember(member.joined(separator: "\n"))
    #expect(end.format == name)
    #expect(sink.records == 100)
    #expect(sink.rejected.isEmpty)
    let problem = try #require(end.problems.first)
    #expect(problem.kind == .formatChanged)
    #expect(problem.line == 41 + (format.example.hasPrefix("#") ? 1 : 0))
  }

  @Test(arguments: names) func `every line of a script is claimed by its format when it is alone`(
    _ name: String
  ) throws {
    var headers: [UInt8] = []
    for line in try FormatScript(named: name).acceptedLines {
      if line.first == UInt8(ascii: "#") {
        headers += line + [UInt8(ascii: "\n")]
        continue
      }
      let found = readMember(headers + line + [UInt8(ascii: "\n")]).end.format
      #expect(found == name, "\(String(decoding: line, as: UTF8.self))")
    }
  }

  @Test(
    arguments: [
      "\"GET http://www.example.com/ HTTP/1.1\" 200 5 \"-\" \"-\"",
      "\"POST /rest HTTP/1.1\" 200 - \"-\" \"-\"  293",
      "\"GET / HTTP/1.1\" 200 1880 8680 \"-\" \"Mozilla\"",
    ]) func `combined reads lines of its relatives between its own`(_ request: String)
  {
    let line = "192.0.2.51 -  -  [05/Mar/2024:14:03:22 +0000] \(request)"
    let (end, sink) = readMember(
      [Combined.example, line, Combined.example].joined(separator: "\n"))
    #expect(end.format == "combined")
    #expect(sink.records == 3)
  }

  @Test func `a file of several virtual hosts mixes formats and loses no line`() {
    let lines = (0..<100).flatMap { _ in
      [Combined.example, VhostCombined.example, Common.example, Combined.example]
    }
    let (end, sink) = readMember(lines.joined(separator: "\n"))
    #expect(end.format == "combined")
    #expect(sink.records == 400)
    #expect(sink.rejected.isEmpty)
    #expect(end.problems.isEmpty)
  }

  @Test func `a companion whose lines go on becomes the format`() {
    let lines =
      Array(repeating: Combined.example, count: 60)
      + Array(repeating: HAProxy.example, count: 2_000)
    let (end, sink) = readMember(lines.joined(separator: "\n"))
    #expect(sink.records == 2_060)
    #expect(end.format == "haproxy")
  }

  @Test func `what a format refuses on purpose no catch-all takes`() {
    let edge = FastlyJSON.example
    let shield = edge.replacing("\"fastly_is_edge\":true", with: "\"fastly_is_edge\":false")
    let (end, sink) = readMember([edge, shield, edge, shield].joined(separator: "\n"))
    #expect(end.format == "fastly-json")
    #expect(sink.records == 2)
    #expect(sink.rejected.count == 2)
  }

  @Test func `lines of a program that are no requests are no sign against its format`() {
    let notices = (0..<50).map { "Mar  5 14:03:22 lb-1 haproxy[1]: Proxy p\($0) started." }
    let (end, sink) = readMember((notices + [HAProxy.example]).joined(separator: "\n"))
    #expect(end.format == "haproxy")
    #expect(end.confidence == 1)
    #expect(sink.records == 1)
    #expect(sink.rejected.count == 50)
  }

  @Test func `the columns change within a file`() {
    let text = """
      #Fields: date time c-ip cs-method cs-uri-stem sc-status sc-substatus time-taken
      2024-03-05 14:03:22 203.0.113.7 GET /a 200 0 5
      #Software: Microsoft Internet Information Services 10.0
      #Fields: date time cs-method cs-uri-stem sc-status sc-substatus c-ip time-taken
      2024-03-05 14:03:23 GET /b 503 0 203.0.113.8 7000

      """
    for width in 1...text.utf8.count {
      let (end, sink) = readMember(text, width: width)
      #expect(end.format == "iis")
      #expect(sink.records == 2)
      #expect(sink.told.last?.hasSuffix("503 -1 7000000 203.0.113.8 /b ") == true)
    }
  }

  @Test func `documents of a cloud are read by their records`() {
    let records = [AzureAppGateway.example, AzureAppGateway.example].joined(separator: ",\n ")
    let (end, sink) = readMember("{\n \"records\": [\n \(records)\n ]\n}\n")
    #expect(end.format == "azure-app-gateway")
    #expect(sink.records == 2)
    let array = readMember("[\n \(GcpHttpLb.example),\n \(GcpHttpLb.example)\n]")
    #expect(array.end.format == "gcp-http-lb")
    #expect(array.sink.records == 2)
  }

  @Test func `the unit of Apache's lone number is settled by the file`() {
    func member(_ numbers: [Int]) -> [String] {
      readMember(
        numbers.map { Combined.example + " \($0)" }.joined(separator: "\n")
      ).sink.told
    }
    #expect(member([120_456, 98_004, 3_000_120]).first?.contains(" 120456 ") == true)
    #expect(member([0, 0, 1, 30]).last?.contains(" 30000000 ") == true)
  }

  @Test(arguments: [
    ("Activities:\n- ActivityId: a\n  StatusCode: Failed\n", "YAML"),
    ("apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n", "YAML"),
    ("ACTIVITIES\ta\tweb\tCause\n", "text output"),
    ("-----\n|   DescribeScalingActivities   |\n+-----+\n", "printed table"),
    ("Name:     web\nNamespace:   shop\nConditions:\n", "kubectl describe"),
  ])
  func `what a tool printed for the eye is refused with the way out`(
    _ text: String, _ words: String
  ) throws {
    let end = readMember(text).end
    #expect(end.format == nil)
    let problem = try #require(end.problems.first { $0.kind == .unknownFormat })
    #expect("\(problem.detail)".contains(words))
    #expect("\(problem.detail)".contains("json"))
  }
}
