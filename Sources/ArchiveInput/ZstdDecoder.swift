internal import CCodecs

/// libzstd's state for one zstd frame after another, those that are to be skipped too.
///
/// Safe to hold: the pointer is private, made by `init`, freed by `deinit`, and copied nowhere.
@safe
final class ZstdDecoder: StreamDecoder {
  private let context: OpaquePointer
  /// How many bytes the library asks for next.
  private var hint = ZstdDecoder.firstHint
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
    return unsafe ZSTD_isError(ZSTD_DCtx_reset(context, ZSTD_reset_session_only)) == 0
  }

  /// A call that fails does not tell what it wrote before, so none is given more than what stands before one block's end.
  func step(
    from source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> DecodingStep {
    let wanted = hint > Self.blockHeaderBytes ? hint - Self.blockHeaderBytes : max(1, hint)
    let count = mayHoldBack ? 0 : min(source.count, wanted)
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
