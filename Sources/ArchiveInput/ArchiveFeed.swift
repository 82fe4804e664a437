internal import CArchive
internal import IncidentModel

#if canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// What libarchive reads from: a layer's bytes in a buffer that stays where it is until the next call.
@safe
final class ArchiveFeed {
  static let bufferBytes = 64 << 10

  let source: PeekableBytes
  private let room: UnsafeMutableRawBufferPointer

  init(_ source: PeekableBytes) {
    self.source = source
    unsafe room = .allocate(byteCount: Self.bufferBytes, alignment: 64)
    // Safe: Swift's types want initialised memory; zlib and the like only ever write it first.
    unsafe room.initializeMemory(as: UInt8.self, repeating: 0)
  }

  // Safe: `init` made it, and the archive that reads from it is gone before its feed.
  deinit { unsafe room.deallocate() }

  /// libarchive's read callback: where the bytes stand and how many; 0 at the end.
  func fill(_ bytes: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    // Skipping a long entry stays inside libarchive; this is the way out of it.
    guard !Task.isCancelled else { return 0 }
    unsafe bytes.pointee = UnsafeRawPointer(room.baseAddress)
    return unsafe source.read(into: room)
  }

  /// libarchive's skip callback: how many bytes were skipped; it reads the rest.
  func skip(_ count: Int) -> Int {
    guard count > 0, let length = source.seekableLength else { return 0 }
    let target = min(source.offset.addingReportingOverflow(count).partialValue, length)
    guard target > source.offset else { return 0 }
    let start = source.offset
    return source.seek(to: target) ? target - start : 0
  }

  /// libarchive's seek callback: the new place; nil where there is none.
  func seek(_ offset: Int, _ origin: Int32) -> Int? {
    guard let length = source.seekableLength else { return nil }
    let base = origin == SEEK_SET ? 0 : origin == SEEK_CUR ? source.offset : length
    let (target, isOver) = base.addingReportingOverflow(offset)
    guard !isOver, (0...length).contains(target), source.seek(to: target) else { return nil }
    return target
  }
}

/// A nested archive whose directory stands at its end, held whole, for a stream can't be read from there.
final class HeldBytes: SeekableLayer {
  /// The look-ahead of the layer below, which nobody reads from any more, so that it is not copied.
  private let bytes: ArraySlice<UInt8>
  private var place = 0

  var length: Int? { bytes.count }

  /// Nil where there is more than the limit; then nothing was taken.
  init?(_ source: PeekableBytes, limit: Int) {
    var wanted = min(64 << 10, limit + 1)
    var count = source.peek(wanted).count
    while count >= wanted, count <= limit {
      wanted = min(wanted * 2, limit + 1)
      count = source.peek(wanted).count
    }
    guard count <= limit else { return nil }
    bytes = source.peek(count)
    source.skip(count)
  }

  func seek(to offset: Int) -> Bool {
    guard (0...bytes.count).contains(offset) else { return false }
    place = offset
    return true
  }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(target.count, bytes.count - place)
    guard count > 0 else { return 0 }
    // Safe: 1. `count` fits both; 2. the range lies in the array.
    unsafe bytes.withUnsafeBytes { held in
      unsafe target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: held[place..<place + count]))
    }
    place += count
    return count
  }
}
