internal import ReportWriting

/// Whether a line holds what a report quotes of it.
///
/// A quote is masked, shortened and made visible; what stands between the masks and the cuts has to stand in the line, in the same order.
struct QuoteMatch {
  /// Visible text with single blanks.
  private let line: String
  /// The same with the escapes of JSON strings undone.
  private let unescaped: String

  init(line bytes: [UInt8]) {
    line = Self.flat(TerminalText.whole(bytes))
    unescaped = Self.flat(TerminalText.whole(Self.withoutEscapes(bytes)))
  }

  func holds(_ quote: String) -> Bool {
    let parts = Self.parts(of: quote)
    return Self.stand(parts, in: line) || Self.stand(parts, in: unescaped)
  }

  /// The pieces of a quote that are the line's own text.
  static func parts(of quote: String) -> [String] {
    let masks = /…|‹[^›]*›|client-[0-9a-z]+(?: \([0-9a-f.:\/]+\))?|internal-[0-9]+|user-[0-9]+/
    // A comma and a quote mark at a cut belong to the joint.
    return quote.split(separator: masks).map { part in
      flat(String(part)).trimmingPrefix { " ,".contains($0) }
    }.map { part in
      var part = String(part)
      while let last = part.last, " ,".contains(last) { part.removeLast() }
      return part
    }.filter { !$0.isEmpty }
  }

  private static func stand(_ parts: [String], in text: String) -> Bool {
    var rest = text[...]
    for part in parts {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }

  private static func flat(_ text: String) -> String {
    text.replacing(/(?:\\[nrt]|\s)+/, with: " ")
  }

  private static func withoutEscapes(_ bytes: [UInt8]) -> [UInt8] {
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count {
        switch bytes[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
          plain.append(bytes[index + 1])
        case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"):
          plain.append(0x20)
        default: plain += bytes[index...index + 1]
        }
        index += 2
      } else {
        plain.append(bytes[index])
        index += 1
      }
    }
    return plain
  }
}
