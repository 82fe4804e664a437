/// What a ticket gets: files, and the words of a comment, which come finished.
package struct Parcel: Sendable {
  /// One file of the report.
  package struct File: Sendable {
    /// Letters, digits, `.`, `_` and `-`; no folder.
    package var name: String
    package var mediaType: String
    package var bytes: [UInt8]

    package init(name: String, mediaType: String, bytes: [UInt8]) {
      self.name = name
      self.mediaType = mediaType
      self.bytes = bytes
    }
  }

  /// Where a file lies on the server, for the comment to name.
  package struct Place: Sendable {
    package var name: String
    /// An address that Markdown can link, of letters, digits and `-._/` alone; nil where the tracker shows its files by itself.
    package var address: String?
    /// The JSON by which a later request takes the file over, in a tracker that has such.
    var claim = ""
    /// Whether the file is on the server already, and not only in the request that will carry it.
    var liesThere = true

    package init(name: String, address: String?) {
      self.name = name
      self.address = address
    }
  }

  /// Hex SHA-256 of `report.json`.
  package var digest: String
  /// The line that names the incident and its window.
  package var subject: String
  package var files: [File]
  /// Makes the comment in the tracker's own form: of the files that lie there, and the day of the report that it replaces.
  package var comment: @Sendable (_ files: [Place], _ replaced: String?) -> String

  package init(
    digest: String, subject: String, files: [File],
    comment: @escaping @Sendable (_ files: [Place], _ replaced: String?) -> String
  ) {
    self.digest = digest
    self.subject = subject
    self.files = files
    self.comment = comment
  }
}

/// The last lines of a comment, by which a later run knows it.
struct Marker: Hashable, Sendable {
  private static let lead = "floodmark-report sha256:"
  private static let subjectLead = "floodmark-incident "

  /// Hex SHA-256 of the `report.json` that the comment tells of.
  let digest: String
  /// The line above it; nil where there is none.
  let subject: String?

  /// Reads the marker of a comment: its whole last line, or there is none.
  ///
  /// Log text that a comment quotes can look like a marker; it never is a whole last line.
  init?(lastLineOf text: String) {
    let lines = text.split(whereSeparator: \.isNewline).map(Self.bare).filter { !$0.isEmpty }
    guard let last = lines.last, last.hasPrefix(Self.lead) else { return nil }
    let digits = last.dropFirst(Self.lead.count)
    guard digits.utf8.count == 64, digits.utf8.allSatisfy(Self.isHex) else { return nil }
    digest = String(digits)
    subject = lines.dropLast().last.flatMap {
      $0.hasPrefix(Self.subjectLead) ? String($0) : nil
    }
  }

  /// A line without the marks of a code span and the space around it.
  private static func bare(_ line: Substring) -> Substring {
    var line = line.trimmed
    for (open, close) in [("`", "`"), ("{{", "}}")]
    where line.hasPrefix(open) && line.hasSuffix(close) && line.count > open.count {
      line = line.dropFirst(open.count).dropLast(close.count)
    }
    return line
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = self.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
