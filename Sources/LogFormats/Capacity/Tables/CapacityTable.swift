internal import IncidentModel

/// Tables and JSON lines that people make: columns by name, kinds by name or synonym.
enum CapacityTable {
  /// Fields of a row; more are passed over.
  private static let fieldLimit = 64

  private static let separators = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]

  /// The columns of a header with its separator; nil where the line is none: it needs a time and one more known name.
  static func header(_ line: Span<UInt8>) -> (columns: [CapacityColumn], separator: UInt8)? {
    guard line.count <= 4_096 else { return nil }
    for separator in separators {
      // Every line of every log is asked: no array is made before it is known to be a header.
      var hasTime = false
      var hasOther = false
      var isOfRequests = false
      visitColumns(line, separator) { column in
        switch column {
        case .time: hasTime = true
        case .unknown: break
        case .request: isOfRequests = true
        default: hasOther = true
        }
      }
      // An access log that a database wrote as a table has a time and a type, too.
      if isOfRequests { return nil }
      guard hasTime, hasOther else { continue }
      var columns: [CapacityColumn] = []
      visitColumns(line, separator) { columns.append($0) }
      return (columns, separator)
    }
    return nil
  }

  /// Calls `body` with each of the columns that a line names, from left to right.
  private static func visitColumns(
    _ line: Span<UInt8>, _ separator: UInt8, _ body: (CapacityColumn) -> Void
  ) {
    var start = line.holds("\u{FEFF}", at: 0) ? 3 : 0
    for number in 0..<fieldLimit {
      let end = line.place(of: separator, from: start)
      // A line without this separator names at most one column.
      if number == 0 && end == line.count { return }
      body(column(line, min(start, line.count)..<end))
      if end == line.count { return }
      start = end + 1
    }
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

  /// The names of each column, small letters and digits alone.
  private static let names: [(column: CapacityColumn, names: [String])] = [
    (.time, ["time", "timestamp", "at", "date", "datetime", "when", "ts"]),
    (.kind, ["kind", "type", "event", "action"]),
    (.group, ["group", "asg", "nodegroup", "pool", "autoscalinggroup", "deployment"]),
    (.zone, ["zone", "az", "availabilityzone"]),
    (.instance, ["instance", "instanceid", "node"]),
    (.from, ["from", "old", "before"]),
    (.to, ["to", "new", "after"]),
    (.minimum, ["min", "minimum", "minsize"]),
    (.maximum, ["max", "maximum", "maxsize", "limit"]),
    (.desired, ["desired", "wanted", "target", "desiredcapacity"]),
    (.ready, ["ready", "running", "inservice", "actual", "current"]),
    (.reason, ["reason", "cause"]),
    (.text, ["text", "message", "note", "description", "title", "summary", "msg"]),
    (.count, ["count", "instances"]),
    (.author, ["author", "user", "who", "by"]),
    (.service, ["service"]),
    (.severity, ["severity", "priority"]),
    (.url, ["url", "link"]),
    (
      .request,
      [
        "statuscode", "httpstatus", "elbstatuscode", "httpstatuscode", "responsecode", "scstatus",
        "httpstatusd", "httpmethod", "requestmethod", "requestverb", "httpmethods", "csmethod",
        "useragent", "clientip", "clientips", "remoteaddr", "requesturi", "requesturl",
      ]
    ),
  ]

  /// Names of as many letters and digits, or more, are none.
  private static let longestName = 20

  /// The same by length, so that a name is compared with few: access logs are asked for their columns, too.
  private static let byLength: [[(name: [UInt8], column: CapacityColumn)]] = {
    var table: [[(name: [UInt8], column: CapacityColumn)]] = Array(
      repeating: [], count: longestName)
    for (column, texts) in names {
      for text in texts where text.utf8.count < table.count {
        table[text.utf8.count].append((Array(text.utf8), column))
      }
    }
    return table
  }()

  /// The column that a part of a line names; blanks, quotes and separators inside of the name don't count.
  static func column(_ line: Span<UInt8>, _ range: Range<Int>) -> CapacityColumn {
    var length = 0
    for index in range where isLetter(line[index]) || isDigit(line[index]) {
      length += 1
      if length == longestName { return .unknown }
    }
    if length == 0 { return .unknown }
    return byLength[length].first { holds($0.name, line, range) }?.column ?? .unknown
  }

  private static func holds(_ name: [UInt8], _ line: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var place = 0
    for index in range {
      let byte = line[index]
      guard isLetter(byte) || isDigit(byte) else { continue }
      guard place < name.count, name[place] == byte.lowercasedASCII else { return false }
      place += 1
    }
    return place == name.count
  }

  /// Small letters and digits of a name, so that `scale-up`, `scale_up` and `ScaleUp` are one.
  static func plain(_ name: [UInt8]) -> String {
    name.prefix(64).filter { isLetter($0) || isDigit($0) }.map(\.lowercasedASCII).asText
  }
}
