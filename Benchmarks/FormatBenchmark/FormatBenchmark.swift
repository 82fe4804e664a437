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
    for subject in try Subject.all() {
      let log = RepeatedExample(subject, size: max(1, min(megabytes, 1024)) << 20)
      let speeds = (0..<max(1, min(passes, 99))).map { _ in
        let taken = clock.measure { _ = log.read(into: CountingSink()) }
        let seconds =
          Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
        return Double(log.bytes.count) / 1e6 / max(seconds, 1e-9)
      }
      let median = speeds.sorted()[speeds.count / 2]
      print("| `\(subject.name)` | \(log.lineBytes) | \(Int(median.rounded())) |")
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
  @Flag(help: "Let the reader find the format by itself.") var detect = false

  func run() throws {
    guard var found = try Subject.all().first(where: { $0.name == format }) else {
      throw ValidationError("There is no access format '\(format)'.")
    }
    if detect { found.options = ReaderOptions() }
    let log = RepeatedExample(found, lines: max(1, min(lines, 10_000_000)))
    let read =
      tally
      ? log.read(
        into: MemberTally(input: 0, contentSeed: 1, options: TallyOptions(serviceRule: .host)))
      : log.read(into: CountingSink())
    print("\(log.bytes.count) bytes, \(read) lines")
  }
}

/// What is measured: a format of the registry, or the same lines by a format string.
struct Subject {
  var name: String
  var example: String
  var options: ReaderOptions

  static func all() throws -> [Subject] {
    var subjects = FormatRegistry.access.map {
      Subject(name: $0.name, example: $0.example, options: ReaderOptions(format: .access($0)))
    }
    for (name, format, text) in strings {
      guard let format = FormatRegistry.access.first(where: { $0.name == format }) else { continue }
      subjects.append(
        Subject(
          name: name, example: Self.withoutHeader(format.example),
          options: ReaderOptions(string: try FormatString(text))))
    }
    return subjects
  }

  /// HAProxy's example has the syslog header, which its format steps over and a string does not know.
  private static func withoutHeader(_ example: String) -> String {
    example.firstRange(of: "]: ").map { String(example[$0.upperBound...]) } ?? example
  }

  /// Strings that read the example of a built-in format: their cost stands beside its own.
  private static let strings = [
    (
      "nginx-string", "combined",
      #"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#
    ),
    (
      "apache-string", "combined",
      #"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#
    ),
    (
      "haproxy-string", "haproxy",
      #"%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"#
    ),
    (
      "envoy-string", "envoy",
      #"[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%""#
    ),
  ]
}

/// A format's example, over and over.
struct RepeatedExample {
  let options: ReaderOptions
  let bytes: [UInt8]
  let lineBytes: Int

  init(_ subject: Subject, size: Int) {
    self.init(subject, lines: max(1, size / (subject.example.utf8.count + 1)))
  }

  init(_ subject: Subject, lines: Int) {
    options = subject.options
    let line = Array(subject.example.utf8) + [UInt8(ascii: "\n")]
    lineBytes = line.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(line.count * lines)
    for _ in 0..<lines { bytes += line }
    self.bytes = bytes
  }

  /// Reads all bytes in blocks as large as the archive's; returns how many lines there were.
  func read(into sink: consuming some RecordSink & ~Copyable) -> Int {
    var reader = LogReader(options: options)
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
