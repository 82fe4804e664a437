internal import IncidentModel

/// Comma-separated values as RFC 4180 has them, each in quotation marks, lines ended by a line feed.
///
/// No field can be taken for a formula: where one begins like one, an apostrophe stands before it (REPORT §6.1).
struct CSVText {
  enum Field {
    case phrase(Phrase)
    /// Floodmark's own words.
    case words(String)
    case quoted(Quoted)
    case whole(Int?)
    case number(Double?)
    case time(Instant?)
    case ids([EvidenceID])

    fileprivate var text: String {
      switch self {
      case .phrase(let phrase): phrase.plain
      case .words(let words): words
      case .quoted(let quoted): quoted.text
      case .whole(let number): number.map(String.init) ?? ""
      case .number(let number): number.map(JSONValue.spelled) ?? ""
      case .time(let moment): moment.map(Clock.rfc3339) ?? ""
      case .ids(let ids): ids.map { "E\($0.number)" }.joined(separator: " ")
      }
    }
  }

  private(set) var text = ""

  init(header: [String]) {
    add(header.map { .words($0) })
  }

  mutating func add(_ fields: [Field]) {
    text += fields.map { Self.escaped($0.text) }.joined(separator: ",") + "\n"
  }

  /// What spreadsheets take for the beginning of a formula, in its wide forms too.
  private static let formulaStarts: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠",
  ]

  static func escaped(_ text: String) -> String {
    var out = "\""
    if let first = text.unicodeScalars.first, formulaStarts.contains(first) { out += "'" }
    for scalar in text.unicodeScalars {
      if scalar == "\"" { out += "\"" }
      out.unicodeScalars.append(scalar)
    }
    return out + "\""
  }
}
