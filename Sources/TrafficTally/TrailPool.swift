internal import IncidentModel

/// The kept requests of all followed clients in one array, each linked to the one that its client had before.
struct TrailPool: Sendable {
  private var events: [TrailEvent] = []
  /// The place of the client's request before, or of the next free place; -1 at the end.
  private var links: [Int32] = []
  /// The first place that is free again, -1 for none.
  private var firstFree: Int32 = -1

  subscript(place: Int32) -> TrailEvent {
    @inline(__always) get { events[Int(place)] }
  }

  /// The place of the request that the same client had before, -1 for none.
  @inline(__always)
  func place(before place: Int32) -> Int32 { links[Int(place)] }

  /// Takes a request and the place of its client's newest so far; returns its own.
  @inline(__always)
  mutating func add(_ event: TrailEvent, before newest: Int32) -> Int32 {
    if firstFree >= 0 { return reuse(event, before: newest) }
    events.append(event)
    links.append(newest)
    return Int32(truncatingIfNeeded: events.count &- 1)
  }

  private mutating func reuse(_ event: TrailEvent, before newest: Int32) -> Int32 {
    let place = firstFree
    firstFree = links[Int(place)]
    events[Int(place)] = event
    links[Int(place)] = newest
    return place
  }

  /// Gives up all requests of a client.
  mutating func free(from newest: Int32) {
    var place = newest
    while place >= 0 {
      let before = links[Int(place)]
      links[Int(place)] = firstFree
      // A free place names no service that may have been given up.
      events[Int(place)].service = Int32(ServiceTable.standard)
      firstFree = place
      place = before
    }
  }

  /// A client's requests, the newest first.
  func events(from newest: Int32, count: Int) -> [TrailEvent] {
    var found: [TrailEvent] = []
    found.reserveCapacity(count)
    var place = newest
    while place >= 0 {
      found.append(events[Int(place)])
      place = links[Int(place)]
    }
    return found
  }

  mutating func removeAll() {
    events.removeAll(keepingCapacity: true)
    links.removeAll(keepingCapacity: true)
    firstFree = -1
  }

  func markServices(_ isUsed: inout [Bool]) {
    for event in events { isUsed[Int(event.service)] = true }
  }

  mutating func renumberServices(_ number: (Int) -> Int) {
    for index in events.indices {
      let new = Int32(truncatingIfNeeded: number(Int(events[index].service)))
      if new != events[index].service { events[index].service = new }
    }
  }
}

/// Which requests of a client stay where it has more than are kept.
enum TrailCut {
  /// Neighbours of one block of 300 s, and its hash.
  private struct Run {
    var block: UInt64
    var places: Range<Int>
  }

  /// Leaves the requests of smallest rank; returns the highest rank among them, or nil where all may stay.
  static func prune(_ events: inout [TrailEvent], of client: UInt64) -> TrailStore.Rank? {
    guard events.count > TrailStore.limit else { return nil }
    let runs = runs(of: events, client)
    let edge = edge(of: runs)
    var kept: [TrailEvent] = []
    kept.reserveCapacity(TrailStore.limit)
    var last: [TrailEvent] = []
    for run in runs where run.block <= edge {
      if run.block < edge { kept += events[run.places] } else { last += events[run.places] }
    }
    last.sort {
      if $0.arrival != $1.arrival { return $0.arrival < $1.arrival }
      return $0.offset != $1.offset ? $0.offset < $1.offset : $0.input < $1.input
    }
    kept += last.prefix(TrailStore.limit - kept.count)
    events = kept
    return kept.last.map { TrailStore.rank($0, of: client) }
  }

  private static func runs(of events: [TrailEvent], _ client: UInt64) -> [Run] {
    var runs: [Run] = []
    var start = 0
    var first: UInt64 = 0
    for place in events.indices {
      let time = TallyTime.seconds(ofClamped: events[place].arrival.microseconds)
      if place > start, time &- first < 300 { continue }
      if place > start {
        runs.append(Run(block: TrailStore.block(client, first), places: start..<place))
      }
      start = place
      first = TallyTime.stratum(time, 300)
    }
    runs.append(Run(block: TrailStore.block(client, first), places: start..<events.count))
    return runs
  }

  /// The block in which the room ends.
  private static func edge(of runs: [Run]) -> UInt64 {
    var room = TrailStore.limit
    for run in runs.sorted(by: { $0.block < $1.block }) {
      room -= run.places.count
      if room <= 0 { return run.block }
    }
    return .max
  }
}
