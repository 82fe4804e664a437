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

  /// As ``place(of:from:)`` for a byte that is near: eight bytes at a time and no call.
  @inline(__always)
  func near(_ byte: UInt8, from start: Int) -> Int {
    let pattern = UInt64(byte) &* ByteWord.ones
    var index = max(0, start)
    while index &+ 8 <= count {
      let found = ByteWord.zeroes(word(at: index) ^ pattern)
      if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
      index &+= 8
    }
    while index < count && self[index] != byte { index &+= 1 }
    return min(index, count)
  }

  /// The first place of either byte at or after `start`, or `count`: as ``near(_:from:)``.
  @inline(__always)
  func near(_ byte: UInt8, or other: UInt8, from start: Int) -> Int {
    let pattern = UInt64(byte) &* ByteWord.ones
    let second = UInt64(other) &* ByteWord.ones
    var index = max(0, start)
    while index &+ 8 <= count {
      let word = word(at: index)
      let found = ByteWord.zeroes(word ^ pattern) | ByteWord.zeroes(word ^ second)
      if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
      index &+= 8
    }
    while index < count && self[index] != byte && self[index] != other { index &+= 1 }
    return min(index, count)
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

  /// Whether `literal`, ASCII and not empty, stands anywhere in the span.
  func contains(_ literal: StaticString) -> Bool {
    let first = literal.withUTF8Buffer { unsafe $0.first ?? 0 }
    var place = place(of: first, from: 0)
    while place < count {
      if holds(literal, at: place) { return true }
      place = self.place(of: first, from: place + 1)
    }
    return false
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

/// Eight bytes in one word.
enum ByteWord {
  static let ones: UInt64 = 0x0101_0101_0101_0101

  /// The top bit of each byte that is zero; bits above the lowest one may be wrong, which a search for the first does not see.
  @inline(__always)
  static func zeroes(_ word: UInt64) -> UInt64 {
    (word &- ones) & ~word & 0x8080_8080_8080_8080
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
