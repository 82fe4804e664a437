internal import CCodecs

/// liblz4's state for one lz4 frame after another, those that are to be skipped too.
///
/// Safe to hold: the pointer is private, made by `init`, freed by `deinit`, and copied nowhere.
@safe
final class Lz4Decoder: StreamDecoder {
  private let context: OpaquePointer
  /// How many bytes the library asks for next.
  private var hint = Lz4Decoder.firstHint
  /// The last call filled its target: what it had no room for comes before any new input.
  private var mayHoldBack = false

  /// The shortest header of a frame.
  private static let firstHint = 7
  /// The size of the next block, for which a hint asks with the block at hand.
  private static let blockHeaderBytes = 4

  /// Nil where liblz4 gets no memory.
  init?() {
    var made: OpaquePointer?
    let code = unsafe LZ4F_createDecompressionContext(&made, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(code) == 0, let made = unsafe made else { return nil }
    unsafe context = made
  }

  // Safe: `init` made it, and nothing else frees it.
  deinit { unsafe _ = LZ4F_freeDecompressionContext(context) }

  func startOver() -> Bool {
    (hint, mayHoldBack) = (Self.firstHint, false)
    unsafe LZ4F_resetDecompressionContext(context)
    return true
  }

  /// A call that fails does not tell what it wrote before, so none is given more than what stands before one block's end.
  func step(
    from source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> DecodingStep {
    let wanted = hint > Self.blockHeaderBytes ? hint - Self.blockHeaderBytes : max(1, hint)
    let count = mayHoldBack ? 0 : min(source.count, wanted)
    var (consumed, produced) = (count, target.count)
    // Safe: both buffers outlive the call, and the counts are at most theirs.
    let code = unsafe LZ4F_decompress(
      context, target.baseAddress, &produced, source.baseAddress, &consumed, nil)
    guard LZ4F_isError(code) != 0 else {
      hint = code
      mayHoldBack = produced == target.count
      return DecodingStep(
        outcome: code == 0 ? .streamEnd : .progress, consumed: consumed, produced: produced)
    }
    return DecodingStep(outcome: outcome(of: code, count), consumed: 0, produced: 0)
  }

  private func outcome(of code: Int, _ count: Int) -> DecodingStep.Outcome {
    // Safe: the names are C strings that live as long as the library.
    switch unsafe String(cString: LZ4F_getErrorName(code)) {
    // The checksum is the last of a frame, and all of it was given.
    case "ERROR_contentChecksum_invalid": .wrongChecksum(rest: count)
    case "ERROR_allocation_failed": .noMemory
    case "ERROR_frameType_unknown", "ERROR_headerVersion_wrong", "ERROR_reservedFlag_set",
      "ERROR_headerChecksum_invalid", "ERROR_maxBlockSize_invalid":
      .badHeader
    default: .badData
    }
  }
}
