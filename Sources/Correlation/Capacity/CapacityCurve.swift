internal import IncidentModel
internal import TrafficTally

/// What one group wanted, ordered, had ready and had serving, moment by moment (METHODS §6).
struct CapacityCurve: Sendable {
  var group: String
  /// The group's events on the report's clock, ascending.
  var events: [CapacityEvent]
  /// The machine lines without those in which another source tells of the same instance again.
  private var counted: [CapacityEvent] = []
  var wanted = StepFunction()
  /// Launches that were started, counted from the initial value of `ready`.
  var ordered = StepFunction()
  var ready = StepFunction()
  var serving = StepFunction()
  var maximum = StepFunction()
  /// The event in which the maximum in force at a moment was read, ascending.
  var maximumEvents: [CapacityEvent] = []
  /// The log has lines for instances that came into service.
  var tellsArrival = false
  var source = CapacityAccount.Source.log
  var readySource: Sentence = "no input tells it"

  /// A group that an autoscaler's log tells of.
  ///
  /// `ready` adds in-service stamps and subtracts terminations. Its initial value comes from a describe document, else from
  /// the `from` of the first decision, else from the fleet that was seen serving. A log without in-service lines
  /// (cluster-autoscaler) leaves `ready` to the serving fleet, and unknown without one: wanted nodes are not ready nodes.
  init(group: String, events: [CapacityEvent], serving: StepFunction) {
    self.group = group
    self.events = Self.placed(events)
    self.serving = serving
    counted = Self.once(self.events)
    buildReady()
    buildWanted()
    forgetBalancers()
    buildMaximum()
  }

  /// A service without a capacity log: the fleet that was seen serving stands in.
  init(inferredFor service: String, serving: StepFunction) {
    group = service
    events = []
    self.serving = serving
    ready = serving
    source = .inferred
    readySource = "the backends that were seen serving, for want of a capacity log"
  }

  /// Fewer backends than half of what the group ever wanted are no instances: an address stands in front of them.
  private mutating func forgetBalancers() {
    guard !tellsArrival, ready == serving, let most = serving.steps.compactMap(\.value).max(),
      let least = wanted.steps.compactMap(\.value).min(), most * 2 < least
    else { return }
    ready = StepFunction()
    readySource =
      "not told: the backends that were seen serving are far fewer than the group wanted at any time"
  }

  /// The sizes of a document that tells no moment of the day, where dated lines tell sizes: it is fetched once all is over as a rule.
  ///
  /// A decision's `from` is what there was before it, so the document's sizes are left out and its bounds stay; without a decision the document stands behind the last arrival or end.
  private static func placed(_ events: [CapacityEvent]) -> [CapacityEvent] {
    func isUndated(_ event: CapacityEvent) -> Bool {
      guard event.precisionSeconds >= 86_400, !event.isHumanClaim else { return false }
      switch event.kind {
      case .observed, .configChanged: return true
      default: return false
      }
    }
    guard events.contains(where: isUndated) else { return events }
    let tellsSizes = events.contains { event in
      switch event.kind {
      case .scaleOutDecided(.some, _), .scaleInDecided(.some, _): !event.isHumanClaim
      default: false
      }
    }
    let last = events.last { change(of: $0) != nil && !$0.isHumanClaim }?.time
    let moved = events.map { event -> (event: CapacityEvent, isMoved: Int) in
      guard isUndated(event) else { return (event, 0) }
      var moved = event
      switch event.kind {
      case .observed(_, _, let maximum) where tellsSizes:
        moved.kind = .observed(desired: nil, ready: nil, maximum: maximum)
      case .configChanged(let minimum, let maximum, _) where tellsSizes:
        moved.kind = .configChanged(minimum: minimum, maximum: maximum, desired: nil)
      case .observed: moved.time = max(event.time, last ?? event.time)
      default: break
      }
      return (moved, 1)
    }
    return moved.enumerated().sorted { left, right in
      (left.element.event.time, left.element.isMoved, left.offset)
        < (right.element.event.time, right.element.isMoved, right.offset)
    }.map(\.element.event)
  }

  private mutating func buildWanted() {
    // Of what was added to the size, and how many of those launches were refused.
    var added = 0
    var refused = 0
    for event in events where !event.isHumanClaim {
      switch event.kind {
      case .launchFailed:
        refused = min(added, refused.addingSaturated(max(0, min(event.count, 100_000))))
      case .scaleOutDecided(let from, let to), .scaleInDecided(let from, let to):
        if let from, wanted.steps.isEmpty { wanted.setBefore(from) }
        if let to {
          wanted.set(to, at: event.time)
        } else if case .scaleOutDecided = event.kind {
          // Karpenter and GKE say how many are added and not to what: on top of what is wanted, or of what there is.
          let now = wanted.value(at: event.time) ?? ready.value(at: event.time)
          guard let now else { continue }
          if wanted.steps.isEmpty { wanted.setBefore(now) }
          // What was refused is asked for again, and not a second time as much.
          let more = max(0, min(event.count, 100_000))
          wanted.set(max(0, now - refused).addingSaturated(more), at: event.time)
          added = max(0, added - refused).addingSaturated(more)
          refused = 0
        } else if case .scaleInDecided = event.kind, let now = wanted.value(at: event.time) {
          // A line that names a node and no sizes wants that many fewer.
          wanted.set(max(0, now - max(0, min(event.count, 100_000))), at: event.time)
        }
      case .inService: added = max(0, added - max(0, min(event.count, 100_000)))
      case .configChanged(_, _, let desired?): wanted.set(desired, at: event.time)
      case .observed(let desired?, _, _):
        if wanted.steps.isEmpty { wanted.setBefore(desired) }
        wanted.set(desired, at: event.time)
      default: break
      }
    }
  }

