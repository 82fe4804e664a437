internal import CZlib
internal import IncidentModel

/// The first bytes of a 7z: where its directory stands (7zFormat.txt, "SignatureHeader").
struct SevenZipHeader {
  static let byteCount = 32

  /// How many bytes the archive must have; nil where its head is cut.
  private var length: UInt64?
  /// The head itself is damaged, so that it tells nothing.
  private var isDamaged = false

  init(_ head: ArraySlice<UInt8>) {
    let bytes = Array(head.prefix(Self.byteCount))
    guard bytes.count == Self.byteCount else { return }
    func number(_ range: Range<Int>) -> UInt64 {
      bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    // Safe: zlib reads as many bytes as the array has, within the call.
    let sum = unsafe crc32(0, Array(bytes[12...]), uInt(Self.byteCount - 12))
    isDamaged = UInt64(sum) != number(8..<12)
    let (end, isOver) = number(12..<20).addingReportingOverflow(number(20..<28))
    let (all, isFar) = end.addingReportingOverflow(UInt64(Self.byteCount))
    length = isOver || isFar ? .max : all
  }

  /// What is to be said where only `count` bytes of the archive are there, and these are not all.
  func cut(of count: Int) -> Sentence? {
    guard let length else {
      return
        "the 7z archive ends early, within its first \(count: Self.byteCount) bytes, so nothing in it can be read; fetch it again"
    }
    guard !isDamaged, length > UInt64(clamping: count) else { return nil }
    return
      "the 7z archive ends early: it has \(count: count) bytes of \(count: Int(clamping: length)), and what is in it is told by the last of them, so nothing in it can be read; fetch it again"
  }
}
