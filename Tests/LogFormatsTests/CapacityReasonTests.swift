import IncidentModel
import Testing

@testable import LogFormats

struct CapacityReasonTests {
  @Test func `every text of the table gives its row's reason or that of an upper row`() {
    for (index, row) in ProviderReasons.rows.enumerated() {
      for pieces in row.texts {
        let message = pieces.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " x ")
        let upper = ProviderReasons.rows[..<index].contains { above in
          above.texts.contains { ProviderReasons.place(of: $0, in: Array(message.utf8)) != nil }
        }
        #expect(!upper, "\(message) is hidden by an upper row")
        #expect(ProviderReasons.known(Array("a \(message) b".utf8)) == row.reason)
      }
    }
  }

  @Test(arguments: [
    (
      "We currently do not have sufficient c5.4xlarge capacity in the Availability Zone you "
        + "requested (us-east-1b).", CapacityEvent.Reason.insufficientCapacity
    ),
    ("ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS", .insufficientCapacity),
    ("Spot instance interruption notice", .spotReclaimed),
    ("the security group 'sg-0' does not exist", .badTemplate),
    ("max node group size reached", .maxSize),
    ("INSUFFICIENTFREEADDRESSESINSUBNET", .addressSpace),
    ("Scale-up timed out", .timeout),
  ])
  func reads(message: String, reason: CapacityEvent.Reason) {
    #expect(ProviderReasons.reason(of: Array(message.utf8)) == reason)
  }

  @Test(arguments: [
    ("VcpuLimitExceeded: You have requested more", CapacityEvent.Reason.quota),
    ("MaxSpotInstanceCountExceeded: Max spot", .quota),
    ("InsufficientFreeAddressesInSubnet: no", .addressSpace),
    ("UnfulfillableCapacity: Unable to fulfill", .insufficientCapacity),
    ("VcpuLimitExceeded: a; InsufficientInstanceCapacity: b", .insufficientCapacity),
    ("VcpuLimitExceeded: a; MaxFleetCountExceeded: b", .quota),
  ])
  func `a class word does not hide the code behind it`(
    code: String, reason: CapacityEvent.Reason
  ) {
    let message = "creating instance, insufficient capacity, with fleet error(s), \(code)"
    #expect(ProviderReasons.reason(of: Array(message.utf8)) == reason)
  }

  @Test func `the class OutOfResource with a quota code is a quota`() {
    let code = Array("OutOfResource.QUOTA_EXCEEDED".utf8)
    #expect(AutoscalerMessage.reason(code: code, message: []) == .quota)
  }

  @Test func `a throttled interface and an unknown text keep their words`() {
    for message in ["RequestLimitExceeded: slow down", "the flux is decoupled"] {
      let text = LogText(message, kind: .message)
      #expect(ProviderReasons.reason(of: text.bytes) == .unknown(text))
    }
  }

  @Test func `both sides of a gap must be near`() {
    let far = "do not have sufficient " + String(repeating: "x", count: 200) + " capacity"
    #expect(ProviderReasons.known(Array(far.utf8)) == nil)
  }
}
