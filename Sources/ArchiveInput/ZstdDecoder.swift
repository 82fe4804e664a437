internal import CCodecs

/// libzstd's state for one zstd frame after another, those that are to be skipped too.
///
/// Safe to hold: the pointer is private, made by `init`, freed by `deinit`, and copied nowhere.
@safe
final class ZstdDecoder: StreamDecoder {
  private let context: OpaquePointer
  /// How many bytes the library asks for next.
  private var hint = ZstdDecoder.firstHint
  /// As much of the frame's header as was taken; nil behind it.
  private var header: [UInt8]? = []
  /// The longest window that it may have.
  private var allowed = 0
  /// The last call filled its target: what it had no room for comes before any new input.
  private var mayHoldBack = false

  /// The shortest beginning of a frame.
  private static let firstHint = 5
  /// The header of the next block, for which a hint asks with the block at hand.
  private static let blockHeaderBytes = 3
  /// The window's size as a power of two.
  private static let windowLog = Int32(DecodingStep.windowLimitBytes.trailingZeroBitCount)

  /// Nil where libzstd gets no memory.
  init?() {
    guard let made = unsafe ZSTD_createDCtx() else { return nil }
    unsafe context = made
    unsafe _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLog)
  }

  // Safe: `init` made it, and nothing else frees it.
  deinit { unsafe _ = ZSTD_freeDCtx(context) }

  func startOver() -> Bool {
    (hint, mayHoldBack) = (Self.firstHint, false)
    header = []
    return unsafe ZSTD_isError(ZSTD_DCtx_reset(context, ZSTD_reset_session_only)) == 0
  }

  func allowWindow(of bytes: Int) { allowed = max(allowed, bytes) }

  /// The window that the header asks for with these bytes behind those before, where that is more than it may have.
  private func need(_ fresh: UnsafeRawBufferPointer) -> Int? {
    guard let header, let window = unsafe ZstdHeader.window(header + Array(fresh)) else {
      return nil
    }
    return window > allowed && window <= DecodingStep.windowLimitBytes ? window : nil
  }

  /// A call that fails does not tell what it wrote before, so none is given more than what stands before one block's end.
  func step(
    from source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> DecodingStep {
    let wanted = hint > Self.blockHeaderBytes ? hint - Self.blockHeaderBytes : max(1, hint)
    let count = mayHoldBack ? 0 : min(source.count, wanted)
    if header != nil {
      let fresh = unsafe UnsafeRawBufferPointer(rebasing: source[..<count])
      if let window = unsafe need(fresh) {
        return DecodingStep(outcome: .needsWindow(window), consumed: 0, produced: 0)
      }
      unsafe header?.append(contentsOf: fresh)
      if let length = header?.count, length >= ZstdHeader.longest { header = nil }
    }
    var input = unsafe ZSTD_inBuffer(src: source.baseAddress, size: count, pos: 0)
    var output = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
    // Safe: both buffers outlive the call, and their sizes are at most theirs.
    let code = unsafe ZSTD_decompressStream(context, &output, &input)
    let (consumed, produced) = unsafe (input.pos, output.pos)
    guard ZSTD_isError(code) != 0 else {
      hint = code
      mayHoldBack = produced == target.count
      return DecodingStep(
        outcome: code == 0 ? .streamEnd : .progress, consumed: consumed, produced: produced)
    }
    let outcome: DecodingStep.Outcome =
      switch ZSTD_getErrorCode(code) {
      // The checksum is the last of a frame, and all of it was given.
      case ZSTD_error_checksum_wrong: .wrongChecksum(rest: count)
      case ZSTD_error_frameParameter_windowTooLarge: .windowTooLong
      case ZSTD_error_memory_allocation: .noMemory
      case ZSTD_error_dictionary_wrong: .needsDictionary
      case ZSTD_error_prefix_unknown, ZSTD_error_version_unsupported,
        ZSTD_error_frameParameter_unsupported:
        .badHeader
      default: .badData
      }
    return DecodingStep(outcome: outcome, consumed: 0, produced: 0)
  }
}

/// The header of a zstd frame: RFC 8878 §3.1.1.1.
enum ZstdHeader {
  /// In bytes, with the magic number.
  static let longest = 18

  /// How far the frame looks back, in bytes; nil where the header goes on, and of a frame that is to be skipped.
  static func window(_ header: [UInt8]) -> Int? {
    guard header.count > 5, header.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) else { return nil }
    let descriptor = header[4]
    guard descriptor & 0x20 != 0 else {
      let exponent = Int(header[5] >> 3)
      let base = 1 << (10 + exponent)
      return base + base / 8 * Int(header[5] & 7)
    }
    // A single segment is its own window.
    let start = 5 + [0, 1, 2, 4][Int(descriptor & 3)]
    let width = [1, 2, 4, 8][Int(descriptor >> 6)]
    guard header.count >= start + width else { return nil }
    let size = header[start..<start + width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return width == 2 ? Int(size) + 256 : Int(clamping: size)
  }
}
