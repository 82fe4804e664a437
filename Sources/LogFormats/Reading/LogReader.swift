package import IncidentModel

/// Reads one member: blocks of bytes come in, records, events and rejected lines go to the sink.
///
/// The first 64 KiB are held until the format is known and are then read like all others.
/// Blocks may end anywhere; an unfinished line or object waits for the next block.
package struct LogReader: ~Copyable {
  /// The longest line that is read; longer ones are rejected (DESIGN §9).
  package static let maximumLineBytes = 1 << 20

  enum Phase {
    case holding
    case lines
    case document
  }

  let options: ReaderOptions
  let date: Instant?
  var phase = Phase.holding
  var format: LogFormat?
  /// Formats of single lines between those of `format`.
  var companions: [any AccessFormat.Type] = []
  var companionRun = CompanionRun()
  /// What is wrapped around the lines.
  var wrappers = WrapperStack()
  var detection: Detection?
  var problems: [InputProblem] = []
  var context: AccessContext
  var memory = CapacityMemory()
  var hold = LineHold()
  /// What to do about a file that is of no format.
  private var advice: Sentence?
  /// The directives in force in front of the first line that is held.
  var heldDirectives = W3CDirectives()
  var order = OrderStatistic()
  var splitter: DocumentSplitter
  /// Bytes of the first lines, or of the line that the last block left unfinished.
  var carry: [UInt8] = []
  /// The unfinished line is over the limit: its rest is thrown away.
  var isOverlong = false
  /// Lines or objects so far.
  var count = 0
  /// The byte of the member at which the next line begins.
  var offset = 0
  /// The format changed while a block was read: its loop must be entered anew.
  var formatChanged = false

  package init(options: ReaderOptions) {
    self.options = options
    date = DateInText.first(in: options.fileName.utf8.span)
    context = AccessContext(zone: options.zone, string: options.string, date: date)
    splitter = .ofKnown
  }

  /// Reads the next bytes of the member, which begin at `offset` of its decompressed content.
  ///
  /// Blocks come in order and without gaps, apart from lines told to ``skipLine(into:)``.
  package mutating func consume(
    _ block: Span<UInt8>, offset: Int, isLast: Bool, into sink: inout some RecordSink & ~Copyable
  ) {
    if phase != .holding { return feed(block, isLast: isLast, into: &sink) }
    let room = Detection.maximumBytes - carry.count
    let taken = min(room, block.count)
    append(block.extracting(0..<taken))
    if taken == room || isLast {
      let held = carry
      carry = []
      decide(held)
      let rest = block.extracting(taken..<block.count)
      feed(held.span, isLast: isLast && rest.isEmpty, into: &sink)
      if !rest.isEmpty { feed(rest, isLast: isLast, into: &sink) }
    }
  }

  /// Counts a line of `length` bytes, newline included, that was too long to be handed over.
  package mutating func skipLine(length: Int, into sink: inout some RecordSink & ~Copyable) {
    if phase == .holding {
      let held = carry
      carry = []
      decide(held)
      feed(held.span, isLast: false, into: &sink)
    }
    count += 1
    let head = carry
    carry = []
    rejectOverlong(head.span, count, offset, into: &sink)
    offset += head.count + length
  }

  /// Ends the member.
  package consuming func finish(into sink: inout some RecordSink & ~Copyable) -> ReaderEnd {
    let nothing: [UInt8] = []
    consume(nothing.span, offset: offset, isLast: true, into: &sink)
    finishPieces(into: &sink)
    release(into: &sink)
    if case .capacity(let format)? = format {
      for event in format.finish(&memory) { sink.add(event) }
    }
    var stamp: StampMeaning?
    if case .access(let format)? = format {
      stamp = options.string?.stamp ?? format.stamp ?? order.meaning
    }
    if format == nil && count > 0 { problems.append(unknownFormat) }
    if let names = options.string?.ownVariables, !names.isEmpty {
      let list = LogText(names.joined(separator: " "), kind: .name)
      problems.append(
        InputProblem(
          kind: .ambiguousFormat,
          detail: "the format string's \(log: list) is no variable of nginx and was read over"))
    }
    return ReaderEnd(
      format: options.string?.label ?? format?.name,
      confidence: detection?.winner?.share ?? 0, detection: detection,
      kind: format?.kind ?? .skipped, lines: count,
      documentLines: phase == .document ? splitter.lines : nil, problems: problems,
      orderStatistic: order, stampMeaning: stamp)
  }

  private var unknownFormat: InputProblem {
    if let advice { return InputProblem(kind: .unknownFormat, detail: advice) }
    guard let guess = detection?.candidates.first else {
      return InputProblem(kind: .unknownFormat, detail: "no format took any of the first lines")
    }
    let name = LogText(guess.name, kind: .name)
    return InputProblem(
      kind: .unknownFormat,
      detail: "no format took enough of the first lines; \(log: name) took \(share: guess.share)")
  }

  mutating func append(_ bytes: Span<UInt8>) {
    carry.reserveCapacity(carry.count + bytes.count)
    for index in bytes.indices { carry.append(bytes[index]) }
  }

  /// Finds the format of the held bytes, and whether they are lines or a document.
  private mutating func decide(_ held: [UInt8]) {
    let isDocument = DocumentSplitter.isDocument(held.span)
    phase = isDocument ? .document : .lines
    if held.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    let samples = isDocument ? [] : Self.samples(of: held)
    if samples.isEmpty {
      format = options.format
    } else {
      takeColumns(for: samples)
      settle(
        FormatSearch(
          samples, zone: options.zone, date: date, forced: options.format,
          directives: context.directives, string: options.string))
      if format == nil {
        advice =
          PrintedForm.advice(on: samples)
          ?? (W3CColumns.areMissing(in: samples) ? W3CColumns.advice : nil)
      }
    }
    if context.durationUnit.microseconds == nil { context.durationUnit.settle() }
  }

  /// Columns from elsewhere, where the samples begin without any.
  private mutating func takeColumns(for samples: [Detection.Sample]) {
    guard options.format == nil, samples.first?.isHeader == false else { return }
    let given = options.columns.first { $0.source == nil }
    guard let columns = given ?? W3CColumns.only(of: options.columns, fitting: samples) else {
      return
    }
    context.directives = columns.directives
    if columns.source != nil {
      problems.append(InputProblem(kind: .ambiguousFormat, detail: columns.note))
    }
  }

  /// Takes over what a search has found.
  mutating func settle(_ search: FormatSearch) {
    detection = search.detection
    format =
      options.format
      ?? search.detection.winner.flatMap { FormatRegistry.format(named: $0.name) }
    wrappers = WrapperStack(search.layers)
    companions = search.detection.companions.compactMap { FormatRegistry.access(named: $0) }
    context.durationUnit = search.detection.durationUnit
  }

  /// The first lines that are not empty; none if all of them are headers.
  static func samples(of held: [UInt8]) -> [Detection.Sample] {
    var samples: [Detection.Sample] = []
    var start = held.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var number = 0
    var hasLine = false
    while start < held.count && samples.count < Detection.maximumLines {
      number += 1
      let newline = held.span.place(of: UInt8(ascii: "\n"), from: start)
      var end = newline
      if end > start && held[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      if end > start {
        let isHeader = held[start] == UInt8(ascii: "#")
        hasLine = hasLine || !isHeader
        samples.append(
          Detection.Sample(
            bytes: Array(held[start..<end]), number: number, isHeader: isHeader,
            isUnfinished: newline == held.count))
      }
      start = newline + 1
    }
    return hasLine ? samples : []
  }
}
