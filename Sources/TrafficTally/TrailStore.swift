internal import IncidentModel

/// All requests of a coordinated sample of clients (METHODS §1).
///
/// A client is kept while its hash is under a threshold that is halved until what is kept fits; what is kept is a function of what was read, whatever the order.
/// Of a client with more than 512 requests those of smallest rank stay: whole blocks of 300 s in the order of a hash, and of the last of them the beginning.
///
/// The requests of all clients lie in one pool, each client's linked by their places in it: an array for each client would cost an allocation, and its growth, for each of many thousand.
struct TrailStore: Sendable {
  /// The order in which a client's requests are kept.
  struct Rank: Comparable, Sendable {
    var block: UInt64
    var arrival: Int64
    var offset: Int
    var input: Int32

    @inline(__always)
    static func < (left: Rank, right: Rank) -> Bool {
      if left.block != right.block { return left.block < right.block }
      if left.arrival != right.arrival { return left.arrival < right.arrival }
      return left.offset != right.offset ? left.offset < right.offset : left.input < right.input
    }
  }

  /// The line of a request that failed or was given up.
  struct Text: Sendable {
    var rank: Rank
    var line: UInt32
    var bytes: [UInt8]
  }

  /// A followed client.
  struct Row: Sendable {
    var id: UInt64
    var who: TrailClient
    /// Requests seen, kept or not.
    var count = 0
    /// Length of the lines of requests that failed or were given up, up to ``TrailStore/textRoom``.
    var textBytes = 0
    /// Place in the pool of the request that came last, -1 for none.
    var newest: Int32 = -1
    /// How many are kept, under twice the limit.
    var kept: Int32 = 0
    /// Nothing of a higher rank can stay.
    var bound: Rank?
  }

  static let limit = 512
  static let textLimit = 8
  static let textRoom = textLimit * SampleLimits.text
  static let clientBytes = 160
  static let eventBytes = 56
  private static let topLevel = 62

  /// One in 2ⁿ clients is kept, and one in 2ᵐ keeps lines, but never more than are kept.
  private(set) var level = 0
  private(set) var textLevel = 0
  /// Clients with an id from here on are dropped.
  private(set) var threshold: UInt64 = 1 << 63
  private(set) var textThreshold: UInt64 = 1 << 63
  private(set) var rows: [Row] = []
  /// Of each row, ascending by rank.
  private(set) var texts: [[Text]] = []
  private var pool = TrailPool()
  private var table = SlotTable()
  /// Nominal bytes; never fall when more is read at one level.
  private(set) var measure = 0
  private(set) var textMeasure = 0

  /// The id of a client: the sum of its address's hash and its agent's, which are even already.
  @inline(__always)
  static func client(_ address: UInt64, _ agent: UInt64) -> UInt64 {
    (address &+ agent) >> 1
  }

  /// The hash by which a client's block of 300 s stays or goes.
  @inline(__always)
  static func block(_ client: UInt64, _ time: UInt64) -> UInt64 {
    Mixer.avalanche(client ^ (time / 300 &+ 1) &* Mixer.golden)
  }

  static func block(_ client: UInt64, _ moment: Instant) -> UInt64 {
    block(client, TallyTime.seconds(ofClamped: TallyTime.clamped(moment)))
  }

  static func rank(_ event: TrailEvent, of client: UInt64) -> Rank {
    Rank(
      block: block(client, event.arrival), arrival: event.arrival.microseconds,
      offset: event.offset, input: event.input)
  }

  /// The slot of a client that is under the threshold, or -1 where it is new.
  @inline(__always)
  func slot(of client: UInt64) -> Int { table.slot(of: client | SlotTable.mark) }

  /// Adds a client without requests.
  mutating func insert(_ client: UInt64, _ who: TrailClient) -> Int {
    table.insert(client | SlotTable.mark, slot: rows.count)
    rows.append(Row(id: client, who: who))
    texts.append([])
    measure += Self.clientBytes
    return rows.count - 1
  }

  /// Counts a request of a second; false where nothing of its rank can stay.
  @inline(__always)
  mutating func see(
    _ slot: Int, _ time: UInt64, arrival: Int64, offset: Int, input: Int32
  ) -> Bool {
    let count = rows[slot].count &+ 1
    rows[slot].count = count
    if count <= Self.limit { measure += Self.eventBytes }
    // Nothing is bounded before as many were kept.
    if count < 2 * Self.limit { return true }
    return hasRoom(slot, time, arrival: arrival, offset: offset, input: input)
  }

  private func hasRoom(
    _ slot: Int, _ time: UInt64, arrival: Int64, offset: Int, input: Int32
  ) -> Bool {
    guard let bound = rows[slot].bound else { return true }
    let rank = Rank(
      block: Self.block(rows[slot].id, time), arrival: arrival, offset: offset, input: input)
    return !(bound < rank)
  }

  private mutating func grow(_ slot: Int, by count: Int) {
    let old = rows[slot].count
    let new = old.addingSaturated(count)
    rows[slot].count = new
    measure += (min(new, Self.limit) - min(old, Self.limit)) * Self.eventBytes
  }

  /// Keeps a request for which ``see(_:_:arrival:offset:input:)`` found room.
  @inline(__always)
  mutating func keep(_ event: TrailEvent, in slot: Int) {
    let kept = rows[slot].kept &+ 1
    rows[slot].newest = pool.add(event, before: rows[slot].newest)
    rows[slot].kept = kept
    if kept >= 2 * Self.limit { prune(slot) }
  }

  /// Counts the line of a request that failed or was given up.
  mutating func seeText(_ slot: Int, _ length: Int) {
    growTexts(slot, by: min(length, SampleLimits.text))
  }

  /// Counts the line of a request that failed or was given up, and keeps it if there is room.
  mutating func keepText(_ event: TrailEvent, _ line: Span<UInt8>, in slot: Int) {
    let length = min(line.count, SampleLimits.text)
    growTexts(slot, by: length)
    guard rows[slot].id < textThreshold else { return }
    let rank = Self.rank(event, of: rows[slot].id)
    if texts[slot].count >= Self.textLimit, let last = texts[slot].last, last.rank < rank {
      return
    }
    insert(Text(rank: rank, line: event.line, bytes: [UInt8](line.extracting(0..<length))), slot)
  }

  private mutating func growTexts(_ slot: Int, by length: Int) {
    let old = rows[slot].textBytes
    let new = min(old + length, Self.textRoom)
    rows[slot].textBytes = new
    if rows[slot].id < textThreshold { textMeasure += new - old }
  }

  mutating func removeAll(adopting whole: borrowing TrailStore) {
    level = whole.level
    textLevel = whole.textLevel
    threshold = whole.threshold
    textThreshold = whole.textThreshold
    rows.removeAll(keepingCapacity: true)
    texts.removeAll(keepingCapacity: true)
    pool.removeAll()
    table.removeAll()
    measure = 0
    textMeasure = 0
  }

  /// The kept requests of a client, in no order, and the rank beyond which nothing is known.
  func events(of slot: Int) -> (events: [TrailEvent], bound: Rank?) {
    var events = pool.events(from: rows[slot].newest, count: Int(rows[slot].kept))
    var bound = rows[slot].bound
    if let tighter = TrailCut.prune(&events, of: rows[slot].id) { bound = tighter }
    return (events, bound)
  }

  func markServices(_ isUsed: inout [Bool]) { pool.markServices(&isUsed) }

  /// Gives the events' services other numbers.
  mutating func renumberServices(_ number: (Int) -> Int) { pool.renumberServices(number) }
}

extension TrailStore {
  /// Adds what another store holds; `map` tells this tally's numbers of its services.
  mutating func merge(_ other: borrowing TrailStore, _ map: [Int]) {
    if rows.isEmpty, level <= other.level, textLevel <= other.textLevel {
      self = copy other
      if !map.indices.allSatisfy({ map[$0] == $0 }) { renumberServices { map[$0] } }
      return
    }
    coarsen(to: max(level, other.level), texts: max(textLevel, other.textLevel))
    for from in other.rows.indices where other.rows[from].id < threshold {
      let row = other.rows[from]
      let found = slot(of: row.id)
      let slot = found >= 0 ? found : insert(row.id, row.who)
      grow(slot, by: row.count)
      growTexts(slot, by: row.textBytes)
      if let bound = row.bound { tighten(slot, to: bound) }
      join(other.pool, from: row.newest, into: slot, map)
      guard row.id < textThreshold, !other.texts[from].isEmpty else { continue }
      for text in other.texts[from] { insert(text, slot) }
    }
  }

