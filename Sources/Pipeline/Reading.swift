internal import ArchiveInput
internal import IncidentModel
internal import LogFormats
internal import Synchronization
package import TrafficTally

/// Reads every input into one tally: several members at a time, each inflated ahead of its parser.
package struct Reading: Sendable {
  private let options: ReadingOptions
  private let meter: ReadMeter
  private let formats: FormatChoice

  package init(options: ReadingOptions, meter: ReadMeter) {
    self.options = options
    formats = FormatChoice(options.forcedFormats)
    self.meter = meter
  }

  /// The tally of all inputs as the analysis reads it: the same for any number of threads and any order of PATHs.
  package func view() async throws -> TrafficView {
    try FormatChoice.check(options.forcedFormats)
    let found = try options.found()
    let earlier = try BaselineInputs(options.baselines, limits: options.limits)
    if !options.baselines.isEmpty, found.inputs.allSatisfy({ earlier.holds($0) }) {
      throw RunError.onlyBaseline
    }
    meter.expect(bytes: found.inputs.reduce(0) { $0 + $1.size })
    // Standard input can't be read again: with it, everything else is looked into first.
    let isOptimistic = !found.inputs.contains(where: \.isStandardInput)
    if isOptimistic, let view = await view(of: found, earlier, skippingStreams: true) {
      return view
    }
    meter.startOver()
    let view = await view(of: found, earlier, skippingStreams: false)
    return view ?? whole(firstFree: 0).use { $0.view() }
  }

  /// One pass over all inputs; nil where it must be made anew, because a file that was not looked into may hold a copy.
  func view(
    of found: (inputs: [FoundInput], problems: [(InputName, InputProblem)]),
    _ earlier: BaselineInputs = BaselineInputs(), skippingStreams: Bool
  ) async -> TrafficView? {
    let manifest = await Manifest(
      found: found, limits: options.limits, threads: options.threads,
      skippingStreams: skippingStreams)
    // With many files, the look into them took more than their reading will.
    FreeMemory.giveBack()
    let watch = skippingStreams && manifest.streamCount > 0 ? CopyWatch(manifest.sketches) : nil
    let whole = whole(firstFree: manifest.firstFree)
    let baseline = manifest.baseline(of: earlier, among: found.inputs)
    for (index, summary) in manifest.skipped {
      var summary = summary
      summary.isBaseline = baseline.names.contains(summary.name.file)
      whole.use { $0.describe(input: index, summary) }
    }
    await forEach(manifest.files.filter { !baseline.holds($0) }, atOnce: options.threads) { file in
      await read(file, of: manifest, into: whole, watch: watch, Earlier())
    } collect: { _ in
    }
    if !baseline.names.isEmpty {
      // Only now is it known where the window can begin at the earliest.
      let end = whole.use { $0.firstMinute } ?? Instant(microseconds: .min)
      whole.use { $0.baselineEnd = end }
      let rest = manifest.files.filter { baseline.holds($0) }
      await forEach(rest, atOnce: options.threads) { file in
        await read(
          file, of: manifest, into: whole, watch: watch,
          Earlier(end: end, unless: baseline.originals))
      } collect: { _ in
      }
    }
    return watch?.hasCopy == true ? nil : whole.use { $0.view() }
  }

  private func whole(firstFree: Int) -> SharedTally {
    SharedTally(Tally(options: tallyOptions(member: "")), firstFree: firstFree)
  }

  /// Reads the members of one file, one after the other.
  private func read(
    _ file: Manifest.File, of manifest: Manifest, into whole: SharedTally, watch: CopyWatch?,
    _ earlier: Earlier
  ) async {
    let reader = MemberReader(file.input, limits: options.limits, progress: meter.progress)
    var rows: [(number: Int, summary: InputSummary)] = []
    var strangers = 0
    var ordinal = 0
    let columns = manifest.columns
    while watch?.hasCopy != true, let name = await reader.nextMember() {
      if file.copies.contains(name) { continue }
      if let stream = file.stream {
        // The same for any number of threads, and of no two files.
        let number = manifest.firstFree + ordinal * manifest.streamCount + stream
        ordinal += 1
        if let watch {
          watch.look(at: ContentSketch(head: await reader.head()), number: number)
          if watch.hasCopy { return }
        }
        rows.append(
          (
            number,
            await read(reader, name, number, into: whole, watch, earlier.end(of: name), columns)
          ))
      } else if let number = file.numbers[name] {
        rows.append(
          (
            number,
            await read(reader, name, number, into: whole, watch, earlier.end(of: name), columns)
          ))
      } else {
        strangers += 1
      }
    }
    if watch?.hasCopy == true { return }
    let end = await reader.finish()
    for note in end.notes {
      var summary = InputSummary(note)
      let isFile = note.name == file.input.name
      if isFile, strangers > 0 { summary.problems.append(Self.changed(strangers)) }
      let isNeeded = isFile && (file.isOriginal || rows.isEmpty && file.copies.isEmpty)
      if summary.problems.isEmpty && !isNeeded { continue }
      // Rows without lines may have any number: no position leads to them.
      rows.append((file.numbers[note.name] ?? whole.rowNumber(), summary))
    }
    for (number, summary) in rows {
      var summary = summary
      summary.bytes = end.bytesOnDisk
      summary.sha256 = end.sha256
      summary.isBaseline = earlier.end(of: summary.name) != nil
      whole.use { $0.describe(input: number, summary) }
    }
  }

  private static func changed(_ count: Int) -> InputProblem {
    InputProblem(
      kind: .changedWhileRead,
      detail:
        "\(count: count) members in it were not there when it was first looked at; they were left out"
    )
  }

  /// Reads the member at hand.
  private func read(
    _ reader: MemberReader, _ name: InputName, _ number: Int, into whole: SharedTally,
    _ watch: CopyWatch?, _ baselineEnd: Instant?, _ columns: ColumnSeries
  ) async -> InputSummary {
    let seed = await reader.contentID().seed
    var log = LogReader(
      options: formats.readerOptions(
        for: name, zone: options.inputZone, input: number, columns: columns))
    var part = ShiftedSink(
      MemberTally(
        input: number, contentSeed: seed, options: tallyOptions(member: name.joined)),
      ahead: clockOffset(of: name), before: baselineEnd)
    var current = await reader.next()
    while let block = current, watch?.hasCopy != true {
      async let ahead = reader.next()
      for cut in block.cutBefore { log.skipLine(length: cut.length, into: &part) }
      log.consume(
        block.bytes.span.extracting(0..<block.count), offset: block.offset, isLast: block.isLast,
        into: &part)
      part.tally.endOfBlock()
      if part.tally.isDue { whole.add(&part.tally) }
      current = await ahead
      reader.giveBack(block.bytes)
    }
    let end = log.finish(into: &part)
    whole.add(&part.tally)
    meter.add(lines: end.lines)
    var summary = InputSummary(end, await reader.summary())
    if part.leftOut > 0 { summary.problems.append(Self.overlap(part.leftOut)) }
    return summary
  }

  private static func overlap(_ count: Int) -> InputProblem {
    InputProblem(
      kind: .overlapsWindow,
      detail:
        "\(count: count) of its requests are later than the first that is reported on; a baseline ends there, and they were left out"
    )
  }

  private func tallyOptions(member: String) -> TallyOptions {
    let rule: TallyOptions.ServiceRule =
      switch options.serviceRule {
      case .host: .host
      case .member: .member
      case .none: .none
      }
    return TallyOptions(serviceRule: rule, memberName: member)
  }

  /// A pattern may name a file, and with it all of its members, or one member.
  private func clockOffset(of name: InputName) -> Double {
    options.clockOffsets.first {
      SystemCalls.matches(name.file, pattern: $0.pattern)
        || SystemCalls.matches(name.joined, pattern: $0.pattern)
    }?.seconds ?? 0
  }
}

