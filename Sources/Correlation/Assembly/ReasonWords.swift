internal import IncidentModel

/// What a reason is called in a sentence.
enum ReasonWords {
  /// A clause such as `the provider had too little capacity`.
  static func clause(_ reason: CapacityEvent.Reason) -> Sentence {
    switch reason {
    case .insufficientCapacity: "the provider had too little capacity of this type"
    case .quota: "a limit of the account was reached"
    case .addressSpace: "the address space was used up"
    case .maxSize: "the maximum size was reached"
    case .badTemplate: "the launch template or image does not work"
    case .backoff: "it waits after an earlier failure"
    case .timeout: "the instance did not come up in time"
    case .unhealthy: "the instance was unhealthy"
    case .scaleIn: "the group was made smaller"
    case .spotReclaimed: "the provider took a spot instance back"
    case .metricMissing: "the metric was missing"
    case .stabilisation: "it waited for the last change to settle"
    case .unknown(let text):
      text.bytes.isEmpty ? "the log gives no reason that Floodmark knows" : "\(log: text)"
    }
  }
}
