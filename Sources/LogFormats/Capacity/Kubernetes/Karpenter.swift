package import IncidentModel

/// The log of Karpenter: JSON, or the columns that releases below 0.32 write.
///
/// It counts nodes by their steps: no line tells the size of a pool, or its bound.
/// <https://karpenter.sh/docs/concepts/nodeclaims/>
package enum Karpenter: CapacityFormat {
  package static let name = "karpenter"
  package static let summary = "Karpenter 0.x and 1.x, JSON or console"
  package static let example = """
    {"level":"INFO","time":"2018-07-16T18:02:41.028Z","logger":"controller","message":"launched \
    nodeclaim","commit":"490ef94","controller":"nodeclaim.lifecycle","NodeClaim":{"name":\
    "shop-web-sfpsl"},"provider-id":"aws:///us-east-1b/i-0aaaaaaaaaaaaaaa1","instance-type":\
    "c5.4xlarge","zone":"us-east-1b","capacity-type":"spot"}
    """
  package static let kind = InputKind.capacity
  package static let envelopes: [String] = []
  package static let strictness = 7

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    try ZapLine.outcome(of: record, in: context, memory: &memory)
  }

  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool {
    let isCandidate =
      record.byte(at: 0) != UInt8(ascii: "{")
      || record.holdsKey("commit\"", "controller", "NodeClaim", "NodePool", "nodeclaim", "nodepool")
    guard isCandidate, let line = try? ZapLine(record, zone: .utc) else { return false }
    return KarpenterMessage(line).isOwn
  }
}
