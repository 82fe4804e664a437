/// One fact about capacity, or one line that stands beside the facts on the timeline.
package struct CapacityEvent: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// The scaler asked for more instances; a bound that the line does not state is nil.
    case scaleOutDecided(from: Int?, to: Int?)
    case scaleInDecided(from: Int?, to: Int?)
    case launchStarted
    case launchFailed(Reason)
    case inService
    case terminated(Reason)
    /// A limit held the scaler back: the limit and what was wanted, where the line states them.
    case limitReached(limit: Int?, wanted: Int?)
    /// The scaler looked and did nothing.
    case notTriggered(Reason)
    case backoff(until: Instant?)
    case configChanged(minimum: Int?, maximum: Int?, desired: Int?)
    /// How many instances the source says are in service now: a describe document or a series, not a step.
    case observed(desired: Int?, ready: Int?, maximum: Int?)
    /// A human's line.
    case note
    /// A deploy, flag or configuration change.
    case change
    /// A page or an alarm.
    case alert
  }

  /// Why a launch failed, an instance went, or a scaler held still: a closed list (DESIGN §3).
  package enum Reason: Hashable, Sendable {
    case insufficientCapacity, quota, addressSpace, maxSize, badTemplate, backoff, timeout
    case unhealthy, scaleIn, spotReclaimed, metricMissing, stabilisation
    /// A text that no rule knows; it is shown, never dropped.
    case unknown(LogText)
  }

  /// When the fact was true, by the source's own clock.
  package var time: Instant
  /// How exact the stamp is: 1 for seconds, 60 for a note's minute.
  package var precisionSeconds: Int
  /// The stamp had no year (klog, syslog): `time` stands in the year 1972, and the analysis finds the true one.
  package var lacksYear: Bool
  /// The stamp had no date (a note with `18:24`): `time` stands on 1970-01-01, and the analysis finds the day.
  package var lacksDate: Bool
  package var kind: Kind
  /// The group, node group, service or deployment that scales; nil where the line names none.
  package var group: String?
  package var zone: String?
  package var instance: String?
  /// How many instances the line speaks of; 1 for a single launch.
  package var count: Int
  /// A person's claim about capacity rather than a machine's line; it weighs less.
  package var isHumanClaim: Bool
  /// Events with equal keys are the same fact told twice; nil: never a duplicate of another.
  package var key: String?
  package var position: LogPosition
  /// The line or object that proves it, cut to 1 KiB around what matters.
  package var text: LogText

  package init(
    time: Instant, kind: Kind, position: LogPosition, text: LogText, precisionSeconds: Int = 1,
    lacksYear: Bool = false, lacksDate: Bool = false, group: String? = nil, zone: String? = nil,
    instance: String? = nil, count: Int = 1, isHumanClaim: Bool = false, key: String? = nil
  ) {
    self.time = time
    self.kind = kind
    self.position = position
    self.text = text
    self.precisionSeconds = precisionSeconds
    self.lacksYear = lacksYear
    self.lacksDate = lacksDate
    self.group = group
    self.zone = zone
    self.instance = instance
    self.count = count
    self.isHumanClaim = isHumanClaim
    self.key = key
  }
}
