internal import IncidentModel

/// Lines kept as proof: of each (service, stratum, outcome class) the first, the last and the one of smallest rank.
struct ExemplarStore: Sendable {
  struct Mark: Sendable {
    /// Microseconds since the epoch.
    var arrival: Int64
    var seed: UInt64
    var offset: Int
    var rank: UInt64
    var line: Int
    var input: Int32
    var status: UInt16
    var text: [UInt8]

    /// By (arrival, content seed, offset, bytes, input): the order of first and last.
    static func < (left: Mark, right: Mark) -> Bool {
      if left.arrival != right.arrival { return left.arrival < right.arrival }
      if left.seed != right.seed { return left.seed < right.seed }
      if left.offset != right.offset { return left.offset < right.offset }
      return left.isBelowByBytes(right)
    }

    func ranksBelow(_ other: Mark) -> Bool {
      rank != other.rank ? rank < other.rank : self < other
    }

    private func isBelowByBytes(_ other: Mark) -> Bool {
      if text != other.text { return precedes(text, other.text) }
      return (input, line, status) < (other.input, other.line, other.status)
    }
  }

  struct Cell: Sendable {
    var key: UInt64
    /// Length of the lines seen, up to three kept ones.
    var textBytes: Int
    var first: Mark
    var last: Mark
    var chosen: Mark
  }

  private static let classBits: UInt64 = 3
  private static let textCapacity = 3 * SampleLimits.text
  private static let cellBytes = 512

  private(set) var level = 0 {
    didSet { grain = Ladder.strata[level] }
  }
  private(set) var grain = Ladder.strata[0]
  private(set) var cells: [Cell] = []
  private var table = SlotTable()
  private(set) var measure = 0

  @inline(__always)
  static func key(_ service: Int, _ time: UInt64, _ outcome: OutcomeClass) -> UInt64 {
    SlotTable.mark | (UInt64(service) << TallyTime.bits | time) << classBits
      | UInt64(outcome.rawValue)
  }

  static func service(of key: UInt64) -> Int {
    Int((key & ~SlotTable.mark) >> (TallyTime.bits + classBits))
  }

  static func time(of key: UInt64) -> UInt64 { key >> classBits & (1 << TallyTime.bits - 1) }

  static func outcome(of key: UInt64) -> OutcomeClass {
    OutcomeClass(rawValue: UInt8(key & 7)) ?? .answered
  }

  @inline(__always)
  func slot(of key: UInt64) -> Int { table.slot(of: key) }

  func key(of slot: Int) -> UInt64 { cells[slot].key }

  /// Adds one line to the cell of a slot, in the order of a member's lines; copies it where it is kept only.
  @inline(__always)
  mutating func add(
    slot: Int, arrival: Int64, offset: Int, rank: UInt64, number: Int, status: UInt16,
    line: Span<UInt8>
  ) {
    let length = min(line.count, SampleLimits.text)
    grow(slot, by: length)
    // Of one member, so a later line has the higher offset.
    if arrival >= cells[slot].last.arrival {
      cells[slot].last.set(arrival, offset, rank, number, status, line.extracting(0..<length))
    }
    if arrival < cells[slot].first.arrival {
      cells[slot].first.set(arrival, offset, rank, number, status, line.extracting(0..<length))
    }
    if rank < cells[slot].chosen.rank {
      cells[slot].chosen.set(arrival, offset, rank, number, status, line.extracting(0..<length))
    }
  }

  /// Makes a cell of its first line.
  mutating func add(key: UInt64, _ mark: Mark) -> Int {
    let slot = cells.count
    table.insert(key, slot: slot)
    cells.append(Cell(key: key, textBytes: 0, first: mark, last: mark, chosen: mark))
    measure += Self.cellBytes
    grow(slot, by: mark.text.count)
    return slot
  }

  @inline(__always)
  private mutating func grow(_ slot: Int, by length: Int) {
    let grown = min(cells[slot].textBytes + length, Self.textCapacity)
    measure += grown - cells[slot].textBytes
    cells[slot].textBytes = grown
  }

  mutating func removeAll(adopting level: Int) {
    self.level = level
    cells.removeAll(keepingCapacity: true)
    table.removeAll()
    measure = 0
  }

  private mutating func merge(_ cell: Cell, _ service: Int, _ grain: Grain) {
    let time = TallyTime.stratum(Self.time(of: cell.key), grain.seconds)
    let key = Self.key(service, time, Self.outcome(of: cell.key))
    let found = table.slot(of: key)
    guard found >= 0 else {
      table.insert(key, slot: cells.count)
      cells.append(cell)
      cells[cells.count - 1].key = key
      measure += Self.cellBytes + cell.textBytes
      return
    }
    grow(found, by: cell.textBytes)
    if cell.first < cells[found].first { cells[found].first = cell.first }
    if cells[found].last < cell.last { cells[found].last = cell.last }
    if cell.chosen.ranksBelow(cells[found].chosen) { cells[found].chosen = cell.chosen }
  }

