internal import ArgumentParser
internal import IncidentModel
internal import LogFormats
internal import TrafficTally

/// How fast each access format is read, alone on one core and without any file.
@main
struct FormatBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "format-benchmark",
    abstract: "Measures the parsers of access logs.",
    subcommands: [Speeds.self, Pass.self])
}

/// A table over all formats.
struct Speeds: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Megabytes per second of every access format: the median of several passes.")

  @Option(help: "Megabytes in a pass.") var megabytes = 32
  @Option(help: "Passes over each format.") var passes = 5

  func run() throws {
    print("| format | bytes a line | MB/s |\n|---|---:|---:|")
    let clock = ContinuousClock()
    for format in FormatRegistry.access {
      let log = RepeatedExample(format, size: max(1, min(megabytes, 1024)) << 20)
      let speeds = (0..<max(1, min(passes, 99))).map { _ in
        let taken = clock.measure { _ = log.read(into: CountingSink()) }
        let seconds =
          Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
        return Double(log.bytes.count) / 1e6 / max(seconds, 1e-9)
      }
      let median = speeds.sorted()[speeds.count / 2]
      print("| `\(format.name)` | \(log.lineBytes) | \(Int(median.rounded())) |")
    }
  }
}

/// One pass, for a counter of instructions that watches from outside.
struct Pass: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read so many lines of one format once, and say how many bytes they have.")

  @ArgumentParser.Argument(help: "The format's name.") var format: String
  @Option(help: "How many lines.") var lines = 1000
  @Flag(help: "Tally the records too.") var tally = false

  func run() throws {
    guard let found = FormatRegistry.access.first(where: { $0.name == format }) else {
      throw ValidationError("There is no access format '\(format)'.")
    }
    let log = RepeatedExample(found, lines: max(1, min(lines, 10_000_000)))
    let read =
      tally
      ? log.read(
        into: MemberTally(input: 0, contentSeed: 1, options: TallyOptions(serviceRule: .host)))
      : log.read(into: CountingSink())
    print("\(log.bytes.count) bytes, \(read) lines")
  }
}

/// A format's example, over and over.
struct RepeatedExample {
  let format: any AccessFormat.Type
  let bytes: [UInt8]
  let lineBytes: Int

  init(_ format: any AccessFormat.Type, size: Int) {
    self.init(format, lines: max(1, size / (format.example.utf8.count + 1)))
  }

  init(_ format: any AccessFormat.Type, lines: Int) {
    self.format = format
    let line = Array(format.example.utf8) + [UInt8(ascii: "\n")]
    lineBytes = line.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(line.count * lines)
    for _ in 0..<lines { bytes += line }
    self.bytes = bytes
  }

  /// Reads all bytes in blocks as large as the archive's; returns how many lines there were.
  func read(into sink: consuming some RecordSink & ~Copyable) -> Int {
    var reader = LogReader(options: ReaderOptions(format: .access(format)))
    let block = 256 << 10
    var offset = 0
    while offset < bytes.count {
      let end = min(offset + block, bytes.count)
      reader.consume(
        bytes.span.extracting(offset..<end), offset: offset, isLast: end == bytes.count,
        into: &sink)
      offset = end
    }
    return reader.finish(into: &sink).lines
  }
}

/// The least that a sink can do.
struct CountingSink: RecordSink {
  var records = 0
  var rejected = 0

  mutating func add(
    _ record: borrowing AccessRecord, line: Span<UInt8>, scratch: Span<UInt8>, number: Int,
    offset: Int
  ) {
    records += 1
  }

  mutating func add(_ event: CapacityEvent) {}

  mutating func reject(_ line: RejectedLine) { rejected += 1 }

  mutating func pass(number: Int, offset: Int) {}
}
