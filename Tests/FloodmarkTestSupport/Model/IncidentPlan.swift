package import IncidentModel

/// What is planted (METHODS: truth to be held against).
package enum Scenario: String, CaseIterable, Sendable {
  case capacityExhausted = "capacity-exhausted"
  case quotaReached = "quota-reached"
  case maxSizeReached = "max-size-reached"
  case launchFailing = "launch-failing"
  case scalingTooSlow = "scaling-too-slow"
  case scalingNotTriggered = "scaling-not-triggered"
  case demandSurge = "demand-surge"
  /// Machines come on top of the usual visitors.
  case botSurge = "bot-surge"
  /// The scaler takes instances away although demand stays.
  case prematureScaleIn = "premature-scale-in"
  /// A share of the worked requests fails although nothing else changes.
  case errorsWithoutLoad = "errors-without-load"
  /// A short trigger, and then repeats that keep the service down.
  case retryStorm = "retry-storm"
  /// The scaler grows and shrinks the group in turn.
  case flapping
  /// Health checks take instances out, and the group replaces them, over and over.
  case instanceChurn = "instance-churn"
  /// One zone's instances go at once.
  case zoneLost = "zone-lost"
  /// One route fails, by itself or for its own demand.
  case hotEndpoint = "hot-endpoint"
  /// Every answer takes longer, and instances get less done.
  case dependencySlow = "dependency-slow"
  /// Requests stay away, as behind a broken entry.
  case trafficLoss = "traffic-loss"
  /// A surge that capacity takes.
  case absorbed
  /// A day without an incident.
  case quiet

  /// The leading cause; nil where nothing fails.
  package var cause: Cause? { Cause(rawValue: rawValue) }
  /// Demand rises.
  package var isSurge: Bool {
    switch self {
    case .prematureScaleIn, .errorsWithoutLoad, .quiet: false
    default: !isFault
    }
  }
  /// Something breaks while demand is as usual, or demand itself goes; planned apart from the surges.
  var isFault: Bool {
    switch self {
    case .retryStorm, .flapping, .instanceChurn, .zoneLost, .hotEndpoint, .dependencySlow,
      .trafficLoss:
      true
    default: false
    }
  }
}