  private mutating func join(
    _ pool: borrowing TrailPool, from newest: Int32, into slot: Int, _ map: [Int]
  ) {
    var place = newest
    while place >= 0 {
      var event = pool[place]
      place = pool.place(before: place)
      if let bound = rows[slot].bound, bound < Self.rank(event, of: rows[slot].id) { continue }
      event.service = Int32(truncatingIfNeeded: map[Int(event.service)])
      keep(event, in: slot)
    }
  }

  /// Keeps the requests of smallest rank: those of lower blocks whole, and of the block at the bound the beginning.
  private mutating func prune(_ slot: Int) {
    var events = pool.events(from: rows[slot].newest, count: Int(rows[slot].kept))
    guard let bound = TrailCut.prune(&events, of: rows[slot].id) else { return }
    replace(slot, with: events)
    rows[slot].bound = bound
    texts[slot].removeAll { bound < $0.rank }
  }

  /// Forgets what another part has shown not to stay.
  private mutating func tighten(_ slot: Int, to bound: Rank) {
    if let old = rows[slot].bound, old < bound { return }
    rows[slot].bound = bound
    texts[slot].removeAll { bound < $0.rank }
    guard rows[slot].kept > Self.limit else { return }
    var events = pool.events(from: rows[slot].newest, count: Int(rows[slot].kept))
    let id = rows[slot].id
    events.removeAll { bound < Self.rank($0, of: id) }
    replace(slot, with: events)
  }

  private mutating func replace(_ slot: Int, with events: [TrailEvent]) {
    pool.free(from: rows[slot].newest)
    var newest: Int32 = -1
    for event in events.reversed() { newest = pool.add(event, before: newest) }
    rows[slot].newest = newest
    rows[slot].kept = Int32(truncatingIfNeeded: events.count)
  }

  /// Keeps a line among those of smallest rank.
  private mutating func insert(_ text: Text, _ slot: Int) {
    if let bound = rows[slot].bound, bound < text.rank { return }
    var place = texts[slot].count
    while place > 0, text.rank < texts[slot][place - 1].rank { place -= 1 }
    texts[slot].insert(text, at: place)
    if texts[slot].count > Self.textLimit { texts[slot].removeLast() }
  }

  /// Raises the levels to at least these.
  private mutating func coarsen(to level: Int, texts textLevel: Int) {
    if level > self.level {
      self.level = level
      threshold = 1 << UInt64(63 - level)
      rebuild()
    }
    let lines = max(self.level, textLevel)
    if lines > self.textLevel {
      self.textLevel = lines
      textThreshold = 1 << UInt64(63 - lines)
      measureTexts()
    }
  }

  /// Gives up the clients from the threshold on.
  private mutating func rebuild() {
    let (oldRows, oldPool) = (rows, pool)
    var oldTexts = texts
    rows = []
    texts = []
    pool = TrailPool()
    table = SlotTable()
    measure = 0
    for from in oldRows.indices where oldRows[from].id < threshold {
      let old = oldRows[from]
      let slot = insert(old.id, old.who)
      swap(&texts[slot], &oldTexts[from])
      rows[slot] = old
      rows[slot].newest = -1
      var place = old.newest
      while place >= 0 {
        rows[slot].newest = pool.add(oldPool[place], before: rows[slot].newest)
        place = oldPool.place(before: place)
      }
      measure += min(old.count, Self.limit) * Self.eventBytes
    }
  }

  private mutating func measureTexts() {
    textMeasure = 0
    for slot in rows.indices {
      if rows[slot].id < textThreshold {
        textMeasure += rows[slot].textBytes
      } else if !texts[slot].isEmpty {
        texts[slot] = []
      }
    }
  }

  /// Halves until both fit: as often as is needed, and once over all.
  mutating func fit(_ budget: Int, texts textBudget: Int) {
    if measure > budget {
      let least = leastLevel(budget) {
        Self.clientBytes + min($0.count, Self.limit) * Self.eventBytes
      }
      coarsen(to: least, texts: 0)
    }
    if textMeasure > textBudget {
      coarsen(to: level, texts: leastLevel(textBudget) { $0.textBytes })
    }
  }

