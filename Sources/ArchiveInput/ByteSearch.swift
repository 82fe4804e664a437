#if canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// The first place of `byte` in `bytes[range]`: memchr, several times as fast as a Swift loop.
func firstIndex(of byte: UInt8, in bytes: [UInt8], _ range: Range<Int>) -> Int? {
  let range = range.clamped(to: 0..<bytes.count)
  guard !range.isEmpty else { return nil }
  // Safe: 1. the range lies in the array; 2. it is not empty, so there is a base address;
  // 3. memchr answers with a pointer into the range, or none.
  return unsafe bytes.withUnsafeBytes { buffer in
    guard let base = buffer.baseAddress,
      let found = unsafe memchr(base + range.lowerBound, Int32(byte), range.count)
    else { return nil }
    return unsafe UnsafeRawPointer(found) - base
  }
}

/// The last newline in `bytes[range]`; a loop, because it stands a line's length from the end.
func lastNewline(in bytes: [UInt8], _ range: Range<Int>) -> Int? {
  var index = range.upperBound
  while index > range.lowerBound {
    index -= 1
    if bytes[index] == UInt8(ascii: "\n") { return index }
  }
  return nil
}
