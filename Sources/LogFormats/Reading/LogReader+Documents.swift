internal import IncidentModel

/// JSON documents: objects in place of lines.
extension LogReader {
  mutating func feedDocument(
    _ block: Span<UInt8>, isLast: Bool, into sink: inout some RecordSink & ~Copyable
  ) {
    var pieces = splitter.consume(block)
    offset += block.count
    if isLast { pieces += splitter.finish() }
    if detection == nil { decide(pieces) }
    for piece in pieces { take(piece, into: &sink) }
  }

  /// Finds the format of the first objects.
  private mutating func decide(_ pieces: [DocumentSplitter.Piece]) {
    let whole = pieces.filter { $0.fault == nil }.prefix(Detection.maximumLines)
    if whole.isEmpty { return }
    let samples = whole.map {
      Detection.Sample(bytes: $0.bytes, number: $0.line, envelope: $0.envelope)
    }
    settle(FormatSearch(samples, zone: options.zone, date: date, forced: options.format))
  }

  private mutating func take(
    _ piece: DocumentSplitter.Piece, into sink: inout some RecordSink & ~Copyable
  ) {
    count += 1
    let position = LogPosition(input: options.input, line: piece.line, offset: piece.offset)
    let text = piece.bytes.span
    if let fault = piece.fault {
      if fault == .cut { noteCut(position) }
      let error = LineError(fault.reason, at: fault == .noObject ? 0 : text.count)
      return sink.reject(Self.rejection(of: text, error, at: position))
    }
    guard wrappers.isEmpty, case .capacity(let format)? = format else {
      return takeAgain(text, piece.line, piece.offset, into: &sink)
    }
    let place = CapacityContext(
      position: position, envelope: piece.envelope, zone: options.zone, date: date)
    do throws(LineError) {
      tell(try format.parse(text, in: place, memory: &memory), of: position, to: &sink)
    } catch {
      sink.reject(Self.rejection(of: text, error, at: position))
    }
  }

  private mutating func noteCut(_ position: LogPosition) {
    problems.append(
      InputProblem(
        kind: .truncated, detail: "the document ends inside of an object", line: position.line,
        offset: position.offset))
  }
}

extension DocumentSplitter.Fault {
  var reason: StaticString {
    switch self {
    case .tooLong: "the object is longer than 1 MiB"
    case .cut: "the object is cut: it ends early"
    case .noObject: "the text belongs to no JSON object"
    case .badNesting: "the brackets of the object do not match"
    }
  }
}
