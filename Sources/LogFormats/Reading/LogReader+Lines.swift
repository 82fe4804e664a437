internal import IncidentModel

/// Lines: cut out of blocks, handed to the format, and told to the sink.
extension LogReader {
  /// Reads a block in the phase that was decided.
  mutating func feed(
    _ block: Span<UInt8>, isLast: Bool, into sink: inout some RecordSink & ~Copyable
  ) {
    if phase == .document { return feedDocument(block, isLast: isLast, into: &sink) }
    var start = count == 0 && carry.isEmpty ? byteOrderMark(block) : 0
    if !carry.isEmpty || isOverlong {
      let newline = block.place(of: UInt8(ascii: "\n"), from: 0)
      if newline == block.count && !isLast { return keepRest(block, into: &sink) }
      finishCarried(block.extracting(0..<newline), into: &sink)
      start = newline + 1
    }
    while start < block.count {
      formatChanged = false
      switch format {
      case .access(let format)?: start = takeLines(format, block, from: start, into: &sink)
      default: start = takeOtherLines(block, from: start, into: &sink)
      }
      if start < block.count && !formatChanged {
        let rest = block.extracting(start..<block.count)
        if isLast { takeLine(rest, into: &sink) } else { keepRest(rest, into: &sink) }
        return
      }
    }
  }

  /// Three bytes to skip where a member begins with UTF-8's mark.
  private func byteOrderMark(_ block: Span<UInt8>) -> Int {
    offset == 3 && block.holds("\u{FEFF}", at: 0) ? 3 : 0
  }

  /// Puts the rest of a block aside until its line ends.
  private mutating func keepRest(
    _ rest: Span<UInt8>, into sink: inout some RecordSink & ~Copyable
  ) {
    if isOverlong {
      offset += rest.count
    } else if carry.count + rest.count > Self.maximumLineBytes {
      isOverlong = true
      count += 1
      append(rest)
      let head = carry
      carry = []
      rejectOverlong(head.span, count, offset, into: &sink)
      offset += head.count
    } else {
      append(rest)
    }
  }

  /// The end of a line whose beginning came with earlier blocks.
  private mutating func finishCarried(
    _ end: Span<UInt8>, into sink: inout some RecordSink & ~Copyable
  ) {
    if isOverlong {
      isOverlong = false
      offset += end.count + 1
      return
    }
    append(end)
    let line = carry
    carry = []
    takeLine(line.span, into: &sink)
  }

  /// The loop over an access log's lines: entered once a block, so that the format is looked up once.
  ///
  /// Returns the start of the first line that it left: an unfinished one, or the next one where the format changed.
  private mutating func takeLines<Format: AccessFormat>(
    _ format: Format.Type, _ block: Span<UInt8>, from first: Int,
    into sink: inout some RecordSink & ~Copyable
  ) -> Int {
    var start = first
    while !formatChanged {
      let newline = block.place(of: UInt8(ascii: "\n"), from: start)
      if newline == block.count { break }
      let begin = offset
      count += 1
      offset = begin + newline + 1 - start
      take(block.extracting(start..<newline), count, begin, as: format, into: &sink)
      start = newline + 1
    }
    return start
  }

  private mutating func takeOtherLines(
    _ block: Span<UInt8>, from first: Int, into sink: inout some RecordSink & ~Copyable
  ) -> Int {
    var start = first
    while !formatChanged {
      let newline = block.place(of: UInt8(ascii: "\n"), from: start)
      if newline == block.count { break }
      takeLine(block.extracting(start..<newline), into: &sink)
      start = newline + 1
    }
    return start
  }

  /// One line that stands alone, in whichever format is in force.
  private mutating func takeLine(
    _ line: Span<UInt8>, into sink: inout some RecordSink & ~Copyable
  ) {
    let begin = offset
    count += 1
    offset = begin + line.count + 1
    takeAgain(line, count, begin, into: &sink)
  }

