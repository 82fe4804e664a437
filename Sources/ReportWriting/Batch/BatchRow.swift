package import IncidentModel

/// One archive of a batch, as the index tells it.
package struct BatchRow: Sendable {
  package enum State: Hashable, Sendable {
    case reported
    /// The report of an earlier run stands.
    case unchanged
    /// There is no report; the reason, in Floodmark's words with what the system said.
    case failed(LogText)
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

    package init(span: TimeSpan, count: Int) {
      self.span = span
      self.count = count
    }
  }

  /// The folder's name.
  package var folder: String
  package var state: State
  package var incidents = 0
  package var worst: Worst?
  package var stockOuts: [StockOut] = []
  /// Inputs that could not be read whole.
  package var losses = 0

  package init(folder: String, state: State) {
    self.folder = folder
    self.state = state
  }
}
