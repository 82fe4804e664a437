package import IncidentModel

/// The request line and the status: `GET /cart HTTP/1.1`, `""`, `-`, or whatever a client sent.
extension LineCursor {
  /// The quoted request and the status behind it.
  ///
  /// Where a raw quote inside of the request ends the field too early, the next quote that has a status behind it ends it.
  @inline(__always)
  package mutating func requestAndStatus(
    into record: inout AccessRecord
  ) throws(LineError) {
    try expect(UInt8(ascii: "\""), "the request has no opening quote")
    let start = position
    var end = closingQuote(from: start)
    if end == line.count { throw .cut(at: end) }
    if !seesStatus(behind: end) { end = laterQuote(from: start, after: end) }
    position = end + 1
    requestLine(start..<end, into: &record)
    try blank("the status does not follow the request")
    record.status = try status()
  }

  /// Whether ` 200`, ` -` or ` 000` stands behind a closing quote.
  @inline(__always)
  private func seesStatus(behind quote: Int) -> Bool {
    let first = line.byte(at: quote + 2)
    return isDigit(first) && isDigit(line.byte(at: quote + 3)) && isDigit(line.byte(at: quote + 4))
      || first == UInt8(ascii: "-")
  }

  /// The next closing quote with a status behind it, or `first` where there is none.
  @inline(never)
  private func laterQuote(from start: Int, after first: Int) -> Int {
    var quote = first
    // A line of 64 quotes in front of its status is noise.
    for _ in 0..<64 {
      quote = closingQuote(from: quote + 1)
      if quote == line.count { return first }
      if seesStatus(behind: quote) { return quote }
    }
    return first
  }

  /// An HTTP status; 0 for `-`, `000`, `0` and `-1`, which are requests that never got one (FORMATS §0.2).
  @inline(__always)
  package mutating func status() throws(LineError) -> UInt16 {
    let start = position
    let value = try decimalOrDash("the status is not a number")
    if value <= 0 { return 0 }
    if value < 100 || value > 999 { throw LineError("the status is no HTTP status", at: start) }
    return UInt16(truncatingIfNeeded: value)
  }

  /// Takes method and target out of a request line; both stay absent where it is none.
  @inline(__always)
  package func requestLine(_ range: Range<Int>, into record: inout AccessRecord) {
    var place = range.lowerBound
    let end = range.upperBound
    while place < end && isMethodByte(line[place]) { place += 1 }
    let length = place - range.lowerBound
    // The longest registered method is UPDATEREDIRECTREF with 17 letters (RFC 4437).
    if length < 3 || length > 20 { return }
    if place == end {
      record.method = TextRange(range)
      return
    }
    if line[place] != UInt8(ascii: " ") { return }
    record.method = TextRange(range.lowerBound..<place)
    var targetEnd = end
    if end - place > 9 && line.holds(" HTTP/", at: end - 9) {
      targetEnd = end - 9
    } else if end - place > 7 && line.holds(" HTTP/", at: end - 7) {
      targetEnd = end - 7
    }
    if place + 1 < targetEnd { record.target = TextRange(place + 1..<targetEnd) }
  }

  @inline(__always)
  private func isMethodByte(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "A") < 26 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}
