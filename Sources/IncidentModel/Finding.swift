/// What the test of one cause came to in one incident. Every incident carries one of each cause.
package struct Finding: Hashable, Sendable {
  package enum Verdict: String, Sendable {
    case supported, unsupported, contradicted, untestable
  }

  /// The part a supported cause played (REPORT §2.6), in the order in which reports list them.
  package enum Role: String, CaseIterable, Sendable {
    case leading, before, sustaining
    case firstMinutes = "first-minutes"
    case contributing, trigger
  }

  package var cause: Cause
  package var verdict: Verdict
  /// nil where the cause is untestable.
  package var likelihood: Likelihood?
  package var role: Role?
  /// The stretch of the incident in which the cause holds.
  package var span: TimeSpan?
  /// The share of the incident's failed requests that lie in its span, 0 … 1.
  package var failedShare: Double?
  /// One sentence without full stop: what the cause looks like here. For untestable and unsupported causes: why.
  package var statement: Sentence
  package var supporting: [Argument]
  package var opposing: [Argument]
  /// Inputs that would have decided it, such as `the autoscaler's log`.
  package var needs: [Sentence]

  package init(
    cause: Cause, verdict: Verdict, likelihood: Likelihood?, role: Role? = nil,
    span: TimeSpan? = nil, failedShare: Double? = nil, statement: Sentence,
    supporting: [Argument] = [], opposing: [Argument] = [], needs: [Sentence] = []
  ) {
    self.cause = cause
    self.verdict = verdict
    self.likelihood = likelihood
    self.role = role
    self.span = span
    self.failedShare = failedShare
    self.statement = statement
    self.supporting = supporting
    self.opposing = opposing
    self.needs = needs
  }
}
