import IncidentModel

@testable import LogFormats

/// Keeps what a reader tells, as text that can be compared.
struct CollectingSink: RecordSink {
  var told: [String] = []
  var records = 0
  var events: [CapacityEvent] = []
  var rejected: [RejectedLine] = []
  /// Lines that told nothing, or have not told it yet.
  private var passedOffsets: Set<Int> = []
  var passed: Int { passedOffsets.count }

  mutating func add(
    _ record: borrowing AccessRecord, line: Span<UInt8>, scratch: Span<UInt8>, number: Int,
    offset: Int
  ) {
    records += 1
    let names = ["time", "arrival", "status", "bytes", "duration_us", "client", "path", "service"]
    let copy = copy record
    let values = names.map {
      FormatText.value(of: $0, in: copy, line: line, scratch: scratch) ?? "?"
    }
    told.append("\(number)@\(offset) \(values.joined(separator: " "))")
  }

  mutating func add(_ event: CapacityEvent) {
    events.append(event)
    passedOffsets.remove(event.position.offset)
    told.append("\(event.position.line)@\(event.position.offset) event")
  }

  mutating func reject(_ line: RejectedLine) {
    rejected.append(line)
    told.append("\(line.position.line)@\(line.position.offset) \(line.reason)")
  }

  mutating func pass(number: Int, offset: Int) {
    passedOffsets.insert(offset)
    told.append("\(number)@\(offset) passed")
  }
}

/// Reads a whole member in blocks of `width` bytes.
func readMember(
  _ bytes: [UInt8], width: Int = .max, options: ReaderOptions = ReaderOptions()
) -> (end: ReaderEnd, sink: CollectingSink) {
  var sink = CollectingSink()
  var reader = LogReader(options: options)
  var start = 0
  while start < bytes.count {
    let end = start + min(width, bytes.count - start)
    reader.consume(
      bytes.span.extracting(start..<end), offset: start, isLast: end == bytes.count, into: &sink)
    start = end
  }
  return (reader.finish(into: &sink), sink)
}

func readMember(
  _ text: String, width: Int = .max, options: ReaderOptions = ReaderOptions()
) -> (end: ReaderEnd, sink: CollectingSink) {
  readMember(Array(text.utf8), width: width, options: options)
}
