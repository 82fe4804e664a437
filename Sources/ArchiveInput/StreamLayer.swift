internal import IncidentModel

/// The decompressed bytes of a file of compressed streams, any number of them one after the other: gzip, bzip2, xz, lzip, zstd, lz4.
///
/// After bad data nothing more is read; no next stream is searched for. After a stream of which only checksum or length is wrong, reading goes on behind it.
final class StreamLayer: ByteLayer {
  private enum Place {
    /// In a stream that began at this compressed byte.
    case inside(start: Int)
    case between
    case ended
  }

  private let kind: ContainerKind
  private let source: PeekableBytes
  private let record: ReadingRecord
  private let decoder: any StreamDecoder
  private let claim: WindowClaim
  /// What is claimed for the longest window so far.
  private var window = 0
  private var place: Place
  private var produced = 0
  /// Bytes of a broken trailer that belong to no stream.
  private var trailerRest = 0

  init(
    _ kind: ContainerKind, _ decoder: any StreamDecoder, _ source: PeekableBytes,
    record: ReadingRecord, claim: WindowClaim
  ) {
    self.kind = kind
    self.claim = claim
    self.decoder = decoder
    self.source = source
    self.record = record
    place = .inside(start: source.offset)
  }

  deinit { claim.shrink(by: window) }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    var filled = 0
    while filled < target.count {
      switch place {
      case .ended: return filled
      case .between: findNext()
      case .inside(let start):
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled...])
        filled += unsafe decode(into: rest, start: start)
      }
    }
    return filled
  }

  private func decode(into target: UnsafeMutableRawBufferPointer, start: Int) -> Int {
    var step = DecodingStep(outcome: .progress, consumed: 0, produced: 0)
    var hadInput = false
    unsafe source.withReady { ready in
      hadInput = unsafe !ready.isEmpty
      // Called without input too: the codec may hold back bytes that found no room before.
      step = unsafe decoder.step(from: ready, into: target)
      return step.consumed
    }
    produced += step.produced
    switch step.outcome {
    case .progress:
      if !hadInput, step.produced == 0 { tellTruncation(start: start) }
    case .streamEnd:
      place = .between
    case .wrongChecksum(let rest):
      record.add(
        .corrupt, "the checksum of \(words(start)) is wrong; its bytes are kept", offset: produced)
      trailerRest = rest
      place = .between
    case .wrongLength:
      record.add(
        .corrupt, "the length in \(words(start)) is wrong; its bytes are kept", offset: produced)
      place = .between
    case .needsWindow(let bytes):
      widen(to: bytes, start: start)
    default:
      tellBreak(step.outcome, start: start)
    }
    return step.produced
  }

  private func widen(to bytes: Int, start: Int) {
    switch bytes > window ? claim.grow(by: bytes - window) : .granted {
    case .granted:
      window = max(window, bytes)
      decoder.allowWindow(of: window)
    case .mustWait: place = .ended
    case .never: tellBreak(.windowTooLong, start: start)
    }
  }

  private func words(_ start: Int) -> Sentence {
    "the \(kind.words) \(kind.streamWord) that begins at byte \(count: start)"
  }

  private func tellTruncation(start: Int) {
    record.add(
      .truncated,
      "\(words(start)) ends early, at byte \(count: source.offset); the \(count: produced) bytes before that are kept",
      offset: produced)
    record.truncatedAt = produced
    place = .ended
  }

  private func tellBreak(_ outcome: DecodingStep.Outcome, start: Int) {
    let what: Sentence
    var kindOfProblem = InputProblem.Kind.unreadable
    switch outcome {
    case .badHeader:
      what = "the \(kind.words) header at byte \(count: start) is broken"
      kindOfProblem = .corrupt
    case .noMemory: what = "memory ran out at byte \(count: source.offset)"
    case .windowTooLong:
      what =
        "\(words(start)) looks back further than the \(count: DecodingStep.windowLimitBytes) bytes that are held for it and for what lies around it; compress it anew with a shorter window, or decompress it and name the plain file instead"
    case .needsDictionary:
      what =
        "\(words(start)) was compressed with a dictionary, which is not in it; decompress it and name the plain file instead"
    default:
      what = "the compressed data of \(words(start)) is broken at byte \(count: source.offset)"
      kindOfProblem = .corrupt
    }
    record.add(
      kindOfProblem,
      what
        + "; the \(count: produced) bytes before that are kept, what follows was not searched for another \(kind.streamWord)",
      offset: produced)
    record.truncatedAt = produced
    place = .ended
  }

  /// Skips the zero padding that tapes, block devices and xz leave, then expects a stream or the end.
  private func findNext() {
    if trailerRest > 0 {
      let ready = source.peek(trailerRest).count
      source.skip(min(trailerRest, ready))
      trailerRest = 0
    }
    let start = source.offset
    while let next = source.peek(1).first, next == 0 {
      let ready = source.peek(1)
      source.skip(ready.firstIndex { $0 != 0 }.map { $0 - ready.startIndex } ?? ready.count)
    }
    let head = source.peek(8)
    if head.isEmpty {
      place = .ended
    } else if kind.begins(head, isAll: head.count < 8) {
      guard decoder.startOver() else {
        tellBreak(.noMemory, start: source.offset)
        return
      }
      place = .inside(start: source.offset)
    } else {
      record.add(
        .trailingGarbage,
        "from byte \(count: max(start, source.offset)) on the file holds something that is no \(kind.words); it was left out",
        offset: produced)
      place = .ended
    }
  }
}
