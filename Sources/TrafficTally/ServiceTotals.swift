internal import IncidentModel

/// The exact sums of one service over all of the inputs, in 64 bits. The classes partition ``requests`` as those of ``BucketCounts`` do.
package struct ServiceTotals: Hashable, Sendable {
  package var answered = 0
  package var clientErrors = 0
  package var throttled = 0
  package var abandoned = 0
  package var status500 = 0
  package var status502 = 0
  package var status503 = 0
  package var status504 = 0
  package var other5xx = 0
  /// Of the failed, those that no backend saw.
  package var shed = 0
  /// Of the requests, those whose format tells whether a backend was reached.
  package var tellingShed = 0
  /// Requests with a known duration.
  package var timed = 0
  package var bytes: UInt64 = 0
  /// Sum of the known durations, in microseconds.
  package var durationSum: UInt64 = 0

  package init() {}

  package var failed: Int {
    status500.addingSaturated(status502).addingSaturated(status503).addingSaturated(status504)
      .addingSaturated(other5xx)
  }

  package var requests: Int {
    answered.addingSaturated(clientErrors).addingSaturated(throttled).addingSaturated(abandoned)
      .addingSaturated(failed)
  }

  mutating func add(_ cell: BucketCounts) {
    answered = answered.addingSaturated(Int(cell.answered))
    clientErrors = clientErrors.addingSaturated(Int(cell.clientErrors))
    throttled = throttled.addingSaturated(Int(cell.throttled))
    abandoned = abandoned.addingSaturated(Int(cell.abandoned))
    status500 = status500.addingSaturated(Int(cell.status500))
    status502 = status502.addingSaturated(Int(cell.status502))
    status503 = status503.addingSaturated(Int(cell.status503))
    status504 = status504.addingSaturated(Int(cell.status504))
    other5xx = other5xx.addingSaturated(Int(cell.other5xx))
    shed = shed.addingSaturated(Int(cell.shed))
    tellingShed = tellingShed.addingSaturated(Int(cell.tellingShed))
    timed = timed.addingSaturated(Int(cell.timed))
    bytes = bytes.addingSaturated(cell.bytes)
    durationSum = durationSum.addingSaturated(cell.durationSum)
  }

  mutating func add(_ other: ServiceTotals) {
    answered = answered.addingSaturated(other.answered)
    clientErrors = clientErrors.addingSaturated(other.clientErrors)
    throttled = throttled.addingSaturated(other.throttled)
    abandoned = abandoned.addingSaturated(other.abandoned)
    status500 = status500.addingSaturated(other.status500)
    status502 = status502.addingSaturated(other.status502)
    status503 = status503.addingSaturated(other.status503)
    status504 = status504.addingSaturated(other.status504)
    other5xx = other5xx.addingSaturated(other.other5xx)
    shed = shed.addingSaturated(other.shed)
    tellingShed = tellingShed.addingSaturated(other.tellingShed)
    timed = timed.addingSaturated(other.timed)
    bytes = bytes.addingSaturated(other.bytes)
    durationSum = durationSum.addingSaturated(other.durationSum)
  }
}
