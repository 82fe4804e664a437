internal import IncidentModel

/// What became of the lines of each input, and how they lie in time.
struct ManifestStore: Sendable {
  struct InputCounts: Sendable {
    var lines = 0
    var records = 0
    var events = 0
    /// Lines, or objects, that told at least one event.
    var eventLines = 0
    var rejected = 0
    var passed = 0
    /// Microseconds since the epoch, by the stamps of the lines.
    var first: Int64 = .max
    var last: Int64 = .min

    mutating func add(_ other: InputCounts) {
      lines = lines.addingSaturated(other.lines)
      records = records.addingSaturated(other.records)
      events = events.addingSaturated(other.events)
      eventLines = eventLines.addingSaturated(other.eventLines)
      rejected = rejected.addingSaturated(other.rejected)
      passed = passed.addingSaturated(other.passed)
      first = min(first, other.first)
      last = max(last, other.last)
    }
  }

  struct Reject: Hashable, Sendable {
    var input: Int
    var reason: String
  }

  struct RejectCount: Sendable {
    var count: Int
    var first: LogPosition
    var last: LogPosition
  }

  struct RejectMinute: Hashable, Sendable {
    var reject: Reject
    /// The stratum's first second.
    var time: UInt64
  }

  private(set) var level = 0 {
    didSet { grain = Ladder.inputs[level] }
  }
  private(set) var grain = Ladder.inputs[0]
  private(set) var inputs: [Int: InputCounts] = [:]
  private(set) var rejects: [Reject: RejectCount] = [:]
  /// Records by (input, stratum), packed as the series packs (service, bucket).
  private(set) var minutes = CountTable()
  private(set) var rejectLevel = 0 {
    didSet { rejectGrain = Ladder.inputs[rejectLevel] }
  }
  private(set) var rejectGrain = Ladder.inputs[0]
  /// Rejected lines by the stratum of the nearest accepted line.
  private(set) var rejectMinutes: [RejectMinute: Int] = [:]

  mutating func add(_ counts: InputCounts, input: Int) {
    inputs[input, default: InputCounts()].add(counts)
  }

  @inline(__always)
  mutating func addRecords(_ count: UInt32, input: Int, time: UInt64) {
    let stratum = TallyTime.stratum(time, grain.seconds)
    minutes.add(SeriesStore.key(input & 0xff_ffff, stratum), count)
  }

  mutating func add(_ reject: Reject, _ count: RejectCount) {
    guard var known = rejects[reject] else {
      rejects[reject] = count
      return
    }
    known.count = known.count.addingSaturated(count.count)
    known.first = min(known.first, count.first)
    known.last = max(known.last, count.last)
    rejects[reject] = known
  }

  /// Places rejected lines, which ``add(_:_:)-(Reject,_)`` counts, in time.
  mutating func addRejects(_ count: Int, _ reject: Reject, time: UInt64) {
    let stratum = TallyTime.stratum(time, rejectGrain.seconds)
    let key = RejectMinute(reject: reject, time: stratum)
    rejectMinutes[key] = (rejectMinutes[key] ?? 0).addingSaturated(count)
  }

  mutating func removeAll(adopting whole: borrowing ManifestStore) {
    level = whole.level
    rejectLevel = whole.rejectLevel
    inputs.removeAll(keepingCapacity: true)
    rejects.removeAll(keepingCapacity: true)
    rejectMinutes.removeAll(keepingCapacity: true)
    minutes.removeAll()
  }

  mutating func merge(_ other: borrowing ManifestStore) {
    coarsen(to: max(level, other.level))
    for (input, counts) in other.inputs { add(counts, input: input) }
    coarsenRejects(to: max(rejectLevel, other.rejectLevel))
    for (reject, count) in other.rejects { add(reject, count) }
    for (key, count) in other.rejectMinutes { addRejects(count, key.reject, time: key.time) }
    let width = grain.seconds
    other.minutes.visit { key, count in
      let time = TallyTime.stratum(SeriesStore.time(of: key), width)
      minutes.add(SeriesStore.key(SeriesStore.service(of: key), time), count)
    }
  }

  mutating func fit(_ budget: Int, rejects: Int) {
    while minutes.count > budget, level + 1 < Ladder.inputs.count { coarsen(to: level + 1) }
    while rejectMinutes.count > rejects, rejectLevel + 1 < Ladder.inputs.count {
      coarsenRejects(to: rejectLevel + 1)
    }
  }

  private mutating func coarsenRejects(to level: Int) {
    guard level > rejectLevel else { return }
    rejectLevel = level
    let finer = rejectMinutes
    rejectMinutes = [:]
    for (key, count) in finer { addRejects(count, key.reject, time: key.time) }
  }

