import FloodmarkTestSupport
import Foundation
import Testing

/// An incident whose report is kept in `Reports/`: what is planted, and how it is logged.
struct GoldenIncident: CustomTestStringConvertible, Sendable {
  /// The folder below `Reports/`.
  var name: String
  /// Each archive with its plan; several are a batch.
  var archives: [(folder: String, make: @Sendable () -> SimulatedArchive)]
  /// What the command is told beside the archive.
  var options: [String] = []

  var testDescription: String { name }
  var isBatch: Bool { archives.count > 1 }

  /// One incident of a scenario, at a part of its usual traffic.
  init(
    _ name: String, _ scenario: Scenario, seed: UInt64, access: AccessLogKind = .nginxTimed,
    capacity: CapacityLogKind? = nil, traffic: Double = 0.3,
    change: @escaping @Sendable (inout IncidentPlan) -> Void = { _ in }
  ) {
    self.name = name
    archives = [
      (
        "archive",
        {
          Self.archive(
            scenario, seed, access, capacity ?? scenario.usualCapacityFormat, traffic, change)
        }
      )
    ]
  }

  /// Several tenants that one batch reports on.
  init(batch name: String, _ tenants: [(folder: String, incident: GoldenIncident)]) {
    self.name = name
    archives = tenants.flatMap { tenant in
      tenant.incident.archives.map { (tenant.folder, $0.make) }
    }
  }

  /// Not packed: another zlib gives other bytes, and the report names their SHA-256.
  private static func archive(
    _ scenario: Scenario, _ seed: UInt64, _ access: AccessLogKind, _ capacity: CapacityLogKind,
    _ traffic: Double, _ change: (inout IncidentPlan) -> Void
  ) -> SimulatedArchive {
    var plan = IncidentPlan(scenario: scenario, seed: seed)
    plan.shrink(to: traffic)
    if let guests = plan.guests {
      plan.guests?.rate *= traffic
      plan.guests?.clients = max(1, Int(Double(guests.clients) * traffic))
    }
    change(&plan)
    return SimulatedArchive(
      SimulatedIncident(plan), access: access, capacity: capacity, packing: .plain)
  }

  /// All of them but the shipped one, which has its logs in `Fixtures/`: one entry each.
  static let all = [
    GoldenIncident(
      "stock-out-kubernetes", .capacityExhausted, seed: 3_011, access: .nginxJSON,
      capacity: .clusterAutoscaler),
    GoldenIncident("quota", .quotaReached, seed: 3_012, access: .awsALB),
    GoldenIncident("maximum-size", .maxSizeReached, seed: 3_013, access: .nginxTimed),
    GoldenIncident("scaling-too-slow", .scalingTooSlow, seed: 3_014, access: .vhostCombined),
    GoldenIncident("errors-without-load", .errorsWithoutLoad, seed: 3_015),
    GoldenIncident("absorbed-flash-crowd", .absorbed, seed: 3_016),
    GoldenIncident("retry-storm", .retryStorm, seed: 3_031),
    GoldenIncident("botnet-at-maximum-size", .botSurge, seed: 3_043, access: .combined) {
      $0.receive(.botnet)
      $0.policy.maximum = $0.size + 2
    },
    GoldenIncident("slow-dependency", .dependencySlow, seed: 3_053),
    GoldenIncident(
      batch: "three-tenants",
      [
        ("bakery", stockOut(seed: 3_021, host: "bakery.example.com")),
        ("florist", stockOut(seed: 3_021, host: "florist.example.com", traffic: 0.2)),
        (
          "library",
          GoldenIncident("", .absorbed, seed: 3_023, traffic: 0.15) {
            $0.host = "library.example.com"
          }
        ),
      ]),
  ]

  /// One provider's stock-out: tenants with one seed run out at the same time.
  private static func stockOut(
    seed: UInt64, host: String, traffic: Double = 0.15
  ) -> GoldenIncident {
    GoldenIncident("", .capacityExhausted, seed: seed, access: .combined, traffic: traffic) {
      $0.host = host
      $0.group = host.prefix { $0 != "." } + "-web"
    }
  }
}
