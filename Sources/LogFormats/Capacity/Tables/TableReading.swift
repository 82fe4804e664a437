internal import IncidentModel

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
    var fields: [CapacityColumn: [UInt8]] = [:]
    var json = JSONCursor(record)
    try json.enterObject()
    while let key = try json.nextKey() {
      let column = CapacityTable.column(record, key.range)
      guard column != .unknown, fields[column] == nil else {
        try json.skip()
        continue
      }
      switch try json.value() {
      case .string(let text):
        var bytes: [UInt8] = []
        json.unescape(text, into: &bytes)
        fields[column] = bytes
      case .number(let range): fields[column] = range.map { record[$0] }
      default: break
      }
    }
    try json.end()
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
