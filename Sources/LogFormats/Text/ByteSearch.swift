internal import Glibc

extension Span where Element == UInt8 {
  /// The first place of `byte` at or after `start`, or `count` where there is none.
  @inline(__always)
  func place(of byte: UInt8, from start: Int) -> Int {
    if start < 0 || start >= count { return count }
    let length = count - start
    return unsafe withUnsafeBufferPointer { buffer in
      // 1. `0 <= start < count`, so the span is not empty and has a base address.
      // 2. `start + length == count`: memchr stays inside the span.
      // 3. Its answer points into the span, so the distance is an index of the span.
      guard let base = buffer.baseAddress,
        let found = unsafe memchr(base + start, Int32(byte), length)
      else { return count }
      return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
  }

  /// The eight bytes from `start` as one little-endian word; 0 where fewer are left.
  @inline(__always)
  func word(at start: Int) -> UInt64 {
    if start < 0 || count - start < 8 { return 0 }
    // The check above leaves eight bytes behind `start`; the load needs no alignment.
    return unsafe UInt64(
      littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self))
  }

  /// The byte at `index`, or 0 outside of the span.
  @inline(__always)
  func byte(at index: Int) -> UInt8 {
    index >= 0 && index < count ? self[index] : 0
  }

  /// Whether the bytes from `start` are those of `literal`, an ASCII literal.
  @inline(__always)
  func holds(_ literal: StaticString, at start: Int) -> Bool {
    let length = literal.utf8CodeUnitCount
    if start < 0 || count - start < length { return false }
    return literal.withUTF8Buffer { buffer in
      // The buffer lives as long as the closure and has `length` bytes; the span's side is checked.
      for index in 0..<length where unsafe buffer[index] != self[start + index] { return false }
      return true
    }
  }

  /// Whether the bytes are those of `literal`, letters compared without their case.
  ///
  /// `literal` is in lower case; `-`, `.` and `_` are equal, as FORMATS' key tables demand.
  @inline(__always)
  func isKey(_ literal: StaticString) -> Bool {
    if count != literal.utf8CodeUnitCount { return false }
    return literal.withUTF8Buffer { buffer in
      // The buffer lives as long as the closure and has as many bytes as the span.
      for index in 0..<count where unsafe buffer[index] != keyByte(self[index]) { return false }
      return true
    }
  }

  /// Whether both spans hold the same bytes.
  func isEqual(to other: Span<UInt8>) -> Bool {
    if count != other.count { return false }
    for index in 0..<count where self[index] != other[index] { return false }
    return true
  }
}

/// A byte of a key as it is compared: lower case, and `_` for `-` and `.`.
@inline(__always)
func keyByte(_ byte: UInt8) -> UInt8 {
  switch byte {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
  case UInt8(ascii: "-"), UInt8(ascii: "."): UInt8(ascii: "_")
  default: byte
  }
}

/// Whether a byte is one of `0` … `9`.
@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }
