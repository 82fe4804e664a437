internal import IncidentModel

/// All requests of a coordinated sample of clients (METHODS §1).
///
/// A client is kept while its hash is under a threshold that is halved until what is kept fits; what is kept is a function of what was read, whatever the order.
/// Of a client with more than 512 requests those of smallest rank stay: whole blocks of 300 s in the order of a hash, and of the last of them the beginning.
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

  /// A failed request's line.
  struct Text: Sendable {
    var rank: Rank
    var line: UInt32
    var bytes: [UInt8]
  }

  struct Trail: Sendable {
    var id: UInt64
    var who: TrailClient
    /// Requests seen, kept or not.
    var count = 0
    /// Length of the failed requests' lines, up to ``TrailStore/textRoom``.
    var textBytes = 0
    /// In no order; under twice the limit.
    var events: [TrailEvent] = []
    /// Ascending by rank.
    var texts: [Text] = []
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
  private(set) var trails: [Trail] = []
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
    table.insert(client | SlotTable.mark, slot: trails.count)
    trails.append(Trail(id: client, who: who))
    measure += Self.clientBytes
    return trails.count - 1
  }

  /// Counts a request of a second; false where nothing of its rank can stay.
  @inline(__always)
  mutating func see(
    _ slot: Int, _ time: UInt64, arrival: Int64, offset: Int, input: Int32
  ) -> Bool {
    let count = trails[slot].count &+ 1
    trails[slot].count = count
    if count <= Self.limit { measure += Self.eventBytes }
    // Nothing is bounded before as many were kept.
    if count < 2 * Self.limit { return true }
    return hasRoom(slot, time, arrival: arrival, offset: offset, input: input)
  }

  private func hasRoom(
    _ slot: Int, _ time: UInt64, arrival: Int64, offset: Int, input: Int32
  ) -> Bool {
    guard let bound = trails[slot].bound else { return true }
    let rank = Rank(
      block: Self.block(trails[slot].id, time), arrival: arrival, offset: offset, input: input)
    return !(bound < rank)
  }

  private mutating func grow(_ slot: Int, by count: Int) {
    let old = trails[slot].count
    let new = old.addingSaturated(count)
    trails[slot].count = new
    measure += (min(new, Self.limit) - min(old, Self.limit)) * Self.eventBytes
  }

  /// Keeps a request for which ``see(_:_:arrival:offset:input:)`` found room.
  mutating func keep(_ event: TrailEvent, in slot: Int) {
    trails[slot].events.append(event)
    if trails[slot].events.count >= 2 * Self.limit { trails[slot].prune() }
  }

  /// Counts a failed request's line.
  mutating func seeText(_ slot: Int, _ length: Int) {
    growTexts(slot, by: min(length, SampleLimits.text))
  }

  /// Counts a failed request's line, and keeps it if there is room.
  mutating func keepText(_ event: TrailEvent, _ line: Span<UInt8>, in slot: Int) {
    let length = min(line.count, SampleLimits.text)
    growTexts(slot, by: length)
    guard trails[slot].id < textThreshold else { return }
    let rank = Self.rank(event, of: trails[slot].id)
    if trails[slot].texts.count >= Self.textLimit, let last = trails[slot].texts.last,
      last.rank < rank
    {
      return
    }
    trails[slot].insert(
      Text(rank: rank, line: event.line, bytes: [UInt8](line.extracting(0..<length))))
  }

  private mutating func growTexts(_ slot: Int, by length: Int) {
    let old = trails[slot].textBytes
    let new = min(old + length, Self.textRoom)
    trails[slot].textBytes = new
    if trails[slot].id < textThreshold { textMeasure += new - old }
  }

  mutating func removeAll(adopting whole: borrowing TrailStore) {
    level = whole.level
    textLevel = whole.textLevel
    threshold = whole.threshold
    textThreshold = whole.textThreshold
    trails.removeAll(keepingCapacity: true)
    table.removeAll()
    measure = 0
    textMeasure = 0
  }

  /// Adds a trail that another part has kept.
  mutating func join(_ trail: Trail) {
    guard trail.id < threshold else { return }
    let found = slot(of: trail.id)
    guard found >= 0 else {
      let slot = insert(trail.id, trail.who)
      grow(slot, by: trail.count)
      growTexts(slot, by: trail.textBytes)
      trails[slot].events = trail.events
      trails[slot].bound = trail.bound
      if trail.id < textThreshold { trails[slot].texts = trail.texts }
      return
    }
    grow(found, by: trail.count)
    growTexts(found, by: trail.textBytes)
    trails[found].join(trail, withTexts: trail.id < textThreshold)
  }

  /// Raises the levels to at least these.
  mutating func coarsen(to level: Int, texts textLevel: Int) {
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

  private mutating func rebuild() {
    trails.removeAll { $0.id >= threshold }
    table = SlotTable()
    measure = 0
    for (slot, trail) in trails.enumerated() {
      table.insert(trail.id | SlotTable.mark, slot: slot)
      measure += Self.clientBytes + min(trail.count, Self.limit) * Self.eventBytes
    }
  }

  private mutating func measureTexts() {
    textMeasure = 0
    for slot in trails.indices {
      if trails[slot].id < textThreshold {
        textMeasure += trails[slot].textBytes
      } else if !trails[slot].texts.isEmpty {
        trails[slot].texts = []
      }
    }
  }

  /// Halves until both fit.
  mutating func fit(_ budget: Int, texts textBudget: Int) {
    while measure > budget, level < Self.topLevel { coarsen(to: level + 1, texts: 0) }
    while textMeasure > textBudget, textLevel < Self.topLevel {
      coarsen(to: level, texts: textLevel + 1)
    }
  }

  func markServices(_ isUsed: inout [Bool]) {
    for trail in trails {
      for event in trail.events { isUsed[Int(event.service)] = true }
    }
  }

  /// Gives the events' services other numbers.
  mutating func renumberServices(_ number: (Int) -> Int) {
    for slot in trails.indices { trails[slot].renumberServices(number) }
  }
}

/// Who a followed client is.
struct TrailClient: Sendable {
  var network: ClientNetwork.Address?
  var agentSignature: UInt64 = 0
  var agentMajor: Int16 = -1
  var agentRow: UInt8 = 0
}
