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

/// Deploys, flags and configuration changes: CSV with a header or JSON lines, `time` plus any of `kind, text, service, url`.
package enum Changes: CapacityFormat {
  package static let name = "changes"
  package static let summary = "Deploys and configuration changes as CSV or JSON lines"
  package static let example =
    #"{"time":"2018-07-16T17:40:00Z","kind":"deploy","service":"shop","text":"cart 4.2"}"#
  package static let kind = InputKind.changes
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
    try record.byte(at: 0) == UInt8(ascii: "{")
      ? parseObject(record, in: context, purpose: kind)
      : parseTable(record, in: context, purpose: kind, memory: &memory)
  }
}

/// Pages and alarms: CSV with a header or JSON lines, `time` and `severity` plus any of `kind, text, service, url`.
package enum Alerts: CapacityFormat {
  package static let name = "alerts"
  package static let summary = "Pages and alarms as CSV or JSON lines"
  package static let example =
    #"{"time":"2018-07-16T18:03:10Z","severity":"page","service":"shop","text":"5xx over 5 %"}"#
  package static let kind = InputKind.alerts
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
    try record.byte(at: 0) == UInt8(ascii: "{")
      ? parseObject(record, in: context, purpose: kind)
      : parseTable(record, in: context, purpose: kind, memory: &memory)
  }
}

extension CapacityFormat {
  /// A header, which is kept, or a row under it.
  static func parseTable(
    _ record: Span<UInt8>, in context: CapacityContext, purpose: InputKind,
    memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    if memory.columns.isEmpty {
      guard let header = CapacityTable.header(record) else {
        throw LineError("the table has no header with a time", at: 0)
      }
      guard CapacityTable.purpose(header.columns) == purpose else {
        throw LineError("the columns of the table are those of another format", at: 0)
      }
      memory.columns = header.columns
      memory.separator = header.separator
      return .ignored
    }
    // Tables that were appended to each other repeat their header.
    if CapacityTable.header(record)?.columns == memory.columns { return .ignored }
    let values = CapacityTable.split(record, memory.separator)
    var fields: [CapacityColumn: [UInt8]] = [:]
    for (column, value) in zip(memory.columns, values) where fields[column] == nil {
      fields[column] = value
    }
    let row = CapacityRow(
      fields: fields, context: context, purpose: purpose, line: clipped(record))
    return .events([try row.event(memory: memory)])
  }

  /// One JSON line. Programs write `time` and `message` too, so a kind, a severity or sizes must be named.
  static func parseObject(
    _ record: Span<UInt8>, in context: CapacityContext, purpose: InputKind
  ) throws(LineError) -> CapacityOutcome {
    let object = try JSONObject(record)
    var fields: [CapacityColumn: [UInt8]] = [:]
    for member in object.members.prefix(64) {
      let column = CapacityTable.column(named: member.key)
      guard column != .unknown, let value = member.value.scalarBytes, fields[column] == nil
      else { continue }
      fields[column] = value
    }
    guard CapacityTable.purpose(fields.keys) == purpose else {
      throw LineError("the keys of the object are those of another format", at: 0)
    }
    let row = CapacityRow(
      fields: fields, context: context, purpose: purpose, line: clipped(record))
    let hasSizes = fields[.desired] != nil || fields[.ready] != nil
    guard row.namesKind || fields[.severity] != nil || (purpose == .capacity && hasSizes) else {
      throw LineError("the object names no kind of event", at: 0)
    }
    return .events([try row.event(memory: CapacityMemory())])
  }
}
