internal import IncidentModel

/// HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) with 2¹² registers per service and stratum, and with 2¹⁴ over all.
///
/// A client is its address as text, hashed with a fixed seed. A stratum with few clients keeps its registers as a sorted list.
struct ClientStore: Sendable {
  struct Stratum: Sendable {
    var key: UInt64
    /// Register << 8 | rank, ascending; empty once ``dense`` is in use.
    var sparse: [UInt32] = []
    var dense: [UInt8] = []
  }

  static let precision: UInt64 = 12
  static let wholePrecision: UInt64 = 14
  private static let sparseLimit = 128
  private static let seed: UInt64 = 0x2545_f491_4f6c_dd1d

  private(set) var level = 0 {
    didSet { grain = Ladder.clients[level] }
  }
  private(set) var grain = Ladder.clients[0]
  private(set) var strata: [Stratum] = []
  private var table = SlotTable()
  private(set) var whole = [UInt8](repeating: 0, count: 1 << wholePrecision)
  private(set) var measure = 0

  static func hash(_ client: Span<UInt8>) -> UInt64 { Mixer.hash(client, seed: seed) }

  @inline(__always)
  mutating func slot(_ key: UInt64) -> Int {
    let found = table.slot(of: key)
    if found >= 0 { return found }
    table.insert(key, slot: strata.count)
    strata.append(Stratum(key: key))
    measure += 256
    return strata.count - 1
  }

  @inline(__always)
  mutating func add(_ hash: UInt64, slot: Int) {
    let place = Int(hash >> (64 - Self.wholePrecision))
    let wholeRank = UInt8(
      (hash << Self.wholePrecision | 1 << (Self.wholePrecision - 1))
        .leadingZeroBitCount + 1)
    if whole[place] < wholeRank { whole[place] = wholeRank }
    let rank = (hash << Self.precision | 1 << (Self.precision - 1)).leadingZeroBitCount + 1
    raise(slot, Int(hash >> (64 - Self.precision)), UInt8(rank))
  }

  @inline(__always)
  private mutating func raise(_ slot: Int, _ register: Int, _ rank: UInt8) {
    if !strata[slot].dense.isEmpty {
      if strata[slot].dense[register] < rank { strata[slot].dense[register] = rank }
      return
    }
    raiseSparse(slot, register, rank)
  }

  private mutating func raiseSparse(_ slot: Int, _ register: Int, _ rank: UInt8) {
    var low = 0
    var high = strata[slot].sparse.count
    while low < high {
      let middle = (low + high) / 2
      if Int(strata[slot].sparse[middle] >> 8) < register {
        low = middle + 1
      } else {
        high = middle
      }
    }
    let entry = UInt32(register) << 8 | UInt32(rank)
    if low < strata[slot].sparse.count, Int(strata[slot].sparse[low] >> 8) == register {
      strata[slot].sparse[low] = max(strata[slot].sparse[low], entry)
      return
    }
    strata[slot].sparse.insert(entry, at: low)
    measure += 32
    if strata[slot].sparse.count >= Self.sparseLimit {
      var dense = [UInt8](repeating: 0, count: 1 << Self.precision)
      for entry in strata[slot].sparse { dense[Int(entry >> 8)] = UInt8(entry & 255) }
      strata[slot].dense = dense
      strata[slot].sparse = []
    }
  }

  mutating func removeAll(adopting level: Int) {
    self.level = level
    strata.removeAll(keepingCapacity: true)
    table.removeAll()
    for index in whole.indices { whole[index] = 0 }
    measure = 0
  }

  private mutating func merge(_ stratum: Stratum, into slot: Int) {
    for entry in stratum.sparse { raise(slot, Int(entry >> 8), UInt8(entry & 255)) }
    for register in stratum.dense.indices where stratum.dense[register] > 0 {
      raise(slot, register, stratum.dense[register])
    }
  }

  mutating func merge(_ other: borrowing ClientStore, _ map: [Int], _ services: ServiceTable) {
    coarsen(to: max(level, other.level), services)
    let grain = self.grain
    for stratum in other.strata {
      let service = services.folded(map[SeriesStore.service(of: stratum.key)], grain)
      let time = TallyTime.stratum(SeriesStore.time(of: stratum.key), grain.seconds)
      merge(stratum, into: slot(SeriesStore.key(service, time)))
    }
    for index in whole.indices { whole[index] = max(whole[index], other.whole[index]) }
  }

  mutating func fit(_ budget: Int, _ services: ServiceTable) {
    while measure > budget, level + 1 < Ladder.clients.count { coarsen(to: level + 1, services) }
  }

