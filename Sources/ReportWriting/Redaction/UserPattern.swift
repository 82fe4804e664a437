/// A regular expression that the user gave for what else must not be shown.
package struct UserPattern {
  private let regex: Regex<AnyRegexOutput>

  /// nil where the text is no regular expression.
  package init?(_ text: String) {
    guard !text.isEmpty, let regex = try? Regex(text) else { return nil }
    self.regex = regex.matchingSemantics(.unicodeScalar)
  }

  /// The byte ranges of its matches that are not empty, ascending.
  ///
  /// Bytes that are no UTF-8 are taken for Latin-1, so that a pattern works on the rest of such a line.
  func hits(in bytes: [UInt8]) -> [Range<Int>] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
      return text.ranges(of: regex).compactMap { range in
        let scalars = text.unicodeScalars
        let start = scalars.distance(from: scalars.startIndex, to: range.lowerBound)
        let count = scalars.distance(from: range.lowerBound, to: range.upperBound)
        return count == 0 ? nil : start..<start + count
      }
    }
    return text.ranges(of: regex).compactMap { range in
      let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
      let count = text.utf8.distance(from: range.lowerBound, to: range.upperBound)
      return count == 0 ? nil : start..<start + count
    }
  }
}
