internal import IncidentModel

/// logfmt: `key=value key="a value"` with the keys of a table.
extension JSONMembers {
  /// Reads pairs to the end of the line; returns how many there were.
  mutating func readPairs(
    _ line: Span<UInt8>, _ table: JSONKeyTable, _ memory: inout PairMemory, from start: Int
  ) throws(LineError) -> Int {
    if memory.table != table.identity { memory = PairMemory(of: table) }
    var place = start
    var pairs = 0
    while place < line.count {
      if line[place] == UInt8(ascii: " ") {
        place += 1
        continue
      }
      if let known = memory.pair(pairs, line, at: place) {
        let value = try Self.value(line, from: place + known.count + 1, &place)
        pairs += 1
        if let key = known.key { note(key, value.range, hasEscapes: value.hasEscapes) }
        continue
      }
      let mark = line.near(UInt8(ascii: "="), or: UInt8(ascii: " "), from: place)
      guard mark < line.count, line[mark] == UInt8(ascii: "=") else {
        // A word without a value is a flag.
        place = mark
        continue
      }
      let name = place..<mark
      let value = try Self.value(line, from: mark + 1, &place)
      if name.isEmpty { throw LineError("a key is missing in front of =", at: mark) }
      let key = table.find(line, name, level: 0)?.key
      memory.keep(pairs, line, name, key)
      pairs += 1
      if let key { note(key, value.range, hasEscapes: value.hasEscapes) }
    }
    return pairs
  }

  @inline(__always)
  private static func value(
    _ line: Span<UInt8>, from start: Int, _ place: inout Int
  ) throws(LineError) -> (range: Range<Int>, hasEscapes: Bool) {
    if line.byte(at: start) != UInt8(ascii: "\"") {
      place = line.near(UInt8(ascii: " "), from: start)
      return (start..<place, false)
    }
    var hasEscapes = false
    var end = start + 1
    while true {
      end = line.near(UInt8(ascii: "\""), or: UInt8(ascii: "\\"), from: end)
      if end >= line.count { throw .cut(at: line.count) }
      if line[end] == UInt8(ascii: "\"") { break }
      hasEscapes = true
      end += 2
    }
    place = end + 1
    return (start + 1..<end, hasEscapes)
  }
}

/// The keys of the last line by their places: a program writes the same ones in the same order, and comparing a key to the last line's costs less than to find it.
struct PairMemory: Sendable {
  /// A key of at most 15 bytes, with the `=` behind it.
  struct Pair: Sendable {
    /// What the bytes are where ``masks`` has ones; no bytes are this before the first line.
    fileprivate var words: (UInt64, UInt64) = (.max, .max)
    fileprivate var masks: (UInt64, UInt64) = (0, 0)
    /// Bytes of the key.
    var count = 0
    /// What it means; nil: nothing.
    var key: JSONKey?
  }

  /// Lines have more pairs, but few that come every time.
  private static let limit = 24
  private static let longest = 15
  private var pairs: [Pair]
  /// The table that told what the keys mean: formats beside each other in a file have one memory.
  fileprivate let table: UInt64

  init(of table: JSONKeyTable? = nil) {
    self.table = table?.identity ?? 0
    pairs = table == nil ? [] : [Pair](repeating: Pair(), count: Self.limit)
  }

  /// The pair that stood at a place among the pairs, if its key stands at `start` again.
  @inline(__always)
  func pair(_ index: Int, _ line: Span<UInt8>, at start: Int) -> Pair? {
    if index >= pairs.count || line.count &- start < 16 { return nil }
    let (low, high) = (line.word(at: start), line.word(at: start &+ 8))
    let pair = pairs[index]
    guard low & pair.masks.0 == pair.words.0, high & pair.masks.1 == pair.words.1 else {
      return nil
    }
    return pair
  }

  /// Keeps the key of a pair for the lines to come.
  mutating func keep(_ index: Int, _ line: Span<UInt8>, _ name: Range<Int>, _ key: JSONKey?) {
    if index >= pairs.count || name.count > Self.longest { return }
    var pair = Pair()
    pair.count = name.count
    pair.key = key
    pair.masks = (Self.mask(name.count + 1), Self.mask(name.count - 7))
    pair.words = (
      line.lastWord(at: name.lowerBound) & pair.masks.0,
      line.lastWord(at: name.lowerBound + 8) & pair.masks.1
    )
    pairs[index] = pair
  }

  /// Ones in so many of the first bytes of a word.
  private static func mask(_ count: Int) -> UInt64 {
    count >= 8 ? .max : (1 as UInt64) << UInt64(8 * max(0, count)) &- 1
  }
}
