/// What shapes a tally: two tallies merge only if they were made with the same options.
package struct TallyOptions: Hashable, Sendable {
  /// What names the service of a line (DESIGN §4).
  package enum ServiceRule: String, Sendable {
    /// The line's own virtual host, load balancer or upstream; `default` where it has none.
    case host
    /// The member's name.
    case member
    /// All requests are one service.
    case none
  }

  package var serviceRule: ServiceRule
  /// `--service NAME`: every line belongs to it.
  package var fixedService: String?
  /// The name that ``ServiceRule/member`` gives to the lines of the member at hand.
  package var memberName: String
  package var budgets: TallyBudgets

  package init(
    serviceRule: ServiceRule = .host, fixedService: String? = nil, memberName: String = "",
    budgets: TallyBudgets = TallyBudgets()
  ) {
    self.serviceRule = serviceRule
    self.fixedService = fixedService
    self.memberName = memberName
    self.budgets = budgets
  }
}

/// How much room each structure of a tally has (METHODS §1); beyond it the strata widen.
///
/// The numbers are nominal bytes (or entries) that only grow with what was read, so the width at which a tally ends does not depend on the order of reading.
package struct TallyBudgets: Hashable, Sendable {
  /// Cells of 96 bytes, services of 160 bytes and their names.
  package var seriesBytes = 80_000_000
  /// Occupied buckets of the latency sketches, 16 for each sketch besides.
  package var latencyEntries = 1_500_000
  package var sampleBytes = 40_000_000
  /// Requests kept of each stratum.
  package var sampleSize = 256
  /// Of those, how many keep their line.
  package var sampleTexts = 8
  package var exemplarBytes = 16_000_000
  package var clientBytes = 8_000_000
  /// Followed clients of 160 bytes and requests of 56, at most 512 for a client.
  package var trailBytes = 12_000_000
  /// Lines of failed requests, at most eight for a client.
  package var trailTextBytes = 2_000_000
  /// (backend, minute) pairs, and 8 for each backend.
  package var backendEntries = 400_000
  /// (input, minute) pairs.
  package var inputMinutes = 300_000
  /// (input, reason, minute) triples of rejected lines.
  package var rejectMinutes = 30_000
  package var events = 12_000
  /// Services that a view names; the rest is summed as `other`.
  package var servicesShown = 64

  package init() {}
}
