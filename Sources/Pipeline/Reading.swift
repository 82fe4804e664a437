internal import ArchiveInput
internal import IncidentModel
internal import LogFormats
internal import Synchronization
package import TrafficTally

/// Reads every input into one tally: several members at a time, each inflated ahead of its parser.
package struct Reading: Sendable {
  private let options: ReadingOptions
  private let meter: ReadMeter

  package init(options: ReadingOptions, meter: ReadMeter) {
    self.options = options
    self.meter = meter
  }

  /// The tally of all inputs as the analysis reads it: the same for any number of threads and any order of PATHs.
  package func view() async throws -> TrafficView {
    try FormatChoice.check(options.forcedFormats)
    let limits = options.limits
    let found = try ArchiveWalk.find(options.paths, limits: limits)
    meter.expect(bytes: found.inputs.reduce(0) { $0 + $1.size })
    let manifest = await Manifest(found: found, limits: limits)
    let whole = SharedTally(Tally(options: tallyOptions(member: "")))
    for (index, summary) in manifest.skipped {
      whole.use { $0.describe(input: index, summary) }
    }
    await withTaskGroup(of: Void.self) { group in
      var waiting = manifest.readable.makeIterator()
      for _ in 0..<max(1, options.threads) {
        guard let next = waiting.next() else { break }
        group.addTask { await read(next, into: whole, limits: limits) }
      }
      while await group.next() != nil {
        guard let next = waiting.next() else { continue }
        group.addTask { await read(next, into: whole, limits: limits) }
      }
    }
    return whole.use { $0.view() }
  }

  private func read(
    _ entry: Manifest.Entry, into whole: SharedTally, limits: InputLimits
  ) async {
    let reader = MemberReader(entry.input, limits: limits, progress: meter.progress)
    let seed = await reader.contentID().seed
    var log = LogReader(
      options: ReaderOptions(
        format: FormatChoice.format(for: entry.input.name, among: options.forcedFormats),
        zone: options.inputZone, input: entry.index, fileName: entry.input.name.file))
    var part = ShiftedSink(
      MemberTally(
        input: entry.index, contentSeed: seed,
        options: tallyOptions(member: entry.input.name.file)),
      ahead: clockOffset(of: entry.input))
    var current = await reader.next()
    while let block = current {
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
    let summary = InputSummary(end, await reader.summary())
    whole.use { $0.describe(input: entry.index, summary) }
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

  private func clockOffset(of input: FoundInput) -> Double {
    options.clockOffsets.first { SystemCalls.matches(input.name.file, pattern: $0.pattern) }?
      .seconds ?? 0
  }
}

/// The one tally that all workers add to; the lock is taken once in many thousand lines.
final class SharedTally: Sendable {
  private let tally: Mutex<Tally>

  init(_ tally: Tally) {
    self.tally = Mutex(tally)
  }

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

  init(_ tally: consuming MemberTally, ahead seconds: Double) {
    self.tally = tally
    ahead = Int64((seconds * 1_000_000).rounded())
  }

  mutating func add(
    _ record: borrowing AccessRecord, line: Span<UInt8>, scratch: Span<UInt8>, number: Int,
    offset: Int
  ) {
    guard ahead != 0 else {
      return tally.add(record, line: line, scratch: scratch, number: number, offset: offset)
    }
    var shifted = copy record
    shifted.stamp.microseconds -= ahead
    shifted.arrival.microseconds -= ahead
    tally.add(shifted, line: line, scratch: scratch, number: number, offset: offset)
  }

  mutating func add(_ event: CapacityEvent) {
    var shifted = event
    shifted.time.microseconds -= ahead
    tally.add(shifted)
  }

  mutating func reject(_ line: RejectedLine) { tally.reject(line) }

  mutating func pass(number: Int, offset: Int) { tally.pass(number: number, offset: offset) }
}
