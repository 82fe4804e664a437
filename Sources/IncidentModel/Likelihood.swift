/// How sure a finding is, as a number and as one of a closed list of words (METHODS §9).
package struct Likelihood: Hashable, Comparable, Sendable {
  /// Between .01 and .99.
  package let value: Double

  /// Keeps the value inside .01 … .99: nothing read from logs is certain.
  package init(_ value: Double) {
    self.value = min(0.99, max(0.01, value))
  }

  package static func < (left: Likelihood, right: Likelihood) -> Bool { left.value < right.value }

  /// The word that stands beside the number everywhere.
  package var term: String {
    switch value {
    case 0.95...: "almost certain"
    case 0.80...: "very likely"
    case 0.55...: "likely"
    case 0.45...: "about as likely as not"
    case 0.05...: "unlikely"
    default: "contradicted"
    }
  }
}
