internal import IncidentModel

extension TrailStore {
  /// Adds what another store holds; `map` tells this tally's numbers of its services.
  mutating func merge(_ other: borrowing TrailStore, _ map: [Int]) {
    coarsen(to: max(level, other.level), texts: max(textLevel, other.textLevel))
    let isSame = map.indices.allSatisfy { map[$0] == $0 }
    for var trail in other.trails where trail.id < threshold {
      if !isSame { trail.renumberServices { map[$0] } }
      join(trail)
    }
  }
}

extension TrailStore.Trail {
  /// Adds what another part has kept of the same client.
  mutating func join(_ other: Self, withTexts: Bool) {
    if let bound = other.bound, self.bound.map({ bound < $0 }) ?? true {
      self.bound = bound
      forgetBeyondBound()
    }
    if let bound {
      for event in other.events where TrailStore.rank(event, of: id) <= bound {
        events.append(event)
      }
    } else {
      events += other.events
    }
    if withTexts {
      for text in other.texts { insert(text) }
    }
    if events.count >= 2 * TrailStore.limit { prune() }
  }

  /// Keeps the requests of smallest rank: those of lower blocks whole, and of the block at the bound the beginning.
  mutating func prune() {
    guard events.count > TrailStore.limit else { return }
    let runs = runs()
    let edge = Self.edge(of: runs)
    var kept: [TrailEvent] = []
    kept.reserveCapacity(2 * TrailStore.limit)
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
    bound = kept.last.map { TrailStore.rank($0, of: id) }
    forgetBeyondBound()
  }

  /// Neighbours of one block of 300 s, and its hash.
  private struct Run {
    var block: UInt64
    var places: Range<Int>
  }

  private func runs() -> [Run] {
    var runs: [Run] = []
    var start = 0
    var first: UInt64 = 0
    for place in events.indices {
      let time = TallyTime.seconds(ofClamped: events[place].arrival.microseconds)
      if place > start, time &- first < 300 { continue }
      if place > start { runs.append(Run(block: block(first), places: start..<place)) }
      start = place
      first = TallyTime.stratum(time, 300)
    }
    runs.append(Run(block: block(first), places: start..<events.count))
    return runs
  }

  private func block(_ time: UInt64) -> UInt64 { TrailStore.block(id, time) }

  /// The block in which the room ends.
  private static func edge(of runs: [Run]) -> UInt64 {
    var room = TrailStore.limit
    for run in runs.sorted(by: { $0.block < $1.block }) {
      room -= run.places.count
      if room <= 0 { return run.block }
    }
    return .max
  }

  private mutating func forgetBeyondBound() {
    guard let bound else { return }
    if events.count > TrailStore.limit {
      events.removeAll { bound < TrailStore.rank($0, of: id) }
    }
    texts.removeAll { bound < $0.rank }
  }

  /// Keeps a line among those of smallest rank.
  mutating func insert(_ text: TrailStore.Text) {
    if let bound, bound < text.rank { return }
    var place = texts.count
    while place > 0, text.rank < texts[place - 1].rank { place -= 1 }
    texts.insert(text, at: place)
    if texts.count > TrailStore.textLimit { texts.removeLast() }
  }

  mutating func renumberServices(_ number: (Int) -> Int) {
    for index in events.indices {
      let old = events[index].service
      let new = Int32(truncatingIfNeeded: number(Int(old)))
      if new != old { events[index].service = new }
    }
  }
}
