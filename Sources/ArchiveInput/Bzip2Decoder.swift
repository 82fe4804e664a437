internal import CCodecs

/// libbz2's state for one bzip2 stream after another; it decodes block by block, up to 900 kB each.
///
/// Safe to hold: the pointer is private, made by `init`, freed by `deinit`, and copied nowhere.
@safe
final class Bzip2Decoder: StreamDecoder {
  // libbz2 keeps the address of its bz_stream and checks it, so the stream lives on the heap, where it never moves.
  private let stream: UnsafeMutablePointer<bz_stream>
  private var isReady = false

  /// Nil where libbz2 gets no memory.
  init?() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: bz_stream())
    guard startOver() else { return nil }
  }

  deinit {
    // Safe: `init` made both, and nothing else frees them.
    if isReady { unsafe BZ2_bzDecompressEnd(stream) }
    unsafe stream.deallocate()
  }

  func startOver() -> Bool {
    if isReady { unsafe BZ2_bzDecompressEnd(stream) }
    unsafe stream.pointee = bz_stream()
    isReady = unsafe BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK
    return isReady
  }

  func step(
    from source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> DecodingStep {
    let sourceCount = min(source.count, 1 << 30)
    let targetCount = min(target.count, 1 << 30)
    // Safe: 1. both pointers outlive the call; 2. the counts are at most theirs;
    // 3. libbz2 reads its input only, so the `mutating` cast changes nothing.
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: source.baseAddress?.assumingMemoryBound(to: CChar.self))
    unsafe stream.pointee.avail_in = UInt32(sourceCount)
    unsafe stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: CChar.self)
    unsafe stream.pointee.avail_out = UInt32(targetCount)
    let code = unsafe BZ2_bzDecompress(stream)
    let outcome: DecodingStep.Outcome =
      switch code {
      case BZ_OK: .progress
      case BZ_STREAM_END: .streamEnd
      case BZ_MEM_ERROR: .noMemory
      case BZ_DATA_ERROR_MAGIC: .badHeader
      default: .badData
      }
    return DecodingStep(
      outcome: outcome,
      consumed: sourceCount - Int(unsafe stream.pointee.avail_in),
      produced: targetCount - Int(unsafe stream.pointee.avail_out))
  }
}
