package import IncidentModel

/// What providers and autoscalers write when they refuse, and the reason that it means: one table for every format.
///
/// First hit wins, upper and lower case alike. ` … ` stands for up to 96 bytes of anything. Sources:
/// the error codes of EC2, Compute Engine, Azure and OpenStack as their autoscalers print them.
package enum ProviderReasons {
  /// One row: a reason and the texts that mean it; without a reason the text is known to tell none.
  struct Row: Sendable {
    var reason: CapacityEvent.Reason?
    var texts: [[[UInt8]]]

    init(_ reason: CapacityEvent.Reason?, _ texts: [StaticString]) {
      self.reason = reason
      self.texts = texts.map { ProviderReasons.pieces("\($0)") }
    }
  }

  /// How far apart the two sides of a ` … ` may stand, in bytes.
  static let gap = 96

  static let rows: [Row] = [
    Row(
      .insufficientCapacity,
      [
        "InsufficientInstanceCapacity", "do not have sufficient … capacity",
        "no Spot capacity available", "UnfulfillableCapacity", "InsufficientHostCapacity",
        "ReservationCapacityExceeded", "RESOURCE_POOL_EXHAUSTED",
        "does not have enough resources available", "STOCKOUT",
        "scale.up.error.out.of.resources", "SkuNotAvailable", "AllocationFailed",
        "OverconstrainedAllocationRequest", "placeholder-cannot-be-fulfilled",
        "No valid host was found", "out of capacity",
        "AllocationFailure", "Capacity is unavailable at this time",
        "unable to allocate resources in the selected zone",
      ]),
    Row(
      .quota,
      [
        "VcpuLimitExceeded", "vCPU limit", "InstanceLimitExceeded",
        "instance(s) are already running", "MaxSpotInstanceCountExceeded",
        "MaxFleetCountExceeded", "spotInstanceCountLimitExceeded", "QUOTA_EXCEEDED",
        "scale.up.error.quota.exceeded", "QuotaExceeded", "OperationNotAllowed … quota",
        "limit for the number of tasks", "limit for the number of vCPUs",
        "limit on the number of tasks", "limit on the number of vCPUs", "Quota exceeded for",
        "VolumeLimitExceeded", "quota allows for", "current instance limit",
        "Max spot instance count exceeded", "SubscriptionQuotaReached", "exceeded quota:",
        "quota for … has been reached", "exceeding approved … quota",
      ]),
    // The interface was asked too often; that says nothing about instances.
    Row(nil, ["RequestLimitExceeded", "Request limit exceeded"]),
    Row(
      .addressSpace,
      [
        "InsufficientFreeAddressesInSubnet", "not enough free addresses in subnet",
        "IP_SPACE_EXHAUSTED", "scale.up.error.ip.space.exhausted", "SubnetIsFull",
      ]),
    Row(
      .maxSize,
      [
        "max … size reached", "AlreadyAtMaxCapacity", "TooManyReplicas",
        "exceed limits for nodepool", "exceed limits for provisioner",
        "node limits have been exhausted", "MaxNodesTotalReached", "max total nodes",
        "max cluster … limit reached", "is above max value", "desired capacity … above max",
      ]),
    Row(
      .badTemplate,
      [
        "InvalidAMI", "image id … does not exist", "security group … does not exist",
        "key pair … does not exist", "Invalid device name", "virtualName is invalid",
        "block device mappings not supported", "Placement groups may not be used",
        "Client.InternalError: Client error on launch",
        "not supported in your requested Availability Zone",
        "requested configuration is currently not supported", "no longer supported",
        "InvalidParameter", "UnauthorizedOperation", "AuthFailure", "PERMISSIONS_ERROR",
        "INVALID_RESERVATION", "LaunchTemplate", "no amis exist", "NodeClassNotReady",
        "ServiceLinkedRoleCreationNotPermitted", "launch template … does not exist",
        "launch configuration … does not exist", "Invalid IAM Instance Profile",
        "not authorized to perform", "AccessDenied", "Access denied when attempting",
        "InvalidKMSKey", "Unable to assume role", "no security groups exist",
        "no subnets exist",
      ]),
    Row(
      .unhealthy,
      [
        "ELB system health check failure", "EC2 instance status check failure",
        "EBS volume health check", "ReplaceUnhealthy", "failed liveness",
        "failed … health check", "NodeRepair", "deleting unhealthy node",
      ]),
    Row(
      .timeout,
      [
        "timed out", "timeout", "failed to register within", "waiting.for.instances.timeout",
        "registration_timeout", "launch_timeout", "ABANDON Result",
      ]),
    Row(
      .spotReclaimed,
      [
        "Spot … interrupt", "SpotInterrupted", "BidEvicted", "instance-stopped-no-capacity",
        "marked for termination", "compute.instances.preempted", "Preempted",
      ]),
    // A bid under the market's price is neither a lack of capacity nor a reclaim.
    Row(nil, ["Spot request price … lower"]),
    Row(
      .backoff,
      [
        "in backoff after failed scale-up", "Disabling scale-up",
        "is not ready for scaleup - backoff",
      ]),
    Row(
      .metricMissing,
      [
        "FailedGetResourceMetric", "FailedComputeMetricsReplicas", "unable to get metrics",
        "missing metric", "KEDAScalerFailed", "INSUFFICIENT_DATA",
      ]),
    Row(
      .stabilisation,
      [
        "ScaleUpStabilized", "ScaleDownStabilized", "cooldown", "ScaleUpLimit",
        "AutoScalingAnticipatedFlapping",
      ]),
  ]

  /// The reason that a provider's message or code gives, ``CapacityEvent/Reason/unknown(_:)`` with the message where no row fits.
  ///
  /// Two words are classes and no reasons: Karpenter's *insufficient capacity* holds the codes of
  /// every launch that could not be fulfilled, and the cluster-autoscaler's class `OutOfResource`
  /// holds quota errors. So only what stands behind `with fleet error(s),` is asked first. Of
  /// several codes the upper row wins: a lack of capacity beside a quota is a lack of capacity.
  package static func reason(of message: [UInt8]) -> CapacityEvent.Reason {
    let folded = message.lowercasedASCII
    var inner = MessageCursor(folded)
    if inner.skip(past: "with fleet error(s),"), let reason = known(inner.rest) { return reason }
    if let reason = known(folded) { return reason }
    // No code at all: then the class is the best that there is.
    if folded.contains(text: "insufficient capacity") { return .insufficientCapacity }
    return .unknown(LogText(bytes: Array(message.prefix(1024)), kind: .message))
  }

  /// The reason of the first row that has a hit in a text whose capitals are made small.
  static func known(_ folded: [UInt8]) -> CapacityEvent.Reason? {
    for row in rows where row.texts.contains(where: { place(of: $0, in: folded) != nil }) {
      return row.reason
    }
    return nil
  }

  /// Where the pieces of a text begin, each within ``gap`` of the one before it.
  static func place(of pieces: [[UInt8]], in folded: [UInt8]) -> Int? {
    guard let first = pieces.first, !first.isEmpty, folded.count >= first.count else { return nil }
    for start in 0...folded.count - first.count where holds(first, folded, start) {
      var end = start + first.count
      var fits = true
      for piece in pieces.dropFirst() {
        let last = min(end + gap, folded.count - piece.count)
        guard last >= end, let next = (end...last).first(where: { holds(piece, folded, $0) })
        else {
          fits = false
          break
        }
        end = next + piece.count
      }
      if fits { return start }
    }
    return nil
  }

  private static func holds(_ piece: [UInt8], _ text: [UInt8], _ start: Int) -> Bool {
    guard text.count - start >= piece.count else { return false }
    for index in 0..<piece.count where text[start + index] != piece[index] { return false }
    return true
  }

  /// A text of the table, cut at its ` … `.
  static func pieces(_ text: String) -> [[UInt8]] {
    var cursor = MessageCursor(Array(text.utf8).lowercasedASCII)
    var pieces: [[UInt8]] = []
    while let piece = cursor.text(until: " … ") { pieces.append(piece) }
    pieces.append(cursor.rest)
    return pieces
  }
}
