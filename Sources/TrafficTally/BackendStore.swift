internal import IncidentModel

/// Which backends answered, how often in each stratum, and when first and last.
struct BackendStore: Sendable {
  struct Pair: Sendable {
    var service: Int
    /// The number of the backend's name in the table of dimensions.
    var backend: Int
    /// Microseconds since the epoch.
    var first: Int64
    var last: Int64
  }

  private(set) var level = 0 {
    didSet { grain = Ladder.strata[level] }
  }
  private(set) var grain = Ladder.strata[0]
  private(set) var pairs: [Pair] = []
  private var table = SlotTable()
  /// Requests by (pair, stratum), packed as the series packs (service, bucket).
  private(set) var counts = CountTable()

  var measure: Int { counts.count + 8 * pairs.count }

  private static func key(_ service: Int, _ backend: Int) -> UInt64 {
    SlotTable.mark | UInt64(service) << 32 | UInt64(backend)
  }

  @inline(__always)
  private mutating func slot(_ service: Int, _ backend: Int, _ moment: Int64) -> Int {
    let key = Self.key(service, backend)
    let found = table.slot(of: key)
    if found >= 0 { return found }
    table.insert(key, slot: pairs.count)
    pairs.append(Pair(service: service, backend: backend, first: moment, last: moment))
    return pairs.count - 1
  }

  /// Counts one request; `time` is the start of its minute.
  mutating func add(_ service: Int, _ backend: Int, _ moment: Int64, _ time: UInt64) {
    let slot = slot(service, backend, moment)
    pairs[slot].first = min(pairs[slot].first, moment)
    pairs[slot].last = max(pairs[slot].last, moment)
    counts.add(SeriesStore.key(slot, time), 1)
  }

  mutating func removeAll(adopting level: Int) {
    self.level = level
    pairs.removeAll(keepingCapacity: true)
    table.removeAll()
    counts.removeAll()
  }

  /// Adds another store's pairs, with numbers of services and names translated.
  mutating func merge(
    _ other: borrowing BackendStore, _ map: [Int], _ services: ServiceTable,
    _ names: inout NameTable, rename: (Int, inout NameTable) -> Int
  ) {
    coarsen(to: max(level, other.level), services, &names)
    add(other.pairs, other.counts, services, &names) { pair, names in
      (map[pair.service], rename(pair.backend, &names))
    }
  }

  private mutating func add(
    _ pairs: [Pair], _ counts: CountTable, _ services: ServiceTable, _ names: inout NameTable,
    translate: (Pair, inout NameTable) -> (service: Int, backend: Int)
  ) {
    let grain = self.grain
    var slots: [Int] = []
    for pair in pairs {
      var (service, backend) = translate(pair, &names)
      service = services.folded(service, grain)
      if !Ladder.isKept(names.hashes[backend], shift: grain.allShift) {
        backend = names.intern("other".utf8.span)
      }
      let slot = slot(service, backend, pair.first)
      self.pairs[slot].first = min(self.pairs[slot].first, pair.first)
      self.pairs[slot].last = max(self.pairs[slot].last, pair.last)
      slots.append(slot)
    }
    counts.visit { key, count in
      let time = TallyTime.stratum(SeriesStore.time(of: key), grain.seconds)
      self.counts.add(SeriesStore.key(slots[SeriesStore.service(of: key)], time), count)
    }
  }

  mutating func fit(_ budget: Int, _ services: ServiceTable, _ names: inout NameTable) {
    while measure > budget, level + 1 < Ladder.strata.count {
      coarsen(to: level + 1, services, &names)
    }
  }

  private mutating func coarsen(
    to level: Int, _ services: ServiceTable, _ names: inout NameTable
  ) {
    guard level > self.level else { return }
    self.level = level
    let oldPairs = pairs
    let oldCounts = counts
    pairs = []
    table = SlotTable()
    counts = CountTable()
    add(oldPairs, oldCounts, services, &names) { pair, _ in (pair.service, pair.backend) }
  }

  func markServices(_ isUsed: inout [Bool]) {
    for pair in pairs { isUsed[pair.service] = true }
  }

  func markDimensions(_ isUsed: inout [Bool]) {
    for pair in pairs { isUsed[pair.backend] = true }
  }

  mutating func renumber(services: [Int32]? = nil, dimensions: [Int32]? = nil) {
    table = SlotTable()
    for slot in pairs.indices {
      if let services { pairs[slot].service = Int(services[pairs[slot].service]) }
      if let dimensions { pairs[slot].backend = Int(dimensions[pairs[slot].backend]) }
      table.insert(Self.key(pairs[slot].service, pairs[slot].backend), slot: slot)
    }
  }
}

extension BackendStore: TallySection {
  func encode(into file: inout TallyEncoder) {
    file.count(level)
    let order = pairs.indices.map { slot in
      (
        service: file.service(pairs[slot].service),
        name: file.name(UInt32(truncatingIfNeeded: pairs[slot].backend)), slot: slot
      )
    }.sorted { ($0.service, $0.name) < ($1.service, $1.name) }
    file.count(order.count)
    var places = [UInt64](repeating: 0, count: pairs.count)
    for (place, row) in order.enumerated() {
      places[row.slot] = UInt64(place)
      file.count(row.service)
      file.unsigned(row.name)
      file.signed(pairs[row.slot].first)
      file.signed(pairs[row.slot].last)
    }
    counts.encode(into: &file) { key in
      places[SeriesStore.service(of: key)] << TallyTime.bits | SeriesStore.time(of: key)
    }
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> BackendStore {
    var store = BackendStore()
    store.level = try file.level(below: Ladder.strata.count)
    for slot in 0..<(try file.length(least: 4)) {
      let pair = Pair(
        service: try file.service(), backend: Int(try file.name()), first: try file.moment(),
        last: try file.moment())
      let key = key(pair.service, pair.backend)
      guard store.table.slot(of: key) < 0 else { throw file.damage("a backend that stands twice") }
      store.table.insert(key, slot: slot)
      store.pairs.append(pair)
    }
    let count = store.pairs.count
    store.counts = try CountTable.decode(from: &file) { key in
      SeriesStore.service(of: key) < count ? nil : "a backend that is not in the list"
    }
    return store
  }
}
