internal import IncidentModel

/// The outcome of a request as the tally counts it.
enum Outcome {
  /// The class of a status (DESIGN §4, FORMATS §0.2): statuses beyond 599 are the client's like 4xx, those below 100 are none.
  @inline(__always)
  static func outcomeClass(_ status: UInt16) -> OutcomeClass {
    switch status {
    case 100..<400: .answered
    case 429: .throttled
    case 0..<100, 408, 444, 460, 499: .abandoned
    case 500..<600: .failed
    default: .clientError
    }
  }
}

extension BucketCounts {
  /// Counts one request; its end stands in the cell of the moment at which it ended.
  @inline(__always)
  mutating func count(_ record: borrowing AccessRecord, _ outcome: OutcomeClass, isTimed: Bool) {
    switch outcome {
    case .answered: answered = answered.addingSaturated(1)
    case .clientError: clientErrors = clientErrors.addingSaturated(1)
    case .throttled: throttled = throttled.addingSaturated(1)
    case .abandoned: abandoned = abandoned.addingSaturated(1)
    case .failed:
      switch record.status {
      case 500: status500 = status500.addingSaturated(1)
      case 502: status502 = status502.addingSaturated(1)
      case 503: status503 = status503.addingSaturated(1)
      case 504: status504 = status504.addingSaturated(1)
      default: other5xx = other5xx.addingSaturated(1)
      }
      if record.isShed { shed = shed.addingSaturated(1) }
    }
    if record.tellsShed { tellingShed = tellingShed.addingSaturated(1) }
    if record.byteCount > 0 { bytes = bytes.addingSaturated(UInt64(record.byteCount)) }
    if isTimed {
      timed = timed.addingSaturated(1)
      durationSum = durationSum.addingSaturated(UInt64(record.duration))
    }
  }
}
