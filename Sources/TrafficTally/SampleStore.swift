internal import IncidentModel

/// The request sample: of each (service, stratum) the requests of smallest rank (bottom-k sketch; Cohen, Kaplan: Summarizing data using bottom-k sketches, PODC 2007).
///
/// A stratum keeps the longest run of smallest ranks that holds at most k requests and at most ``capacity(_:)`` nominal bytes; such a run of a union can be computed from
/// the runs of its parts. What counts against the budget is what all requests seen would weigh, up to that capacity, so it never falls when more is read.
struct SampleStore: Sendable {
  struct Stratum: Sendable {
    var key: UInt64
    /// Requests seen, and their weights and line lengths; the latter two stay at their bounds.
    var count = 0
    var weight = 0
    var textBytes = 0
    /// Ascending by rank.
    var entries: [SampleEntry] = []
    /// The lines of the first entries.
    var texts: [[UInt8]] = []

    /// The least request that was left out for want of room. Nothing from there on can be among the kept, even where parts merge whose own runs are longer.
    var bound: SampleEntry.Rank?
    /// Requests of a higher hash can't enter.
    var threshold: UInt64
  }

  let size: Int
  let textCount: Int
  private(set) var level = 0 {
    didSet { grain = Ladder.strata[level] }
  }
  private(set) var grain = Ladder.strata[0]
  private(set) var strata: [Stratum] = []
  private var table = SlotTable()
  private(set) var measure = 0

  init(_ budgets: TallyBudgets) {
    size = max(1, budgets.sampleSize)
    textCount = max(0, budgets.sampleTexts)
  }

  private var capacity: Int { size * 192 }
  private var textCapacity: Int { textCount * SampleLimits.text }

  @inline(__always)
  mutating func slot(_ key: UInt64) -> Int {
    let found = table.slot(of: key)
    if found >= 0 { return found }
    table.insert(key, slot: strata.count)
    strata.append(Stratum(key: key, threshold: .max))
    measure += SampleLimits.stratum
    return strata.count - 1
  }

  /// Counts requests of a stratum, whether they are kept or not.
  @inline(__always)
  mutating func see(_ slot: Int, count: Int, weight: Int, textBytes: Int) {
    strata[slot].count = strata[slot].count.addingSaturated(count)
    let newWeight = min(strata[slot].weight + weight, capacity)
    let newText = min(strata[slot].textBytes + textBytes, textCapacity)
    measure += newWeight - strata[slot].weight + newText - strata[slot].textBytes
    strata[slot].weight = newWeight
    strata[slot].textBytes = newText
  }

  /// Merges entries that ascend by rank into a stratum. `rename` is called for entries that are kept only.
  mutating func merge(
    _ entries: [SampleEntry], _ texts: [[UInt8]], bound: SampleEntry.Rank?, into slot: Int,
    rename: (inout SampleEntry) -> Void
  ) {
    var bound = least(bound, strata[slot].bound)
    let isAbove = entries.first.map { $0.hash > strata[slot].threshold } ?? true
    if isAbove, bound == strata[slot].bound { return }
    let own = strata[slot].entries
    let ownTexts = strata[slot].texts
    var merged: [SampleEntry] = []
    merged.reserveCapacity(min(size, own.count + entries.count))
    var mergedTexts: [[UInt8]] = []
    var (left, right, weight) = (0, 0, 0)
    while left < own.count || right < entries.count {
      let takesLeft =
        right == entries.count || left < own.count && own[left].rank <= entries[right].rank
      let entry = takesLeft ? own[left] : entries[right]
      if let bound, bound <= entry.rank { break }
      weight += Int(entry.weight)
      if merged.count == size || weight > capacity {
        bound = entry.rank
        break
      }
      if merged.count < textCount {
        mergedTexts.append(takesLeft ? ownTexts[left] : texts[right])
      }
      merged.append(entry)
      if !takesLeft { rename(&merged[merged.count - 1]) }
      if takesLeft { left += 1 } else { right += 1 }
    }
    let isFull = merged.count == size
    strata[slot].threshold = (isFull ? merged.last?.hash : nil) ?? bound?.hash ?? .max
    strata[slot].entries = merged
    strata[slot].texts = mergedTexts
    strata[slot].bound = bound
  }

