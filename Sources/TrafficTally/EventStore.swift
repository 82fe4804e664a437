internal import IncidentModel

/// Capacity events, notes, changes and alerts: whole, and one of each fact.
///
/// Of events with equal key and kind the one of the smallest time stays, then of the smallest position. Beyond the budget the events of smallest rank stay, people's lines and
/// decisions before the steps of single instances; the view tells that it is so and how many lines there were.
struct EventStore: Sendable {
  struct Identity: Hashable, Sendable {
    var key: String?
    var kind: CapacityEvent.Kind
    /// Of events without a key, which are never duplicates.
    var place: LogPosition?
    var ordinal: Int
  }

  private(set) var events: [Identity: CapacityEvent] = [:]
  /// Events added, duplicates included.
  private(set) var seen = 0
  private(set) var isOverLimit = false

  /// `ordinal` tells the events of one line apart.
  mutating func add(_ event: CapacityEvent, ordinal: Int) {
    seen = seen.addingSaturated(1)
    keep(event, Self.identity(of: event, ordinal: ordinal))
  }

  private static func identity(of event: CapacityEvent, ordinal: Int) -> Identity {
    let isKeyed = event.key != nil
    return Identity(
      key: event.key, kind: event.kind, place: isKeyed ? nil : event.position,
      ordinal: isKeyed ? 0 : ordinal)
  }

  private mutating func keep(_ event: CapacityEvent, _ identity: Identity) {
    if let known = events[identity], !Self.precedes(event, known) { return }
    events[identity] = event
  }

  /// By time, then place, then the bytes of the line.
  static func precedes(_ left: CapacityEvent, _ right: CapacityEvent) -> Bool {
    if left.time != right.time { return left.time < right.time }
    if left.position != right.position { return left.position < right.position }
    return left.text.bytes.lexicographicallyPrecedes(right.text.bytes)
  }

  mutating func removeAll() {
    events.removeAll(keepingCapacity: true)
    seen = 0
  }

  mutating func merge(_ other: borrowing EventStore) {
    seen = seen.addingSaturated(other.seen)
    isOverLimit = isOverLimit || other.isOverLimit
    for (identity, event) in other.events { keep(event, identity) }
  }

  /// Drops what is beyond the budget, once it is so much that the sorting pays.
  mutating func fit(_ budget: Int) {
    if events.count > 2 * budget { cut(to: budget) }
  }

  private mutating func cut(to budget: Int) {
    guard events.count > budget else { return }
    isOverLimit = true
    let ranked = events.keys.map { (rank: Self.rank($0), identity: $0) }
      .sorted { Self.isBelow($0, $1) }
    for loser in ranked[max(0, budget)...] { events[loser.identity] = nil }
  }

  private static func isBelow(
    _ left: (rank: [UInt64], identity: Identity), _ right: (rank: [UInt64], identity: Identity)
  ) -> Bool {
    left.rank.lexicographicallyPrecedes(right.rank)
  }

  /// What may be dropped first ranks last; within that the order is a hash, so that what stays is a sample of all times.
  private static func rank(_ identity: Identity) -> [UInt64] {
    let kind = describe(identity.kind)
    var text = kind.text
    text.append(0)
    text.append(contentsOf: (identity.key ?? "").utf8)
    let place = identity.place
    return [
      kind.priority, Mixer.hash(text.span), UInt64(bitPattern: Int64(place?.input ?? 0)),
      UInt64(bitPattern: Int64(place?.offset ?? 0)), UInt64(bitPattern: Int64(identity.ordinal)),
      Mixer.hash(text.span, seed: 1),
    ]
  }

  private static func describe(_ kind: CapacityEvent.Kind) -> (priority: UInt64, text: [UInt8]) {
    let priority: UInt64 =
      switch kind {
      case .note, .change, .alert: 0
      case .scaleOutDecided, .scaleInDecided, .limitReached, .configChanged, .launchFailed: 1
      case .launchStarted, .inService, .terminated, .backoff: 2
      case .notTriggered, .observed: 3
      }
    return (priority, Array("\(kind)".utf8))
  }

  /// The events of a view, by time and place.
  func sorted(
    budget: Int, _ places: InputPlaces
  ) -> (events: [CapacityEvent], isOverLimit: Bool) {
    var rest = self
    rest.cut(to: budget)
    if !places.isIdentity {
      for identity in rest.events.keys {
        let number = rest.events[identity]?.position.input ?? 0
        rest.events[identity]?.position.input = places[number]
      }
    }
    let ordered = rest.events.sorted { left, right in
      if Self.precedes(left.value, right.value) { return true }
      if Self.precedes(right.value, left.value) { return false }
      return Self.isBelow(
        (Self.rank(left.key), left.key), (Self.rank(right.key), right.key))
    }
    return (ordered.map(\.value), rest.isOverLimit)
  }
}

extension EventStore {
  /// The store with no more than a view would tell; only then does it not depend on the order of reading.
  func cut(for budgets: TallyBudgets) -> EventStore {
    var store = self
    store.cut(to: budgets.events)
    return store
  }
}

extension EventStore: TallySection {
  func encode(into file: inout TallyEncoder) {
    file.count(seen)
    file.flag(isOverLimit)
    let rows = events.map { identity, event in
      var row = file.fresh
      event.encode(into: &row)
      row.count(identity.ordinal)
      return row
    }.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    file.count(rows.count)
    for row in rows { file.append(row) }
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> EventStore {
    var store = EventStore()
    store.seen = try file.count()
    store.isOverLimit = try file.flag()
    for _ in 0..<(try file.length(least: 16)) {
      let event = try CapacityEvent.decode(from: &file)
      let ordinal = try file.count()
      store.keep(event, identity(of: event, ordinal: ordinal))
    }
    return store
  }
}
