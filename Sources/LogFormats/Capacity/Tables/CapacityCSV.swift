package import IncidentModel

/// Capacity as a table: a header with `time` and any of `kind, group, zone, instance, from, to, min, max, desired, ready, reason, text`.
///
/// A table without kinds (`time,desired,running`) is a plain series of observed sizes.
package enum CapacityCSV: CapacityFormat {
  package static let name = "capacity-csv"
  package static let summary = "Capacity events or sizes as CSV with a header"
  package static let example = "2018-07-16T18:02:30Z,scale_out,shop-web,10,15"
  package static let kind = InputKind.capacity
  package static let envelopes: [String] = []
  package static let strictness = 3

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    try parseTable(record, in: context, purpose: kind, memory: &memory)
  }
}
