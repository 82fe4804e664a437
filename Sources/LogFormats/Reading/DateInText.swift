package import IncidentModel

/// Dates in file names and headings.
package enum DateInText {
  /// Midnight UTC of the first `2024-03-05`, `2024_03_05` or `20240305` in a text; nil where there is none.
  package static func first(in text: Span<UInt8>) -> Instant? {
    let cursor = LineCursor(text)
    for start in 0..<max(0, text.count - 7) {
      // A date begins where no number goes on.
      guard text.byte(at: start) == UInt8(ascii: "2"), !isDigit(text.byte(at: start - 1)) else {
        continue
      }
      let separator = text.byte(at: start + 4)
      let isSplit = separator == UInt8(ascii: "-") || separator == UInt8(ascii: "_")
      let width = isSplit ? 1 : 0
      guard !isSplit || text.byte(at: start + 7) == separator else { continue }
      let civil = CivilTime(
        year: cursor.fourDigits(at: start), month: cursor.twoDigits(at: start + 4 + width),
        day: cursor.twoDigits(at: start + 6 + 2 * width))
      let end = start + 8 + 2 * width
      if civil.year >= 2000, civil.isValid, !isDigit(text.byte(at: end)) { return civil.instant() }
    }
    return nil
  }
}
