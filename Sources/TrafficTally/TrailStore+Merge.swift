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

  /// Keeps the requests of smallest rank.
  mutating func prune() {
    guard events.count > TrailStore.limit else { return }
    var ranked: [(rank: TrailStore.Rank, place: Int)] = []
    ranked.reserveCapacity(events.count)
    for place in events.indices {
      ranked.append((TrailStore.rank(events[place], of: id), place))
    }
    ranked.sort { $0.rank < $1.rank }
    let old = events
    events.removeAll(keepingCapacity: true)
    for (_, place) in ranked.prefix(TrailStore.limit) { events.append(old[place]) }
    bound = ranked[TrailStore.limit - 1].rank
    forgetBeyondBound()
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
