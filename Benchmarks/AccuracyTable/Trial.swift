internal import FloodmarkTestSupport
internal import IncidentModel

/// One archive of the table: what is planted, and in which formats it is written.
struct Trial: Hashable, Sendable {
  /// What the answer is held against, and what was done to the archive.
  enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The planted cause must lead.
    case planted
    /// The same beside another outage three quarters of an hour before.
    case second
    /// The same although one line in twenty was lost.
    case thinned
    /// The same although one of four servers' logs is missing.
    case serverMissing
    /// The same although three other groups fail loudly.
    case loudGroups
    /// The same with each access log cut into two files.
    case split
    /// Nothing may change when the inputs are named in another order.
    case reordered
    /// No line names a client or its software: no confident answer may be wrong.
    case withoutClients
    /// A format without durations and backends: no confident answer may be wrong.
    case withoutDurations
    /// The capacity log was left out: no confident answer may be wrong.
    case withoutCapacityLog
    /// The logs end inside the incident: no confident answer may be wrong.
    case cutOff
    /// The planted cause must lead although the people of the surge look like machines; a surge of machines comes among more people.
    case crowds
    /// Nothing failed: there must be no incident.
    case uneventful

    /// The planted cause must lead; else the answer may also be none, or be said with doubt.
    var mustTell: Bool {
      switch self {
      case .planted, .second, .thinned, .serverMissing, .loudGroups, .split, .reordered, .crowds:
        true
      case .withoutClients, .withoutDurations, .withoutCapacityLog, .cutOff, .uneventful: false
      }
    }

    /// Above its table.
    var title: String {
      switch self {
      case .planted: "By cause"
      case .second: "After another outage in the same archive"
      case .thinned: "With one line in twenty lost"
      case .serverMissing: "With one of four servers' logs missing"
      case .loudGroups: "Beside three groups that fail loudly"
      case .split: "With each access log in two files"
      case .reordered: "With the inputs in another order"
      case .withoutClients: "Without clients and agents"
      case .withoutDurations: "Without durations and backends"
      case .withoutCapacityLog: "Without the capacity log"
      case .cutOff: "With logs that end inside the incident"
      case .crowds: "People who look like machines, and machines among people"
      case .uneventful: "Where nothing failed"
      }
    }
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
    switch kind {
    case .second: plan.addEarlierFault()
    case .serverMissing: plan.servers = 4
    case .cutOff: plan.end(after: 0.35)
    case .crowds: plan.receiveCrowd()
    default: break
    }
    if scale != 1 { plan.shrink(to: scale) }
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
    let drawn = packings[dice.below(packings.count)]
    packing = kind == .split ? .plain : drawn
    unrelatedGroups = kind == .loudGroups ? 3 : capacity == .none ? 0 : dice.below(3)
    lead = kind == .second ? 4_800 : dice.integer(900...4_800)
    group = Self.groups[dice.below(Self.groups.count)]
  }
}