  private func least(_ left: SampleEntry.Rank?, _ right: SampleEntry.Rank?) -> SampleEntry.Rank? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
  }

  mutating func removeAll(adopting level: Int) {
    self.level = level
    strata.removeAll(keepingCapacity: true)
    table.removeAll()
    measure = 0
  }

  mutating func merge(
    _ other: borrowing SampleStore, _ map: [Int], _ services: ServiceTable,
    rename: (inout SampleEntry) -> Void
  ) {
    coarsen(to: max(level, other.level), services)
    for stratum in other.strata { merge(stratum, map, services, rename: rename) }
  }

  private mutating func merge(
    _ stratum: Stratum, _ map: [Int]?, _ services: ServiceTable,
    rename: (inout SampleEntry) -> Void
  ) {
    let id = SeriesStore.service(of: stratum.key)
    let service = services.folded(map?[id] ?? id, grain)
    let time = TallyTime.stratum(SeriesStore.time(of: stratum.key), grain.seconds)
    let slot = slot(SeriesStore.key(service, time))
    see(slot, count: stratum.count, weight: stratum.weight, textBytes: stratum.textBytes)
    merge(stratum.entries, stratum.texts, bound: stratum.bound, into: slot, rename: rename)
  }

  mutating func fit(_ budget: Int, _ services: ServiceTable) {
    while measure > budget, level + 1 < Ladder.strata.count { coarsen(to: level + 1, services) }
  }

  private mutating func coarsen(to level: Int, _ services: ServiceTable) {
    guard level > self.level else { return }
    self.level = level
    var old = strata
    strata = []
    table = SlotTable()
    measure = 0
    // From the end, so that what was merged is free for what comes.
    while let stratum = old.popLast() { merge(stratum, nil, services) { _ in } }
  }

  func markServices(_ isUsed: inout [Bool]) {
    for stratum in strata { isUsed[SeriesStore.service(of: stratum.key)] = true }
  }

  mutating func renumber(_ map: [Int32]) {
    table = SlotTable()
    for slot in strata.indices {
      let key = strata[slot].key
      strata[slot].key = SeriesStore.key(
        Int(map[SeriesStore.service(of: key)]), SeriesStore.time(of: key))
      table.insert(strata[slot].key, slot: slot)
    }
  }

  func markDimensions(_ isUsed: inout [Bool]) {
    for stratum in strata {
      for entry in stratum.entries { entry.markDimensions(&isUsed) }
    }
  }

  mutating func renameDimensions(_ map: [Int32]) {
    for slot in strata.indices {
      for index in strata[slot].entries.indices {
        strata[slot].entries[index].renameDimensions { Int(map[$0]) }
      }
    }
  }
}

extension SampleStore: TallySection {
  func encode(into file: inout TallyEncoder) {
    file.count(level)
    let order = strata.indices.map { (key: file.key(strata[$0].key), slot: $0) }
      .sorted { $0.key < $1.key }
    file.count(order.count)
    var before: UInt64?
    for (key, slot) in order {
      let stratum = strata[slot]
      file.ascending(key, after: &before)
      file.count(stratum.count)
      file.count(stratum.weight)
      file.count(stratum.textBytes)
      // Of a full stratum the last request is the bound.
      file.optional(stratum.entries.count < size ? stratum.bound : nil) { $0.rank($1) }
      file.count(stratum.entries.count)
      for entry in stratum.entries { entry.encode(into: &file) }
      for text in stratum.texts.prefix(min(textCount, stratum.entries.count)) { file.text(text) }
    }
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> SampleStore {
    var store = SampleStore(file.bounds.budgets)
    store.level = try file.level(below: Ladder.strata.count)
    var before: UInt64?
    for slot in 0..<(try file.length(least: 6)) {
      var stratum = Stratum(key: try file.key(after: &before), threshold: .max)
      stratum.count = try file.count()
      stratum.weight = Int(try file.unsigned(upTo: UInt64(store.capacity), "a weight"))
      stratum.textBytes = Int(
        try file.unsigned(upTo: UInt64(store.textCapacity), "a length of lines"))
      stratum.bound = try file.optional { file throws(TallyDamage) in try file.rank() }
      let count = try file.length(least: 40)
      guard count <= store.size else { throw file.damage("a stratum with too many requests") }
      for _ in 0..<count {
        let entry = try SampleEntry.decode(from: &file)
        // Which input comes first is a matter of numbers, and those are given anew.
        if let last = stratum.entries.last,
          (entry.hash, entry.digest, entry.offset) < (last.hash, last.digest, last.offset)
        {
          throw file.damage("requests out of order")
        }
        stratum.entries.append(entry)
      }
      for _ in 0..<min(count, store.textCount) {
        stratum.texts.append(try file.text(upTo: SampleLimits.text))
      }
      let last = count == store.size ? stratum.entries.last?.hash : nil
      stratum.threshold = last ?? stratum.bound?.hash ?? .max
      store.table.insert(stratum.key, slot: slot)
      store.strata.append(stratum)
      store.measure += SampleLimits.stratum + stratum.weight + stratum.textBytes
    }
    return store
  }
}
