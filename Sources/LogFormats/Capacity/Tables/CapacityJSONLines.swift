package import IncidentModel

/// Capacity as JSON lines with the keys of ``CapacityCSV``.
package enum CapacityJSONLines: CapacityFormat {
  package static let name = "capacity-jsonl"
  package static let summary = "Capacity events or sizes as JSON lines"
  package static let example =
    #"{"time":"2018-07-16T18:02:30Z","kind":"scale_out","group":"shop-web","from":10,"to":15}"#
  package static let kind = InputKind.capacity
  package static let envelopes: [String] = []
  package static let strictness = 3

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    try parseObject(record, in: context, purpose: kind)
  }
}