  mutating func merge(_ other: borrowing ExemplarStore, _ map: [Int], _ services: ServiceTable) {
    coarsen(to: max(level, other.level), services)
    let grain = self.grain
    for cell in other.cells {
      merge(cell, services.folded(map[Self.service(of: cell.key)], grain), grain)
    }
  }

  mutating func fit(_ budget: Int, _ services: ServiceTable) {
    while measure > budget, level + 1 < Ladder.strata.count { coarsen(to: level + 1, services) }
  }

  private mutating func coarsen(to level: Int, _ services: ServiceTable) {
    guard level > self.level else { return }
    self.level = level
    let grain = self.grain
    var old = cells
    cells = []
    table = SlotTable()
    measure = 0
    // From the end, so that what was merged is free for what comes.
    while let cell = old.popLast() {
      merge(cell, services.folded(Self.service(of: cell.key), grain), grain)
    }
  }

  func markServices(_ isUsed: inout [Bool]) {
    for cell in cells { isUsed[Self.service(of: cell.key)] = true }
  }

  mutating func renumber(_ map: [Int32]) {
    table = SlotTable()
    for slot in cells.indices {
      let key = cells[slot].key
      cells[slot].key = Self.key(
        Int(map[Self.service(of: key)]), Self.time(of: key), Self.outcome(of: key))
      table.insert(cells[slot].key, slot: slot)
    }
  }
}

extension ExemplarStore.Mark {
  /// Takes another line of the same member without giving up the room of the old text.
  @inline(__always)
  fileprivate mutating func set(
    _ arrival: Int64, _ offset: Int, _ rank: UInt64, _ number: Int, _ status: UInt16,
    _ line: Span<UInt8>
  ) {
    self.arrival = arrival
    self.offset = offset
    self.rank = rank
    self.line = number
    self.status = status
    text.replace(with: line)
  }
}

extension ExemplarStore: TallySection {
  func encode(into file: inout TallyEncoder) {
    file.count(level)
    let order = cells.indices.map { slot in
      let key = cells[slot].key
      let place = UInt64(file.service(Self.service(of: key))) << TallyTime.bits | Self.time(of: key)
      return (key: place << Self.classBits | key & 7, slot: slot)
    }.sorted { $0.key < $1.key }
    file.count(order.count)
    var before: UInt64?
    for (key, slot) in order {
      let cell = cells[slot]
      file.ascending(key, after: &before)
      file.count(cell.textBytes)
      cell.first.encode(into: &file)
      file.optional(cell.last.isSame(as: cell.first) ? nil : cell.last) { $1.encode(into: &$0) }
      file.optional(cell.chosen.isSame(as: cell.first) ? nil : cell.chosen) {
        $1.encode(into: &$0)
      }
    }
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> ExemplarStore {
    var store = ExemplarStore()
    store.level = try file.level(below: Ladder.strata.count)
    var before: UInt64?
    for slot in 0..<(try file.length(least: 24)) {
      let key = try file.ascending(after: &before)
      guard key >> (TallyTime.bits + classBits) < UInt64(file.bounds.services) else {
        throw file.damage("a service that is not in the list")
      }
      guard OutcomeClass(rawValue: UInt8(key & 7)) != nil else {
        throw file.damage("an outcome that there is not")
      }
      let room = Int(try file.unsigned(upTo: UInt64(textCapacity), "a length of lines"))
      let first = try Mark.decode(from: &file)
      let last = try file.optional(Mark.decode) ?? first
      let chosen = try file.optional(Mark.decode) ?? first
      let cell = Cell(
        key: SlotTable.mark | key, textBytes: room, first: first, last: last, chosen: chosen)
      store.table.insert(cell.key, slot: slot)
      store.cells.append(cell)
      store.measure += cellBytes + room
    }
    return store
  }
}

extension ExemplarStore.Mark {
  fileprivate func isSame(as other: ExemplarStore.Mark) -> Bool {
    !(self < other) && !(other < self) && rank == other.rank
  }

  fileprivate func encode(into file: inout TallyEncoder) {
    file.signed(arrival)
    file.word(seed)
    file.count(offset)
    file.word(rank)
    file.count(line)
    file.inputNumber(input)
    file.unsigned(UInt64(status))
    file.text(text)
  }

  fileprivate static func decode(
    from file: inout TallyDecoder
  ) throws(TallyDamage) -> ExemplarStore.Mark {
    ExemplarStore.Mark(
      arrival: try file.moment(), seed: try file.word(), offset: try file.count(),
      rank: try file.word(), line: try file.count(), input: try file.inputNumber(),
      status: try file.number(), text: try file.text(upTo: SampleLimits.text))
  }
}