/// The one tally that all workers add to; the lock is taken once in many thousand lines.
final class SharedTally: Sendable {
  private let tally: Mutex<Tally>
  private let nextRow: Atomic<Int>

  /// `firstFree` is the first number that no input has.
  init(_ tally: Tally, firstFree: Int) {
    self.tally = Mutex(tally)
    nextRow = Atomic(max(firstFree, CopyWatch.numberLimit))
  }

  /// A number for an input without lines.
  func rowNumber() -> Int { nextRow.wrappingAdd(1, ordering: .relaxed).oldValue }

  /// Adds what a worker has read and empties the worker's part.
  func add(_ part: inout MemberTally) {
    tally.withLock { whole in part.merge(into: &whole) }
  }

  func use<Result: Sendable>(_ body: (inout Tally) -> Result) -> Result {
    tally.withLock { body(&$0) }
  }
}

/// Sets an input's clock right before its records are tallied (`--clock`).
struct ShiftedSink: RecordSink, ~Copyable {
  var tally: MemberTally
  /// How far the input's clock is ahead, in microseconds.
  private let ahead: Int64
  /// Of a baseline only requests that arrived before this moment are counted, and no event is; nil: it is no baseline.
  private let end: Instant?
  /// Requests of a baseline that came too late for one.
  private(set) var leftOut = 0
  private var passedOffset = -1

  init(_ tally: consuming MemberTally, ahead seconds: Double, before end: Instant? = nil) {
    self.tally = tally
    self.end = end
    ahead = Int64((seconds * 1_000_000).rounded())
    self.tally.isBaseline = end != nil
  }

  mutating func add(
    _ record: borrowing AccessRecord, line: Span<UInt8>, scratch: Span<UInt8>, number: Int,
    offset: Int
  ) {
    if let end, record.arrival.microseconds &- ahead >= end.microseconds {
      leftOut += 1
      return tally.pass(number: number, offset: offset)
    }
    guard ahead != 0 else {
      return tally.add(record, line: line, scratch: scratch, number: number, offset: offset)
    }
    var shifted = copy record
    shifted.stamp.microseconds -= ahead
    shifted.arrival.microseconds -= ahead
    tally.add(shifted, line: line, scratch: scratch, number: number, offset: offset)
  }

  mutating func add(_ event: CapacityEvent) {
    if end != nil {
      // Several events of one line are one line.
      if event.position.offset != passedOffset {
        tally.pass(number: event.position.line, offset: event.position.offset)
      }
      passedOffset = event.position.offset
      return
    }
    var shifted = event
    shifted.time.microseconds -= ahead
    tally.add(shifted)
  }

  mutating func reject(_ line: RejectedLine) { tally.reject(line) }

  mutating func pass(number: Int, offset: Int) { tally.pass(number: number, offset: offset) }
}
