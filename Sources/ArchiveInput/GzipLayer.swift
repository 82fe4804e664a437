internal import IncidentModel

/// The decompressed bytes of a gzip file: RFC 1952, any number of members one after the other.
///
/// After bad deflate data nothing more is read; no next member is searched for. After a member whose checksum or length is wrong, reading goes on behind it.
final class GzipLayer: ByteLayer {
  private enum Place {
    /// In a member that began at this compressed byte.
    case inside(start: Int)
    case between
    case ended
  }

  private let source: PeekableBytes
  private let record: ReadingRecord
  private var inflater: Inflater
  private var place = Place.inside(start: 0)
  private var produced = 0
  /// Bytes of a broken trailer that belong to no member.
  private var trailerRest = 0

  /// Nil, with a problem in the record, where zlib gets no memory.
  init?(_ source: PeekableBytes, record: ReadingRecord) {
    self.source = source
    self.record = record
    guard let inflater = Inflater() else {
      record.add(.unreadable, "there is no memory to inflate it")
      return nil
    }
    self.inflater = inflater
    place = .inside(start: source.offset)
  }

  static func begins(_ head: ArraySlice<UInt8>) -> Bool {
    // A lone first byte of the magic can be nothing but a cut gzip.
    head.starts(with: [0x1f, 0x8b]) || Array(head) == [0x1f]
  }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    var filled = 0
    while filled < target.count {
      switch place {
      case .ended: return filled
      case .between: findNextMember()
      case .inside(let start):
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled...])
        filled += unsafe inflate(into: rest, memberStart: start)
      }
    }
    return filled
  }

  private func inflate(into target: UnsafeMutableRawBufferPointer, memberStart: Int) -> Int {
    var step = Inflater.Step(outcome: .progress, consumed: 0, produced: 0)
    var hadInput = false
    unsafe source.withReady { ready in
      hadInput = unsafe !ready.isEmpty
      // Called without input too: zlib may hold back bytes that found no room before.
      step = unsafe inflater.step(from: ready, into: target)
      return step.consumed
    }
    produced += step.produced
    switch step.outcome {
    case .progress:
      if !hadInput, step.produced == 0 { tellTruncation(memberStart: memberStart) }
    case .memberEnd:
      place = .between
    case .wrongChecksum:
      record.add(
        .corrupt,
        "the checksum of the gzip member that begins at byte \(count: memberStart) is wrong; its bytes are kept",
        offset: produced)
      // The trailer's second half, the length, still stands there.
      trailerRest = 4
      place = .between
    case .wrongLength:
      record.add(
        .corrupt,
        "the length in the gzip member that begins at byte \(count: memberStart) is wrong; its bytes are kept",
        offset: produced)
      place = .between
    case .badHeader, .badData, .noMemory:
      tellBreak(step.outcome, memberStart: memberStart)
    }
    return step.produced
  }

  private func tellTruncation(memberStart: Int) {
    record.add(
      .truncated,
      "the gzip member that begins at byte \(count: memberStart) ends early, at byte \(count: source.offset); the \(count: produced) bytes before that are kept",
      offset: produced)
    record.truncatedAt = produced
    place = .ended
  }

  private func tellBreak(_ outcome: Inflater.Outcome, memberStart: Int) {
    let what: Sentence =
      switch outcome {
      case .badHeader: "the gzip header at byte \(count: memberStart) is broken"
      case .noMemory: "memory ran out at byte \(count: source.offset)"
      default:
        "the compressed data of the gzip member that begins at byte \(count: memberStart) is broken at byte \(count: source.offset)"
      }
    record.add(
      outcome == .noMemory ? .unreadable : .corrupt,
      what
        + "; the \(count: produced) bytes before that are kept, what follows was not searched for another member",
      offset: produced)
    record.truncatedAt = produced
    place = .ended
  }

  /// Skips the zero padding that tapes and block devices leave, then expects a member or the end.
  private func findNextMember() {
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
    let head = source.peek(2)
    if head.isEmpty {
      place = .ended
    } else if Self.begins(head.prefix(2)) {
      inflater.startOver()
      place = .inside(start: source.offset)
    } else {
      record.add(
        .trailingGarbage,
        "from byte \(count: max(start, source.offset)) on the file holds something that is no gzip; it was left out",
        offset: produced)
      place = .ended
    }
  }
}
