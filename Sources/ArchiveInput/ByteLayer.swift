/// A stream of bytes that a layer below it feeds: the disk, an inflater over it, a member of an archive.
///
/// Classes, because libarchive keeps their addresses; each belongs to one reader and never leaves its actor.
protocol ByteLayer: AnyObject {
  /// Fills the front of `target` and says how many bytes it wrote: 0 at the end, and only there.
  ///
  /// What goes wrong ends the stream and is told to the reader's ``ReadingRecord``.
  func read(into target: UnsafeMutableRawBufferPointer) -> Int
}

extension ByteLayer {
  /// Passes over bytes and says over how many: fewer only at the end.
  func pass(_ count: Int) -> Int {
    var chunk = [UInt8](repeating: 0, count: min(max(1, count), 64 << 10))
    var passed = 0
    while passed < count {
      // Safe: the pointer is used inside the closure only.
      let step = unsafe chunk.withUnsafeMutableBytes { bytes in
        unsafe read(into: UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(count - passed)))
      }
      if step == 0 { break }
      passed += step
    }
    return passed
  }
}

/// A layer that can be read from any place, as a file can and a stream can't.
protocol SeekableLayer: ByteLayer {
  /// In bytes; nil of a pipe, which can't be read from any place after all.
  var length: Int? { get }
  /// Has the next read begin at this byte; false where that fails.
  func seek(to offset: Int) -> Bool
}

/// A layer's bytes with a look ahead; what nobody looked at is handed on without a copy.
final class PeekableBytes: ByteLayer {
  private let source: any ByteLayer
  /// Bytes that are read and not yet taken stand in `window[start..<end]`.
  private var window: [UInt8] = []
  private var start = 0
  private var end = 0
  private let refillBytes: Int
  /// How many bytes were taken.
  private(set) var offset = 0
  private var isEnded = false

  init(_ source: any ByteLayer, refillBytes: Int) {
    self.source = source
    self.refillBytes = max(1, refillBytes)
  }

  /// The bytes that stand ready, after an attempt to have at least `wanted`; fewer only at the end.
  ///
  /// A slice that is still held when more is read costs a copy of the window.
  func peek(_ wanted: Int) -> ArraySlice<UInt8> {
    prepare(wanted)
    return window[start..<end]
  }

  private func prepare(_ wanted: Int) {
    while end - start < wanted, !isEnded {
      if start > 0 {
        window.replaceSubrange(0..<end - start, with: Array(window[start..<end]))
        (start, end) = (0, end - start)
      }
      let lacking = end + max(refillBytes, wanted - end) - window.count
      if lacking > 0, window.count < max(wanted, refillBytes) {
        window += [UInt8](repeating: 0, count: lacking)
      }
      let filled = end
      // Safe: the pointer is used inside the closure only, and covers initialised elements only.
      let count = unsafe window.withUnsafeMutableBytes { bytes in
        unsafe source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]))
      }
      end += count
      if count == 0 { isEnded = true }
    }
  }

  /// Takes `count` of the bytes that ``peek(_:)`` showed.
  func skip(_ count: Int) {
    let count = min(count, end - start)
    start += count
    offset += count
  }

  /// How long the layer below is, where it can be read from any place; else nil.
  var seekableLength: Int? { (source as? any SeekableLayer).flatMap(\.length) }

  /// Has the next read begin at this byte; false where the layer below can't.
  func seek(to target: Int) -> Bool {
    let ahead = target - offset
    if ahead >= 0, ahead <= end - start {
      skip(ahead)
      return true
    }
    guard target >= 0, let source = source as? any SeekableLayer, source.seek(to: target) else {
      return false
    }
    (start, end, offset, isEnded) = (0, 0, target, false)
    return true
  }

  /// Lets `take` see what stands ready, at least one byte unless the source has ended, and takes as many as it says.
  func withReady(_ take: (UnsafeRawBufferPointer) -> Int) {
    prepare(1)
    // Safe: the pointer is used inside the closure only, and covers initialised elements only.
    let taken = unsafe window.withUnsafeBytes { bytes in
      unsafe take(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
    }
    skip(taken)
  }

  /// Reads up to `count` bytes to the front of an array that has room for them.
  func read(_ count: Int, into target: inout [UInt8]) -> Int {
    // Safe: 1. the pointer is used inside the closure only; 2. no more is asked for than there is room.
    unsafe target.withUnsafeMutableBytes { bytes in
      unsafe read(into: UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(count)))
    }
  }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let ready = min(end - start, target.count)
    if ready == 0 {
      guard target.count > 0, !isEnded else { return 0 }
      let count = unsafe source.read(into: target)
      if count == 0 { isEnded = true }
      offset += count
      return count
    }
    // Safe: 1. `ready` fits both; 2. the source range lies in the window.
    unsafe window.withUnsafeBytes { bytes in
      unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + ready]))
    }
    skip(ready)
    return ready
  }
}