/// Everything that makes an incident, drawn from ranges by scenario and seed; each field may be changed before it is run.
package struct IncidentPlan: Sendable {
  /// What is planted.
  package let scenario: Scenario
  /// Fixes every draw.
  package let seed: UInt64
  /// The host that clients ask for.
  package var host = "shop.example.com"
  /// The name of the scaling group.
  package var group = "shop-web"
  /// Availability zones over which instances are spread.
  package var zones = 3
  /// Servers that write an access log, 1 to 4.
  package var servers = 2
  /// When the access logs begin; a whole minute.
  package var start = Instant(seconds: 0)
  /// Length of the access logs.
  package var seconds = 0
  /// First attempts over time.
  package var demand: DemandCurve
  /// Seconds from the start; nil without a surge.
  package var onset: Int?
  /// Seconds from the onset to the full surge; 0 for a step.
  package var ramp = 0
  /// Requests per second that one instance can work.
  package var capacity = 1.0
  /// Instances in service at the start.
  package var size = 4
  /// How scaler and provider behave; without effect where a history is given.
  package var policy = ScalerPolicy()
  /// How many repeats a failed request is followed by on average, at seconds from the start; straight lines between. Above 1 a person asks again more than once before an answer comes.
  package var retryChance: [DemandCurve.Corner] = []
  /// Mean seconds before the first repeat; each further one waits twice as long, up to eight times.
  package var retryBackoff = 2.0
  /// Repeats after which a client gives up.
  package var retryAttempts = 3
  /// At most so many repeats in a second, as a back-off that clients share allows; nil: no bound.
  package var repeatCeiling: Int?
  /// Share of the base that crawlers ask for.
  package var crawlerShare = 0.04
  /// Seconds between health checks; 0 for none.
  package var healthInterval = 30
  /// Clients that ask once a minute.
  package var pollers = 4
  /// Second and length of a batch that comes every 24 h, and its requests per second.
  package var batch: (start: Int, seconds: Int, rate: Double)?
  /// Seconds of work that may wait before the balancer sheds.
  package var longestWait = 3.0
  /// Share of worked requests that fail for reasons of their own.
  package var errorShare = 0.001
  /// Share of requests worked under a full queue that time out after 30 s.
  package var timeoutShare = 0.05
  /// Median seconds after which a client gives up.
  package var patience = 14.0
  /// From this second on another share of worked requests fails for reasons of their own.
  package var laterErrors: (second: Int, share: Double)?
  /// From a second on, for so many seconds, a share of worked requests is answered with 500.
  package var fault: (second: Int, seconds: Int, share: Double)?
  /// From a second on, for so many seconds, answers take `factor` times as long, instances do only a part of their work, and a share of it runs into the time-out.
  package var slowdown: Slowdown?
  /// One route that fails by itself or for its own demand.
  package var hotRoute: HotRoute?
  /// Part of the fleet's work that is lost under a full queue, as on answers for which nobody waits any more.
  package var collapse = 0.0
  /// A job that asks in bursts at full marks of the clock: every so many seconds, for so many, at so many requests a second.
  package var cron: (every: Int, seconds: Int, rate: Double)?
  /// How many different products, searches and carts there are; 1 for all.
  package var variety = 1.0
  /// How many browsers there are, at most 12.
  package var agents = 12
  /// Share of new clients that come by IPv6.
  package var sixShare = 0.9
  /// Client networks of 256 addresses.
  package var networks = 400
  /// Share of sessions whose client was here before.
  package var returning = 0.35
  /// A history that is given instead of a scaler's.
  package var decisions: [ScalingDecision]?
  /// What the given history holds besides its decisions.
  package var activities: [FleetActivity] = []
  /// How many other groups write loud events into the same capacity log.
  package var unrelatedGroups = 0
  /// Who comes on top of the usual visitors.
  package var guests: GuestCrowd?
  /// Lines of `notes.txt`; none for no file.
  package var notes: [String] = []

  /// Draws everything that the scenario leaves open.
  package init(scenario: Scenario, seed: UInt64) {
    self.scenario = scenario
    self.seed = seed
    var dice = Dice(seed: seed, stream: 1)
    demand = DemandCurve(
      base: 1, swing: 0.12, peakSecond: 72_000, corners: [],
      noiseShape: dice.uniform(60...600), noiseSeconds: dice.uniform(15...60))
    let day = 19_723 + dice.below(330)
    let minute = dice.integer(360...1_080)
    start = Instant(seconds: Int64(day) * 86_400 + Int64(minute) * 60)
    servers = dice.integer(1...4)
    errorShare = dice.uniform(0.0003...0.0015)
    longestWait = dice.uniform(2...5)
    timeoutShare = dice.uniform(0.0...0.12)
    policy.decisionLag = dice.integer(40...110)
    policy.boot = dice.uniform(50...140).rounded()
    policy.cooldown = dice.integer(90...240)
    if dice.chance(0.7) {
      retryChance = [DemandCurve.Corner(second: 0, factor: dice.uniform(0.1...0.35))]
    }
    retryBackoff = dice.uniform(1...4)
    if scenario == .quiet {
      planQuiet(&dice)
    } else if scenario.isFault {
      planFault(&dice)
    } else {
      planSurge(&dice)
    }
    demand.corners.sort { $0.second < $1.second }
    planCustoms()
  }

  /// Lets the log begin later, `leadSeconds` before the surge and at a whole minute.
  package mutating func cut(leadSeconds: Int) {
    guard let before = onset else { return }
    let cut = max(0, before - max(0, leadSeconds)) / 60 * 60
    onset = before - cut
    fault = fault.map { ($0.second - cut, $0.seconds, $0.share) }
    policy.scaleIn = policy.scaleIn.map { ($0.second - cut, $0.size, $0.pause) }
    policy.swings = policy.swings.map { ($0.second - cut, $0.size) }
    policy.churn = policy.churn.map { ($0.second - cut, $0.seconds, $0.every) }
    policy.zoneLoss = policy.zoneLoss.map { ($0.second - cut, $0.zone, $0.noticed) }
    slowdown?.second -= cut
    hotRoute?.second -= cut
    retryChance = retryChance.map {
      DemandCurve.Corner(second: $0.second - Double(cut), factor: $0.factor)
    }
    demand.corners = demand.corners.map {
      DemandCurve.Corner(second: $0.second - Double(cut), factor: $0.factor)
    }
    start = start.advanced(bySeconds: Double(cut))
    guests?.onset -= cut
    seconds -= cut
  }

  func expectedRepeats(at second: Double) -> Double {
    max(0, DemandCurve.height(of: retryChance, at: second) ?? 0)
  }

  /// First attempts beyond the usual ones that people make in a minute since the start, as planned; a hot route's own callers are not among them.
  func surplus(inMinute minute: Int) -> Double {
    (minute * 60..<min(seconds, minute * 60 + 60)).reduce(0) { sum, second in
      let secondOfDay = Double((start.seconds + Int64(second)) % 86_400)
      let usual = demand.base * demand.daily(secondOfDay: secondOfDay)
      return sum + usual * max(0, demand.factor(at: Double(second)) - 1)
    }
  }

  /// Peak demand of first attempts in instances.
  private var peakNeed: Int {
    let peak = demand.corners.map(\.factor).max() ?? 1
    return Int((demand.base * peak / capacity).rounded(.up))
  }

  private mutating func planQuiet(_ dice: inout Dice) {
    start = start.bucketStart(width: 86_400)
    seconds = 86_400
    demand.base = dice.uniform(0.2...1.1)
    demand.swing = dice.uniform(0.3...0.65)
    demand.noiseShape = dice.uniform(8...80)
    demand.noiseSeconds = dice.uniform(20...120)
    size = dice.integer(2...4)
    policy.minimum = size
    policy.maximum = size * 4
    healthInterval = 60
    pollers = dice.integer(2...12)
    let rate = dice.uniform(0.5...2)
    batch = (dice.integer(3_600...14_400), dice.integer(300...1_500), rate)
    // The fleet takes the batch beside a night's demand, else the day would not be quiet.
    capacity = max(demand.base * 4.5, 1.5 * (rate + 2 * demand.base) / Double(size))
  }

  private mutating func planSurge(_ dice: inout Dice) {
    let before = dice.integer(3_720...4_800)
    var hold = dice.integer(1_200...2_100)
    ramp = dice.chance(0.5) ? 0 : dice.integer(60...360)
    var factor = dice.uniform(2...4.2)
    var usage = dice.uniform(0.48...0.64)
    // First attempts alone are at least a third more than the fleet can work.
    factor = max(factor, 1.33 / usage)
    size = dice.integer(6...14)
    let decay = dice.integer(120...480)
    switch scenario {
    case .demandSurge:
      // A short step beyond the headroom: over before a policy that works could have followed.
      hold = dice.integer(180...480)
      ramp = dice.integer(0...20)
      policy.decisionLag = dice.integer(30...60)
    case .scalingTooSlow: hold = dice.integer(1_800...2_400)
    case .prematureScaleIn, .errorsWithoutLoad:
      ramp = 0
      factor = 1
    case .absorbed:
      usage = dice.uniform(0.22...0.3)
      factor = dice.uniform(1.8...2.3)
    default: break
    }
    onset = before
    let top = Double(before + ramp)
    let end = top + Double(hold)
    demand.corners = [
      DemandCurve.Corner(second: Double(before), factor: 1),
      DemandCurve.Corner(second: top, factor: factor),
      DemandCurve.Corner(second: end, factor: factor),
      DemandCurve.Corner(second: end + Double(decay), factor: dice.uniform(1...1.12)),
    ]
    if scenario == .errorsWithoutLoad { fault = (before, hold, dice.uniform(0.08...0.6)) }
    seconds = before + ramp + hold + decay + dice.integer(600...900)
    let extra = (factor - 1) * (Double(hold) + Double(ramp + decay) / 2)
    demand.base = dice.uniform(42_000...90_000) / (Double(seconds) + extra)
    capacity = demand.base / (Double(size) * usage)
    planScaler(&dice)
    if scenario == .botSurge { receiveMachines() }
  }

  private mutating func planScaler(_ dice: inout Dice) {
    let need = peakNeed
    policy.minimum = size
    policy.maximum = max(size + 4, Int(Double(need) * dice.uniform(2.2...3)))
    let room = Double(max(2, need - size))
    switch scenario {
    case .capacityExhausted, .quotaReached:
      // The first launch, before the log, counts as granted in no case.
      policy.granted = Int((room * dice.uniform(0.1...0.4)).rounded())
      policy.refusal = scenario == .quotaReached ? .quota : .insufficientCapacity
    case .launchFailing:
      policy.granted = 0
      policy.refusal = .badTemplate
    case .maxSizeReached:
      policy.maximum = size + max(1, Int((room * dice.uniform(0.25...0.5)).rounded()))
    case .scalingTooSlow:
      policy.decisionLag = dice.integer(200...420)
      policy.boot = dice.uniform(260...480).rounded()
      policy.step = 3
    case .scalingNotTriggered: policy.isSilent = true
    case .prematureScaleIn:
      // What is left is short by a seventh to a half, until the scaler may act again.
      let left = demand.base / capacity / dice.uniform(1.15...1.5)
      policy.minimum = 1
      policy.maximum = size * 3
      policy.scaleIn = (onset ?? 0, max(1, Int(left)), dice.integer(600...1_500))
    default: break
    }
  }
}

extension Scenario {
  /// The capacity log that belongs to the scenario: a surge beyond the headroom can be told from slow scaling only where no log shows the scaling.
  package var usualCapacityFormat: CapacityLogKind {
    self == .demandSurge ? .none : .awsActivities
  }

  /// The capacity logs in which the scenario can be told.
  package var capacityFormats: [CapacityLogKind] {
    switch self {
    case .demandSurge: [.none]
    // Only these say why an instance went.
    case .instanceChurn, .zoneLost: [.awsActivities, .awsActivityLines]
    default: CapacityLogKind.allCases.filter { $0 != .none }
    }
  }
}
