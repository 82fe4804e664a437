internal import IncidentModel

/// Cuts a layer's bytes into blocks of whole lines.
struct LineBlocks {
  /// What was met in front of a block.
  struct State {
    /// The decompressed offset of the next block's first byte.
    fileprivate(set) var offset: Int
    /// A buffer never holds more than this and one byte, so no whole line in it is too long.
    var maxLineBytes: Int
    fileprivate(set) var cutCount = 0
    fileprivate(set) var firstCut: Int?
    fileprivate(set) var firstNUL: Int?
    /// The first line with bytes that are no UTF-8 has the first of them here.
    fileprivate(set) var firstInvalid: Int?
  }

  private let source: any ByteLayer
  private let blockBytes: Int
  /// The beginning of the line that the last block had no room for.
  private var carry: [UInt8] = []
  var state: State
  private var isOver = false

  /// Cuts told with one block; a longer run of them gives a block without lines.
  private static let maxCutsPerBlock = 256

  /// `wholeBytes` is how much the source gives in all, where that is known: a small file needs no large block, which would have to be cleared and given back for each of many.
  init(
    _ source: any ByteLayer, startingAt offset: Int, limits: InputLimits, wholeBytes: Int? = nil
  ) {
    self.source = source
    state = State(offset: offset, maxLineBytes: max(1, limits.maxLineBytes))
    // Room for a byte more, so that the block that ends the source meets its end.
    blockBytes = max(1, min(limits.blockBytes, (wholeBytes ?? limits.blockBytes) + 1))
  }

  /// Goes to where another reading of the same bytes stood.
  mutating func goOn(from earlier: State) {
    isOver = source.pass(earlier.offset - state.offset) < earlier.offset - state.offset
    state = earlier
  }

  /// The next block, or nil after the last; `spare` is an earlier block's array.
  mutating func next(recycling spare: consuming [UInt8]?) -> MemberBlock? {
    guard !isOver else { return nil }
    var bytes = buffer(from: spare)
    var filled = carry.count
    bytes.replaceSubrange(0..<filled, with: carry)
    carry.removeAll(keepingCapacity: true)
    var cuts: [CutLine] = []
    // Up to here no newline stands in the buffer.
    var searched = 0
    while cuts.count < Self.maxCutsPerBlock {
      fill(&bytes, &filled)
      if !isOver {
        if let last = lastNewline(in: bytes, searched..<filled) {
          return block(bytes, last + 1, filled, cuts)
        }
        if filled <= state.maxLineBytes {
          grow(&bytes)
          searched = filled
          continue
        }
      } else if filled <= state.maxLineBytes || lastNewline(in: bytes, 0..<filled) != nil {
        return block(bytes, filled, filled, cuts)
      }
      cuts.append(cutLine(&bytes, &filled))
      searched = 0
    }
    return block(bytes, 0, filled, cuts)
  }

  private func buffer(from spare: consuming [UInt8]?) -> [UInt8] {
    let most = state.maxLineBytes + 1
    let wanted = max(min(blockBytes, most), min(carry.count + 1, most))
    if let spare, spare.count >= wanted, spare.count <= most { return spare }
    return [UInt8](repeating: 0, count: wanted)
  }

  private func grow(_ bytes: inout [UInt8]) {
    let room = min(bytes.count * 2, state.maxLineBytes + 1) - bytes.count
    if room > 0 { bytes.append(contentsOf: repeatElement(0, count: room)) }
  }

  /// Reads until the buffer is full or the source ends.
  private mutating func fill(_ bytes: inout [UInt8], _ filled: inout Int) {
    while filled < bytes.count, !isOver {
      let from = filled
      // Safe: the pointer is used inside the closure only, and covers initialised elements only.
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[from...]))
      }
      if state.firstNUL == nil, let place = firstIndex(of: 0, in: bytes, from..<from + count) {
        state.firstNUL = state.offset + place
      }
      filled += count
      if count == 0 { isOver = true }
    }
  }

  private mutating func block(
    _ bytes: consuming [UInt8], _ count: Int, _ filled: Int, _ cuts: [CutLine]
  ) -> MemberBlock {
    if count < filled { carry.append(contentsOf: bytes[count..<filled]) }
    let start = state.offset
    state.offset += count
    if state.firstInvalid == nil, let place = firstInvalidUTF8(in: bytes, 0..<count) {
      state.firstInvalid = start + place
    }
    return MemberBlock(
      bytes: bytes, count: count, offset: start, cutBefore: cuts, isLast: isOver)
  }

  /// Leaves out the line that fills the buffer, up to its newline or the end; what follows it comes to the front.
  private mutating func cutLine(_ bytes: inout [UInt8], _ filled: inout Int) -> CutLine {
    var cut = CutLine(
      offset: state.offset, length: 0,
      excerpt: Array(bytes.prefix(min(filled, CutLine.excerptBytes))))
    state.cutCount += 1
    state.firstCut = state.firstCut ?? state.offset
    while true {
      if let newline = firstIndex(of: UInt8(ascii: "\n"), in: bytes, 0..<filled) {
        cut.length += newline
        let rest = newline + 1..<filled
        bytes.replaceSubrange(0..<rest.count, with: Array(bytes[rest]))
        filled = rest.count
        state.offset = cut.offset + cut.length + 1
        return cut
      }
      cut.length += filled
      state.offset += filled
      filled = 0
      if isOver { return cut }
      fill(&bytes, &filled)
    }
  }
}
