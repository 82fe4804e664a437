internal import Crypto
internal import IncidentModel

/// Reads one input from front to back and hands out its lines in blocks.
///
/// An actor, so that the caller can write `async let ahead = reader.next()` and parse one block while the next is inflated.
package actor MemberReader {
  package nonisolated let input: FoundInput
  private let limits: InputLimits
  private let progress: ReadProgress?
  private let record = ReadingRecord()
  private var disk: DiskBytes?
  private var text: PeekableBytes?
  private var blocks: LineBlocks?
  private var container: String?
  private var isOpened = false

  /// Opens nothing yet, so that many readers may wait without holding files.
  package init(
    _ input: FoundInput, limits: InputLimits = InputLimits(), progress: ReadProgress? = nil
  ) {
    self.input = input
    self.limits = limits
    self.progress = progress
  }

  /// The first 64 KiB of the decompressed member, for detection; they come again with ``next(recycling:)``.
  ///
  /// To be asked before the first block.
  package func head() -> [UInt8] {
    open()
    guard blocks == nil, let text else { return [] }
    return Array(text.peek(ContentID.prefixBytes).prefix(ContentID.prefixBytes))
  }

  /// The member's id, from ``head()``; to be asked before the first block.
  package func contentID() -> ContentID { ContentID(head: head()) }

  /// Lets lines be as long as a JSON document on one line may be; to be asked before the first block.
  package func allowLines(upTo bytes: Int) {
    open()
    makeBlocks()
    blocks?.maxLineBytes = max(limits.maxLineBytes, bytes)
  }

  /// The next block, nil after the last one or once the task is cancelled.
  ///
  /// `spare` is the array of a block that is done with; where nobody else holds it, it is filled without a copy.
  package func next(recycling spare: consuming [UInt8]? = nil) -> MemberBlock? {
    open()
    makeBlocks()
    guard !Task.isCancelled else { return nil }
    return blocks?.next(recycling: spare)
  }

  /// What is known once ``next(recycling:)`` gave nil; asked earlier, it reads the rest of a file for its hash alone.
  package func summary() -> MemberEnd {
    open()
    disk?.drain(chunkBytes: limits.readBytes)
    var end = MemberEnd(name: input.name)
    end.container = container
    end.bytesOnDisk = disk?.bytesRead ?? 0
    end.sha256 = disk?.sha256
    end.decompressedBytes = blocks?.end ?? 0
    end.truncatedAt = record.truncatedAt
    end.problems = record.summary + lineProblems()
    return end
  }

  /// Whether there is anything to read from.
  var couldOpen: Bool {
    open()
    return text != nil
  }

  /// Hex SHA-256 of all decompressed bytes, from the first; nil where nothing could be opened.
  func hashContent() -> String? {
    open()
    guard let text else { return nil }
    let bounds = ExpansionBounds(limits)
    var digest = SHA256()
    var chunk = [UInt8](repeating: 0, count: max(1, limits.blockBytes))
    while !Task.isCancelled {
      // Safe: the pointers are used inside the closures only; `count` is at most the buffer's.
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe text.read(into: $0) }
      unsafe chunk.withUnsafeBytes { bytes in
        unsafe digest.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      }
      let onDisk = disk?.bytesRead ?? 0
      if count == 0 || bounds.areBroken(decompressed: text.offset, onDisk: onDisk, record: record) {
        return hexadecimal(digest.finalize())
      }
    }
    return nil
  }

  private func open() {
    guard !isOpened else { return }
    isOpened = true
    guard let disk = DiskBytes(input, record: record, progress: progress) else { return }
    self.disk = disk
    let raw = PeekableBytes(disk, refillBytes: limits.readBytes)
    let magic = raw.peek(2)
    if magic.isEmpty {
      if record.problems.isEmpty { record.add(.empty, "the file is empty") }
      text = raw
    } else if GzipLayer.begins(magic.prefix(2)) {
      container = "gzip"
      text = GzipLayer(raw, record: record).map {
        PeekableBytes($0, refillBytes: min(limits.readBytes, ContentID.prefixBytes))
      }
    } else {
      text = raw
    }
  }

  private func makeBlocks() {
    guard blocks == nil, let text else { return }
    let start = skipByteOrderMark(text)
    if container != nil, text.peek(1).isEmpty, record.problems.isEmpty {
      record.add(.empty, "nothing is compressed in it")
    }
    let bounds = ExpansionBounds(limits)
    let record = record
    let disk = disk
    blocks = LineBlocks(text, startingAt: start, limits: limits) {
      bounds.areBroken(decompressed: text.offset, onDisk: disk?.bytesRead ?? 0, record: record)
    }
  }

  /// A UTF-8 mark is no text, yet its bytes count; UTF-16 is told, for its lines can't be read.
  private func skipByteOrderMark(_ text: PeekableBytes) -> Int {
    let head = Array(text.peek(3).prefix(3))
    if head == [0xef, 0xbb, 0xbf] { text.skip(3) }
    if head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) {
      record.add(
        .invalidEncoding, "the text is UTF-16; convert it to UTF-8 to have it read", offset: 0)
    }
    return text.offset
  }

  private func lineProblems() -> [InputProblem] {
    var problems: [InputProblem] = []
    if let first = blocks?.firstCut, let count = blocks?.cutCount {
      problems.append(
        InputProblem(
          kind: .tooLongLine,
          detail:
            "\(count: count) lines are longer than \(count: blocks?.maxLineBytes ?? 0) bytes and were left out, the first at byte \(count: first)",
          offset: first))
    }
    if let first = blocks?.firstNUL {
      problems.append(
        InputProblem(
          kind: .nulBytes, detail: "there are NUL bytes in it, the first at byte \(count: first)",
          offset: first))
    }
    return problems
  }
}

/// How much a file may grow while it is decompressed, before it counts as a bomb.
struct ExpansionBounds {
  private let limits: InputLimits

  init(_ limits: InputLimits) { self.limits = limits }

  /// Whether a bound is broken; the record is then told which.
  func areBroken(decompressed: Int, onDisk: Int, record: ReadingRecord) -> Bool {
    if decompressed > limits.maxDecompressedBytes {
      record.add(
        .bomb,
        "it holds more than \(count: limits.maxDecompressedBytes) bytes; what came before is kept",
        offset: decompressed)
    } else if decompressed > limits.expansionFloorBytes,
      decompressed / limits.maxExpansionRatio > onDisk
    {
      record.add(
        .bomb,
        "\(count: onDisk) bytes on disk became more than \(count: decompressed); a ratio above \(count: limits.maxExpansionRatio) is taken for a decompression bomb, what came before is kept",
        offset: decompressed)
    } else {
      return false
    }
    record.truncatedAt = decompressed
    return true
  }
}
