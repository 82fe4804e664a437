internal import IncidentModel

/// The members of one archive in the order in which they stand there, one at a time.
final class ArchiveMembers {
  /// A member that may be read, or the reason why one is not.
  enum Step {
    case member(String)
    case encrypted(String)
    case end
  }

  let kind: ContainerKind
  private var handle: ArchiveHandle
  private let source: PeekableBytes
  private let start: Int
  private let record: ReadingRecord
  private let claim: WindowClaim
  /// What is claimed for the decoders inside of libarchive.
  private var window = 0
  /// How often each name came up: names must differ, for positions are told by them.
  private var seen: [String: Int] = [:]
  /// Which member is at hand; bytes of an earlier one can't be read any more.
  private(set) var number = 0
  /// Members that are no files, such as links, and the first of them.
  private var oddCount = 0
  private var firstOdd: String?
  private var isOver = false
  private var isDamageTold = false
  /// Steps of the search since anything was read.
  private var retries = 0
  private var retryOffset = -1
  /// Twice as many as the steps that a buffer can hold.
  private static let maxRetries = 2 * ArchiveFeed.bufferBytes / 512

  init(
    _ kind: ContainerKind, _ source: PeekableBytes, record: ReadingRecord, claim: WindowClaim
  ) {
    self.kind = kind
    self.record = record
    self.claim = claim
    self.source = Self.seekable(kind, source)
    start = self.source.offset
    let canSeek = self.source.seekableLength != nil
    let header = SevenZipHeader(kind == .sevenZip ? self.source.peek(SevenZipHeader.byteCount) : [])
    handle = ArchiveHandle(kind, ArchiveFeed(self.source), canSeek: canSeek)
    if kind == .sevenZip, !canSeek {
      record.add(
        .unreadable,
        "a 7z archive is read from its end, and this one is longer than the \(count: Self.heldBytes) bytes that are held for that inside of another container; unpack it and name its files instead"
      )
      isOver = true
    } else if kind == .sevenZip {
      claimWindow()
      if let detail = header.cut(of: self.source.seekableLength ?? 0) {
        record.add(.truncated, detail)
        record.truncatedAt = 0
        isOver = true
      }
    }
  }

  deinit { claim.shrink(by: window) }

  /// A 7z tells nobody but libarchive how far its streams look back; the longest that its own tool chooses by itself is 64 MiB.
  private func claimWindow() {
    let bytes = min(64 << 20, claim.room)
    switch claim.grow(by: bytes) {
    case .granted: window = bytes
    case .mustWait, .never: isOver = true
    }
  }

  /// The most that is held of a nested archive that can't be read from front to back.
  static let heldBytes = 32 << 20
  /// The most that is held of a nested zip, whose directory knows more than its headers; a longer one is read from front to back.
  static let heldZipBytes = 16 << 20

  private static func seekable(_ kind: ContainerKind, _ source: PeekableBytes) -> PeekableBytes {
    guard kind == .sevenZip || kind == .zip, source.seekableLength == nil else { return source }
    let held = HeldBytes(source, limit: kind == .zip ? heldZipBytes : heldBytes)
    return held.map { PeekableBytes($0, refillBytes: ArchiveFeed.bufferBytes) } ?? source
  }

  /// Whether members can be passed over without being read: not in a stream, nor in a 7z, which packs many into one.
  var canSkip: Bool { kind != .sevenZip && source.seekableLength != nil }

  /// The next member with bytes of its own; links, devices and folders are only counted.
  func next() -> Step {
    while !isOver, !Task.isCancelled {
      switch handle.nextEntry() {
      case .end: end()
      case .failed(let failure):
        if failure.isFatal, number == 0, reopenAsStream() { continue }
        tell(failure)
        end()
      case .damaged(let failure):
        // The search for the next header takes one step for each 512 bytes.
        if !isDamageTold { tell(failure) }
        isDamageTold = true
        retries = source.offset == retryOffset ? retries + 1 : 0
        retryOffset = source.offset
        if retries > Self.maxRetries { end() }
      case .entry(let entry):
        isDamageTold = false
        number += 1
        if let step = step(for: entry) { return step }
      }
    }
    return .end
  }

