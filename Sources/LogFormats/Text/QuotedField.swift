/// Quoted fields (FORMATS §0.3).
extension LineCursor {
  /// The text between the quote that stands here and its closing quote; the cursor goes behind that.
  ///
  /// The field ends at the first quote that is not preceded by an odd number of backslashes and that is followed by a blank or the end of the line.
  @inline(__always)
  package mutating func quoted(_ reason: StaticString) throws(LineError) -> Range<Int> {
    try expect(UInt8(ascii: "\""), reason)
    let start = position
    let end = closingQuote(from: start)
    if end == line.count { throw .cut(at: end) }
    position = end + 1
    return start..<end
  }

  /// The closing quote at or after `start`, or the line's end.
  @inline(__always)
  package func closingQuote(from start: Int) -> Int {
    var search = start
    while true {
      let quote = line.place(of: UInt8(ascii: "\""), from: search)
      if quote == line.count { return quote }
      let isClosing = quote + 1 == line.count || line[quote + 1] == UInt8(ascii: " ")
      if isClosing && !isEscaped(quote, from: start) { return quote }
      search = quote + 1
    }
  }

  /// Whether an odd number of backslashes stands in front of `place`, none of them before `start`.
  @inline(__always)
  package func isEscaped(_ place: Int, from start: Int) -> Bool {
    var slashes = 0
    while place - slashes > start && line[place - slashes - 1] == UInt8(ascii: "\\") {
      slashes += 1
    }
    return slashes & 1 == 1
  }
}
