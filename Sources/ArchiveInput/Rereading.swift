/// The raw bytes around a place in a member.
package struct FetchedLine: Hashable, Sendable {
  /// The line's number, from 1.
  package var number: Int
  /// Whole lines without their newlines.
  package var before: [[UInt8]]
  /// The line that holds the offset; or, where a length was asked for, that many bytes from the offset on.
  package var line: [UInt8]
  package var after: [[UInt8]]
}

/// Reads archives again, for the raw lines behind a piece of evidence.
package enum LineFetch {
  /// The longest object that is fetched, in bytes.
  package static let maxObjectBytes = 64 << 20

  /// The line at a byte offset of the decompressed member, with `context` lines on either side; nil where the member ends before it.
  ///
  /// `length` fetches a JSON object that spans lines, or stands inside one.
  package static func line(
    at offset: Int, of input: FoundInput, context: Int, length: Int? = nil,
    limits: InputLimits = InputLimits()
  ) async -> FetchedLine? {
    var wider = limits
    if length != nil { wider.maxLineBytes = max(limits.maxLineBytes, maxObjectBytes) }
    let reader = MemberReader(input, limits: wider)
    var search = LineSearch(
      offset: offset, length: length.map { max(0, min($0, maxObjectBytes)) },
      context: max(0, min(context, 10_000)))
    var spare: [UInt8]?
    while !search.isDone, let block = await reader.next(recycling: spare.take()) {
      search.look(at: block)
      spare = block.bytes
    }
    return search.result
  }
}

/// Follows the blocks of a member up to one place and a few lines beyond.
private struct LineSearch {
  let offset: Int
  let length: Int?
  let context: Int
  private var number = 0
  private var before: [[UInt8]] = []
  private var found: FetchedLine?
  /// Bytes of the object that are still to come.
  private var missing = 0

  init(offset: Int, length: Int?, context: Int) {
    self.offset = offset
    self.length = length
    self.context = context
  }

  var isDone: Bool { missing == 0 && (found?.after.count ?? -1) >= context }

  var result: FetchedLine? { found }

  mutating func look(at block: MemberBlock) {
    number += block.cutBefore.count
    var start = 0
    while start < block.count, !isDone {
      let newline = firstIndex(of: UInt8(ascii: "\n"), in: block.bytes, start..<block.count)
      let end = newline ?? block.count
      let next = newline.map { $0 + 1 } ?? block.count
      number += 1
      take(block, start..<end, next)
      start = next
    }
  }

  private mutating func take(_ block: MemberBlock, _ line: Range<Int>, _ next: Int) {
    if found != nil, missing > 0 {
      let count = min(missing, next - line.lowerBound)
      found?.line += block.bytes[line.lowerBound..<line.lowerBound + count]
      missing -= count
    } else if found != nil {
      found?.after.append(Array(block.bytes[line]))
    } else if block.offset + next > offset, block.offset + line.lowerBound <= offset {
      begin(block, line, next)
    } else if context > 0, isNear(block, next) {
      before.append(Array(block.bytes[line]))
      if before.count > context { before.removeFirst() }
    }
  }

  /// Lines that end more than 16 MiB before the place are not copied: context is for the eye.
  private func isNear(_ block: MemberBlock, _ next: Int) -> Bool {
    offset - (block.offset + next) <= 16 << 20
  }

  private mutating func begin(_ block: MemberBlock, _ line: Range<Int>, _ next: Int) {
    var bytes = Array(block.bytes[line])
    if let length {
      let from = min(offset - block.offset, next)
      bytes = Array(block.bytes[from..<min(next, from + length)])
      missing = length - bytes.count
    }
    found = FetchedLine(number: number, before: before, line: bytes, after: [])
  }
}
