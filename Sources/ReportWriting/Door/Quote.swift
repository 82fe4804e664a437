/// The last step of the door: how visible text stands in each target (REPORT §6.1).
extension Quoted {
  /// What stands where there is nothing to see.
  var shown: String { text.unicodeScalars.allSatisfy { $0 == " " } ? "(empty)" : text }

  /// A code span: the only form in which no tracker looks for mentions, links or HTML.
  var markdownInline: String {
    let body = shown
    let fence = String(repeating: "`", count: Self.longestRun(of: "`", in: body) + 1)
    // By scalars: to a `Character`, a backtick with a combining mark on it is no backtick.
    let ends = [body.unicodeScalars.first, body.unicodeScalars.last]
    let room = ends.contains { $0 == "`" || $0 == " " } ? " " : ""
    return fence + room + body + room + fence
  }

  /// A code span within a table row; GFM undoes the escape of `|` before it reads the span.
  var markdownCell: String { Self.escapedForCell(markdownInline) }

  /// `|` as `\|`, by scalars: a `Character` with a combining mark on it would pass unseen.
  static func escapedForCell(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "|" { out.append("\\") }
      out.append(scalar)
    }
    return String(out)
  }

  /// A fenced block.
  var markdownBlock: String {
    let fence = String(repeating: "`", count: max(3, Self.longestRun(of: "`", in: text) + 1))
    return fence + "text\n" + text + "\n" + fence
  }

  /// Text or a quoted attribute's value in HTML.
  var html: String { Self.escapedForMarkup(shown) }

  /// Text of `<text>`, `<title>` or `<desc>`; step 2 has left no character that XML 1.0 forbids.
  var svg: String { Self.escapedForMarkup(shown) }

  /// Text for a terminal: steps 1 and 2 have left no control character.
  var terminal: String { text }

  /// The inside of a JSON string.
  var json: String { JSONText.escaped(text) }

  /// A note that is nothing but plain words reads better in quotation marks than as code.
  ///
  /// Words that a tracker could take for a reference (`GH-12`, `www.x`, `commit:1`, a hash) do not count as plain.
  var isPlainWords: Bool {
    let ends = [text.unicodeScalars.first, text.unicodeScalars.last]
    guard !ends.contains(nil), !ends.contains(" ") else { return false }
    let allowed = text.unicodeScalars.allSatisfy {
      Self.isLetter($0) || Self.isDigit($0) || " .,:;()-".unicodeScalars.contains($0)
    }
    return allowed && text.split(separator: " ").allSatisfy { Self.isPlain(word: $0) }
  }

  private static func isPlain(word: Substring) -> Bool {
    let core = Array(word.unicodeScalars)
      .drop { !isLetter($0) && !isDigit($0) }
      .reversed().drop { !isLetter($0) && !isDigit($0) }
    if core.allSatisfy(isLetter) {
      return core.count < 7 || !core.allSatisfy { $0.properties.isASCIIHexDigit }
    }
    return core.count <= (core.contains(":") ? 8 : 6)
      && core.allSatisfy { isDigit($0) || $0 == ":" || $0 == "." || $0 == "," }
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func longestRun(of mark: Unicode.Scalar, in text: String) -> Int {
    var longest = 0
    var run = 0
    for scalar in text.unicodeScalars {
      run = scalar == mark ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }

  /// By scalars, since a sign with a combining mark on it is another `Character`.
  static func escapedForMarkup(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
