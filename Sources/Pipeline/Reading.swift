internal import ArchiveInput
internal import IncidentModel
internal import LogFormats
internal import Synchronization
internal import SystemPackage
package import TrafficTally

/// Reads every input into one tally: several members at a time, each inflated ahead of its parser.
package struct Reading: Sendable {
  let options: ReadingOptions
  let meter: ReadMeter
  private let formats: FormatChoice
  /// How the members begin is kept too, by which copies in other tallies are known.
  private var notesBeginnings = false

  package init(options: ReadingOptions, meter: ReadMeter) {
    self.options = options
    formats = FormatChoice(options.forcedFormats)
    self.meter = meter
  }

  /// The tally of all inputs as the analysis reads it: the same for any number of threads and any order of PATHs.
  package func view() async throws -> TrafficView {
    try await account().view
  }

  /// What a report is made of.
  struct Account {
    var view: TrafficView
    /// The words for the settings of the tallies among the PATHs.
    var settings: [String]
    /// Files of the cache that were damaged, and taken away.
    var damagedCacheFiles: [String]
  }

  /// The same, with what there is to say beside it.
  func account() async throws -> Account {
    let whole = try await whole(isKept: false)
    return Account(
      view: whole.tally.take().finalView(), settings: whole.isTallied ? whole.settings.words : [],
      damagedCacheFiles: whole.tally.damagedCacheFiles)
  }

  /// The tally of all inputs, to be kept.
  func tally() async throws -> (
    tally: Tally, settings: TallySettings, damagedCacheFiles: [String]
  ) {
    let whole = try await whole(isKept: true)
    return (whole.tally.take(), whole.settings, whole.tally.damagedCacheFiles)
  }

  private func whole(
    isKept: Bool
  ) async throws -> (tally: SharedTally, settings: TallySettings, isTallied: Bool) {
    try FormatChoice.check(options.forcedFormats)
    let found = try options.found()
    let tallies = try Self.open(found.tallies)
    let earlier = try BaselineInputs(options.baselines, limits: options.limits)
    if let tally = found.foundTallies.first(where: { earlier.holds($0) }) {
      throw RunError.tally(.asBaseline(path: tally.path.string))
    }
    if !options.baselines.isEmpty, tallies.isEmpty,
      found.inputs.allSatisfy({ earlier.holds($0) })
    {
      throw RunError.onlyBaseline
    }
    meter.expect(bytes: found.inputs.reduce(0) { $0 + $1.size })
    let cache = try options.cache.map { try TallyCache($0) }
    do throws(TallyProblem) {
      let agreed = try options.agreeing(with: tallies, readsMore: !found.inputs.isEmpty)
      var reading = Reading(options: agreed, meter: meter)
      reading.notesBeginnings = isKept || !tallies.isEmpty || cache != nil
      let tally = try await reading.pass(found, tallies, earlier, by: cache)
      let theirs = found.inputs.isEmpty ? tallies.first?.settings : nil
      return (tally, theirs ?? TallySettings(options), !tallies.isEmpty)
    } catch {
      throw RunError.tally(error)
    }
  }

  private static func open(_ paths: [FilePath]) throws(RunError) -> [TallyFile] {
    do throws(TallyProblem) {
      var tallies: [TallyFile] = []
      for path in paths.sorted(by: { $0.string < $1.string }) {
        tallies.append(try TallyFile(path))
      }
      return tallies
    } catch {
      throw .tally(error)
    }
  }

  /// The tally of all inputs, by way of a cache where there is one.
  private func pass(
    _ found: FoundPaths, _ tallies: [TallyFile], _ earlier: BaselineInputs, by cache: TallyCache?
  ) async throws(TallyProblem) -> SharedTally {
    guard let cache else { return try await pass(found, tallies, earlier) }
    let cached = await cached(found.inputs, earlier, in: cache)
    var damaged: [String] = []
    var rest = found
    rest.inputs = cached.rest
    do throws(TallyProblem) {
      return try await pass(rest, tallies + cached.tallies, earlier)
    } catch {
      // What is a copy, only the bytes can tell; and what is damaged is made anew by a later run.
      switch error {
      case .sharedMember, .sameName: break
      case .damaged(let path, _, _) where cache.holds(path):
        SystemCalls.unlink(FilePath(path))
        damaged.append(path)
      default: throw error
      }
    }
    meter.startOver()
    let tally = try await pass(found, tallies, earlier)
    tally.note(damagedCacheFiles: damaged)
    return tally
  }

  /// One pass, or two where the first one meets what may be a copy.
  func pass(
    _ found: FoundPaths, _ tallies: [TallyFile], _ earlier: BaselineInputs
  ) async throws(TallyProblem) -> SharedTally {
    // Standard input can't be read again: with it, everything else is looked into first.
    let isOptimistic = !found.inputs.contains(where: \.isStandardInput)
    if isOptimistic,
      let tally = try await tally(of: found, tallies, earlier, skippingStreams: true)
    {
      return tally
    }
    meter.startOver()
    let tally = try await tally(of: found, tallies, earlier, skippingStreams: false)
    return tally ?? whole(firstFree: 0)
  }

  /// One pass over all inputs; nil where it must be made anew, because a file that was not looked into may hold a copy.
  func tally(
    of found: FoundPaths, _ tallies: [TallyFile] = [],
    _ earlier: BaselineInputs = BaselineInputs(), skippingStreams: Bool
  ) async throws(TallyProblem) -> SharedTally? {
    var shared = try SharedMembers(tallies)
    let manifest = await Manifest(
      found: (found.inputs, found.problems), limits: options.limits, threads: options.threads,
      skippingStreams: skippingStreams,
      tallied: tallies.flatMap { $0.inputs.map(\.summary.name) })
    // With many files, the look into them took more than their reading will.
    FreeMemory.giveBack()
    let watch = skippingStreams && manifest.streamCount > 0 ? CopyWatch(manifest.sketches) : nil
    let whole = whole(firstFree: manifest.firstFree, keepsOwn: !tallies.isEmpty)
    var numbers = manifest.talliedNumbers[...]
    for tally in tallies {
      try whole.load(tally, numbers: Array(numbers.prefix(tally.inputs.count)))
      numbers = numbers.dropFirst(tally.inputs.count)
    }
    await read(manifest, of: found, into: whole, watch, earlier)
    if watch?.hasCopy == true { return nil }
    if !tallies.isEmpty { try shared.add(whole.ownInputs, of: nil) }
    return whole
  }

  private func read(
    _ manifest: Manifest, of found: FoundPaths, into whole: SharedTally, _ watch: CopyWatch?,
    _ earlier: BaselineInputs
  ) async {
    let baseline = manifest.baseline(of: earlier, among: found.inputs)
    for (index, summary) in manifest.skipped {
      var summary = summary
      summary.isBaseline = baseline.names.contains(summary.name.file)
      whole.describe(index, summary)
    }
    // Those with the widest windows are large, and are done before the tally is; nor does one of them outlast all the others.
    let files = manifest.files.filter { !baseline.holds($0) }.sorted {
      ($1.input.size, $0.input.name) < ($0.input.size, $1.input.name)
    }
    await forEach(files, atOnce: options.threads) { file in
      await read(file, of: manifest, into: whole, watch: watch, Earlier())
    } collect: { _ in
    }
    guard !baseline.names.isEmpty else { return }
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

  private func whole(firstFree: Int, keepsOwn: Bool = false) -> SharedTally {
    SharedTally(
      Tally(options: tallyOptions(member: "")), firstFree: firstFree, keepsOwn: keepsOwn)
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
      whole.describe(number, summary)
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
    let head = await reader.head()
    let seed = ContentID(head: head).seed
    if notesBeginnings { whole.note(MemberBeginning(ContentSketch(head: head)), of: number) }
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
  private let added = Atomic<Int>(0)
  private let keepsOwn: Bool
  private let damaged = Mutex<[String]>([])
  private let own = Mutex<[Int: TallyInput]>([:])

  /// `firstFree` is the first number that no input has; with `keepsOwn` it can tell ``ownInputs``.
  init(_ tally: Tally, firstFree: Int, keepsOwn: Bool = false) {
    self.tally = Mutex(tally)
    self.keepsOwn = keepsOwn
    nextRow = Atomic(max(firstFree, CopyWatch.numberLimit))
  }

  /// A number for an input without lines.
  func rowNumber() -> Int { nextRow.wrappingAdd(1, ordering: .relaxed).oldValue }

  /// Adds a tally of a file.
  func load(_ file: TallyFile, numbers: [Int]) throws(TallyProblem) {
    let problem = tally.withLock { whole -> TallyProblem? in
      do throws(TallyProblem) {
        try file.load(into: &whole, numbers: numbers)
        return nil
      } catch {
        return error
      }
    }
    if let problem { throw problem }
  }

  /// Takes what is known of an input that is read here.
  func describe(_ number: Int, _ summary: InputSummary) {
    tally.withLock { $0.describe(input: number, summary) }
    if !keepsOwn { return }
    own.withLock { $0[number, default: TallyInput(summary: summary)].summary = summary }
  }

  /// Takes how a member begins that is read here.
  func note(_ beginning: MemberBeginning, of number: Int) {
    tally.withLock { $0.note(beginning, of: number) }
    if !keepsOwn { return }
    let unnamed = TallyInput(summary: InputSummary(name: InputName(file: "")))
    own.withLock { $0[number, default: unnamed].beginning = beginning }
  }

  /// Files of the cache that were damaged.
  var damagedCacheFiles: [String] { damaged.withLock { $0 } }

  func note(damagedCacheFiles paths: [String]) { damaged.withLock { $0 += paths } }

  /// What was read here, and not taken from a file.
  var ownInputs: [TallyInput] {
    own.withLock { own in own.sorted { $0.key < $1.key }.map(\.value) }
  }

  /// Adds what a worker has read and empties the worker's part.
  func add(_ part: inout MemberTally) {
    let weight = part.recordsToMerge + Self.partWeight
    tally.withLock { whole in part.merge(into: &whole) }
    let sum = added.wrappingAdd(weight, ordering: .relaxed)
    if sum.oldValue / Self.tidyingStep != sum.newValue / Self.tidyingStep {
      FreeMemory.giveBack()
    }
  }

  /// What a part weighs besides its records, and after how much weight free memory goes back to the system: what widens leaves holes that would add up.
  private static let partWeight = 256
  private static let tidyingStep = 1 << 18

  /// The tally, for nobody else to use.
  func take() -> Tally {
    tally.withLock { whole in
      let taken = whole
      whole = Tally(options: taken.options)
      return taken
    }
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
