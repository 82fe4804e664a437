internal import IncidentModel

/// The decompressed bytes of a stream that only libarchive reads: `compress`, and the lz4 of old kernels.
///
/// Where a stream breaks, what libarchive had not yet handed over is lost: at most 64 KiB, or a block of lz4.
final class FilterLayer: ByteLayer {
  private var handle: ArchiveHandle
  private let kind: ContainerKind
  private let source: PeekableBytes
  private let record: ReadingRecord
  private var isOpened = false
  private var isEnded = false
  private var produced = 0

  init(_ kind: ContainerKind, _ source: PeekableBytes, record: ReadingRecord) {
    self.kind = kind
    self.source = source
    self.record = record
    handle = ArchiveHandle(kind, ArchiveFeed(source), canSeek: false)
  }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    if !isOpened { open() }
    var filled = 0
    while filled < target.count, !isEnded {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled...])
      let step = unsafe handle.read(into: rest)
      filled += step.count
      produced += step.count
      if let failure = step.failure { tell(failure) }
      if step.count == 0 { isEnded = true }
    }
    return filled
  }

  private func open() {
    isOpened = true
    switch handle.nextEntry() {
    case .entry: break
    case .end: isEnded = true
    case .damaged(let failure), .failed(let failure):
      tell(failure)
      isEnded = true
    }
  }

  private func tell(_ failure: ArchiveFailure) {
    if !failure.isWarning { isEnded = true }
    let message = LogText(failure.message, kind: .message)
    let what: Sentence =
      failure.isTruncation
      ? "the \(kind.words) data ends early, at byte \(count: source.offset)"
      : "the \(kind.words) data is broken before byte \(count: source.offset)"
    record.add(
      failure.isTruncation ? .truncated : .corrupt,
      what + " (\(log: message)); the \(count: produced) bytes before that are kept",
      offset: produced)
    if !failure.isWarning { record.truncatedAt = produced }
  }
}
