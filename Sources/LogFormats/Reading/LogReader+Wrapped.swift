internal import IncidentModel

/// Lines inside of others, and lines of another format between those of the file's.
extension LogReader {
  /// Takes the wrappers off a line and reads what is inside; its place is the outer line's.
  mutating func takeWrapped(
    _ line: Span<UInt8>, _ number: Int, _ offset: Int,
    into sink: inout some RecordSink & ~Copyable
  ) {
    let outcome = wrappers.unwrap(line, number: number, offset: offset)
    if let piece = wrappers.takePassed() { sink.pass(number: piece.number, offset: piece.offset) }
    switch outcome {
    case .range(let range):
      readInner(line.extracting(range), number, offset, line, at: range.lowerBound, into: &sink)
    case .bytes(let bytes):
      readInner(bytes.span, number, offset, line, at: 0, into: &sink)
    case .partial: break
    case .foreign:
      // A line that came without its wrapper is read as it is.
      readInner(line, number, offset, line, at: 0, into: &sink)
    }
  }

  private mutating func readInner(
    _ text: Span<UInt8>, _ number: Int, _ offset: Int, _ whole: Span<UInt8>, at place: Int,
    into sink: inout some RecordSink & ~Copyable
  ) {
    if text.isEmpty || text[0] == UInt8(ascii: "#") {
      if !text.isEmpty { context.directives.note(text) }
      return pass(whole, number, offset, into: &sink)
    }
    switch format {
    case .access(let format)?:
      read(text, number, offset, as: format, into: &sink, whole: whole, at: place)
    case .capacity(let format)?:
      read(text, number, offset, as: format, into: &sink, whole: whole)
    case nil:
      let error = LineError("no known format takes this line", at: 0)
      refuse(whole, error, number, offset, into: &sink)
    }
  }

  /// The day that the wrapper around a line tells; nil where nothing is around it.
  func wrapperDay(of whole: Span<UInt8>) -> Instant? {
    if wrappers.isEmpty { return nil }
    var context = AccessContext(zone: options.zone, date: date)
    guard let wrapping = try? TimedWrapping(whole, &context) else { return nil }
    let day: Int64 = 86_400_000_000
    let time = wrapping.time.microseconds
    return Instant(microseconds: time - (time % day + day) % day)
  }

  /// Lines whose end never came are read as far as they go.
  mutating func finishPieces(into sink: inout some RecordSink & ~Copyable) {
    for piece in wrappers.finish() {
      let inner = wrappers.inside(piece)
      readInner(inner.span, piece.number, piece.offset, inner.span, at: 0, into: &sink)
    }
  }

  /// Reads a line that the file's format refused in one of those that stand beside it.
  @inline(never)
  mutating func readByCompanion(
    _ text: Span<UInt8>, _ number: Int, _ offset: Int,
    into sink: inout some RecordSink & ~Copyable
  ) -> Bool {
    for index in companions.indices {
      var record = AccessRecord()
      context.scratch.removeAll(keepingCapacity: true)
      guard (try? companions[index].parse(text, in: &context, into: &record)) != nil else {
        continue
      }
      var run = companionRun
      run.take(number, offset)
      accept(into: &sink)
      companionRun = run
      order.note(record.stamp)
      sink.add(record, line: text, scratch: context.scratch.span, number: number, offset: offset)
      if run.count >= LineHold.patience { promote(index) }
      return true
    }
    return false
  }

  /// The lines have changed for good: the companion becomes the file's format, and the old one its companion.
  private mutating func promote(_ index: Int) {
    guard case .access(let old)? = format else { return }
    let new = companions[index]
    // Of a file that begins with the companion's lines nothing has changed yet.
    if !companionRun.isAtStart {
      tellChange(
        to: new.name,
        from: LineHold.Line(bytes: [], number: companionRun.number, offset: companionRun.offset))
    }
    companions[index] = old
    format = .access(new)
    formatChanged = true
    companionRun.end()
  }
}

/// Lines in a row that companions of the format took, and where they begin.
struct CompanionRun {
  private(set) var count = 0
  private(set) var number = 0
  private(set) var offset = 0
  /// No line of the format itself stands in front.
  private(set) var isAtStart = true

  mutating func take(_ number: Int, _ offset: Int) {
    if count == 0 { (self.number, self.offset) = (number, offset) }
    count += 1
  }

  @inline(__always)
  mutating func end() {
    count = 0
    isAtStart = false
  }
}