  /// The maximum holds until it is changed; a first value that was read rather than set held before, too.
  private mutating func buildMaximum() {
    for event in events {
      switch event.kind {
      case .configChanged(_, let maximum?, _):
        maximum == self.maximum.value(at: event.time) ? () : note(maximum, event)
      case .observed(_, _, let maximum?): read(maximum, event)
      case .limitReached(let limit?, let wantedThen)
      where isSize(limit, wantedThen, at: event.time): read(limit, event)
      default: break
      }
    }
  }

  private mutating func read(_ value: Int, _ event: CapacityEvent) {
    guard maximum.value(at: event.time) != value else { return }
    if maximum.steps.isEmpty { maximum.setBefore(value) }
    note(value, event)
  }

  private mutating func note(_ value: Int, _ event: CapacityEvent) {
    maximum.set(value, at: event.time)
    maximumEvents.append(event)
  }

  /// A limit line may count what can be *added* (cluster-autoscaler's "Can only add 2 nodes … need 11"); such a number is no size.
  func isSize(_ limit: Int, _ wantedThen: Int?, at time: Instant) -> Bool {
    guard let size = wanted.value(at: time) else { return wantedThen == nil }
    return limit >= size
  }

  private mutating func buildReady() {
    let changes = readyChanges()
    let anchor = events.first { event in
      if case .observed(_, .some, _) = event.kind { return !event.isHumanClaim }
      return false
    }
    tellsArrival = changes.contains { $0.change > 0 }
    if anchor == nil && !tellsArrival {
      ready = serving
      readySource =
        serving.steps.isEmpty
        ? "not told: the log has no line for an instance that came into service"
        : "the backends that were seen serving: the log has no line for an instance in service"
      return
    }
    guard let initial = initialReady(anchor, changes) else {
      readySource = "not told: no input says how many instances there were at first"
      return
    }
    ready.setBefore(max(0, initial))
    ordered.setBefore(max(0, initial))
    var now = initial
    var launches = initial
    var moment = events.first?.time
    // The input that counted the group as complete, until something is ordered, wanted or lost.
    var complete: Int?
    for event in counted {
      switch event.kind {
      case .observed(let desired, let value?, _):
        now = value
        complete = desired.map { value >= $0 } == true ? event.position.input : nil
      case .launchStarted:
        complete = nil
        launches = launches.addingReportingOverflow(event.count).partialValue
        ordered.set(launches, at: event.time)
        continue
      case .scaleOutDecided, .scaleInDecided, .configChanged:
        complete = nil
        continue
      default:
        guard let change = Self.change(of: event) else { continue }
        // Another source tells late of arrivals that a complete count holds already.
        if change > 0, let complete, complete != event.position.input { continue }
        complete = nil
        // Of one moment an end may stand before the arrival of the same instance.
        if event.time != moment { now = max(0, now) }
        moment = event.time
        now = now.addingReportingOverflow(change).partialValue
      }
      ready.set(max(0, now), at: event.time)
    }
  }

  private func readyChanges() -> [(time: Instant, change: Int)] {
    var changes: [(time: Instant, change: Int)] = []
    for event in counted {
      if let change = Self.change(of: event) { changes.append((event.time, change)) }
    }
    return changes
  }

  /// Machine lines, each named instance's launch, arrival and end once: an activity history and an event stream tell of the same.
  private static func once(_ events: [CapacityEvent]) -> [CapacityEvent] {
    var serves: [String: Bool] = [:]
    var launched: Set<String> = []
    return events.filter { event in
      if event.isHumanClaim { return false }
      guard let instance = event.instance, event.count <= 1 else { return true }
      switch event.kind {
      case .launchStarted: return launched.insert(instance).inserted
      case .inService:
        defer { serves[instance] = true }
        return serves[instance] != true
      case .terminated:
        defer {
          serves[instance] = false
          launched.remove(instance)
        }
        return serves[instance] != false
      default: return true
      }
    }
  }

  // Inlined, it stops the optimiser of Swift 6.3.1 with a false lifetime error.
  @inline(never)
  static func change(of event: CapacityEvent) -> Int? {
    let count = max(0, min(event.count, 100_000))
    switch event.kind {
    case .inService: return count
    case .terminated: return -count
    default: return nil
    }
  }

  private mutating func initialReady(
    _ anchor: CapacityEvent?, _ changes: [(time: Instant, change: Int)]
  ) -> Int? {
    func net(before time: Instant) -> Int {
      changes.reduce(0) { $1.time <= time ? $0 + $1.change : $0 }
    }
    if let anchor, case .observed(_, let value?, _) = anchor.kind {
      readySource = "what the source itself counted, with the in-service lines around it"
      return value - net(before: anchor.time)
    }
    for event in events where !event.isHumanClaim {
      switch event.kind {
      case .scaleOutDecided(let from?, _), .scaleInDecided(let from?, _):
        readySource = "the size before the first decision, with the in-service lines after it"
        return from - net(before: event.time.advanced(bySeconds: -1))
      default: continue
      }
    }
    guard let first = serving.steps.first(where: { ($0.value ?? 0) > 0 }) else { return nil }
    readySource = "the backends seen serving at first, with the in-service lines after that"
    return first.value.map { $0 - net(before: first.time) }
  }
}
