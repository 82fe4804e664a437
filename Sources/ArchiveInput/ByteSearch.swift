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

/// The first byte of `bytes[range]` that is part of no UTF-8 character; the range begins and ends between lines.
func firstInvalidUTF8(in bytes: [UInt8], _ range: Range<Int>) -> Int? {
  let range = range.clamped(to: 0..<bytes.count)
  var index = firstNonASCII(in: bytes, range)
  while index < range.upperBound {
    let length = characterLength(bytes, index, range.upperBound)
    if length == 0 { return index }
    index += length
    if index < range.upperBound, bytes[index] < 0x80 {
      index = firstNonASCII(in: bytes, index..<range.upperBound)
    }
  }
  return nil
}

/// Eight bytes at a time, since nearly all bytes of logs are ASCII.
private func firstNonASCII(in bytes: [UInt8], _ range: Range<Int>) -> Int {
  // Safe: every load lies in the range, which lies in the array.
  unsafe bytes.withUnsafeBytes { buffer in
    var index = range.lowerBound
    while index + 8 <= range.upperBound {
      let word = unsafe buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if word & 0x8080_8080_8080_8080 != 0 { break }
      index += 8
    }
    while index < range.upperBound, unsafe buffer[index] < 0x80 { index += 1 }
    return index
  }
}

/// The length of the UTF-8 character that begins at `index`, 0 where none does (Unicode 15, table 3-7).
private func characterLength(_ bytes: [UInt8], _ index: Int, _ end: Int) -> Int {
  let second: ClosedRange<UInt8>
  let length: Int
  switch bytes[index] {
  case 0..<0x80: return 1
  case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
  case 0xe0: (length, second) = (3, 0xa0...0xbf)
  case 0xed: (length, second) = (3, 0x80...0x9f)
  case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
  case 0xf0: (length, second) = (4, 0x90...0xbf)
  case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
  case 0xf4: (length, second) = (4, 0x80...0x8f)
  default: return 0
  }
  guard index + length <= end, second.contains(bytes[index + 1]) else { return 0 }
  for next in bytes[index + 2..<max(index + 2, index + length)] where next & 0xc0 != 0x80 {
    return 0
  }
  return length
}
