internal import IncidentModel

/// Tables and JSON lines that people make: columns by name, kinds by name or synonym.
enum CapacityTable {
  /// Fields of a row; more are passed over.
  private static let fieldLimit = 64

  /// The columns of a header with its separator; nil where the line is none: it needs a time and one more known name.
  static func header(_ line: Span<UInt8>) -> (columns: [CapacityColumn], separator: UInt8)? {
    guard line.count <= 4_096 else { return nil }
    for separator in [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")] {
      let columns = split(line, separator).map { column(named: $0) }
      let known = Set(columns).subtracting([.unknown])
      if known.contains(.time), known.count >= 2 { return (columns, separator) }
    }
    return nil
  }

  /// What a table with these columns holds; nil: nothing that is kept.
  static func purpose(_ columns: some Sequence<CapacityColumn>) -> InputKind? {
    let columns = Set(columns)
    guard columns.contains(.time) else { return nil }
    let capacity: Set<CapacityColumn> = [
      .group, .zone, .instance, .from, .to, .minimum, .maximum, .desired, .ready, .reason, .count,
    ]
    if columns.contains(.severity) { return .alerts }
    // A group stands beside alerts and changes too; alone with words it makes no capacity table.
    if !columns.isDisjoint(with: capacity.subtracting([.group])) { return .capacity }
    if columns.contains(.service) || columns.contains(.url) { return .changes }
    if columns.contains(.kind) { return columns.contains(.group) ? .capacity : .changes }
    if columns.contains(.text) { return columns.contains(.group) ? .changes : .notes }
    return nil
  }

  /// The fields of a row by RFC 4180: quotes around a field, `""` for a quote in it.
  static func split(_ line: Span<UInt8>, _ separator: UInt8) -> [[UInt8]] {
    var fields: [[UInt8]] = []
    var field: [UInt8] = []
    var isQuoted = false
    var index = line.holds("\u{FEFF}", at: 0) ? 3 : 0
    while index < line.count, fields.count < fieldLimit {
      let byte = line[index]
      if isQuoted {
        if byte != UInt8(ascii: "\"") {
          field.append(byte)
        } else if line.byte(at: index + 1) == byte {
          field.append(byte)
          index += 1
        } else {
          isQuoted = false
        }
      } else if byte == UInt8(ascii: "\""), field.isEmpty {
        isQuoted = true
      } else if byte == separator {
        fields.append(field.trimmed)
        field = []
      } else {
        field.append(byte)
      }
      index += 1
    }
    fields.append(field.trimmed)
    return fields
  }

  static func column(named name: [UInt8]) -> CapacityColumn {
    switch plain(name) {
    case "time", "timestamp", "at", "date", "datetime", "when", "ts": .time
    case "kind", "type", "event", "action": .kind
    case "group", "asg", "nodegroup", "pool", "autoscalinggroup", "deployment": .group
    case "zone", "az", "availabilityzone": .zone
    case "instance", "instanceid", "node": .instance
    case "from", "old", "before": .from
    case "to", "new", "after": .to
    case "min", "minimum", "minsize": .minimum
    case "max", "maximum", "maxsize", "limit": .maximum
    case "desired", "wanted", "target", "desiredcapacity": .desired
    case "ready", "running", "inservice", "actual", "current": .ready
    case "reason", "cause": .reason
    case "text", "message", "note", "description", "title", "summary", "msg": .text
    case "count", "instances": .count
    case "author", "user", "who", "by": .author
    case "service": .service
    case "severity", "priority": .severity
    case "url", "link": .url
    default: .unknown
    }
  }

  /// Small letters and digits of a name, so that `scale-up`, `scale_up` and `ScaleUp` are one.
  static func plain(_ name: [UInt8]) -> String {
    name.prefix(64).filter { isLetter($0) || isDigit($0) }.map(\.lowercasedASCII).asText
  }
}
