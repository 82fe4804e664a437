internal import CZlib

/// zlib's state for one gzip member after another.
///
/// Safe to hold: the pointer is private, made by `init`, freed by `deinit`, and copied nowhere.
@safe
final class Inflater: StreamDecoder {
  // zlib keeps the address of its z_stream and checks it, so the stream lives on the heap, where it never moves.
  private let stream: UnsafeMutablePointer<z_stream>

  /// Nil where zlib gets no memory.
  init?() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 + 16: the largest window, and a gzip header and trailer that zlib itself checks.
    let code = unsafe inflateInit2_(
      stream, 15 + 16, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
    // `deinit` frees the stream, also where `init` gives nil; inflateEnd takes one that was not made.
    guard code == Z_OK else { return nil }
  }

  deinit {
    // Safe: `init` made both, and nothing else frees them.
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  func startOver() -> Bool { unsafe inflateReset(stream) == Z_OK }

  func step(
    from source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> DecodingStep {
    let sourceCount = min(source.count, 1 << 30)
    let targetCount = min(target.count, 1 << 30)
    // Safe: 1. both pointers outlive the call; 2. the counts are at most theirs;
    // 3. zlib reads its input only, so the `mutating` cast changes nothing.
    unsafe stream.pointee.next_in = UnsafeMutablePointer(
      mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
    unsafe stream.pointee.avail_in = UInt32(sourceCount)
    unsafe stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = UInt32(targetCount)
    let code = unsafe inflate(stream, Z_NO_FLUSH)
    return DecodingStep(
      outcome: outcome(of: code),
      consumed: sourceCount - Int(unsafe stream.pointee.avail_in),
      produced: targetCount - Int(unsafe stream.pointee.avail_out))
  }

  private func outcome(of code: Int32) -> DecodingStep.Outcome {
    switch code {
    case Z_OK, Z_BUF_ERROR: return .progress
    case Z_STREAM_END: return .streamEnd
    case Z_MEM_ERROR: return .noMemory
    default: break
    }
    guard let message = unsafe stream.pointee.msg else { return .badData }
    // Safe: zlib's messages are C strings that live as long as the library.
    switch unsafe String(cString: message) {
    // The trailer's second half, the length, still stands there.
    case "incorrect data check": return .wrongChecksum(rest: 4)
    case "incorrect length check": return .wrongLength
    case "incorrect header check", "unknown compression method", "unknown header flags set",
      "header crc mismatch":
      return .badHeader
    default: return .badData
    }
  }
}
