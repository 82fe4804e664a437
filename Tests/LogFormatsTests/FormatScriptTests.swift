import IncidentModel
import Testing

@testable import LogFormats

/// The scripts of `Fixtures/formats`, run.
@Suite struct FormatScriptTests {
  @Test(arguments: FormatScript.names) func script(_ name: String) throws {
    let script = try FormatScript(named: name)
    #expect(!script.cases.isEmpty)
    switch try #require(FormatRegistry.format(named: name), "no format has this name") {
    case .access(let format):
      var context = AccessContext()
      context.durationUnit.settle()
      for item in script.cases { run(item, format, &context) }
    case .capacity(let format):
      var memory = CapacityMemory()
      for item in script.cases { run(item, format, &memory) }
    }
  }

  private func run(
    _ item: FormatScript.Case, _ format: any AccessFormat.Type, _ context: inout AccessContext
  ) {
    if case .header(let bytes) = item.subject { return context.directives.note(bytes.span) }
    guard case .line(let bytes) = item.subject, let expectation = item.expectations.first else {
      Issue.record("line \(item.number): an access format reads lines")
      return
    }
    var record = AccessRecord()
    context.scratch.removeAll()
    do throws(LineError) {
      try format.parse(bytes.span, in: &context, into: &record)
      guard case .accept(let pairs) = expectation else {
        Issue.record("line \(item.number) was accepted")
        return
      }
      for (key, value) in pairs {
        let found = FormatText.value(
          of: key, in: record, line: bytes.span, scratch: context.scratch.span)
        #expect(found == value, "line \(item.number), \(key)")
      }
    } catch {
      check(error, item)
    }
  }

  private func check(_ error: LineError, _ item: FormatScript.Case) {
    guard case .reject(let reason)? = item.expectations.first else {
      Issue.record("line \(item.number): \(error.reason) at byte \(error.column)")
      return
    }
    #expect("\(error.reason)" == reason, "line \(item.number)")
    #expect(error.column == item.mark, "line \(item.number)")
  }

  private func run(
    _ item: FormatScript.Case, _ format: any CapacityFormat.Type, _ memory: inout CapacityMemory
  ) {
    var events: [CapacityEvent] = []
    do throws(LineError) {
      switch item.subject {
      case .header: return
      case .finish: events = format.finish(&memory)
      case .line(let bytes):
        events = try parse(bytes, envelope: "", line: item.number, format, &memory)
      case .document(let bytes):
        var splitter = DocumentSplitter(envelopes: format.envelopes)
        for piece in splitter.consume(bytes.span) + splitter.finish() {
          if let fault = piece.fault { throw LineError(fault.reason, at: 0) }
          events += try parse(
            piece.bytes, envelope: piece.envelope, line: piece.line, format, &memory)
        }
      }
    } catch {
      return check(error, item)
    }
    compare(events, item)
  }

  private func parse(
    _ bytes: [UInt8], envelope: String, line: Int, _ format: any CapacityFormat.Type,
    _ memory: inout CapacityMemory
  ) throws(LineError) -> [CapacityEvent] {
    let position = LogPosition(input: 0, line: line, offset: 0)
    let context = CapacityContext(position: position, envelope: envelope)
    switch try format.parse(bytes.span, in: context, memory: &memory) {
    case .events(let events): return events
    case .ignored: return []
    }
  }

  private func compare(_ events: [CapacityEvent], _ item: FormatScript.Case) {
    var expected: [[(key: String, value: String)]] = []
    for expectation in item.expectations {
      switch expectation {
      case .event(let pairs): expected.append(pairs)
      case .ignore: break
      case .accept, .reject: Issue.record("line \(item.number) was taken")
      }
    }
    #expect(events.count == expected.count, "line \(item.number)")
    for (event, pairs) in zip(events, expected) {
      for (key, value) in pairs {
        #expect(FormatText.value(of: key, in: event) == value, "line \(item.number), \(key)")
      }
    }
  }
}
