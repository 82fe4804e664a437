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
    return first(from: start) {
      ByteWord.zeroes($0 ^ pattern)
    } or: {
      $0 == byte
    }
  }

  /// The first place of either byte at or after `start`, or `count`: as ``near(_:from:)``.
  @inline(__always)
  func near(_ byte: UInt8, or other: UInt8, from start: Int) -> Int {
    let pattern = UInt64(byte) &* ByteWord.ones
    let second = UInt64(other) &* ByteWord.ones
    return first(from: start) {
      ByteWord.zeroes($0 ^ pattern) | ByteWord.zeroes($0 ^ second)
    } or: {
      $0 == byte || $0 == other
    }
  }

  /// The first place whose byte a search of words marks; a span of less than a word is searched by bytes.
  @inline(__always)
  private func first(
    from start: Int, marks: (UInt64) -> UInt64, or fits: (UInt8) -> Bool
  ) -> Int {
    var index = max(0, start)
    let last = count &- 8
    if last < 0 {
      while index < count && !fits(self[index]) { index &+= 1 }
      return min(index, count)
    }
    while index <= last {
      let found = marks(uncheckedWord(at: index))
      if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
      index &+= 8
    }
    if index >= count { return count }
    // The last word without the bytes in front of `index`; the zeroes that take their place stand behind the end.
    let found = marks(uncheckedWord(at: last) >> UInt64((index &- last) &* 8))
    return found == 0 ? count : min(count, index &+ found.trailingZeroBitCount >> 3)
  }

  /// The up to eight bytes from `start` to the end; those beyond the end are 0.
  @inline(__always)
  func lastWord(at start: Int) -> UInt64 {
    let rest = count &- start
    if start < 0 || rest <= 0 { return 0 }
    if rest >= 8 { return uncheckedWord(at: start) }
    if count >= 8 { return uncheckedWord(at: count &- 8) >> UInt64((8 &- rest) &* 8) }
    var word: UInt64 = 0
    for index in start..<count { word |= UInt64(self[index]) << UInt64((index &- start) &* 8) }
    return word
  }

  /// Whether one of `A` … `Z` stands in the span.
  var holdsCapital: Bool {
    var index = 0
    while index < count {
      if ByteWord.capitals(lastWord(at: index)) != 0 { return true }
      index &+= 8
    }
    return false
  }

  /// The eight bytes from `start` as one little-endian word; 0 where fewer are left.
  @inline(__always)
  func word(at start: Int) -> UInt64 {
    if start < 0 || count - start < 8 { return 0 }
    return uncheckedWord(at: start)
  }

  /// The eight bytes from `start`, which the caller knows to lie in the span.
  @inline(__always)
  private func uncheckedWord(at start: Int) -> UInt64 {
    // 1. All callers are in this file and have seen that `0 <= start <= count - 8`.
    // 2. The load needs no alignment.
    unsafe UInt64(
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

  /// The top bit of each byte that is one of `A` … `Z`.
  @inline(__always)
  static func capitals(_ word: UInt64) -> UInt64 {
    let top = ones &* 0x80
    let low = word & ~top
    // A byte is a capital where adding carries it past `A` but not past `Z` into the top bit.
    let fromA = low &+ ones &* (0x80 - 0x41)
    let pastZ = low &+ ones &* (0x80 - 0x5B)
    return fromA & ~pastZ & ~word & top
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