  /// The least level at which what the rows take fits.
  private func leastLevel(_ budget: Int, _ bytes: (Row) -> Int) -> Int {
    // An id under 2^(63 − n) begins with n + 1 zeros.
    var sums = [Int](repeating: 0, count: Self.topLevel + 1)
    for row in rows { sums[min(row.id.leadingZeroBitCount - 1, Self.topLevel)] += bytes(row) }
    var kept = 0
    for level in sums.indices.reversed() {
      kept += sums[level]
      if kept > budget { return min(level + 1, Self.topLevel) }
    }
    return 0
  }
}

/// Who a followed client is.
struct TrailClient: Sendable {
  var network: ClientNetwork.Address?
  var agentSignature: UInt64 = 0
  var agentMajor: Int16 = -1
  var agentRow: UInt8 = 0
}

extension TrailStore: TallySection {
  func encode(into file: inout TallyEncoder) {
    file.count(level)
    file.count(textLevel)
    file.count(rows.count)
    var before: UInt64?
    for slot in rows.indices.sorted(by: { rows[$0].id < rows[$1].id }) {
      let row = rows[slot]
      file.ascending(row.id, after: &before)
      row.who.encode(into: &file)
      file.count(row.count)
      file.count(row.textBytes)
      let (events, bound) = events(of: slot)
      file.optional(bound) { $0.trailRank($1) }
      let order = events.map { (input: file.input(Int($0.input)), event: $0) }.sorted {
        if $0.event.arrival != $1.event.arrival { return $0.event.arrival < $1.event.arrival }
        return ($0.event.offset, $0.input) < ($1.event.offset, $1.input)
      }
      file.count(order.count)
      for (_, event) in order { event.encode(into: &file) }
      let kept = texts[slot].filter { text in bound.map { text.rank <= $0 } ?? true }
      file.count(kept.count)
      for text in kept {
        file.trailRank(text.rank)
        file.unsigned(UInt64(text.line))
        file.text(text.bytes)
      }
    }
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> TrailStore {
    var store = TrailStore()
    store.level = try file.level(below: topLevel + 1)
    store.textLevel = try file.level(below: topLevel + 1)
    guard store.textLevel >= store.level else { throw file.damage("more lines than requests") }
    store.threshold = 1 << UInt64(63 - store.level)
    store.textThreshold = 1 << UInt64(63 - store.textLevel)
    var before: UInt64?
    for _ in 0..<(try file.length(least: 8)) {
      let id = try file.ascending(after: &before)
      guard id < store.threshold else { throw file.damage("a client that is not followed") }
      try store.decodeRow(id, from: &file)
    }
    return store
  }

  private mutating func decodeRow(
    _ id: UInt64, from file: inout TallyDecoder
  ) throws(TallyDamage) {
    let slot = insert(id, try TrailClient.decode(from: &file))
    let count = try file.count()
    grow(slot, by: count)
    growTexts(slot, by: Int(try file.unsigned(upTo: UInt64(Self.textRoom), "a length of lines")))
    rows[slot].bound = try file.optional { file throws(TallyDamage) in try file.trailRank() }
    let kept = try file.length(least: 25)
    guard kept <= min(count, Self.limit) else {
      throw file.damage("a client with more requests than it made")
    }
    for _ in 0..<kept { keep(try TrailEvent.decode(from: &file), in: slot) }
    let lines = try file.length(least: 13)
    guard lines <= Self.textLimit, lines == 0 || id < textThreshold else {
      throw file.damage("a client with too many lines")
    }
    for _ in 0..<lines {
      let text = Text(
        rank: try file.trailRank(), line: try file.number(),
        bytes: try file.text(upTo: SampleLimits.text))
      // Which input comes first is a matter of numbers, and those are given anew.
      if let last = texts[slot].last?.rank,
        (text.rank.block, text.rank.arrival, text.rank.offset)
          < (last.block, last.arrival, last.offset)
      {
        throw file.damage("lines out of order")
      }
      texts[slot].append(text)
    }
  }
}
