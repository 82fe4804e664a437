internal import Crypto

/// The part of a report that people write, and how it outlives a new run (REPORT §2.11).
package enum HumanSections {
  /// The headings, in their order; each begins with `✍`.
  enum Heading: String, CaseIterable {
    case detection = "Detection"
    case response = "Response"
    case customers = "Customers and business"
    case well = "What went well"
    case wrong = "What went wrong"
    case lucky = "Where we got lucky"
    case actions = "Action items"

    var line: String { "### ✍ " + rawValue }
  }

  static var headings: [Heading] { Heading.allCases }

  /// Hex SHA-256, as `markdown_sha256` in `report.json` holds it.
  package static func digest(of bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// Puts what people wrote under the headings of `existing` under the same headings of `fresh`.
  ///
  /// A heading that one of the two lacks, or that people left as it was, stays as it is in `fresh`.
  package static func updated(_ fresh: [UInt8], keeping existing: [UInt8]) -> [UInt8] {
    let old = sections(String(decoding: existing, as: UTF8.self))
    var lines: [String] = []
    var skipping = false
    for line in allLines(String(decoding: fresh, as: UTF8.self)) {
      if isHeading(line) {
        skipping = false
        lines.append(line)
        if let kept = old[line] {
          lines += kept
          skipping = true
        }
      } else if !skipping {
        lines.append(line)
      }
    }
    return Array(lines.joined(separator: "\n").utf8)
  }

  /// The lines under each human heading, up to the next heading of the first three levels.
  private static func sections(_ text: String) -> [String: [String]] {
    var sections: [String: [String]] = [:]
    var open: String?
    for line in allLines(text) {
      if isHeading(line) {
        open = headings.contains { $0.line == line } && sections[line] == nil ? line : nil
        if let open { sections[open] = [] }
      } else if let open {
        sections[open]?.append(line)
      }
    }
    return sections
  }

  private static func isHeading(_ line: String) -> Bool {
    line.hasPrefix("# ") || line.hasPrefix("## ") || line.hasPrefix("### ")
  }

  private static func allLines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasSuffix("\r") ? String(line.dropLast()) : String(line)
    }
  }
}

extension Phrase {
  /// `✍ Detection`
  init(heading: HumanSections.Heading) {
    self.init(stringLiteral: "✍ " + heading.rawValue)
  }
}
