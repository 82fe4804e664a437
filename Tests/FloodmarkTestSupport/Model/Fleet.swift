package import IncidentModel

/// Why a provider refuses a launch.
package enum LaunchRefusal: String, Sendable {
  case insufficientCapacity, quota, badTemplate
}

/// Why the scaler changed what it wants.
package enum DecisionReason: Hashable, Sendable {
  /// An alarm of the policy.
  case alarm
  /// A person changed the group's limits.
  case constraints(minimum: Int, maximum: Int)
}

/// A change of the wanted size.
package struct ScalingDecision: Hashable, Sendable {
  package var time: Instant
  package var from: Int
  package var to: Int
  package var reason: DecisionReason
}

/// One launch or termination, as the scaler's history tells it.
package struct FleetActivity: Hashable, Sendable {
  package enum Outcome: Hashable, Sendable {
    case inService
    case failed(LaunchRefusal)
    case terminated
    /// Taken out of service because it no longer answered a health check.
    case unhealthy
  }
  /// Index of the decision that it belongs to; nil for one of its own, as a retried launch has.
  package var decision: Int?
  package var start: Instant
  /// In service, failed or gone.
  package var end: Instant
  package var outcome: Outcome
  /// Number of the instance; -1 where none came to be.
  package var instance: Int
  package var zone: Int
  /// The size before and after.
  package var from: Int
  package var to: Int
}

/// An instance's life.
package struct FleetInstance: Hashable, Sendable {
  package var identifier: String
  /// `address:port` of its service.
  package var address: String
  package var zone: Int
  package var inService: Instant
  /// When it left; nil while it serves.
  package var gone: Instant?
}

/// How a scaler and its provider behave.
package struct ScalerPolicy: Sendable {
  /// It never decides.
  package var isSilent = false
  /// Share of c* at which it aims.
  package var target = 0.7
  /// Seconds from the breach of the target to the decision.
  package var decisionLag = 60
  /// Seconds from one decision to the next.
  package var cooldown = 120
  /// Largest step as a share of the present size.
  package var step = 1.0
  /// Least size of the group.
  package var minimum = 1
  /// Largest size of the group.
  package var maximum = 100
  /// Mean seconds from launch to service.
  package var boot = 90.0
  /// Launches that the provider grants before it refuses; nil: all.
  package var granted: Int?
  /// Why launches beyond `granted` are refused.
  package var refusal = LaunchRefusal.insufficientCapacity
  /// At a second it shrinks to a size for no good reason, and does nothing for a pause of so many seconds.
  package var scaleIn: (second: Int, size: Int, pause: Int)?
  /// Sizes that it takes at given seconds, up and down in turn.
  package var swings: [(second: Int, size: Int)] = []
  /// From a second on, for so many seconds, health checks take out one instance in so many seconds.
  package var churn: (second: Int, seconds: Int, every: Int)?
  /// At a second all instances of a zone are gone; health checks notice within so many seconds.
  package var zoneLoss: (second: Int, zone: Int, noticed: Int)?
  /// Seconds of too much capacity after which it shrinks.
  package var quiet = 900
  /// Seconds between rounds of refused launches.
  package var retryInterval = 60...180
}

