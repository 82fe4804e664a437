internal import IncidentModel

/// A JSON text in the making: members keep their order, text is safe already.
enum JSONValue {
  case null
  case bool(Bool)
  case whole(Int)
  case number(Double)
  /// The inside of the string, escaped.
  case string(String)
  case array([JSONValue])
  /// An array whose items, none of them a scalar, are made while they are written: of many, all at once would take several times the room of their text.
  case list(count: Int, item: (Int) -> JSONValue)
  case object([(String, JSONValue)])

  /// Floodmark's own words and other text without log content.
  static func words(_ text: String) -> JSONValue { .string(JSONText.escaped(text)) }

  static func words(_ text: String?) -> JSONValue { text.map { .words($0) } ?? .null }

  static func text(_ quoted: Quoted) -> JSONValue { .string(quoted.json) }

  static func whole(_ number: Int?) -> JSONValue { number.map { .whole($0) } ?? .null }

  static func number(_ number: Double?) -> JSONValue { number.map { .number($0) } ?? .null }

  static func time(_ moment: Instant?) -> JSONValue {
    moment.map { .words(Clock.rfc3339($0)) } ?? .null
  }

  static func id(_ id: EvidenceID?) -> JSONValue {
    id.map { .words("E\($0.number)") } ?? .null
  }

  static func ids(_ ids: [EvidenceID]) -> JSONValue {
    .array(ids.map { .words("E\($0.number)") })
  }

  static func span(_ span: TimeSpan?) -> JSONValue {
    guard let span else { return .null }
    return .object([("start", .time(span.start)), ("end", .time(span.end))])
  }

  /// The whole text: two spaces a level; arrays of numbers and of short words in one line.
  var text: String {
    var out = ""
    write(into: &out, indent: 0)
    out += "\n"
    return out
  }

  /// The same in one line, without a line feed at its end.
  var line: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .whole(let number): String(number)
    case .number(let number): Self.spelled(number)
    case .string(let text): "\"" + text + "\""
    case .array(let items): "[" + items.map(\.line).joined(separator: ",") + "]"
    case .list(let count, let item):
      "[" + (0..<count).map { item($0).line }.joined(separator: ",") + "]"
    case .object(let members):
      "{"
        + members.map { "\"" + JSONText.escaped($0.0) + "\":" + $0.1.line }.joined(separator: ",")
        + "}"
    }
  }

  private var isFlat: Bool {
    switch self {
    case .array(let items): items.allSatisfy { $0.isScalar }
    case .list(let count, _): count == 0
    case .object(let members): members.count <= 4 && members.allSatisfy { $0.1.isScalar }
    default: true
    }
  }

  private var isScalar: Bool {
    switch self {
    case .array, .list, .object: false
    default: true
    }
  }

  private func write(into out: inout String, indent: Int) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .whole(let number): out += String(number)
    case .number(let number): out += Self.spelled(number)
    case .string(let text): out += "\"" + text + "\""
    case .array(let items):
      write(
        items.map { item in { text, level in item.write(into: &text, indent: level) } },
        "[", "]", into: &out, indent: indent)
    case .list(let count, let item):
      write(
        (0..<count).map { index in { text, level in item(index).write(into: &text, indent: level) }
        }, "[", "]", into: &out, indent: indent)
    case .object(let members):
      write(
        members.map { name, value in
          { text, level in
            text += "\"" + JSONText.escaped(name) + "\": "
            value.write(into: &text, indent: level)
          }
        }, "{", "}", into: &out, indent: indent)
    }
  }

  private func write(
    _ parts: [(inout String, Int) -> Void], _ open: String, _ close: String,
    into out: inout String, indent: Int
  ) {
    let isFlat = isFlat
    let lead = isFlat ? "" : "\n" + String(repeating: " ", count: 2 * (indent + 1))
    out += open
    for (index, part) in parts.enumerated() {
      if index > 0 { out += isFlat ? ", " : "," }
      out += lead
      part(&out, indent + 1)
    }
    if !isFlat { out += "\n" + String(repeating: " ", count: 2 * indent) }
    out += close
  }

  /// The shortest digits that read back as the number; never `-0`, and null for what JSON has no word for.
  static func spelled(_ number: Double) -> String {
    guard number.isFinite else { return "null" }
    return number == 0 ? "0.0" : number.description
  }
}
