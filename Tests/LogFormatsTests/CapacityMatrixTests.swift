import IncidentModel
import Testing

@testable import LogFormats

/// Every line of every capacity script, alone against every format.
@Suite struct CapacityMatrixTests {
  /// A member's events without those that another one told, as the tally counts them.
  private func distinct(_ events: [CapacityEvent]) -> Int {
    var seen: Set<String> = []
    for event in events { seen.insert("\(event.key ?? "") \(event.kind)") }
    return seen.count
  }

  @Test(arguments: FormatRegistry.capacity.map { $0.name })
  func `a line that tells a fact alone is claimed by its format alone`(_ name: String) throws {
    guard case .capacity(let format)? = FormatRegistry.format(named: name) else { return }
    for item in try FormatScript(named: name).cases {
      guard case .line(let bytes) = item.subject, case .event? = item.expectations.first else {
        continue
      }
      // Rows of a table say nothing without their header.
      if CapacityReading(format, [bytes]).events.isEmpty { continue }
      let (end, sink) = readMember(bytes)
      #expect(end.format == name, "line \(item.number)")
      #expect(end.confidence == 1, "line \(item.number)")
      #expect(!sink.events.isEmpty && sink.rejected.isEmpty, "line \(item.number)")
    }
  }

  @Test(arguments: FormatRegistry.capacity.map { $0.name })
  func `a document is recognised, and read the same in blocks of any width`(
    _ name: String
  ) throws {
    for document in try FormatScript(named: name).documents {
      let (end, sink) = readMember(document)
      #expect(end.format == name)
      #expect(!sink.events.isEmpty && sink.rejected.isEmpty)
      for width in [1, 7, 64] { #expect(readMember(document, width: width).sink.told == sink.told) }
    }
  }

  @Test(arguments: FormatRegistry.capacity.map { $0.name })
  func `a file of one line is recognised by its example`(_ name: String) throws {
    guard case .capacity(let format)? = FormatRegistry.format(named: name) else { return }
    let head = name == "capacity-csv" ? "time,kind,group,from,to\n" : ""
    for end in ["", "\n", "\r\n"] {
      let (verdict, sink) = readMember(head + format.example + end)
      #expect(verdict.format == name)
      #expect(sink.events.count + sink.passed > 0 && sink.rejected.isEmpty)
    }
  }

  @Test(arguments: FormatRegistry.capacity.map { $0.name })
  func `the same member twice tells nothing new`(_ name: String) throws {
    let script = try FormatScript(named: name)
    let lines = script.acceptedLines.flatMap { $0 + [UInt8(ascii: "\n")] }
    for bytes in [lines] + script.documents where !bytes.isEmpty {
      let once = readMember(bytes).sink.events
      #expect(distinct(once) == distinct(once + readMember(bytes).sink.events))
      #expect(once.allSatisfy { $0.key != nil })
    }
  }

  @Test func `pages that overlap are counted once`() throws {
    func activity(_ number: Int) -> String {
      """
      {"ActivityId":"a\(number)","AutoScalingGroupName":"shop-web","Description":"Launching a new \
      EC2 instance: i-0aaaaaaaaaaaaaa\(number)","Cause":"At 2018-07-16T18:02:30Z a monitor alarm \
      high in state ALARM triggered policy out changing the desired capacity from 10 to 15.",\
      "StartTime":"2018-07-16T18:02:4\(number)Z","EndTime":"2018-07-16T18:06:0\(number)Z",\
      "StatusCode":"Successful"}
      """
    }
    func page(_ numbers: ClosedRange<Int>) -> String {
      "{\"Activities\":[\(numbers.map(activity).joined(separator: ",\n"))],\"NextToken\":\"t\"}"
    }
    let pages = [page(1...4), page(3...6), page(1...6)].map { readMember($0).sink.events }
    // One decision, and the start and end of six launches.
    #expect(distinct(pages[0] + pages[1]) == 13)
    #expect(distinct(pages[0] + pages[1] + pages[2]) == 13)
  }

  @Test func `a launch that two logs tell is one`() {
    let cloudTrail = """
      {"eventTime":"2018-07-16T18:02:41Z","eventSource":"ec2.amazonaws.com","eventName":\
      "RunInstances","eventID":"1","responseElements":{"instancesSet":{"items":[{"instanceId":\
      "i-0aaaaaaaaaaaaaaa1"}]}}}
      """
    let events = readMember(AwsAsgActivities.example).sink.events
    let calls = readMember(cloudTrail).sink.events
    #expect(calls.map(\.kind) == [.launchStarted])
    #expect(distinct(events + calls) == distinct(events))
  }

  @Test func `an answer longer than the longest object is read series by series`() throws {
    let values = (0..<4_000).map { "[\(1_531_764_120 + $0 * 15),\"\(10 + $0 / 1_000)\"]" }
    let series = (0..<30).map { number in
      """
      {"metric":{"__name__":"kube_deployment_spec_replicas","deployment":"web-\(number)"},\
      "values":[\(values.joined(separator: ","))]}
      """
    }
    let text =
      "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
      + series.joined(separator: ",") + "]}}\n"
    #expect(text.utf8.count > DocumentSplitter.maximumBytes)
    let (end, sink) = readMember(text)
    #expect(end.format == "prometheus-query")
    #expect(sink.rejected.isEmpty)
    // The first, the last and three changes of each.
    #expect(sink.events.count == 30 * 5)
  }
}
