/// A format's keys, to be found without comparing them all.
///
/// Letters compare without case, `-` and `.` as `_`: eight bytes at a time, since a line has twenty keys.
struct JSONKeyTable: Sendable {
  /// A key's name: at most ``longestName`` bytes in words, each byte as it is compared.
  private struct Name: Equatable, Sendable {
    var words: (UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0)
    var count: UInt8
    var level: UInt8

    @inline(__always)
    static func == (left: Name, right: Name) -> Bool {
      left.count == right.count && left.level == right.level
        && left.words.0 == right.words.0 && left.words.1 == right.words.1
        && left.words.2 == right.words.2 && left.words.3 == right.words.3
        && left.words.4 == right.words.4
    }

    @inline(__always)
    init(_ bytes: Span<UInt8>, _ range: Range<Int>, level: UInt8) {
      count = UInt8(truncatingIfNeeded: range.count)
      self.level = level
      let start = range.lowerBound
      words.0 = KeyWord.load(bytes, at: start, range.count)
      if range.count <= 8 { return }
      words.1 = KeyWord.load(bytes, at: start + 8, range.count - 8)
      if range.count <= 16 { return }
      words.2 = KeyWord.load(bytes, at: start + 16, range.count - 16)
      if range.count <= 24 { return }
      words.3 = KeyWord.load(bytes, at: start + 24, range.count - 24)
      if range.count <= 32 { return }
      words.4 = KeyWord.load(bytes, at: start + 32, range.count - 32)
    }

    @inline(__always)
    var bucket: Int {
      let mixed = (words.0 ^ words.1 &* 3 &+ words.2 &* 7) &* 0x9E37_79B9_7F4A_7C15
      return Int((mixed >> 54 &+ UInt64(level) &* 37) & 1_023)
    }
  }

  private struct Entry: Sendable {
    var name: Name
    var key: JSONKey?
    /// The level of the keys inside; 0: the value is not looked into.
    var inside: UInt8
    /// The next entry of the same bucket; -1: none.
    var next: Int16
  }

  /// What was found under a key.
  struct Found {
    var key: JSONKey?
    var inside: UInt8
  }

  /// Longer names are no keys of ours.
  static let longestName = 40

  private var entries: [Entry] = []
  private var buckets = [Int16](repeating: -1, count: 1_024)
  private var levels: UInt8 = 0
  /// A hash of the keys, never 0.
  private(set) var identity: UInt64 = 1

  init(_ rows: [JSONKeyRow]) { add(rows, level: 0) }

  private mutating func add(_ rows: [JSONKeyRow], level: UInt8) {
    for row in rows {
      var inside: UInt8 = 0
      if !row.inside.isEmpty {
        levels += 1
        inside = levels
        add(row.inside, level: inside)
      }
      let bytes = Array("\(row.name)".utf8)
      let name = Name(bytes.span, 0..<min(bytes.count, Self.longestName), level: level)
      let meaning = UInt64(row.key.map { $0.meaning.rawValue + 1 } ?? 0)
      identity = (identity ^ name.words.0 ^ meaning) &* 0x9E37_79B9_7F4A_7C15 | 1
      entries.append(
        Entry(name: name, key: row.key, inside: inside, next: buckets[name.bucket]))
      buckets[name.bucket] = Int16(entries.count - 1)
    }
  }

  /// Looks up the key that stands at `range`.
  @inline(__always)
  func find(_ bytes: Span<UInt8>, _ range: Range<Int>, level: UInt8) -> Found? {
    if range.count > Self.longestName { return nil }
    let name = Name(bytes, range, level: level)
    var index = Int(buckets[name.bucket])
    while index >= 0 {
      if entries[index].name == name {
        return Found(key: entries[index].key, inside: entries[index].inside)
      }
      index = Int(entries[index].next)
    }
    return nil
  }
}

/// Up to eight bytes of a key in one word.
enum KeyWord {
  /// The bytes from `start` as they are compared; those beyond `count` are 0.
  @inline(__always)
  static func load(_ bytes: Span<UInt8>, at start: Int, _ count: Int) -> UInt64 {
    if count >= 8 { return compared(bytes.word(at: start)) }
    if start + 8 <= bytes.count {
      let mask = (1 as UInt64) << UInt64(8 * count) &- 1
      return compared(bytes.word(at: start) & mask)
    }
    var word: UInt64 = 0
    for index in 0..<max(0, count) {
      word |= UInt64(bytes.byte(at: start + index)) << UInt64(8 * index)
    }
    return compared(word)
  }

  /// Capitals made small, and `_` for `-` and `.`, in all eight bytes.
  @inline(__always)
  private static func compared(_ word: UInt64) -> UInt64 {
    let top = ByteWord.ones &* 0x80
    let low = word & ~top
    let capitals = ByteWord.capitals(word) >> 2
    let separators = equal(low, 0x2D) | equal(low, 0x2E)
    let marks = (separators & ~word & top) >> 7 &* 0xFF
    return (word | capitals) & ~marks | marks & (ByteWord.ones &* 0x5F)
  }

  /// The top bit of each byte that is `byte`; the bytes of `low` have theirs clear.
  @inline(__always)
  private static func equal(_ low: UInt64, _ byte: UInt64) -> UInt64 {
    let top = ByteWord.ones &* 0x80
    return ~((low ^ ByteWord.ones &* byte) &+ ByteWord.ones &* 0x7F) & top
  }
}
