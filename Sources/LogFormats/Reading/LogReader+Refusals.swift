internal import IncidentModel

/// Lines that the format doesn't take: counted, located, and a reason to look at the format again.
extension LogReader {
  /// Before a line is told that was taken: what was held is told first.
  @inline(__always)
  mutating func accept(into sink: inout some RecordSink & ~Copyable) {
    if !hold.isEmpty { release(into: &sink) }
    hold.endRun()
    companionRun.end()
  }

  /// An empty line or header.
  mutating func pass(
    _ line: Span<UInt8>, _ number: Int, _ offset: Int,
    into sink: inout some RecordSink & ~Copyable
  ) {
    if line.byte(at: 0) == UInt8(ascii: "#") { context.directives.note(line) }
    if hold.isEmpty { return sink.pass(number: number, offset: offset) }
    hold.keep(LineHold.Line(bytes: line.bytesCopy(), number: number, offset: offset))
  }

  mutating func refuse(
    _ line: Span<UInt8>, _ error: LineError, _ number: Int, _ offset: Int,
    into sink: inout some RecordSink & ~Copyable
  ) {
    if line.isBlank { return pass(line, number, offset, into: &sink) }
    let position = LogPosition(input: options.input, line: number, offset: offset)
    var rejection = Self.rejection(of: line, error, at: position)
    if error.field >= 0, let program = context.program {
      rejection.reason += program.words(for: error.field)
    }
    if line.place(of: 0, from: 0) < line.count { noteNulBytes(number, offset) }
    hold.countRefused()
    if options.format != nil || phase == .document || !hold.isHolding {
      if !hold.isEmpty { release(into: &sink) }
      sink.reject(rejection)
      if hold.isDue { hold.lookInVain() }
      return
    }
    if hold.isEmpty { heldDirectives = context.directives }
    hold.keep(
      LineHold.Line(
        bytes: line.bytesCopy(), number: number, offset: offset, rejection: rejection))
    if hold.isDue { lookAgain(into: &sink) }
  }

  /// What the reject table shows of a line: its first 160 bytes.
  static func rejection(
    of line: Span<UInt8>, _ error: LineError, at position: LogPosition
  ) -> RejectedLine {
    let hasNul = line.place(of: 0, from: 0) < line.count
    let excerpt = line.extracting(0..<min(160, line.count)).bytesCopy()
    return RejectedLine(
      position: position, reason: hasNul ? "the line holds NUL bytes" : "\(error.reason)",
      column: error.column, excerpt: LogText(bytes: excerpt, kind: .line))
  }

  /// A crash left a block of NUL bytes: said once, counted with the rejected lines.
  private mutating func noteNulBytes(_ number: Int, _ offset: Int) {
    if problems.contains(where: { $0.kind == .nulBytes }) { return }
    problems.append(
      InputProblem(
        kind: .nulBytes, detail: "lines hold NUL bytes, as a crash leaves them", line: number,
        offset: offset))
  }

  /// A line over the limit: `line` is as much of it as is at hand.
  @inline(never)
  mutating func rejectOverlong(
    _ line: Span<UInt8>, _ number: Int, _ offset: Int,
    into sink: inout some RecordSink & ~Copyable
  ) {
    if !hold.isEmpty { release(into: &sink) }
    let position = LogPosition(input: options.input, line: number, offset: offset)
    let error = LineError("the line is longer than 1 MiB", at: Self.maximumLineBytes)
    let head = line.extracting(0..<min(160, line.count))
    sink.reject(Self.rejection(of: head, error, at: position))
    if problems.contains(where: { $0.kind == .tooLongLine }) { return }
    problems.append(
      InputProblem(
        kind: .tooLongLine, detail: "a line is longer than 1 MiB and was not read", line: number,
        offset: offset))
  }

  /// Tells the held lines as rejected.
  mutating func release(into sink: inout some RecordSink & ~Copyable) {
    for line in hold.takeLines() {
      if let rejection = line.rejection {
        sink.reject(rejection)
      } else {
        sink.pass(number: line.number, offset: line.offset)
      }
    }
  }

  /// Finds the format of the held lines; where it is another one, they are read again.
  private mutating func lookAgain(into sink: inout some RecordSink & ~Copyable) {
    let lines = hold.lines.filter { !$0.bytes.isEmpty }
    let samples = lines.suffix(Detection.maximumLines).map {
      Detection.Sample(bytes: $0.bytes, number: $0.number, isHeader: $0.rejection == nil)
    }
    let search = FormatSearch(
      samples, zone: options.zone, date: date, forced: nil, directives: heldDirectives)
    let verdict = search.detection
    guard let winner = verdict.winner,
      winner.name != format?.name || search.layers != wrappers.layers,
      let changed = FormatRegistry.format(named: winner.name)
    else {
      release(into: &sink)
      return hold.lookInVain()
    }
    finishMemory(into: &sink)
    if winner.name != format?.name {
      tellChange(to: winner.name, from: lines.first { $0.rejection != nil })
    }
    let earlier = detection
    settle(search)
    format = changed
    if earlier?.winner != nil { detection = earlier }
    context.directives = heldDirectives
    formatChanged = true
    hold.endRun()
    for line in hold.takeLines() {
      takeAgain(line.bytes.span, line.number, line.offset, into: &sink)
    }
  }

  private mutating func finishMemory(into sink: inout some RecordSink & ~Copyable) {
    guard case .capacity(let old)? = format else { return }
    for event in old.finish(&memory) { sink.add(event) }
    memory = CapacityMemory()
  }

  /// The first time that a format is found behind foreign lines is no change.
  mutating func tellChange(to winner: String, from line: LineHold.Line?) {
    let changes = problems.count { $0.kind == .formatChanged }
    guard let old = format?.name, changes < 16 else { return }
    let names = (LogText(old, kind: .name), LogText(winner, kind: .name))
    problems.append(
      InputProblem(
        kind: .formatChanged, detail: "the format changes from \(log: names.0) to \(log: names.1)",
        line: line?.number, offset: line?.offset))
  }
}

extension Span where Element == UInt8 {
  /// Whether there are blanks and nothing else.
  var isBlank: Bool {
    for index in indices where self[index] != 0x20 && self[index] != 0x09 { return false }
    return true
  }

  /// The bytes as an array.
  func bytesCopy() -> [UInt8] {
    indices.map { self[$0] }
  }
}
