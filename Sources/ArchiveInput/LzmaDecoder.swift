internal import CCodecs

/// liblzma's state for one xz stream, or one lzip member, after another.
///
/// Safe to hold: the pointer is private, made by `init`, freed by `deinit`, and copied nowhere.
@safe
final class LzmaDecoder: StreamDecoder {
  private let stream: UnsafeMutablePointer<lzma_stream>
  private let kind: ContainerKind

  /// Nil where liblzma gets no memory, or is too old for lzip.
  init?(_ kind: ContainerKind) {
    self.kind = kind
    unsafe stream = .allocate(capacity: 1)
    // LZMA_STREAM_INIT is a stream of zeros.
    unsafe stream.initialize(to: lzma_stream())
    guard startOver() else { return nil }
  }

  deinit {
    // Safe: `init` made both, and nothing else frees them.
    unsafe lzma_end(stream)
    unsafe stream.deallocate()
  }

  func startOver() -> Bool {
    // What surrounds the window takes less than 1 MiB.
    let limit = UInt64(DecodingStep.windowLimitBytes + 1 << 20)
    let code =
      kind == .lzip
      ? unsafe begin_lzip(stream, limit) : unsafe lzma_stream_decoder(stream, limit, 0)
    return code == LZMA_OK
  }

  func step(
    from source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> DecodingStep {
    // Safe: 1. both pointers outlive the call; 2. the counts are theirs.
    unsafe stream.pointee.next_in = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_in = source.count
    unsafe stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = target.count
    let code = unsafe lzma_code(stream, LZMA_RUN)
    let outcome: DecodingStep.Outcome =
      switch code {
      // No progress, for want of input.
      case LZMA_OK, LZMA_BUF_ERROR: .progress
      case LZMA_STREAM_END: .streamEnd
      case LZMA_MEM_ERROR: .noMemory
      case LZMA_MEMLIMIT_ERROR: .windowTooLong
      case LZMA_FORMAT_ERROR, LZMA_OPTIONS_ERROR: .badHeader
      default: .badData
      }
    return DecodingStep(
      outcome: outcome, consumed: source.count - (unsafe stream.pointee.avail_in),
      produced: target.count - (unsafe stream.pointee.avail_out))
  }
}
