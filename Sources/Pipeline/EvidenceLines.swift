internal import ArchiveInput

/// Reads what stands at many places of one member, in one pass from front to back.
struct EvidenceLines {
  /// Bytes that are kept from a place on: a JSON object may span that many.
  static let mostBytes = ObjectEnd.longestObject

  /// The line, or the whole JSON object, that begins at each offset; nothing for places behind the member's end.
  ///
  /// - Complexity: O(bytes up to the last place).
  static func read(at offsets: Set<Int>, of input: FoundInput) async -> [Int: [UInt8]] {
    let reader = MemberReader(input)
    var waiting = offsets.sorted(by: >)
    var open: [Int: [UInt8]] = [:]
    var done: [Int: [UInt8]] = [:]
    var spare: [UInt8]?
    while !(waiting.isEmpty && open.isEmpty), let block = await reader.next(recycling: spare.take())
    {
      for (offset, bytes) in open {
        collect(block, from: 0, into: bytes, at: offset, &open, &done)
      }
      while let offset = waiting.last, offset < block.offset + block.count {
        waiting.removeLast()
        guard offset >= block.offset else { continue }
        collect(block, from: offset - block.offset, into: [], at: offset, &open, &done)
      }
      spare = block.bytes
    }
    for (offset, bytes) in open { done[offset] = bytes }
    return done
  }

  private static func collect(
    _ block: MemberBlock, from start: Int, into head: [UInt8], at offset: Int,
    _ open: inout [Int: [UInt8]], _ done: inout [Int: [UInt8]]
  ) {
    let room = min(block.count - start, mostBytes - head.count)
    let bytes = head + block.bytes[start..<start + max(0, room)]
    let line = bytes.firstIndex(of: UInt8(ascii: "\n")).map { Array(bytes[..<$0]) }
    let object = ObjectEnd.opensObject(line ?? bytes) ? ObjectEnd.end(of: bytes) : nil
    open[offset] = nil
    if let object {
      done[offset] = Array(bytes[..<object])
    } else if let line, !ObjectEnd.opensObject(line) || bytes.count >= mostBytes {
      done[offset] = line
    } else if bytes.count >= mostBytes {
      done[offset] = bytes
    } else {
      open[offset] = bytes
    }
  }
}
