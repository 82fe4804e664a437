internal import ArgumentParser
internal import FloodmarkTestSupport

@main
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "incident-simulator",
    abstract: "Writes log archives of outages whose truth is known.",
    subcommands: [Write.self, Matrix.self, Load.self, Shipped.self, Inflate.self])
}

extension Scenario: ExpressibleByArgument {}
extension AccessLogKind: ExpressibleByArgument {}
extension CapacityLogKind: ExpressibleByArgument {}
extension SimulatedArchive.Packing: ExpressibleByArgument {}

/// One incident: its logs in `archive`, its truth in `truth.json`.
struct Write: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write one incident as logs, and its truth beside them.")

  @Option(help: "What goes wrong.") var scenario: Scenario
  @Option(help: "The same seed gives the same bytes.") var seed: UInt64 = 1
  @Option(help: "Format of the access logs.") var accessFormat: AccessLogKind = .combined
  @Option(help: "Format of the scaler's log; demand-surge has none unless one is asked for.")
  var capacityFormat: CapacityLogKind?
  @Option(help: "How the access logs are packed.") var packing: SimulatedArchive.Packing = .mixed
  @Option(help: "How many other groups write loud events.") var unrelatedGroups = 0
  @Option(help: "The name of the scaling group.") var group = "shop-web"
  @Option(help: "Seconds of log before the surge, at most as many as are drawn.") var lead: Int?
  @Flag(help: "Clients have addresses of IPv4 only.") var onlyFour = false
  @Option(help: "The folder to write into.") var output: String

  func run() throws {
    var plan = IncidentPlan(scenario: scenario, seed: seed)
    if onlyFour { plan.sixShare = 0 }
    plan.unrelatedGroups = max(0, min(unrelatedGroups, 16))
    plan.group = group
    if let lead { plan.cut(leadSeconds: lead) }
    let archive = SimulatedArchive(
      SimulatedIncident(plan), access: accessFormat,
      capacity: capacityFormat ?? scenario.usualCapacityFormat, packing: packing)
    try archive.write(to: output)
    let truth = archive.truth
    print(
      "\(scenario.rawValue) seed \(seed): \(truth.total) requests, \(truth.failed) failed,"
        + " \(truth.repeats) repeats, peak shortfall \(truth.peakShortfall)")
  }
}

/// The combinations that benchmarks and tests run over.
struct Matrix: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List every scenario with every format, or write them all.")

  @Option(help: "How many seeds of each.") var seeds: Int = 1
  @Option(help: "Write each into a folder of its own below this one.") var output: String?

  func run() throws {
    for scenario in Scenario.allCases {
      for access in AccessLogKind.allCases {
        for capacity in scenario.capacityFormats {
          for seed in 1...UInt64(max(1, min(seeds, 1_000))) {
            let name = "\(scenario.rawValue)_\(access.rawValue)_\(capacity.rawValue)_\(seed)"
            print(name)
            guard let output else { continue }
            let incident = SimulatedIncident(IncidentPlan(scenario: scenario, seed: seed))
            try SimulatedArchive(incident, access: access, capacity: capacity)
              .write(to: output + "/" + name)
          }
        }
      }
    }
  }
}
