internal import IncidentModel

/// Counts per service and bucket, and the totals of each service.
///
/// In a cell `inFlightChange` holds the requests that ended, as a negative number, so that saturation at the bound is associative; a view adds `timed`, the requests that began.
struct SeriesStore: Sendable {
  private(set) var level = 0 {
    didSet { grain = Ladder.series[level] }
  }
  private(set) var grain = Ladder.series[0]
  /// Packed (service, bucket) of each cell.
  private(set) var keys: [UInt64] = []
  private(set) var cells = ContiguousArray<BucketCounts>()
  private var table = SlotTable()
  private(set) var totals: [Int: ServiceTotals] = [:]
  private var nameBytes = 0

  /// Nominal bytes; never falls when more is read.
  var measure: Int { cells.count * Self.cellBytes + totals.count * 160 + nameBytes }

  private static let cellBytes = 96

  static func key(_ service: Int, _ time: UInt64) -> UInt64 {
    SlotTable.mark | UInt64(service) << TallyTime.bits | time
  }

  static func service(of key: UInt64) -> Int {
    Int((key & ~SlotTable.mark) >> TallyTime.bits)
  }

  static func time(of key: UInt64) -> UInt64 { key & (1 << TallyTime.bits - 1) }

  /// The cell of a key, made if it is not there.
  @inline(__always)
  mutating func slot(_ key: UInt64) -> Int {
    let found = table.slot(of: key)
    if found >= 0 { return found }
    let slot = cells.count
    if slot == Self.manyCells { reserveAll() }
    table.insert(key, slot: slot)
    keys.append(key)
    cells.append(BucketCounts())
    return slot
  }

  /// From so many cells on there is room for all that the budget allows and one part more: pages that nobody writes to cost nothing, a copy into an array twice as long holds both.
  private static let manyCells = 262_145

  private mutating func reserveAll() {
    keys.reserveCapacity(Self.mostCells)
    cells.reserveCapacity(Self.mostCells)
  }

  private static let mostCells = TallyBudgets().seriesBytes / cellBytes + slack

  /// Keeps the first cells: few of them in new arrays, for the pages behind their end would stay; of many the old arrays and the new ones together would take more than those pages, which the next cells need again.
  private mutating func keepFirst(_ count: Int) {
    guard count * 4 <= cells.capacity else {
      keys.removeSubrange(count...)
      cells.removeSubrange(count...)
      return
    }
    let room = count < Self.manyCells ? count : Self.mostCells
    var (keys, cells) = ([UInt64](), ContiguousArray<BucketCounts>())
    keys.reserveCapacity(room)
    keys += self.keys[..<count]
    self.keys = keys
    cells.reserveCapacity(room)
    cells += self.cells[..<count]
    self.cells = cells
  }

  @inline(__always)
  mutating func count(
    _ record: borrowing AccessRecord, _ outcome: OutcomeClass, isTimed: Bool, at slot: Int
  ) {
    cells[slot].count(record, outcome, isTimed: isTimed)
  }

  /// Counts the end of a request.
  @inline(__always)
  mutating func countEnd(at slot: Int) {
    cells[slot].inFlightChange = cells[slot].inFlightChange.addingSaturated(-1)
  }

  mutating func removeAll(adopting level: Int) {
    self.level = level
    keys.removeAll(keepingCapacity: keys.count < 100_000)
    cells.removeAll(keepingCapacity: keys.count < 100_000)
    table.removeAll()
    totals.removeAll(keepingCapacity: true)
    nameBytes = 0
  }

  /// Sets the totals to the sums of the cells, which are exact in the part of a tally that one worker fills.
  mutating func sumUp(_ services: ServiceTable) {
    totals.removeAll(keepingCapacity: true)
    nameBytes = 0
    for slot in cells.indices {
      let service = Self.service(of: keys[slot])
      let cell = cells[slot]
      with(totalsOf: service, services) { $0.add(cell) }
    }
  }

  private mutating func with(
    totalsOf service: Int, _ services: ServiceTable, _ body: (inout ServiceTotals) -> Void
  ) {
    if totals[service] == nil { nameBytes += services.names.length(service) }
    body(&totals[service, default: ServiceTotals()])
  }

  /// Cells that may be there beyond the budget: it is looked at after each of the runs in which another store is added.
  private static let slack = 8_192

  /// Adds what another store holds; `map` tells this tally's numbers of its services.
  ///
  /// Widens as soon as the measure passes the budget. What is added later can only raise it, so the store rests at the grain at which it would if it were widened afterwards.
  mutating func merge(
    _ other: borrowing SeriesStore, _ map: [Int], _ services: ServiceTable, budget: Int = .max
  ) {
    coarsen(to: max(level, other.level), services)
    var start = 0
    while start < other.cells.count {
      let end = min(start + Self.slack, other.cells.count)
      merge(other, start..<end, map, services)
      if budget < .max { fit(budget, services) }
      start = end
    }
    let grain = self.grain
    for (service, sums) in other.totals {
      with(totalsOf: services.folded(map[service], grain), services) { $0.add(sums) }
    }
  }

  private mutating func merge(
    _ other: borrowing SeriesStore, _ slots: Range<Int>, _ map: [Int], _ services: ServiceTable
  ) {
    let grain = self.grain
    for slot in slots {
      let key = other.keys[slot]
      let service = services.folded(map[Self.service(of: key)], grain)
      let time = TallyTime.stratum(Self.time(of: key), grain.seconds)
      cells[self.slot(Self.key(service, time))].add(other.cells[slot])
    }
  }

  /// Widens until the measure fits.
  mutating func fit(_ budget: Int, _ services: ServiceTable) {
    while measure > budget, level + 1 < Ladder.series.count { coarsen(to: level + 1, services) }
  }

