internal import IncidentModel

/// Byte strings and their numbers; each is stored once.
struct NameTable: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  /// A byte that tells names of equal text apart, such as who set a host.
  private(set) var tags: [UInt8] = []
  private(set) var hashes: [UInt64] = []
  private var places = [Int32](repeating: -1, count: 16)

  var count: Int { ends.count }
  /// What the names take, their places in the table included.
  var storedBytes: Int { bytes.count + 40 * ends.count }

  func range(_ id: Int) -> Range<Int> { (id == 0 ? 0 : ends[id - 1])..<ends[id] }

  func length(_ id: Int) -> Int { range(id).count }

  func text(_ id: Int) -> [UInt8] { Array(bytes[range(id)]) }

  /// The name for people; bytes that are no UTF-8 become U+FFFD.
  func string(_ id: Int) -> String { String(decoding: bytes[range(id)], as: UTF8.self) }

  /// The number of a name, which is new if it equals the former ``count``.
  mutating func intern(_ name: Span<UInt8>, tag: UInt8 = 0) -> Int {
    intern(name, tag: tag, hash: Mixer.hash(name, seed: UInt64(tag)))
  }

  /// The number here of another table's name.
  mutating func intern(_ id: Int, of other: borrowing NameTable) -> Int {
    intern(
      other.bytes.span.extracting(other.range(id)), tag: other.tags[id], hash: other.hashes[id])
  }

  private mutating func intern(_ name: Span<UInt8>, tag: UInt8, hash: UInt64) -> Int {
    let mask = places.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while places[place] >= 0 {
      let id = Int(places[place])
      if hashes[id] == hash, tags[id] == tag, equal(bytes.span.extracting(range(id)), name) {
        return id
      }
      place = (place &+ 1) & mask
    }
    let id = count
    bytes.append(name)
    ends.append(bytes.count)
    tags.append(tag)
    hashes.append(hash)
    places[place] = Int32(truncatingIfNeeded: id)
    if (count + 1) * 4 > places.count * 3 { grow() }
    return id
  }

  private mutating func grow() {
    places = [Int32](repeating: -1, count: places.count * 2)
    let mask = places.count - 1
    for id in hashes.indices {
      var place = Int(truncatingIfNeeded: hashes[id]) & mask
      while places[place] >= 0 { place = (place &+ 1) & mask }
      places[place] = Int32(truncatingIfNeeded: id)
    }
  }

  /// Drops the names that `isUsed` does not mark; the result tells the new number of each old one, -1 for none.
  mutating func compact(keeping isUsed: [Bool]) -> [Int32] {
    var map = [Int32](repeating: -1, count: count)
    var kept = NameTable()
    for id in 0..<count where isUsed[id] {
      map[id] = Int32(truncatingIfNeeded: kept.intern(id, of: self))
    }
    self = kept
    return map
  }

  /// The marked numbers in the order of texts and tags, behind the first so many, which stay where they are.
  func ordered(_ isUsed: [Bool], pinned: Int = 0) -> [Int] {
    let rest = (pinned..<max(pinned, count)).filter { isUsed[$0] }
    return Array(0..<min(pinned, count))
      + rest.sorted { left, right in
        let (first, second) = (bytes[range(left)], bytes[range(right)])
        if first.lexicographicallyPrecedes(second) { return true }
        if second.lexicographicallyPrecedes(first) { return false }
        return tags[left] < tags[right]
      }
  }
}
