internal import IncidentModel

/// Text that is no markup in Textile, Markdown, or Jira's wiki, as nobody can tell which of them a site reads (REPORT §4).
///
/// Log text does not stand here at all, but for names of hosts that can be nothing else.
struct NeutralText {
  /// The names that were replaced, in the order in which they came.
  private var hidden: [String] = []

  /// A line of the head without any mark.
  mutating func line(_ spans: [ReportHead.Span]) -> String {
    Self.harmless(text(spans))
  }

  private mutating func text(_ spans: [ReportHead.Span]) -> String {
    var out = ""
    for span in spans {
      switch span {
      case .text(let text): out += Self.withoutQuotes(text)
      case .code(let code): out += name(code)
      case .strong(let inner), .emphasis(let inner): out += text(inner)
      }
    }
    return out
  }

  /// A name that can stand without a code span, or a word in its place.
  private mutating func name(_ code: String) -> String {
    if Self.isSafe(code) { return code }
    let number = hidden.firstIndex(of: code) ?? hidden.count
    if number == hidden.count { hidden.append(code) }
    return "service \(number + 1)"
  }

  /// A cause of the catalogue, the tool's own name, or `[A-Za-z0-9][A-Za-z0-9.-]{0,62}` with a last label of letters and no `www.`
  static func isSafe(_ code: String) -> Bool {
    if Cause(rawValue: code) != nil { return true }
    let bytes = Array((code.hasPrefix("floodmark ") ? code.dropFirst(10) : code[...]).utf8)
    guard let first = bytes.first, bytes.count <= 63, isLetter(first) || isDigit(first),
      bytes.allSatisfy({ isLetter($0) || isDigit($0) || $0 == 0x2E || $0 == 0x2D })
    else { return false }
    if code.hasPrefix("floodmark ") { return bytes.allSatisfy { isDigit($0) || $0 == 0x2E } }
    let labels = bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
    return labels.count > 1 && !code.lowercased().hasPrefix("www.")
      && labels.allSatisfy { !$0.isEmpty } && labels.last?.allSatisfy(isLetter) == true
  }

  /// Notes stand in quotation marks in a report; here they only are said to exist.
  private static func withoutQuotes(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    var isQuoted = false
    for scalar in text.unicodeScalars {
      if scalar == "“" {
        isQuoted = true
        out.append(contentsOf: "the words quoted in the report".unicodeScalars)
      } else if scalar == "”" {
        isQuoted = false
      } else if !isQuoted {
        out.append(scalar)
      }
    }
    return String(out)
  }

  /// The last guard, for a report that somebody edited: of what any markup could mean, a space is left.
  private static func harmless(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isKept =
        scalar.isASCII
        ? isLetter(UInt8(scalar.value)) || isDigit(UInt8(scalar.value))
          || " .,:;%()/'<>".unicodeScalars.contains(scalar)
          || (scalar == "-" && out.last.map { $0 != " " && $0 != "-" } == true)
        : scalar.properties.isAlphabetic || "–−×±…’".unicodeScalars.contains(scalar)
      // A command or an address begins with what is no letter before `/`, a tag with a letter after `<`.
      let isLoose = scalar == "/" && out.last?.properties.isAlphabetic != true
      let isTag = out.last == "<" && scalar != " "
      if isTag { out.append(" ") }
      out.append(isKept && !isLoose ? scalar : " ")
    }
    return String(out).split(separator: " ").joined(separator: " ")
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
