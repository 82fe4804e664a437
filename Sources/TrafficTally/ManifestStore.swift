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
