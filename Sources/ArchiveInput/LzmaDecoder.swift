internal import CCodecs

/// liblzma's state for one xz stream, or one lzip member, after another.
///
/// Safe to hold: the pointer is private, made by `init`, freed by `deinit`, and copied nowhere.
@safe
final class LzmaDecoder: StreamDecoder {
  private let stream: UnsafeMutablePointer<lzma_stream>
  private let kind: ContainerKind
  /// What the library may take.
  private var limit = LzmaDecoder.firstLimit

  /// Enough for what surrounds a window, and for the shortest ones.
  private static let firstLimit = 1 << 20

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
    let code =
      kind == .lzip
      ? unsafe begin_lzip(stream, UInt64(limit))
      : unsafe lzma_stream_decoder(stream, UInt64(limit), 0)
    return code == LZMA_OK
  }

  func allowWindow(of bytes: Int) {
    limit = max(limit, bytes)
    unsafe _ = lzma_memlimit_set(stream, UInt64(limit))
  }

  /// What the stream at hand asks for; the library goes on where it is once it may have that.
  private var need: DecodingStep.Outcome {
    let bytes = unsafe lzma_memusage(stream)
    // What surrounds the window takes less than 1 MiB.
    guard bytes > limit, bytes <= DecodingStep.windowLimitBytes + 1 << 20 else {
      return .windowTooLong
    }
    return .needsWindow(Int(bytes))
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
      case LZMA_MEMLIMIT_ERROR: need
      case LZMA_FORMAT_ERROR, LZMA_OPTIONS_ERROR: .badHeader
      default: .badData
      }
    return DecodingStep(
      outcome: outcome, consumed: source.count - (unsafe stream.pointee.avail_in),
      produced: target.count - (unsafe stream.pointee.avail_out))
  }
}