  private mutating func coarsen(to level: Int, _ services: ServiceTable) {
    guard level > self.level else { return }
    self.level = level
    let grain = self.grain
    let old = strata
    strata = []
    table = SlotTable()
    measure = 0
    for stratum in old {
      let service = services.folded(SeriesStore.service(of: stratum.key), grain)
      let time = TallyTime.stratum(SeriesStore.time(of: stratum.key), grain.seconds)
      merge(stratum, into: slot(SeriesStore.key(service, time)))
    }
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
}

/// Estimates of distinct clients from registers.
enum ClientEstimate {
  /// The registers of some strata together.
  static func union(_ strata: [ClientStore.Stratum]) -> [UInt8] {
    var registers = [UInt8](repeating: 0, count: 1 << ClientStore.precision)
    for stratum in strata {
      for entry in stratum.sparse {
        let register = Int(entry >> 8)
        registers[register] = max(registers[register], UInt8(entry & 255))
      }
      for register in stratum.dense.indices {
        registers[register] = max(registers[register], stratum.dense[register])
      }
    }
    return registers
  }

  /// The improved estimator of Ertl, New cardinality estimation algorithms for HyperLogLog sketches (arXiv 1702.01284), section 2.2:
  /// α∞·m²/(m·σ(C₀/m) + ½(… + C_k) + m·τ(1 − C_{q+1}/m)·2⁻ᵠ), without a switch to linear counting and without a logarithm.
  static func count(_ registers: [UInt8]) -> Int {
    let m = Double(registers.count)
    let q = 64 - registers.count.trailingZeroBitCount
    var histogram = [Int](repeating: 0, count: q + 2)
    for rank in registers { histogram[min(Int(rank), q + 1)] += 1 }
    if histogram[0] == registers.count { return 0 }
    var z = m * tau(1 - Double(histogram[q + 1]) / m)
    for k in stride(from: q, through: 1, by: -1) { z = 0.5 * (z + Double(histogram[k])) }
    z += m * sigma(Double(histogram[0]) / m)
    let estimate = 0.721_347_520_444_481_7 * m * m / z
    return Int(min(estimate.rounded(), 9e18))
  }

  private static func sigma(_ share: Double) -> Double {
    var x = share
    var y = 1.0
    var z = x
    while true {
      x *= x
      let before = z
      z += x * y
      y += y
      if z == before || !z.isFinite { return z }
    }
  }

  private static func tau(_ share: Double) -> Double {
    if share == 0 || share == 1 { return 0 }
    var x = share
    var y = 1.0
    var z = 1 - x
    while true {
      x = x.squareRoot()
      let before = z
      y *= 0.5
      z -= (1 - x) * (1 - x) * y
      if z == before { return z / 3 }
    }
  }
}

extension ClientStore: TallySection {
  func encode(into file: inout TallyEncoder) {
    file.count(level)
    for rank in whole { file.byte(rank) }
    let order = strata.indices.map { (key: file.key(strata[$0].key), slot: $0) }
      .sorted { $0.key < $1.key }
    file.count(order.count)
    var before: UInt64?
    for (key, slot) in order {
      file.ascending(key, after: &before)
      file.flag(!strata[slot].dense.isEmpty)
      for rank in strata[slot].dense { file.byte(rank) }
      guard strata[slot].dense.isEmpty else { continue }
      file.count(strata[slot].sparse.count)
      var entry: UInt64?
      for next in strata[slot].sparse { file.ascending(UInt64(next), after: &entry) }
    }
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> ClientStore {
    var store = ClientStore()
    store.level = try file.level(below: Ladder.clients.count)
    for index in store.whole.indices { store.whole[index] = try rank(from: &file) }
    var before: UInt64?
    for slot in 0..<(try file.length(least: 3)) {
      var stratum = Stratum(key: try file.key(after: &before))
      if try file.flag() {
        stratum.dense = [UInt8](repeating: 0, count: 1 << Int(precision))
        for index in stratum.dense.indices { stratum.dense[index] = try rank(from: &file) }
      } else {
        var entry: UInt64?
        for _ in 0..<(try file.length(least: 1)) {
          let next = try file.ascending(after: &entry)
          guard next >> 8 < 1 << precision, next & 255 <= 64 else {
            throw file.damage("a register that there is not")
          }
          stratum.sparse.append(UInt32(next))
        }
      }
      store.table.insert(stratum.key, slot: slot)
      store.strata.append(stratum)
    }
    return store
  }

  private static func rank(from file: inout TallyDecoder) throws(TallyDamage) -> UInt8 {
    let rank = try file.byte()
    guard rank <= 64 else { throw file.damage("a register's rank beyond 64") }
    return rank
  }
}
