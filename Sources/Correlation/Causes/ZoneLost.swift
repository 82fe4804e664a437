internal import IncidentModel
internal import TrafficTally

/// One zone's instances vanished at once, the other zones kept theirs.
struct ZoneLost: CauseTest {
  let cause = Cause.zoneLost
  static let leastShare = 0.8
  static let leastLosses = 2
  /// The losses of a zone come within this of each other.
  static let together = 600.0

  func examine(_ context: CauseContext) -> CauseCase {
    guard context.hasCapacityLog else { return CauseContext.noFleetLog }
    let zones = Self.zones(context)
    guard !zones.isEmpty else {
      return .untestable("no line of the group names a zone", needs: ["zones in the capacity log"])
    }
    let gone = context.losses { $0 != .scaleIn }
    guard context.total(gone) >= Self.leastLosses, let first = gone.first, let last = gone.last
    else { return .excluded("no zone lost its instances") }
    guard zones.count > 1, let share = Self.share(of: gone), share >= Self.leastShare,
      let zone = gone.first?.zone, last.time.seconds(since: first.time) <= Self.together
    else {
      return .excluded(
        "the instances that went stood in several zones or went one after another",
        evidence: context.citeEnds(gone))
    }
    var examined = CauseCase(
      statement: "one zone lost its instances at once: \(log: LogText(zone, kind: .name))",
      otherwise: "one zone lost instances, which does not explain the failures")
    examined.namesGroup = true
    examined.span = context.lossSpan(from: first.time)
    let seconds = last.time.seconds(since: first.time)
    let part: Sentence = share < 1 ? "nearly all in " : "all in "
    let moment: Sentence =
      seconds < 1
      ? "at \(time: first.time)" : "within \(duration: seconds) from \(time: first.time) on"
    examined.support(
      "\(instances: context.total(gone)) went " + moment + ", " + part
        + "\(log: LogText(zone, kind: .name))",
      3, .capacityLog, isSpecific: true, evidence: context.citeEnds(gone))
    context.weighSteadyDemand(&examined)
    examined.weighOverload(context, in: examined.span ?? context.span)
    return examined
  }

  /// The zones that any line of the group names.
  static func zones(_ context: CauseContext) -> Set<String> {
    Set((context.group?.curve.events ?? []).compactMap(\.zone))
  }

  /// The share of the zone that most of some lines name; nil where none names one.
  static func share(of events: [CapacityEvent]) -> Double? {
    var counts: [String: Int] = [:]
    for event in events { counts[event.zone ?? "", default: 0] += max(1, event.count) }
    let whole = counts.values.reduce(0, +)
    guard whole > 0, let most = counts.filter({ !$0.key.isEmpty }).values.max() else { return nil }
    return Double(most) / Double(whole)
  }
}
