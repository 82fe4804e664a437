internal import ArchiveInput
package import IncidentModel
internal import LogFormats
internal import SystemPackage
internal import TrafficTally

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
    /// The minute in which most lines were rejected, by the nearest accepted line in front of each.
    package var rejectPeak: RejectSummary.Stretch?
    /// It has lines of its own; the row of an archive, a folder or a device has not.
    package var isText = false
    /// The first request or fact, as it was read.
    package var sample: Sample?
    /// Its number in the order of reading.
    fileprivate var number = 0
    /// It is a tally.
    package var tally: TallyNote?
    /// It begins as a tally does and can't be used.
    package var tallyProblem: TallyProblem?
  }

  /// What the head of a tally says.
  package struct TallyNote: Sendable {
    package var inputs: Int
    package var version: String
    /// The options that it was made with.
    package var options: [String]
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
  private let formats: FormatChoice

  /// Takes the settings that a folder brings itself, unless the options refuse them.
  package init(options: ReadingOptions, meter: ReadMeter) throws {
    var options = options
    if options.readsOwnFile, let own = try ConfigurationFile.own(of: options.paths) {
      options.take(options.configuration.completed(by: own))
    }
    self.options = options
    formats = FormatChoice(options.forcedFormats)
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
    for path in found.tallies { rows.append(Self.row(ofTally: path)) }
    var columns = ColumnSeries()
    for input in found.inputs {
      columns.add(await FileSurvey(input, limits: limits, skippingStreams: true))
    }
    var overlaps = OverlapWatch()
    for input in found.inputs {
      rows += await self.rows(of: input, limits: limits, first: rows.count, columns, &overlaps)
    }
    rows.sort { $0.summary.name < $1.summary.name }
    // Where each member is a service of its own, two logs of one flow are no mistake.
    if options.serviceRule == .member { return rows }
    let shared = overlaps.problems(
      among: rows.filter(\.isText).map { ($0.number, $0.summary.name) })
    for index in rows.indices where rows[index].isText {
      rows[index].summary.problems += shared[rows[index].number] ?? []
    }
    return rows
  }

  private static func row(ofTally path: FilePath) -> Row {
    var row = Row(
      summary: InputSummary(name: InputName(file: path.lastComponent?.string ?? path.string)))
    do throws(TallyProblem) {
      let tally = try TallyFile(path)
      row.tally = TallyNote(
        inputs: tally.inputs.count, version: tally.settings[TallySettings.version] ?? "",
        options: tally.settings.words)
      try tally.check()
    } catch {
      row.tallyProblem = error
    }
    return row
  }

  /// One row for each text in a file, and one for each archive or member with something to tell.
  private func rows(
    of input: FoundInput, limits: InputLimits, first: Int, _ columns: ColumnSeries,
    _ overlaps: inout OverlapWatch
  ) async -> [Row] {
    let reader = MemberReader(input, limits: limits, progress: meter.progress)
    var rows: [Row] = []
    while let name = await reader.nextMember() {
      rows.append(await row(reader, name, first + rows.count, columns, &overlaps))
    }
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

  private func row(
    _ reader: MemberReader, _ name: InputName, _ number: Int, _ columns: ColumnSeries,
    _ overlaps: inout OverlapWatch
  ) async -> Row {
    var log = LogReader(
      options: formats.readerOptions(
        for: name, zone: options.inputZone, input: 0, columns: columns))
    var sink = InspectionSink(overlaps, input: number)
    overlaps = OverlapWatch()
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
    overlaps = sink.overlaps
    overlaps.endOfInput()
    var row = Self.row(end, await reader.summary(), sink)
    row.number = number
    return row
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
        format: end.format ?? "", reason: reason, count: entry.count, first: entry.first,
        last: entry.last)
    }
    return Row(
      summary: summary, candidates: candidates, rejected: rejected,
      rejectPeak: sink.rejectMinutes.peak, isText: true, sample: sink.sample)
  }
}

/// Rejected lines by the minute of the nearest accepted line in front of each; before the first one by that one's.
private struct RejectMinutes {
  /// A month's; beyond, no minute is called the worst.
  private static let limit = 44_640

  private var counts: [Int64: Int] = [:]
  private var minute: Int64?
  private var early = 0

  mutating func move(to moment: Instant) {
    let minute = floorDivide(moment.seconds, 60)
    if minute == self.minute { return }
    self.minute = minute
    if early > 0 { counts[minute] = early }
    early = 0
  }

  mutating func add() {
    guard let minute else {
      early += 1
      return
    }
    if counts.count <= Self.limit { counts[minute, default: 0] += 1 }
  }

  /// The minute with the most, the earliest of several; nil where there is only one, or too many.
  var peak: RejectSummary.Stretch? {
    guard counts.count > 1, counts.count <= Self.limit,
      let most = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })
    else { return nil }
    return RejectSummary.Stretch(start: Instant(seconds: most.key * 60), count: most.value)
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
  var reasons: [String: (count: Int, first: LogPosition, last: LogPosition)] = [:]
  var rejectMinutes = RejectMinutes()
  private(set) var overlaps: OverlapWatch
  private let input: Int
  private var eventLines = EventLines()

  init(_ overlaps: OverlapWatch, input: Int) {
    self.overlaps = overlaps
    self.input = input
  }

  mutating func add(
    _ record: borrowing AccessRecord, line: Span<UInt8>, scratch: Span<UInt8>, number: Int,
    offset: Int
  ) {
    records += 1
    note(record.arrival)
    overlaps.add(record, line: line, scratch: scratch, input: input)
    rejectMinutes.move(to: record.stamp)
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
    switch eventLines.add(event.position) {
    case .none: break
    case .newLine: records += 1
    case .passedLine:
      records += 1
      passed -= 1
    }
    if !event.lacksYear && !event.lacksDate {
      note(event.time)
      rejectMinutes.move(to: event.time)
    }
    if sample == nil { sample = .event(event) }
  }

  mutating func reject(_ line: RejectedLine) {
    rejected += 1
    rejectMinutes.add()
    if let known = reasons[line.reason] {
      reasons[line.reason] = (known.count + 1, known.first, line.position)
    } else if reasons.count < Self.reasonLimit {
      reasons[line.reason] = (1, line.position, line.position)
    }
  }

  mutating func pass(number: Int, offset: Int) {
    passed += 1
    eventLines.pass(offset)
  }

  private mutating func note(_ moment: Instant) {
    first = min(first ?? moment, moment)
    last = max(last ?? moment, moment)
  }
}
