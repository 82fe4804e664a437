package import IncidentModel

/// `varnishncsa`: combined whose requests are whole URLs, perhaps with the handling and times behind (FORMATS §1.6).
package enum Varnish: AccessFormat {
  package static let name = "varnish"
  package static let summary = "varnishncsa: combined with whole URLs"
  package static let example =
    "203.0.113.7 - - [05/Mar/2024:14:03:22 +0000] \"GET http://shop.example.com/cart HTTP/1.1\" 200 5316 \"-\" \"curl/8.5\" 0.120456 miss"
  package static let fields: Set<FormatField> = [
    .client, .agent, .referrer, .service, .upstream, .duration,
  ]
  package static let stamp: StampMeaning? = .arrival
  package static let strictness = 33

  /// `combined`, then `%D`, `%{Varnish:time_firstbyte}x` and `%{Varnish:handling}x` in any order.
  package static func parse(
    _ line: Span<UInt8>, in context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    var cursor = LineCursor(line)
    try cursor.commonHead(&context, into: &record)
    try cursor.commonBody(into: &record)
    let host = cursor.urlHost(of: record.target)
    if host.isEmpty && context.isDetecting {
      throw LineError("the request names no whole URL", at: cursor.position)
    }
    record.service = cursor.hostName(host, &context)
    try cursor.referrerAndAgent(into: &record)
    // Three extras at most are usual.
    for _ in 0..<8 where !cursor.isAtEnd {
      cursor.skipBlanks()
      extra(&cursor, into: &record)
    }
  }

  /// A whole number is `%D`, a decimal the first byte's time in seconds, a word the handling.
  private static func extra(_ cursor: inout LineCursor, into record: inout AccessRecord) {
    let isQuoted = cursor.next == UInt8(ascii: "\"")
    guard let range = isQuoted ? try? cursor.quoted("") : cursor.token() else {
      cursor.position = cursor.line.count
      return
    }
    let text = cursor.line.extracting(range)
    if isDigit(text.byte(at: 0)) {
      var value = LineCursor(cursor.line.extracting(0..<range.upperBound), at: range.lowerBound)
      if text.near(UInt8(ascii: "."), from: 0) < text.count {
        record.upstreamDuration = (try? value.microseconds("")) ?? -1
      } else if record.duration < 0 {
        record.duration = (try? value.decimal("")) ?? -1
      }
    } else if text.isKey("hit") || text.isKey("miss") || text.isKey("pass")
      || text.isKey("pipe") || text.isKey("synth") || text.isKey("error")
    {
      record.cache = TextRange(range)
    }
  }
}

extension LineCursor {
  /// The host of a whole URL that stands in the line; empty for a path.
  func urlHost(of target: TextRange) -> Range<Int> {
    let low = Int(target.start & ~TextRange.scratchFlag)
    let high = low + Int(target.count)
    guard target.start & TextRange.scratchFlag == 0, line.byte(at: low) != UInt8(ascii: "/") else {
      return low..<low
    }
    // `https` is the longest scheme of a request.
    let colon = line.near(UInt8(ascii: ":"), from: low)
    guard colon < low + 7, colon + 3 < high, line.holds("://", at: colon) else { return low..<low }
    var end = colon + 3
    while end < high && line[end] != UInt8(ascii: "/") && line[end] != UInt8(ascii: "?") {
      end += 1
    }
    return colon + 3..<end
  }
}
