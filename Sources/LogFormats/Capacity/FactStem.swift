internal import IncidentModel

/// What the facts of one line or object have in common.
struct FactStem {
  var time: Instant
  var position: LogPosition
  /// What proves them.
  var text: LogText
  /// The format's word in front of the keys.
  var source: String
  /// What the source calls this line or object, or its time and words: the same in a second copy.
  var identity: String
  var group: String?
  var zone: String?
  var instance: String?
  var precisionSeconds = 1
  var lacksYear = false
  var lacksDate = false

  /// A fact; `about` tells facts of one line with the same kind apart.
  func event(
    _ kind: CapacityEvent.Kind, count: Int = 1, about: String = ""
  ) -> CapacityEvent {
    let place = "\(group ?? "")|\(zone ?? "")|\(instance ?? "")"
    return CapacityEvent(
      time: time, kind: kind.bounded, position: position, text: text,
      precisionSeconds: precisionSeconds,
      lacksYear: lacksYear, lacksDate: lacksDate, group: group, zone: zone, instance: instance,
      count: max(1, min(count, 1_000_000)), key: "\(source)|\(identity)|\(place)|\(about)")
  }

  /// The same line about another group, zone or instance; what is nil stays.
  func with(group: String? = nil, zone: String? = nil, instance: String? = nil) -> FactStem {
    var stem = self
    stem.group = group ?? self.group
    stem.zone = zone ?? self.zone
    stem.instance = instance ?? self.instance
    return stem
  }

  /// The same line about another moment.
  func at(_ time: Instant) -> FactStem {
    var stem = self
    stem.time = time
    return stem
  }

  /// From one size to another: out, in, or nothing where both are equal.
  func decision(from: Int?, to: Int?, about: String = "") -> [CapacityEvent] {
    guard let from, let to else {
      return to == nil ? [] : [event(.scaleOutDecided(from: from, to: to), about: about)]
    }
    guard from != to else { return [] }
    let kind: CapacityEvent.Kind =
      to > from ? .scaleOutDecided(from: from, to: to) : .scaleInDecided(from: from, to: to)
    return [
      event(kind, count: abs(to.subtractingReportingOverflow(from).partialValue), about: about)
    ]
  }

  /// ``CapacityEvent/Reason/unknown(_:)`` with at most 1 KiB of a message.
  static func unknown(_ message: [UInt8]) -> CapacityEvent.Reason {
    .unknown(LogText(bytes: Array(message.prefix(1024)), kind: .message))
  }
}

/// A size that a scaler aimed at, told without the size before it.
///
/// The source may tell the newest first, so direction and step are known once all aims of the member are.
struct SizeAim: Sendable {
  /// Which way the words of the line point.
  enum Hint: Sendable {
    case out
    case inward
  }

  var group: String
  var to: Int
  var hint: Hint?
  /// The decision, its kind still open.
  var draft: CapacityEvent
}

extension CapacityMemory {
  /// What is held back at most; what comes later is told at once.
  static let heldLimit = 65_536

  /// Keeps a decision until its predecessor is known; returns what is to be told now.
  mutating func aim(
    at size: Int, _ stem: FactStem, hint: SizeAim.Hint? = nil
  ) -> [CapacityEvent] {
    let aim = SizeAim(
      group: stem.group ?? "", to: size, hint: hint,
      draft: stem.event(.scaleOutDecided(from: nil, to: size), about: "aim"))
    guard aims.count < Self.heldLimit else { return [Self.told(aim, after: nil)].compactMap { $0 } }
    aims.append(aim)
    return []
  }

  /// Keeps an event that a later line may make void, by the name of what it speaks of.
  mutating func hold(_ event: CapacityEvent, for name: String) {
    guard held.count < Self.heldLimit || held[name] != nil else { return }
    // Of several the first stays: it tells since when.
    if let known = held[name], known.time <= event.time { return }
    held[name] = event
  }

  /// Something else tells of `name`: what was held for it is void, and what comes is, too.
  mutating func settle(_ name: String) {
    held[name] = nil
    if settled.count < Self.heldLimit { settled.insert(name) }
  }

  /// All that was held back, by time.
  mutating func releaseHeld() -> [CapacityEvent] {
    var events = held.filter { !settled.contains($0.key) }.map(\.value)
    events += decisions()
    held = [:]
    settled = []
    aims = []
    return events.sorted { ($0.time, $0.position) < ($1.time, $1.position) }
  }

  /// The aims as decisions: each group's by time, each from the size before it.
  private func decisions() -> [CapacityEvent] {
    var before: [String: Int] = [:]
    let ordered = aims.sorted {
      ($0.draft.time, $0.draft.position) < ($1.draft.time, $1.draft.position)
    }
    var events: [CapacityEvent] = []
    for aim in ordered {
      if let event = Self.told(aim, after: before[aim.group]) { events.append(event) }
      before[aim.group] = aim.to
    }
    return events
  }

  /// An aim at the size that was aimed at already decides nothing.
  private static func told(_ aim: SizeAim, after before: Int?) -> CapacityEvent? {
    if before == aim.to { return nil }
    var event = aim.draft
    let isInward = before.map { aim.to < $0 } ?? (aim.hint == .inward)
    event.kind =
      isInward
      ? .scaleInDecided(from: before, to: aim.to) : .scaleOutDecided(from: before, to: aim.to)
    event.kind = event.kind.bounded
    if let before {
      let step = abs(aim.to.subtractingReportingOverflow(before).partialValue)
      event.count = max(1, min(step, 1_000_000))
    }
    return event
  }
}

extension CapacityEvent.Kind {
  /// Sizes that no fleet has, and negative ones, are not known: nothing may be reckoned with them.
  var bounded: Self {
    func size(_ value: Int?) -> Int? { value.flatMap { (0...1_000_000).contains($0) ? $0 : nil } }
    return switch self {
    case .scaleOutDecided(let from, let to): .scaleOutDecided(from: size(from), to: size(to))
    case .scaleInDecided(let from, let to): .scaleInDecided(from: size(from), to: size(to))
    case .limitReached(let limit, let wanted):
      .limitReached(limit: size(limit), wanted: size(wanted))
    case .configChanged(let minimum, let maximum, let desired):
      .configChanged(minimum: size(minimum), maximum: size(maximum), desired: size(desired))
    case .observed(let desired, let ready, let maximum):
      .observed(desired: size(desired), ready: size(ready), maximum: size(maximum))
    default: self
    }
  }
}