  /// A line whose number and offset are known, such as one that was held.
  mutating func takeAgain(
    _ line: Span<UInt8>, _ number: Int, _ offset: Int,
    into sink: inout some RecordSink & ~Copyable
  ) {
    switch format {
    case .access(let format)?: take(line, number, offset, as: format, into: &sink)
    case .capacity(let format)?: take(line, number, offset, as: format, into: &sink)
    case nil:
      let text = withoutReturn(line)
      if text.count > Self.maximumLineBytes {
        return rejectOverlong(text, number, offset, into: &sink)
      }
      if text.isEmpty || text[0] == UInt8(ascii: "#") {
        return pass(text, number, offset, into: &sink)
      }
      refuse(text, LineError("no known format takes this line", at: 0), number, offset, into: &sink)
    }
  }

  @inline(__always)
  private mutating func take<Format: AccessFormat>(
    _ line: Span<UInt8>, _ number: Int, _ offset: Int, as format: Format.Type,
    into sink: inout some RecordSink & ~Copyable
  ) {
    let text = withoutReturn(line)
    if text.isEmpty || text[0] == UInt8(ascii: "#") {
      return pass(text, number, offset, into: &sink)
    }
    if text.count > Self.maximumLineBytes {
      return rejectOverlong(text, number, offset, into: &sink)
    }
    if !wrappers.isEmpty { return takeWrapped(text, number, offset, into: &sink) }
    read(text, number, offset, as: format, into: &sink, whole: text, at: 0)
  }

  /// Reads a line, or the inner one of `whole`, in which it stands at `place`.
  @inline(__always)
  mutating func read<Format: AccessFormat>(
    _ text: Span<UInt8>, _ number: Int, _ offset: Int, as format: Format.Type,
    into sink: inout some RecordSink & ~Copyable, whole: Span<UInt8>, at place: Int
  ) {
    var record = AccessRecord()
    if !context.scratch.isEmpty { context.scratch.removeAll(keepingCapacity: true) }
    do throws(LineError) {
      try format.parse(text, in: &context, into: &record)
    } catch {
      if !companions.isEmpty && readByCompanion(text, number, offset, into: &sink) { return }
      var error = error
      error.column = min(error.column + place, whole.count)
      return refuse(whole, error, number, offset, into: &sink)
    }
    accept(into: &sink)
    order.note(record.stamp)
    sink.add(record, line: text, scratch: context.scratch.span, number: number, offset: offset)
  }

  private mutating func take(
    _ line: Span<UInt8>, _ number: Int, _ offset: Int, as format: any CapacityFormat.Type,
    into sink: inout some RecordSink & ~Copyable
  ) {
    let text = withoutReturn(line)
    if text.isEmpty { return pass(text, number, offset, into: &sink) }
    if text.count > Self.maximumLineBytes {
      return rejectOverlong(text, number, offset, into: &sink)
    }
    if !wrappers.isEmpty { return takeWrapped(text, number, offset, into: &sink) }
    read(text, number, offset, as: format, into: &sink, whole: text)
  }

  /// Reads a line, or the inner one of `whole`.
  mutating func read(
    _ text: Span<UInt8>, _ number: Int, _ offset: Int, as format: any CapacityFormat.Type,
    into sink: inout some RecordSink & ~Copyable, whole: Span<UInt8>
  ) {
    let position = LogPosition(input: options.input, line: number, offset: offset)
    // A wrapper's stamp tells the year of a klog line better than a file's name.
    let place = CapacityContext(
      position: position, zone: options.zone, date: wrapperDay(of: whole) ?? date)
    do throws(LineError) {
      let outcome = try format.parse(text, in: place, memory: &memory)
      accept(into: &sink)
      tell(outcome, of: position, to: &sink)
    } catch {
      refuse(whole, error, number, offset, into: &sink)
    }
  }

  /// Tells the events, and the line as passed where none of them is its own: those of earlier lines may come with it, and its own with a later one.
  func tell(
    _ outcome: CapacityOutcome, of position: LogPosition, to sink: inout some RecordSink & ~Copyable
  ) {
    var hasOwn = false
    if case .events(let events) = outcome {
      for event in events {
        hasOwn = hasOwn || event.position.offset == position.offset
        sink.add(event)
      }
    }
    if !hasOwn { sink.pass(number: position.line, offset: position.offset) }
  }

  /// The line without the carriage return of a Windows file.
  @inline(__always)
  @_lifetime(copy line)
  private func withoutReturn(_ line: Span<UInt8>) -> Span<UInt8> {
    line.byte(at: line.count - 1) == UInt8(ascii: "\r")
      ? line.extracting(0..<line.count - 1) : line
  }
}
