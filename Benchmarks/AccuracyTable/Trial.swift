internal import FloodmarkTestSupport
internal import IncidentModel

/// One archive of the table: what is planted, and in which formats it is written.
struct Trial: Hashable, Sendable {
  /// What the answer is held against.
  enum Kind: Hashable, Sendable {
    /// The planted cause must lead.
    case planted
    /// The planted cause must lead although one line in twenty was lost.
    case thinned
    /// The capacity log was left out: no confident answer may come.
    case withoutCapacityLog
    /// Nothing failed: there must be no incident.
    case uneventful
  }

  var kind: Kind
  var scenario: Scenario
  /// Of the simulator.
  var seed: UInt64
  var access: AccessLogKind
  var capacity: CapacityLogKind
  var packing: SimulatedArchive.Packing
  /// Other groups that fail loudly in the same capacity log.
  var unrelatedGroups: Int
  /// What the scaling group is called; not every name has a word of the host's.
  var group: String
  /// Seconds of log before the rise, at most as many as were drawn.
  var lead: Int
  /// Part of the drawn traffic.
  var scale = 1.0
  /// Length of a quiet archive.
  var days = 1

  private static let groups = ["shop-web", "prod-web-asg", "frontend-blue", "shop-api"]

  /// Everything that the seed leaves open was drawn from ranges; what the formats add is drawn here.
  var plan: IncidentPlan {
    var plan = IncidentPlan(scenario: scenario, seed: seed)
    plan.unrelatedGroups = unrelatedGroups
    plan.group = group
    if scenario == .quiet { plan.seconds = days * 86_400 } else { plan.cut(leadSeconds: lead) }
    // Demand and what an instance works shrink together: the same story with fewer lines.
    plan.demand.base *= scale
    plan.capacity *= scale
    return plan
  }

  /// The command that writes the same archive into a folder.
  var command: String {
    "incident-simulator write --scenario \(scenario.rawValue) --seed \(seed)"
      + " --access-format \(access.rawValue) --capacity-format \(capacity.rawValue)"
      + " --packing \(packing.rawValue) --unrelated-groups \(unrelatedGroups) --group \(group)"
      + " --lead \(lead)"
  }

  init(
    _ kind: Kind, _ scenario: Scenario, seed: UInt64, access: AccessLogKind,
    capacity: CapacityLogKind
  ) {
    self.kind = kind
    self.scenario = scenario
    self.seed = seed
    self.access = access
    self.capacity = capacity
    var dice = Dice(seed: seed, stream: 51)
    let packings = SimulatedArchive.Packing.allCases
    packing = packings[dice.below(packings.count)]
    unrelatedGroups = capacity == .none ? 0 : dice.below(3)
    lead = dice.integer(900...4_800)
    group = Self.groups[dice.below(Self.groups.count)]
  }
}

/// Which archives a run holds.
struct TrialList: Sendable {
  /// The causes of the table, in its order.
  static let causes: [Scenario] = [
    .capacityExhausted, .quotaReached, .maxSizeReached, .launchFailing, .scalingTooSlow,
    .scalingNotTriggered, .demandSurge, .prematureScaleIn, .errorsWithoutLoad,
  ]

  private(set) var trials: [Trial] = []

  /// Every cause in every format with each seed, every cause once more without its capacity log and with lines lost, surges that capacity took, and quiet archives of some days.
  init(
    seeds: Int, firstSeed: UInt64, only: Scenario?, quietDays: Int, longestQuiet: Int = 3
  ) {
    let formats = AccessLogKind.allCases
    for (place, scenario) in Self.causes.enumerated() where only == nil || only == scenario {
      let logs = scenario.capacityFormats
      for (column, access) in formats.enumerated() {
        for seed in firstSeed..<firstSeed + UInt64(seeds) {
          let log = logs[(column + Int(seed % 65_536)) % logs.count]
          add(.planted, scenario, Self.mixed(seed, place, column), access, log)
        }
      }
    }
    for (place, scenario) in Self.causes.enumerated()
    where scenario.isSurge && scenario != .demandSurge && (only == nil || only == scenario) {
      for (column, access) in formats.enumerated() {
        let seed = Self.mixed(firstSeed, 20 + place, column)
        add(.withoutCapacityLog, scenario, seed, access, .none)
      }
    }
    addThinned(firstSeed, only)
    if only == nil || only == .absorbed {
      for seed in firstSeed..<firstSeed + UInt64(seeds) {
        for (column, access) in formats.enumerated() {
          add(.uneventful, .absorbed, Self.mixed(seed, 40, column), access, .awsActivities)
        }
      }
    }
    if only == nil || only == .quiet { addQuiet(quietDays, firstSeed, longest: longestQuiet) }
  }

  private init() {}

  /// Some archives of every kind and two quiet days: four of each cause are a few seconds' work.
  ///
  /// - Parameter scale: part of the drawn traffic.
  static func sample(
    firstSeed: UInt64, ofEach count: Int = 3, quietDays: Int = 2, scale: Double = 1
  ) -> TrialList {
    var list = TrialList()
    let formats = AccessLogKind.allCases
    for (place, scenario) in Self.causes.enumerated() {
      let logs = scenario.capacityFormats
      for number in 0..<count {
        let seed = Self.mixed(firstSeed + UInt64(number), place, 60)
        let column = (place + number * 5) % formats.count
        list.add(.planted, scenario, seed, formats[column], logs[(place + number) % logs.count])
      }
    }
    for (place, scenario) in [Scenario.capacityExhausted, .maxSizeReached].enumerated() {
      let seed = Self.mixed(firstSeed, 20 + place, 61)
      list.add(.withoutCapacityLog, scenario, seed, formats[3 + place], .none)
    }
    for number in 0..<2 {
      let seed = Self.mixed(firstSeed + UInt64(number), 40, 61)
      list.add(.uneventful, .absorbed, seed, formats[number * 4], .awsActivities)
    }
    list.addQuiet(quietDays, firstSeed, longest: 1)
    for index in list.trials.indices { list.trials[index].scale = scale }
    return list
  }

  private mutating func add(
    _ kind: Trial.Kind, _ scenario: Scenario, _ seed: UInt64, _ access: AccessLogKind,
    _ capacity: CapacityLogKind
  ) {
    trials.append(Trial(kind, scenario, seed: seed, access: access, capacity: capacity))
  }

  private mutating func addThinned(_ firstSeed: UInt64, _ only: Scenario?) {
    for (place, scenario) in Self.causes.enumerated() where only == nil || only == scenario {
      let logs = scenario.capacityFormats
      for (column, access) in AccessLogKind.allCases.enumerated() {
        let seed = Self.mixed(firstSeed, 30 + place, column)
        add(.thinned, scenario, seed, access, logs[(column + place) % logs.count])
      }
    }
  }

  private mutating func addQuiet(_ days: Int, _ firstSeed: UInt64, longest: Int) {
    let formats = AccessLogKind.allCases
    var left = days
    var number = 0
    while left > 0 {
      let seed = Self.mixed(firstSeed + UInt64(number), 50, 0)
      var trial = Trial(
        .uneventful, .quiet, seed: seed, access: formats[number % formats.count],
        capacity: .awsActivities)
      trial.days = min(left, longest - number % longest)
      trials.append(trial)
      left -= trial.days
      number += 1
    }
  }

  /// A seed of its own for each cell, so that no two archives tell the same story.
  private static func mixed(_ seed: UInt64, _ row: Int, _ column: Int) -> UInt64 {
    seed &* 10_000 &+ UInt64(row * 100 + column)
  }
}