  private mutating func coarsen(to level: Int) {
    guard level > self.level else { return }
    self.level = level
    let width = grain.seconds
    minutes = minutes.rekeyed { key in
      SeriesStore.key(
        SeriesStore.service(of: key), TallyTime.stratum(SeriesStore.time(of: key), width))
    }
  }
}

extension ManifestStore: TallySection {
  func encode(into file: inout TallyEncoder) {
    file.count(level)
    file.count(rejectLevel)
    let rows = inputs.map { (input: file.input($0.key), counts: $0.value) }
      .sorted { $0.input < $1.input }
    file.count(rows.count)
    for (input, counts) in rows {
      file.count(input)
      counts.encode(into: &file)
    }
    let numbers = file
    let known = rejects.map {
      (input: numbers.input($0.key.input), reject: $0.key, count: $0.value)
    }
    .sorted { ($0.input, $0.reject.reason) < ($1.input, $1.reject.reason) }
    file.count(known.count)
    for (input, reject, count) in known {
      file.count(input)
      file.string(reject.reason)
      file.count(count.count)
      file.position(count.first)
      file.position(count.last)
    }
    let placed = rejectMinutes.map {
      (input: numbers.input($0.key.reject.input), key: $0.key, count: $0.value)
    }.sorted {
      ($0.input, $0.key.reject.reason, $0.key.time)
        < ($1.input, $1.key.reject.reason, $1.key.time)
    }
    file.count(placed.count)
    for (input, key, count) in placed {
      file.count(input)
      file.string(key.reject.reason)
      file.unsigned(key.time)
      file.count(count)
    }
    minutes.encode(into: &file) { key in
      UInt64(numbers.input(SeriesStore.service(of: key))) << TallyTime.bits
        | SeriesStore.time(of: key)
    }
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> ManifestStore {
    var store = ManifestStore()
    store.level = try file.level(below: Ladder.inputs.count)
    store.rejectLevel = try file.level(below: Ladder.inputs.count)
    for _ in 0..<(try file.length(least: 9)) {
      let input = try file.input()
      let counts = try InputCounts.decode(from: &file)
      guard store.inputs.updateValue(counts, forKey: input) == nil else {
        throw file.damage("an input that stands twice")
      }
    }
    for _ in 0..<(try file.length(least: 9)) {
      let reject = Reject(input: try file.input(), reason: try file.words())
      let count = RejectCount(
        count: try file.count(), first: try file.position(), last: try file.position())
      guard store.rejects.updateValue(count, forKey: reject) == nil else {
        throw file.damage("a reason that stands twice")
      }
    }
    for _ in 0..<(try file.length(least: 4)) {
      let reject = Reject(input: try file.input(), reason: try file.words())
      let time = try file.unsigned(upTo: UInt64(TallyTime.limit), "a moment")
      let count = try file.count()
      guard
        store.rejectMinutes.updateValue(count, forKey: RejectMinute(reject: reject, time: time))
          == nil
      else { throw file.damage("a reason that stands twice in a minute") }
    }
    let inputs = file.bounds.inputs
    let listed = try CountTable.decode(from: &file) { key in
      SeriesStore.service(of: key) < inputs.count ? nil : "an input that is not in the list"
    }
    store.minutes = listed.rekeyed { key in
      SeriesStore.key(
        inputs[SeriesStore.service(of: key)] & 0xff_ffff, SeriesStore.time(of: key))
    }
    return store
  }
}

extension ManifestStore.InputCounts {
  fileprivate func encode(into file: inout TallyEncoder) {
    for count in [lines, records, events, eventLines, rejected, passed] {
      file.signed(Int64(count))
    }
    file.optional(first <= last ? first : nil) { $0.signed($1) }
    if first <= last { file.signed(last) }
  }

  fileprivate static func decode(
    from file: inout TallyDecoder
  ) throws(TallyDamage) -> ManifestStore.InputCounts {
    var counts = ManifestStore.InputCounts()
    var read: [Int] = []
    for _ in 0..<6 {
      let count = try file.signed()
      guard count.magnitude <= 1 << 62 else { throw file.damage("a count that is too large") }
      read.append(Int(count))
    }
    counts.lines = read[0]
    counts.records = read[1]
    counts.events = read[2]
    counts.eventLines = read[3]
    counts.rejected = read[4]
    counts.passed = read[5]
    if try file.flag() {
      counts.first = try file.moment()
      counts.last = try file.moment()
      guard counts.first <= counts.last else { throw file.damage("an end before its beginning") }
    }
    return counts
  }
}
