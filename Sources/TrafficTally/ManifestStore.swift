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
  }

  private(set) var level = 0 {
    didSet { grain = Ladder.inputs[level] }
  }
  private(set) var grain = Ladder.inputs[0]
  private(set) var inputs: [Int: InputCounts] = [:]
  private(set) var rejects: [Reject: RejectCount] = [:]
  /// Records by (input, stratum), packed as the series packs (service, bucket).
  private(set) var minutes = CountTable()

  mutating func add(_ counts: InputCounts, input: Int) {
    inputs[input, default: InputCounts()].add(counts)
  }

  @inline(__always)
  mutating func addRecords(_ count: UInt32, input: Int, time: UInt64) {
    let stratum = TallyTime.stratum(time, grain.seconds)
    minutes.add(SeriesStore.key(input & 0xff_ffff, stratum), count)
  }

  mutating func add(_ reject: Reject, count: Int, first: LogPosition) {
    guard var known = rejects[reject] else {
      rejects[reject] = RejectCount(count: count, first: first)
      return
    }
    known.count = known.count.addingSaturated(count)
    known.first = min(known.first, first)
    rejects[reject] = known
  }

  mutating func removeAll(adopting level: Int) {
    self.level = level
    inputs.removeAll(keepingCapacity: true)
    rejects.removeAll(keepingCapacity: true)
    minutes.removeAll()
  }

  mutating func merge(_ other: borrowing ManifestStore) {
    coarsen(to: max(level, other.level))
    for (input, counts) in other.inputs { add(counts, input: input) }
    for (reject, count) in other.rejects { add(reject, count: count.count, first: count.first) }
    let width = grain.seconds
    other.minutes.visit { key, count in
      let time = TallyTime.stratum(SeriesStore.time(of: key), width)
      minutes.add(SeriesStore.key(SeriesStore.service(of: key), time), count)
    }
  }

  mutating func fit(_ budget: Int) {
    while minutes.count > budget, level + 1 < Ladder.inputs.count { coarsen(to: level + 1) }
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
