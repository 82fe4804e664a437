internal import IncidentModel

/// A codec's own decoder of one compressed stream after another: what it has decoded when the input breaks off is in the caller's hands.
///
/// Classes, because the codecs keep the addresses of their states; each belongs to one reader.
protocol StreamDecoder: AnyObject {
  /// Makes ready for the first stream, or for the next one; false where there is no memory.
  func startOver() -> Bool
  /// Lets streams look back into this many bytes, which it had asked for.
  func allowWindow(of bytes: Int)
  /// Decodes what it can; `source` may be empty, for a codec may hold back bytes that found no room before.
  func step(
    from source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> DecodingStep
}

extension StreamDecoder {
  /// Of a codec whose windows are short.
  func allowWindow(of bytes: Int) {}
}

/// What one call of a decoder came to.
struct DecodingStep {
  var outcome: Outcome
  var consumed: Int
  var produced: Int

  enum Outcome {
    case progress
    case streamEnd
    /// All bytes of the stream were handed on; so many of its own are left to be passed over.
    case wrongChecksum(rest: Int)
    case wrongLength
    case badHeader, badData
    case needsDictionary
    case noMemory
    /// It can't go on without a window of so many bytes; it consumed nothing that it would need again.
    case needsWindow(Int)
    /// It would need more memory than ``windowLimitBytes``, or than is there with the streams around it.
    case windowTooLong
  }

  /// The most that one stream may ask for to look back into: what `zstd --long` does, and what `zstd -d` allows.
  static let windowLimitBytes = 128 << 20
}

extension ContainerKind {
  /// What decodes it; nil where only libarchive does, or for want of memory.
  func decoder(head: ArraySlice<UInt8>) -> (any StreamDecoder)? {
    switch self {
    case .gzip: Inflater()
    case .bzip2: Bzip2Decoder()
    case .xz, .lzip: LzmaDecoder(self)
    case .zstd: ZstdDecoder()
    // The frame of old kernels has neither an end nor a checksum, and the library does not read it.
    case .lz4: head.first == 0x02 ? nil : Lz4Decoder()
    default: nil
    }
  }

  /// What its own description calls one stream of it.
  var streamWord: Sentence {
    switch self {
    case .gzip, .lzip: "member"
    case .zstd, .lz4: "frame"
    default: "stream"
    }
  }

  /// Whether these bytes, the next ones behind a stream, begin another; `isAll` where none follow them.
  func begins(_ head: ArraySlice<UInt8>, isAll: Bool) -> Bool {
    let starts: [[UInt8]] =
      switch self {
      case .gzip: [[0x1f, 0x8b]]
      case .bzip2: [Array("BZh".utf8)]
      case .xz: [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]]
      case .lzip: [Array("LZIP".utf8)]
      case .zstd: [[0x28, 0xb5, 0x2f, 0xfd]] + Self.skippable
      case .lz4: [[0x04, 0x22, 0x4d, 0x18]] + Self.skippable
      default: []
      }
    return starts.contains { start in
      head.starts(with: start) || isAll && !head.isEmpty && start.starts(with: head)
    }
  }

  /// Frames that zstd and lz4 pass over: RFC 8878 §3.1.2.
  private static let skippable: [[UInt8]] = (0x50...0x5f).map { [$0, 0x2a, 0x4d, 0x18] }
}
