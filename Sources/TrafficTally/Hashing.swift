import IncidentModel

/// The hashes that decide what is kept: fixed constants, so that every run and machine agrees.
///
/// `avalanche` and `sampleRank` are SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
/// `hash` folds 128-bit products as wyhash does (Wang Yi, public domain). Neither resists somebody who builds collisions; what they
/// decide is which of many requests is kept, and equal hashes are told apart by bytes wherever that matters.
enum Mixer {
  static let golden: UInt64 = 0x9e37_79b9_7f4a_7c15
  static let first: UInt64 = 0xa076_1d64_78bd_642f
  static let second: UInt64 = 0xe703_7ed1_a0b4_28db
  static let third: UInt64 = 0x8ebc_6af0_9c88_c6e3

  /// Every bit of the result depends on every bit of the word; a bijection.
  @inline(__always)
  static func avalanche(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// The rank of the request at a byte offset of a member: a bijection of the offset for each seed, so it has no ties there.
  @inline(__always)
  static func sampleRank(seed: UInt64, offset: Int) -> UInt64 {
    avalanche(seed &+ (UInt64(truncatingIfNeeded: offset) &+ 1) &* golden)
  }

  @inline(__always)
  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return left ^ product.low ^ right ^ product.high
  }

  /// A 64-bit hash of bytes.
  static func hash(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
    // The loads below stay inside the buffer because:
    // 1. `index + 16 <= count` holds in the loop,
    // 2. the tail reads at `index` and at `count - 8` (or `- 4`) only where at least 8 (or 4) bytes remain,
    // 3. the pointer is used inside the closure only.
    unsafe bytes.withUnsafeBytes { raw in
      let count = raw.count
      var state = seed ^ first
      var index = 0
      while index &+ 16 <= count {
        state = fold(unsafe word(raw, index) ^ second, unsafe word(raw, index &+ 8) ^ state)
        index &+= 16
      }
      let rest = count &- index
      var low: UInt64 = 0
      var high: UInt64 = 0
      if rest >= 8 {
        low = unsafe word(raw, index)
        high = unsafe word(raw, count &- 8)
      } else if rest >= 4 {
        low = unsafe halfWord(raw, index)
        high = unsafe halfWord(raw, count &- 4)
      } else if rest > 0 {
        low =
          unsafe UInt64(raw[index]) << 16 | UInt64(raw[index &+ rest / 2]) << 8
          | UInt64(raw[count &- 1])
      }
      return avalanche(fold(third ^ UInt64(count), fold(low ^ second, high ^ state)))
    }
  }

  @inline(__always)
  private static func word(_ raw: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
    unsafe UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
  }

  @inline(__always)
  private static func halfWord(_ raw: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
    unsafe UInt64(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
  }
}

extension Array where Element == UInt8 {
  /// Appends the bytes that a span names, in one copy.
  mutating func append(_ bytes: Span<UInt8>) {
    // The pointer is used inside the closure only, and `append` copies what it names.
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  /// Takes the place of the old bytes without giving up their room.
  mutating func replace(with bytes: Span<UInt8>) {
    removeAll(keepingCapacity: true)
    append(bytes)
  }

  init(_ bytes: Span<UInt8>) {
    self = []
    append(bytes)
  }
}

/// Whether two spans hold the same bytes.
func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
  guard left.count == right.count else { return false }
  for index in left.indices where left[index] != right[index] { return false }
  return true
}

/// Lexicographic order of bytes, the last resort of every tie.
func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.lexicographicallyPrecedes(right)
}
