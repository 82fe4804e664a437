internal import IncidentModel

/// Latency sketches per service and stratum, as counts of (service, stratum, bucket).
struct LatencyStore: Sendable {
  private(set) var level = 0 {
    didSet { grain = Ladder.strata[level] }
  }
  private(set) var grain = Ladder.strata[0]
  private(set) var table = CountTable()
  /// Sketches, each of which has a marker that counts its requests.
  private var sketches = 0

  static let bucketBits: UInt64 = 11
  private static let minuteBits: UInt64 = 28
  /// The bucket number of a sketch's marker.
  static let marker: UInt64 = 1 << bucketBits - 1

  var measure: Int { table.count + 16 * sketches }

  /// The key of bucket 0 of a sketch; `time` is a multiple of 60 s.
  @inline(__always)
  static func key(_ service: Int, _ time: UInt64) -> UInt64 {
    SlotTable.mark | (UInt64(service) << minuteBits | time / 60) << bucketBits
  }

  static func service(of key: UInt64) -> Int {
    Int((key & ~SlotTable.mark) >> (bucketBits + minuteBits))
  }

  static func time(of key: UInt64) -> UInt64 {
    (key >> bucketBits & (1 << minuteBits - 1)) * 60
  }

  static func bucket(of key: UInt64) -> UInt64 { key & marker }

  @inline(__always)
  mutating func add(_ key: UInt64, duration: Int64) {
    if table.add(key | Self.marker, 1) { sketches += 1 }
    table.add(key | UInt64(truncatingIfNeeded: LatencyBounds.bucket(of: duration)), 1)
  }

  mutating func removeAll(adopting level: Int) {
    self.level = level
    table.removeAll()
    sketches = 0
  }

  /// Adds what another store holds, and widens as soon as the measure passes the budget: what is added later can only raise it, so the store rests at the grain at which it would if it were widened afterwards.
  mutating func merge(
    _ other: borrowing LatencyStore, _ map: [Int], _ services: ServiceTable, budget: Int = .max
  ) {
    coarsen(to: max(level, other.level), services)
    other.table.visit { key, count in
      let service = services.folded(map[Self.service(of: key)], grain)
      let stratum = Self.key(service, TallyTime.stratum(Self.time(of: key), grain.seconds))
      let bucket = Self.bucket(of: key)
      if table.add(stratum | bucket, count), bucket == Self.marker { sketches += 1 }
      if measure > budget { fit(budget, services) }
    }
  }

  mutating func fit(_ budget: Int, _ services: ServiceTable) {
    while measure > budget, level + 1 < Ladder.strata.count { coarsen(to: level + 1, services) }
  }

  private mutating func coarsen(to level: Int, _ services: ServiceTable) {
    guard level > self.level else { return }
    let old = table
    table = CountTable()
    self.level = level
    let grain = self.grain
    sketches = 0
    old.visit { key, count in
      let service = services.folded(Self.service(of: key), grain)
      let stratum = Self.key(service, TallyTime.stratum(Self.time(of: key), grain.seconds))
      let bucket = Self.bucket(of: key)
      if table.add(stratum | bucket, count), bucket == Self.marker { sketches += 1 }
    }
  }

  func markServices(_ isUsed: inout [Bool]) {
    var marks = isUsed
    table.visit { key, _ in marks[Self.service(of: key)] = true }
    isUsed = marks
  }

  mutating func renumber(_ map: [Int32]) {
    table = table.rekeyed { key in
      Self.key(Int(map[Self.service(of: key)]), Self.time(of: key)) | Self.bucket(of: key)
    }
  }
}

extension LatencyStore: TallySection {
  /// Adds a store that was read; where there is nothing yet, and services have the same numbers, it is taken as it is.
  mutating func take(_ other: consuming LatencyStore, _ map: [Int], _ services: ServiceTable) {
    guard table.count == 0, level <= other.level, map.indices.allSatisfy({ map[$0] == $0 }) else {
      return merge(other, map, services)
    }
    self = other
  }

  func encode(into file: inout TallyEncoder) {
    file.count(level)
    let numbers = file
    table.encode(into: &file) { key in
      let service = UInt64(numbers.service(Self.service(of: key)))
      let rest: UInt64 = 1 << (Self.minuteBits + Self.bucketBits) - 1
      return service << (Self.minuteBits + Self.bucketBits) | key & rest
    }
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> LatencyStore {
    var store = LatencyStore()
    store.level = try file.level(below: Ladder.strata.count)
    let services = file.bounds.services
    let buckets = UInt64(LatencyBounds.highs.count)
    let minutes = UInt64(TallyTime.limit) / 60
    var sketches = 0
    store.table = try CountTable.decode(from: &file) { key in
      if Self.service(of: key) >= services { return "a service that is not in the list" }
      if Self.time(of: key) / 60 > minutes { return "a moment outside of 1901 to 2173" }
      let bucket = Self.bucket(of: key)
      if bucket == Self.marker { sketches += 1 }
      return bucket < buckets || bucket == Self.marker ? nil : "a latency beyond a day"
    }
    store.sketches = sketches
    return store
  }
}
