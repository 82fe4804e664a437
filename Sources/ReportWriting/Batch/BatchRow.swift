package import IncidentModel

/// One archive of a batch, as the index tells it.
package struct BatchRow: Sendable {
  package enum State: Hashable, Sendable {
    case reported
    /// The report of an earlier run stands.
    case unchanged
    /// There is no report; the reason, in Floodmark's words with what the system said.
    case failed(LogText)
    /// The report of an earlier run stands, and its archive is no longer in the tree.
    case vanished
  }

  /// The worst of a report's incidents.
  package struct Worst: Hashable, Sendable {
    package var span: TimeSpan
    package var service: String
    /// nil: undetermined.
    package var cause: Cause?
    package var likelihood: Double?
    package var requests: Int
    package var failed: Int

    package init(
      span: TimeSpan, service: String, cause: Cause?, likelihood: Double?, requests: Int,
      failed: Int
    ) {
      self.span = span
      self.service = service
      self.cause = cause
      self.likelihood = likelihood
      self.requests = requests
      self.failed = failed
    }
  }

  /// Launches of one group that a provider refused for lack of capacity.
  package struct StockOut: Hashable, Sendable {
    package var span: TimeSpan
    package var count: Int
    /// The provider's codes, its zones and its instance types, as the quoted lines tell them.
    package var codes: Set<String> = []
    package var zones: Set<String> = []
    package var types: Set<String> = []
    /// The ids of the lines in the archive's own report.
    package var evidence: [String] = []

    package init(span: TimeSpan, count: Int) {
      self.span = span
      self.count = count
    }

    /// Takes over what a refusal's line says of the provider's side: codes, zones and types have shapes of their own.
    package mutating func read(_ quote: String) {
      codes.formUnion(quote.matches(of: Self.code).map { String($0.output) })
      zones.formUnion(quote.matches(of: Self.zone).map { String($0.output) })
      types.formUnion(quote.matches(of: Self.type).map { String($0.output) })
    }

    private static var code: Regex<Substring> {
      /\b(?:InsufficientInstanceCapacity|InsufficientCapacity|InsufficientHostCapacity|ZONE_RESOURCE_POOL_EXHAUSTED(?:_WITH_DETAILS)?|SkuNotAvailable|ZonalAllocationFailed|AllocationFailed|OverconstrainedZonalAllocationRequest|OverconstrainedAllocationRequest)\b/
    }
    private static var zone: Regex<Substring> {
      /\b[a-z]{2}(?:-[a-z]+)+-[0-9][a-z]\b|\b[a-z]+-[a-z]+[0-9]{1,2}-[a-z]\b/
    }
    private static var type: Regex<Substring> {
      /\b[a-z][a-z0-9]{1,7}(?:-[a-z0-9]+)?\.(?:nano|micro|small|medium|large|metal|[0-9]*xlarge)\b|\bStandard_[A-Z][A-Za-z0-9_]+\b|\b[a-z][0-9][a-z]?-(?:standard|highmem|highcpu|ultramem|megamem)-[0-9]+\b/
    }

    /// Whether it and another are perhaps one and the same: close in time, and nothing known of either speaks against it.
    func fits(_ other: StockOut) -> Bool {
      let gap = max(
        other.span.start.seconds(since: span.end), span.start.seconds(since: other.span.end))
      func agrees(_ path: KeyPath<StockOut, Set<String>>) -> Bool {
        let (one, two) = (self[keyPath: path], other[keyPath: path])
        return one.isEmpty || two.isEmpty || !one.isDisjoint(with: two)
      }
      return gap <= Self.longestPause && agrees(\.codes) && agrees(\.zones) && agrees(\.types)
    }

    /// Seconds without a refusal in what may still be one stock-out.
    private static let longestPause = 1800.0
  }

  /// The folder's name.
  package var folder: String
  package var state: State
  package var incidents = 0
  package var worst: Worst?
  package var stockOuts: [StockOut] = []
  /// Inputs that could not be read whole.
  package var losses = 0
  /// Beside `report.md` there is a `report.html`.
  package var hasPage = false

  package init(folder: String, state: State) {
    self.folder = folder
    self.state = state
  }
}