  private mutating func coarsen(to level: Int, _ services: ServiceTable) {
    guard level > self.level else { return }
    self.level = level
    let grain = self.grain
    table = SlotTable()
    var count = 0
    // In place: a cell moves to a slot at or before its own, which was read already.
    for slot in cells.indices {
      let service = services.folded(Self.service(of: keys[slot]), grain)
      let time = TallyTime.stratum(Self.time(of: keys[slot]), grain.seconds)
      let key = Self.key(service, time)
      let found = table.slot(of: key)
      if found >= 0 {
        cells[found].add(cells[slot])
      } else {
        table.insert(key, slot: count)
        keys[count] = key
        cells[count] = cells[slot]
        count += 1
      }
    }
    keepFirst(count)
    let old = totals
    totals = [:]
    nameBytes = 0
    for (service, sums) in old {
      with(totalsOf: services.folded(service, grain), services) { $0.add(sums) }
    }
  }

  func markServices(_ isUsed: inout [Bool]) {
    for key in keys { isUsed[Self.service(of: key)] = true }
    for service in totals.keys { isUsed[service] = true }
  }

  mutating func renumber(_ map: [Int32]) {
    table = SlotTable()
    for slot in keys.indices {
      keys[slot] = Self.key(Int(map[Self.service(of: keys[slot])]), Self.time(of: keys[slot]))
      table.insert(keys[slot], slot: slot)
    }
    var renumbered: [Int: ServiceTotals] = [:]
    for (service, sums) in totals { renumbered[Int(map[service])] = sums }
    totals = renumbered
  }
}

extension SeriesStore: TallySection {
  /// Adds a store that was read; where there is nothing yet, and services have the same numbers, it is taken as it is.
  mutating func take(_ other: consuming SeriesStore, _ map: [Int], _ services: ServiceTable) {
    guard cells.isEmpty, totals.isEmpty, level <= other.level,
      map.indices.allSatisfy({ map[$0] == $0 })
    else { return merge(other, map, services) }
    self = other
    nameBytes = totals.keys.reduce(0) { $0 + services.names.length($1) }
  }

  func encode(into file: inout TallyEncoder) {
    file.count(level)
    let order = keys.indices.map { (key: file.key(keys[$0]), slot: $0) }
      .sorted { $0.key < $1.key }
    file.count(order.count)
    var before: UInt64?
    for (key, slot) in order {
      file.ascending(key, after: &before)
      cells[slot].encode(into: &file)
    }
    let sums = totals.map { (service: file.service($0.key), sums: $0.value) }
      .sorted { $0.service < $1.service }
    file.count(sums.count)
    for (service, sums) in sums {
      file.count(service)
      sums.encode(into: &file)
    }
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> SeriesStore {
    var store = SeriesStore()
    store.level = try file.level(below: Ladder.series.count)
    let count = try file.length(least: 16)
    store.keys.reserveCapacity(count)
    store.cells.reserveCapacity(count)
    var before: UInt64?
    for slot in 0..<count {
      let key = try file.key(after: &before)
      store.table.insert(key, slot: slot)
      store.keys.append(key)
      store.cells.append(try BucketCounts.decode(from: &file))
    }
    for _ in 0..<(try file.length(least: 15)) {
      let service = try file.service()
      let sums = try ServiceTotals.decode(from: &file)
      guard store.totals.updateValue(sums, forKey: service) == nil else {
        throw file.damage("a service that stands twice")
      }
    }
    return store
  }
}

extension BucketCounts {
  fileprivate func encode(into file: inout TallyEncoder) {
    for count in [
      answered, clientErrors, throttled, abandoned, status500, status502, status503, status504,
      other5xx, shed, tellingShed, timed,
    ] { file.unsigned(UInt64(count)) }
    file.signed(Int64(inFlightChange))
    file.unsigned(bytes)
    file.unsigned(durationSum)
  }

  fileprivate static func decode(
    from file: inout TallyDecoder
  ) throws(TallyDamage) -> BucketCounts {
    var counts = BucketCounts()
    counts.answered = try file.number()
    counts.clientErrors = try file.number()
    counts.throttled = try file.number()
    counts.abandoned = try file.number()
    counts.status500 = try file.number()
    counts.status502 = try file.number()
    counts.status503 = try file.number()
    counts.status504 = try file.number()
    counts.other5xx = try file.number()
    counts.shed = try file.number()
    counts.tellingShed = try file.number()
    counts.timed = try file.number()
    guard let change = Int32(exactly: try file.signed()) else {
      throw file.damage("a count that is too large")
    }
    counts.inFlightChange = change
    counts.bytes = try file.unsigned()
    counts.durationSum = try file.unsigned()
    return counts
  }
}

extension ServiceTotals {
  fileprivate func encode(into file: inout TallyEncoder) {
    for count in [
      answered, clientErrors, throttled, abandoned, status500, status502, status503, status504,
      other5xx, shed, tellingShed, timed,
    ] { file.count(count) }
    file.unsigned(bytes)
    file.unsigned(durationSum)
  }

  fileprivate static func decode(
    from file: inout TallyDecoder
  ) throws(TallyDamage) -> ServiceTotals {
    var sums = ServiceTotals()
    sums.answered = try file.count()
    sums.clientErrors = try file.count()
    sums.throttled = try file.count()
    sums.abandoned = try file.count()
    sums.status500 = try file.count()
    sums.status502 = try file.count()
    sums.status503 = try file.count()
    sums.status504 = try file.count()
    sums.other5xx = try file.count()
    sums.shed = try file.count()
    sums.tellingShed = try file.count()
    sums.timed = try file.count()
    sums.bytes = try file.unsigned()
    sums.durationSum = try file.unsigned()
    return sums
  }
}
