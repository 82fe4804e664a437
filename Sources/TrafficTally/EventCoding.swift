internal import IncidentModel

/// Capacity events as a tally file has them.
extension CapacityEvent {
  private static let longestName = 1 << 16

  func encode(into file: inout TallyEncoder) {
    file.signed(time.microseconds)
    file.count(precisionSeconds)
    file.flag(lacksYear)
    file.flag(lacksDate)
    kind.encode(into: &file)
    for name in [group, zone, instance, key] { file.optional(name) { $0.string($1) } }
    file.signed(Int64(count))
    file.flag(isHumanClaim)
    file.position(position)
    file.logText(text)
  }

  static func decode(from file: inout TallyDecoder) throws(TallyDamage) -> CapacityEvent {
    let moment = Instant(microseconds: try file.civilMoment())
    let precision = Int(try file.unsigned(upTo: 1 << 32, "a precision"))
    let (lacksYear, lacksDate) = (try file.flag(), try file.flag())
    let kind = try Kind.decode(from: &file)
    var names: [String?] = []
    for _ in 0..<4 {
      names.append(
        try file.optional { file throws(TallyDamage) in try file.string(upTo: longestName) })
    }
    let count = try file.whole()
    let isHumanClaim = try file.flag()
    return CapacityEvent(
      time: moment, kind: kind, position: try file.position(), text: try file.logText(),
      precisionSeconds: precision, lacksYear: lacksYear, lacksDate: lacksDate, group: names[0],
      zone: names[1], instance: names[2], count: count, isHumanClaim: isHumanClaim, key: names[3])
  }
}

extension CapacityEvent.Kind {
  fileprivate func encode(into file: inout TallyEncoder) {
    switch self {
    case .scaleOutDecided(let from, let to): file.numbered(0, [from, to])
    case .scaleInDecided(let from, let to): file.numbered(1, [from, to])
    case .launchStarted: file.byte(2)
    case .launchFailed(let reason): file.reasoned(3, reason)
    case .inService: file.byte(4)
    case .terminated(let reason): file.reasoned(5, reason)
    case .limitReached(let limit, let wanted): file.numbered(6, [limit, wanted])
    case .notTriggered(let reason): file.reasoned(7, reason)
    case .backoff(let until):
      file.byte(8)
      file.optional(until) { $0.signed($1.microseconds) }
    case .configChanged(let minimum, let maximum, let desired):
      file.numbered(9, [minimum, maximum, desired])
    case .observed(let desired, let ready, let maximum):
      file.numbered(10, [desired, ready, maximum])
    case .note: file.byte(11)
    case .change: file.byte(12)
    case .alert: file.byte(13)
    }
  }

  fileprivate static func decode(
    from file: inout TallyDecoder
  ) throws(TallyDamage) -> CapacityEvent.Kind {
    switch try file.byte() {
    case 0: return .scaleOutDecided(from: try file.maybe(), to: try file.maybe())
    case 1: return .scaleInDecided(from: try file.maybe(), to: try file.maybe())
    case 2: return .launchStarted
    case 3: return .launchFailed(try .decode(from: &file))
    case 4: return .inService
    case 5: return .terminated(try .decode(from: &file))
    case 6: return .limitReached(limit: try file.maybe(), wanted: try file.maybe())
    case 7: return .notTriggered(try .decode(from: &file))
    case 8:
      return .backoff(
        until: try file.optional { file throws(TallyDamage) in
          Instant(microseconds: try file.civilMoment())
        })
    case 9:
      return .configChanged(
        minimum: try file.maybe(), maximum: try file.maybe(), desired: try file.maybe())
    case 10:
      return .observed(
        desired: try file.maybe(), ready: try file.maybe(), maximum: try file.maybe())
    case 11: return .note
    case 12: return .change
    case 13: return .alert
    default: throw file.damage("a kind of event that there is not")
    }
  }
}

extension CapacityEvent.Reason {
  /// In the order of a tally file's numbers; a text that no rule knows is the number behind them.
  private static let known: [CapacityEvent.Reason] = [
    .insufficientCapacity, .quota, .addressSpace, .maxSize, .badTemplate, .backoff, .timeout,
    .unhealthy, .scaleIn, .spotReclaimed, .metricMissing, .stabilisation,
  ]

  fileprivate func encode(into file: inout TallyEncoder) {
    if case .unknown(let text) = self {
      file.count(Self.known.count)
      file.logText(text)
    } else {
      file.count(Self.known.firstIndex(of: self) ?? 0)
    }
  }

  fileprivate static func decode(
    from file: inout TallyDecoder
  ) throws(TallyDamage) -> CapacityEvent.Reason {
    let number = Int(try file.byte())
    if number == known.count { return .unknown(try file.logText()) }
    guard known.indices.contains(number) else { throw file.damage("a reason that there is not") }
    return known[number]
  }
}

extension TallyEncoder {
  fileprivate mutating func numbered(_ tag: UInt8, _ numbers: [Int?]) {
    byte(tag)
    for number in numbers { optional(number) { $0.signed(Int64($1)) } }
  }

  fileprivate mutating func reasoned(_ tag: UInt8, _ reason: CapacityEvent.Reason) {
    byte(tag)
    reason.encode(into: &self)
  }
}

extension TallyDecoder {
  fileprivate mutating func maybe() throws(TallyDamage) -> Int? {
    try flag() ? try whole() : nil
  }

  /// A whole number that stays far from the ends of its type.
  fileprivate mutating func whole() throws(TallyDamage) -> Int {
    let value = try signed()
    guard value.magnitude <= 1 << 62 else { throw damage("a number that is too large") }
    return Int(value)
  }

  /// Microseconds since the epoch of a moment in the years 0 to 9999, and a year around them.
  fileprivate mutating func civilMoment() throws(TallyDamage) -> Int64 {
    let value = try signed()
    guard (-62_200_000_000...253_500_000_000).contains(value / 1_000_000) else {
      throw damage("a moment outside of the years 0 to 9999")
    }
    return value
  }
}
