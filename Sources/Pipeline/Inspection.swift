internal import ArchiveInput
package import IncidentModel
internal import LogFormats

/// `floodmark inspect`: what each input is, without any analysis.
package struct Inspection: Sendable {
  /// One format that was considered for an input.
  package struct Candidate: Sendable {
    package var name: String
    /// The share of the first lines that it takes, 0 … 1.
    package var share: Double
    /// The first line that spoke for it.
    package var decidingLine: Int?
  }

  /// What was found out about one input.
  package struct Row: Sendable {
    package var summary: InputSummary
    /// Best first; the first is the one that was taken, if ``InputSummary/format`` is not nil.
    package var candidates: [Candidate] = []
    package var rejected: [RejectSummary] = []
    /// The first request or fact, as it was read.
    package var sample: Sample?
  }

  /// The first request or fact of an input.
  package enum Sample: Sendable {
    case request(
      arrival: Instant, status: Int, bytes: Int, durationMilliseconds: Double?, client: LogText,
      method: LogText, target: LogText, service: LogText, backend: LogText)
    case event(CapacityEvent)
  }

  private let options: ReadingOptions
  private let meter: ReadMeter

  /// Takes the settings that a folder brings itself, unless the options refuse them.
  package init(options: ReadingOptions, meter: ReadMeter) throws {
    var options = options
    if options.readsOwnFile, let own = try ConfigurationFile.own(of: options.paths) {
      options.take(options.configuration.completed(by: own))
    }
    self.options = options
    self.meter = meter
  }

  /// Looks at every input, one after the other, in the order of their names.
  package func rows() async throws -> [Row] {
    try FormatChoice.check(options.forcedFormats)
    let limits = options.limits
    let found = try options.found()
    meter.expect(bytes: found.inputs.reduce(0) { $0 + $1.size })
    var rows: [Row] = []
    for (name, problem) in found.problems {
      var summary = InputSummary(name: name)
      summary.problems = [problem]
      rows.append(Row(summary: summary))
    }
    for input in found.inputs {
      rows += await self.rows(of: input, limits: limits)
    }
    return rows.sorted { $0.summary.name < $1.summary.name }
  }

  /// One row for each text in a file, and one for each archive or member with something to tell.
  private func rows(of input: FoundInput, limits: InputLimits) async -> [Row] {
    let reader = MemberReader(input, limits: limits, progress: meter.progress)
    var rows: [Row] = []
    while let name = await reader.nextMember() { rows.append(await row(reader, name)) }
    let end = await reader.finish()
    for note in end.notes where !note.problems.isEmpty || rows.isEmpty {
      rows.append(Row(summary: InputSummary(note)))
    }
    for index in rows.indices {
      rows[index].summary.bytes = end.bytesOnDisk
      rows[index].summary.sha256 = end.sha256
    }
    return rows
  }

  private func row(_ reader: MemberReader, _ name: InputName) async -> Row {
    var log = LogReader(
      options: ReaderOptions(
        format: FormatChoice.format(for: name, among: options.forcedFormats),
        zone: options.inputZone, input: 0, fileName: FormatChoice.datedName(name)))
    var sink = InspectionSink()
    var current = await reader.next()
    while let block = current {
      async let ahead = reader.next()
      for cut in block.cutBefore { log.skipLine(length: cut.length, into: &sink) }
      log.consume(
        block.bytes.span.extracting(0..<block.count), offset: block.offset, isLast: block.isLast,
        into: &sink)
      current = await ahead
      reader.giveBack(block.bytes)
    }
    let end = log.finish(into: &sink)
    meter.add(lines: end.lines)
    return Self.row(end, await reader.summary(), sink)
  }

  private static func row(
    _ end: ReaderEnd, _ member: MemberEnd, _ sink: InspectionSink
  ) -> Row {
    var summary = InputSummary(end, member)
    summary.lines = end.documentLines ?? end.lines
    summary.records = sink.records
    summary.rejected = sink.rejected
    summary.passed = sink.passed
    summary.first = sink.first
    summary.last = sink.last
    let candidates = (end.detection?.candidates ?? []).map {
      Candidate(name: $0.name, share: $0.share, decidingLine: $0.decidingLine)
    }
    let rejected = sink.reasons.sorted { $0.value.first < $1.value.first }.map { reason, entry in
      RejectSummary(
        format: end.format ?? "", reason: reason, count: entry.count, first: entry.first)
    }
    return Row(summary: summary, candidates: candidates, rejected: rejected, sample: sink.sample)
  }
}

/// Counts what a reader makes of an input and keeps the first record.
private struct InspectionSink: RecordSink {
  /// Reasons told apart; a format has a few dozen.
  private static let reasonLimit = 256

  var records = 0
  var rejected = 0
  var passed = 0
  var first: Instant?
  var last: Instant?
  var sample: Inspection.Sample?
  var reasons: [String: (count: Int, first: LogPosition)] = [:]
  /// One line, or object, may tell several events.
  private var lastEventOffset = -1

  mutating func add(
    _ record: borrowing AccessRecord, line: Span<UInt8>, scratch: Span<UInt8>, number: Int,
    offset: Int
  ) {
    records += 1
    note(record.arrival)
    guard sample == nil else { return }
    func text(_ range: TextRange, _ kind: LogText.Kind) -> LogText {
      let bytes = range.bytes(line: line, scratch: scratch)
      return LogText(bytes: bytes.indices.prefix(1_024).map { bytes[$0] }, kind: kind)
    }
    sample = .request(
      arrival: record.arrival, status: Int(record.status), bytes: Int(record.byteCount),
      durationMilliseconds: record.duration >= 0 ? Double(record.duration) / 1_000 : nil,
      client: text(record.client, .address), method: text(record.method, .name),
      target: text(record.target, .path), service: text(record.service, .name),
      backend: text(record.backend, .name))
  }

  mutating func add(_ event: CapacityEvent) {
    if event.position.offset != lastEventOffset {
      lastEventOffset = event.position.offset
      records += 1
    }
    if !event.lacksYear && !event.lacksDate { note(event.time) }
    if sample == nil { sample = .event(event) }
  }

  mutating func reject(_ line: RejectedLine) {
    rejected += 1
    if let known = reasons[line.reason] {
      reasons[line.reason] = (known.count + 1, known.first)
    } else if reasons.count < Self.reasonLimit {
      reasons[line.reason] = (1, line.position)
    }
  }

  mutating func pass(number: Int, offset: Int) { passed += 1 }

  private mutating func note(_ moment: Instant) {
    first = min(first ?? moment, moment)
    last = max(last ?? moment, moment)
  }
}