/// The group of instances, its autoscaler and its provider, one second at a time.
package struct Fleet: Sendable {
  package private(set) var instances: [FleetInstance] = []
  package private(set) var decisions: [ScalingDecision] = []
  package private(set) var activities: [FleetActivity] = []
  package private(set) var desired: Int
  /// When the scaler first wanted more than its maximum.
  package private(set) var limitReached: Instant?
  /// Numbers of the instances in service now.
  package private(set) var ready: [Int32] = []
  private let policy: ScalerPolicy
  private let capacity: Double
  private let zones: Int
  private var booting: [Int] = []
  private var breached: Int?
  private var quiet: Int?
  private var cooldownEnd = 0
  private var nextLaunch = 0
  private var granted = 0
  /// What is missing was lost and not decided.
  private var isReplacing = false
  private var dice: Dice

  /// A fleet of `size` whose last instance was launched by a change of limits before the log begins.
  init(
    size: Int, capacity: Double, zones: Int, policy: ScalerPolicy, start: Instant, dice: Dice
  ) {
    self.policy = policy
    self.capacity = capacity
    self.zones = zones
    self.dice = dice
    desired = size
    let changed = start.advanced(bySeconds: -Double(self.dice.integer(1_500...3_000)))
    decisions.append(
      ScalingDecision(
        time: changed, from: size - 1, to: size,
        reason: .constraints(minimum: policy.minimum, maximum: policy.maximum)))
    for number in 0..<size {
      let launched = changed.advanced(bySeconds: 14)
      let ready = launched.advanced(bySeconds: policy.boot.rounded())
      add(zone: number % zones, inService: number == size - 1 ? ready : changed)
      if number == size - 1 {
        activities.append(
          FleetActivity(
            decision: 0, start: launched, end: ready, outcome: .inService, instance: number,
            zone: number % zones, from: size - 1, to: size))
      }
    }
    ready = (0..<size).map { Int32($0) }
  }

  /// A fleet whose history is given: `size` instances from the start, then what `activities` say.
  init(
    size: Int, capacity: Double, zones: Int, start: Instant, decisions: [ScalingDecision],
    activities: [FleetActivity], dice: Dice
  ) {
    policy = ScalerPolicy(isSilent: true)
    self.capacity = capacity
    self.zones = zones
    self.dice = dice
    desired = size
    for number in 0..<size { add(zone: number % zones, inService: start) }
    ready = (0..<size).map { Int32($0) }
    self.decisions = decisions
    for var activity in activities {
      if activity.outcome == .inService {
        activity.instance = instances.count
        booting.append(instances.count)
        add(zone: activity.zone, inService: activity.end)
      }
      self.activities.append(activity)
    }
    // Nothing is unfilled in a given history.
    nextLaunch = .max
  }

  private mutating func add(zone: Int, inService: Instant) {
    var low = String(dice.next() & 0xFFFF_FFFF_FFFF, radix: 16)
    while low.count < 12 { low = "0" + low }
    let number = instances.count
    instances.append(
      FleetInstance(
        identifier: "i-0a3f\(low)", address: "192.0.2.\(10 + number % 240):8080", zone: zone,
        inService: inService))
  }

  /// Lets one second pass: what boots may come into service, and the scaler looks at the load.
  ///
  /// - Parameter load: mean requests per second over the last minute.
  mutating func advance(to second: Int, at now: Instant, load: Double) {
    booting.removeAll { number in
      guard instances[number].inService <= now else { return false }
      ready.append(Int32(number))
      return true
    }
    if nextLaunch == .max {
      for decision in decisions where decision.time == now { desired = decision.to }
      return
    }
    if let forced = policy.scaleIn, forced.second == second, forced.size < desired {
      shrink(to: forced.size, now)
      cooldownEnd = second + forced.pause
    }
    if let swing = policy.swings.first(where: { $0.second == second }) {
      swingTo(swing.size, second, now)
    }
    loseInstances(second, now)
    if !policy.isSilent { decide(second, now, load: load) }
    let missing = desired - ready.count - booting.count
    if missing > 0 && second >= nextLaunch { launch(missing, second, now) }
  }

  private mutating func decide(_ second: Int, _ now: Instant, load: Double) {
    let wanted = Int((load / (capacity * policy.target)).rounded(.up))
    guard load > capacity * policy.target * Double(max(1, ready.count)) * 1.15 else {
      breached = nil
      scaleIn(second, now, wanted: wanted)
      return
    }
    quiet = nil
    let since = breached ?? second
    breached = since
    if second - since < policy.decisionLag || second < cooldownEnd || wanted <= desired { return }
    if desired >= policy.maximum {
      limitReached = limitReached ?? now
      return
    }
    let most = desired + max(1, Int((Double(desired) * policy.step).rounded(.up)))
    let size = min(wanted, most, policy.maximum)
    if wanted > policy.maximum && size == policy.maximum { limitReached = limitReached ?? now }
    decisions.append(ScalingDecision(time: now, from: desired, to: size, reason: .alarm))
    desired = size
    isReplacing = false
    cooldownEnd = second + policy.cooldown
    nextLaunch = second + dice.integer(4...20)
  }

  private mutating func scaleIn(_ second: Int, _ now: Instant, wanted: Int) {
    let goal = max(policy.minimum, Int((Double(wanted) * 1.2).rounded(.up)))
    guard goal < desired, ready.count + booting.count > goal else {
      quiet = nil
      return
    }
    let since = quiet ?? second
    quiet = since
    if second - since < policy.quiet || second < cooldownEnd { return }
    shrink(to: max(goal, desired - max(1, desired / 5)), now)
    cooldownEnd = second + 300
  }

  private mutating func shrink(to size: Int, _ now: Instant) {
    decisions.append(ScalingDecision(time: now, from: desired, to: size, reason: .alarm))
    desired = size
    while ready.count > size, let number = ready.popLast() {
      instances[Int(number)].gone = now
      activities.append(
        FleetActivity(
          decision: decisions.count - 1, start: now.advanced(bySeconds: 9),
          end: now.advanced(bySeconds: 74), outcome: .terminated, instance: Int(number),
          zone: instances[Int(number)].zone, from: ready.count + 1, to: ready.count))
    }
  }

  private mutating func swingTo(_ size: Int, _ second: Int, _ now: Instant) {
    if size < desired { return shrink(to: size, now) }
    guard size > desired else { return }
    decisions.append(ScalingDecision(time: now, from: desired, to: size, reason: .alarm))
    desired = size
    isReplacing = false
    nextLaunch = second + dice.integer(4...20)
  }

  /// Takes out whom health checks or the loss of a zone take.
  private mutating func loseInstances(_ second: Int, _ now: Instant) {
    if let churn = policy.churn, second >= churn.second, second < churn.second + churn.seconds,
      (second - churn.second) % churn.every == 0, !ready.isEmpty
    {
      lose(ready.remove(at: dice.below(ready.count)), noticed: now)
      nextLaunch = second + dice.integer(4...20)
    }
    if let loss = policy.zoneLoss, loss.second == second {
      let gone = ready.filter { instances[Int($0)].zone == loss.zone }
      ready.removeAll { instances[Int($0)].zone == loss.zone }
      for number in gone {
        lose(number, noticed: now.advanced(bySeconds: Double(dice.integer(4...loss.noticed))))
      }
      nextLaunch = second + loss.noticed + dice.integer(4...20)
    }
  }

  private mutating func lose(_ number: Int32, noticed: Instant) {
    instances[Int(number)].gone = noticed
    isReplacing = true
    activities.append(
      FleetActivity(
        decision: nil, start: noticed, end: noticed.advanced(bySeconds: 42),
        outcome: .unhealthy, instance: Int(number), zone: instances[Int(number)].zone,
        from: ready.count + 1, to: ready.count))
  }

  private mutating func launch(_ missing: Int, _ second: Int, _ now: Instant) {
    // A round that repeats refused launches has no decision of its own.
    let isFirst = !activities.contains { $0.decision == decisions.count - 1 }
    for offset in 0..<missing {
      var zone = (instances.count + activities.count) % zones
      if let loss = policy.zoneLoss, second >= loss.second, zone == loss.zone {
        zone = (zone + 1) % zones
      }
      let start = Instant(microseconds: now.microseconds + Int64(dice.below(900)) * 1_000)
      let size = ready.count + booting.count
      if let limit = policy.granted, granted >= limit {
        if offset > 0 && dice.chance(0.9) { continue }
        activities.append(
          FleetActivity(
            decision: isFirst ? decisions.count - 1 : nil, start: start,
            end: now.advanced(bySeconds: 1), outcome: .failed(policy.refusal), instance: -1,
            zone: zone, from: size, to: desired))
        nextLaunch = second + dice.integer(policy.retryInterval)
        continue
      }
      granted += 1
      let boot = (policy.boot * dice.uniform(0.9...1.12)).rounded()
      booting.append(instances.count)
      activities.append(
        FleetActivity(
          decision: isReplacing ? nil : decisions.count - 1, start: start,
          end: now.advanced(bySeconds: boot),
          outcome: .inService, instance: instances.count, zone: zone, from: size, to: desired))
      add(zone: zone, inService: now.advanced(bySeconds: boot))
    }
  }
}
