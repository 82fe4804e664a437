/// An open-addressing map from packed keys to slots of an array that its owner keeps.
///
/// Keys carry ``mark``, so that 0 stands for an empty place. The order of places never reaches a result.
struct SlotTable: Sendable {
  /// Set in every key.
  static let mark: UInt64 = 1 << 63

  /// A key beside its slot: looking up a key that few others share costs one line of the cache, not two.
  private struct Place: Sendable {
    var key: UInt64 = 0
    var slot: Int32 = 0
  }

  private(set) var count = 0
  private var places: [Place]
  private var mask: Int
  /// Keys beyond which the table grows.
  private var room = 12

  init() {
    places = [Place](repeating: Place(), count: 16)
    mask = 15
  }

  /// The slot of a key, or -1.
  @inline(__always)
  func slot(of key: UInt64) -> Int {
    var index = Int(truncatingIfNeeded: Mixer.avalanche(key)) & mask
    while true {
      let place = places[index]
      if place.key == key { return Int(place.slot) }
      if place.key == 0 { return -1 }
      index = (index &+ 1) & mask
    }
  }

  /// Adds a key that is not there yet.
  mutating func insert(_ key: UInt64, slot: Int) {
    if count >= room { grow() }
    put(Place(key: key, slot: Int32(truncatingIfNeeded: slot)))
    count += 1
  }

  mutating func removeAll() {
    if count == 0 { return }
    if places.count > 4096 {
      self = SlotTable()
    } else {
      for index in places.indices { places[index] = Place() }
      count = 0
    }
  }

  private mutating func put(_ place: Place) {
    var index = Int(truncatingIfNeeded: Mixer.avalanche(place.key)) & mask
    while places[index].key != 0 { index = (index &+ 1) & mask }
    places[index] = place
  }

  private mutating func grow() {
    let old = places
    places = [Place](repeating: Place(), count: old.count * 2)
    mask = places.count - 1
    room = TableRoom.keys(in: places.count)
    for place in old where place.key != 0 { put(place) }
  }
}

/// How full an open-addressing table may be.
enum TableRoom {
  /// Keys beyond which a table of so many places grows. A large one is filled further: the budgets end little beyond three quarters, and to double it for the last few keys would cost more than longer runs.
  static func keys(in places: Int) -> Int {
    places < 1 << 20 ? places / 4 * 3 : places / 8 * 7
  }
}

/// An open-addressing map from packed keys to counts that stay at 2³² − 1.
struct CountTable: Sendable {
  private(set) var count = 0
  private var keys: [UInt64]
  private var counts: [UInt32]
  private var mask: Int
  /// Keys beyond which the table grows.
  private var room = 12

  init() {
    keys = [UInt64](repeating: 0, count: 16)
    counts = [UInt32](repeating: 0, count: 16)
    mask = 15
  }

  /// Adds to a key's count; true if the key is new.
  @inline(__always)
  @discardableResult
  mutating func add(_ key: UInt64, _ amount: UInt32) -> Bool {
    var place = Int(truncatingIfNeeded: Mixer.avalanche(key)) & mask
    while true {
      let found = keys[place]
      if found == key {
        counts[place] = counts[place].addingSaturated(amount)
        return false
      }
      if found == 0 { break }
      place = (place &+ 1) & mask
    }
    keys[place] = key
    counts[place] = amount
    count += 1
    if count > room { grow() }
    return true
  }

  /// Calls `body` with every key and count, in no order.
  func visit(_ body: (UInt64, UInt32) -> Void) {
    for index in keys.indices where keys[index] != 0 { body(keys[index], counts[index]) }
  }

  mutating func removeAll() {
    if count == 0 { return }
    if keys.count > 4096 {
      self = CountTable()
    } else {
      for index in keys.indices { keys[index] = 0 }
      count = 0
    }
  }

  /// The same counts under other keys; counts whose keys become equal are added.
  func rekeyed(_ transform: (UInt64) -> UInt64) -> CountTable {
    var result = CountTable()
    visit { key, count in result.add(transform(key), count) }
    return result
  }

  private mutating func grow() {
    let oldKeys = keys
    let oldCounts = counts
    keys = [UInt64](repeating: 0, count: oldKeys.count * 2)
    counts = [UInt32](repeating: 0, count: oldKeys.count * 2)
    mask = keys.count - 1
    room = TableRoom.keys(in: keys.count)
    for index in oldKeys.indices where oldKeys[index] != 0 {
      var place = Int(truncatingIfNeeded: Mixer.avalanche(oldKeys[index])) & mask
      while keys[place] != 0 { place = (place &+ 1) & mask }
      keys[place] = oldKeys[index]
      counts[place] = oldCounts[index]
    }
  }
}

extension CountTable {
  /// Appends keys and counts, ascending by what `number` makes of the keys.
  func encode(into file: inout TallyEncoder, number: (UInt64) -> UInt64) {
    var rows: [(key: UInt64, count: UInt32)] = []
    rows.reserveCapacity(count)
    visit { key, count in rows.append((number(key), count)) }
    rows.sort { $0.key < $1.key }
    file.count(rows.count)
    var before: UInt64?
    for (key, count) in rows {
      file.ascending(key, after: &before)
      file.unsigned(UInt64(count))
    }
  }

  /// Reads keys and counts; `check` says what is wrong with a key, and nothing marks it yet.
  static func decode(
    from file: inout TallyDecoder, check: (UInt64) -> String?
  ) throws(TallyDamage) -> CountTable {
    var table = CountTable()
    var before: UInt64?
    for _ in 0..<(try file.length(least: 2)) {
      let key = try file.ascending(after: &before)
      if let problem = key < SlotTable.mark ? check(key) : "a key beyond 63 bits" {
        throw file.damage(problem)
      }
      table.add(SlotTable.mark | key, try file.number())
    }
    return table
  }
}
