/// How a member's bytes become lines.
enum TextShape {
  case plain
  /// UTF-8 behind a byte-order mark of three bytes.
  case marked
  case utf16(isBigEndian: Bool)
  /// Every line ends in a carriage return alone, as on old Macs.
  case loneReturns

  /// Told by the member's first bytes; `isWhole` where they are all that there is.
  init(_ head: ArraySlice<UInt8>, isWhole: Bool) {
    if head.starts(with: [0xef, 0xbb, 0xbf]) {
      self = .marked
    } else if head.starts(with: [0xff, 0xfe]) {
      self = .utf16(isBigEndian: false)
    } else if head.starts(with: [0xfe, 0xff]) {
      self = .utf16(isBigEndian: true)
    } else if !head.contains(UInt8(ascii: "\n")),
      (isWhole ? head : head.dropLast()).contains(UInt8(ascii: "\r"))
    {
      self = .loneReturns
    } else {
      self = .plain
    }
  }
}

/// Carriage returns that no newline follows become newlines, so that offsets stay what they are.
final class LoneReturnLayer: ByteLayer {
  private let source: PeekableBytes

  init(_ source: PeekableBytes) { self.source = source }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let count = unsafe source.read(into: target)
    // Safe: every index is below `count`, which is at most the buffer's.
    for index in 0..<count where unsafe target[index] == UInt8(ascii: "\r") {
      let next =
        unsafe index + 1 < count ? target[index + 1] : source.peek(1).first ?? UInt8(ascii: "\r")
      if next != UInt8(ascii: "\n") { unsafe target[index] = UInt8(ascii: "\n") }
    }
    return count
  }
}

/// UTF-16 as UTF-8; what is no UTF-16 becomes U+FFFD.
final class UTF16Layer: ByteLayer {
  private let source: PeekableBytes
  private let isBigEndian: Bool
  /// UTF-8 that found no room yet.
  private var ready: [UInt8] = []
  private var readyStart = 0
  /// Where the first surrogate without its other half, or half a character, stands in the source.
  private(set) var firstInvalid: Int?

  private static let chunkBytes = 32 << 10

  init(_ source: PeekableBytes, isBigEndian: Bool) {
    self.source = source
    self.isBigEndian = isBigEndian
  }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    if readyStart == ready.count { transcode() }
    let count = min(target.count, ready.count - readyStart)
    guard count > 0 else { return 0 }
    // Safe: 1. `count` fits both; 2. the range lies in the array.
    unsafe ready.withUnsafeBytes { bytes in
      unsafe target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[readyStart..<readyStart + count]))
    }
    readyStart += count
    return count
  }

  private func transcode() {
    ready.removeAll(keepingCapacity: true)
    readyStart = 0
    // Four bytes hold any character, so at least one is taken each time until the end.
    var bytes = source.peek(Self.chunkBytes)
    let start = bytes.startIndex
    let isLast = bytes.count < Self.chunkBytes
    let place = source.offset
    var taken = 0
    func unit(_ at: Int) -> UInt32? {
      guard at + 1 < bytes.count else { return nil }
      let (first, second) = (UInt32(bytes[start + at]), UInt32(bytes[start + at + 1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    while let first = unit(taken) {
      var scalar = Unicode.Scalar(first)
      var width = 2
      if (0xd800..<0xdc00).contains(first) {
        guard let second = unit(taken + 2) else {
          if !isLast { break }
          append(nil, at: place + taken)
          taken += 2
          continue
        }
        if (0xdc00..<0xe000).contains(second) {
          scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
          width = 4
        }
      }
      append(scalar, at: place + taken)
      taken += width
    }
    if isLast, taken < bytes.count {
      append(nil, at: place + taken)
      taken = bytes.count
    }
    bytes = []
    source.skip(taken)
  }

  private func append(_ scalar: Unicode.Scalar?, at place: Int) {
    if scalar == nil { firstInvalid = firstInvalid ?? place }
    ready += UTF8.encode(scalar ?? "\u{fffd}") ?? UTF8.encodedReplacementCharacter
  }
}