  private func step(for entry: ArchiveEntry) -> Step? {
    switch entry.kind {
    case .folder: return nil
    case .link, .other:
      oddCount += 1
      if firstOdd == nil { firstOdd = readableName(entry.name) }
      return nil
    case .regular:
      // `!` stands between a container and its member.
      let plain = readableName(entry.name).replacing("!", with: "\\x21")
      let base = plain.isEmpty ? "member \(number)" : plain
      let name = distinct(base)
      return entry.isEncrypted ? .encrypted(name) : .member(name)
    }
  }

  /// A name that came before gets a number behind it, and again where that name came before too.
  private func distinct(_ base: String) -> String {
    var name = base
    while let count = seen[name] {
      seen[name] = count + 1
      name += " (\(count + 1))"
    }
    seen[name] = 1
    return name
  }

  /// A zip whose directory is broken may still be read from front to back.
  private func reopenAsStream() -> Bool {
    guard kind == .zip, source.seekableLength != nil, source.seek(to: start) else { return false }
    guard !handle.hasEncryptedHeaders, !isDamageTold else { return false }
    isDamageTold = true
    record.add(
      .corrupt, "the directory at the zip's end can't be read; its members are read one by one")
    handle = ArchiveHandle(kind, ArchiveFeed(source), canSeek: false)
    return true
  }

  private func tell(_ failure: ArchiveFailure) {
    // What lies around the archive has told already where it broke off.
    if record.truncatedAt != nil { return }
    let message = LogText(failure.message, kind: .message)
    if handle.hasEncryptedHeaders {
      record.add(.encrypted, "it is encrypted, even the names in it (\(log: message))")
    } else if failure.isTruncation {
      record.add(
        .truncated,
        "the \(kind.words) archive ends early (\(log: message)); the \(count: number) entries before that are read"
      )
    } else {
      record.add(
        .corrupt,
        "the \(kind.words) archive is broken behind its first \(count: number) entries (\(log: message))"
      )
    }
  }

  private func end() {
    isOver = true
    if oddCount > 0, let firstOdd {
      record.add(
        .notRegular,
        "\(count: oddCount) links, devices or pipes in it were left out, the first is \(log: LogText(firstOdd, kind: .file))"
      )
    }
    if number == 0, record.problems.isEmpty {
      record.add(.empty, "the \(kind.words) archive is empty")
    }
  }

  /// Reads on in the member that ``next()`` gave with this number.
  fileprivate func read(
    _ wanted: Int, into target: UnsafeMutableRawBufferPointer
  ) -> (count: Int, failure: ArchiveFailure?) {
    guard wanted == number, !isOver else { return (0, nil) }
    return unsafe handle.read(into: target)
  }
}

/// The bytes of the member at hand; they end when the next one is asked for.
final class ArchiveMemberBytes: ByteLayer {
  private let members: ArchiveMembers
  private let number: Int
  private let record: ReadingRecord
  private var produced = 0
  private var isEnded = false

  init(_ members: ArchiveMembers, record: ReadingRecord) {
    self.members = members
    number = members.number
    self.record = record
  }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    guard !isEnded, target.count > 0 else { return 0 }
    let step = unsafe members.read(number, into: target)
    produced += step.count
    if let failure = step.failure { tell(failure) }
    if step.count == 0 { isEnded = true }
    return step.count
  }

  private func tell(_ failure: ArchiveFailure) {
    let message = LogText(failure.message, kind: .message)
    if failure.isWarning {
      record.add(
        .corrupt, "the archive is broken here (\(log: message)); the bytes are kept",
        offset: produced)
      return
    }
    isEnded = true
    record.truncatedAt = produced
    if failure.message.contains("assphrase") || failure.message.contains("ncrypt") {
      record.add(.encrypted, "it is encrypted (\(log: message))", offset: produced)
    } else {
      record.add(
        failure.isTruncation ? .truncated : .corrupt,
        "the archive breaks off inside of it (\(log: message)); the \(count: produced) bytes before that are kept",
        offset: produced)
    }
  }
}
