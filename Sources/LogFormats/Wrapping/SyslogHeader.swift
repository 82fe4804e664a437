/// Headers of syslog in front of a message (RFC 3164, RFC 5424, rsyslog's ISO form).
enum SyslogHeader {
  /// Where the message begins; nil: the line has no such header.
  static func end(_ line: Span<UInt8>) -> Int? {
    var cursor = LineCursor(line)
    // An octet count (RFC 6587) stands in front of a priority only.
    var place = 0
    while isDigit(line.byte(at: place)) { place += 1 }
    if place > 0 && line.holds(" <", at: place) { cursor.position = place + 1 }
    let hasPriority = cursor.skip(UInt8(ascii: "<"))
    if hasPriority {
      guard (try? cursor.decimal("")) != nil, cursor.skip(UInt8(ascii: ">")) else { return nil }
      if cursor.next == UInt8(ascii: "1"), cursor.peek(1) == UInt8(ascii: " ") {
        cursor.position += 2
        return structured(&cursor)
      }
    }
    if let end = Wrapper.stampEnd(line, from: cursor.position) {
      cursor.position = end
    } else if !skipShortStamp(&cursor) {
      return nil
    }
    return tagEnd(&cursor)
  }

  /// `Mar  5 14:03:22 `, perhaps with a year or a fraction.
  private static func skipShortStamp(_ cursor: inout LineCursor) -> Bool {
    guard cursor.monthName(at: cursor.position) > 0, cursor.peek(3) == UInt8(ascii: " ") else {
      return false
    }
    cursor.position += 4
    cursor.skipBlanks()
    guard (try? cursor.decimal("")) != nil, cursor.skip(UInt8(ascii: " ")) else { return false }
    if cursor.fourDigits(at: cursor.position) > 0, cursor.peek(4) == UInt8(ascii: " ") {
      cursor.position += 5
    }
    guard cursor.peek(2) == UInt8(ascii: ":"), cursor.peek(5) == UInt8(ascii: ":"),
      isDigit(cursor.next)
    else { return false }
    _ = cursor.token()
    return cursor.skip(UInt8(ascii: " "))
  }

  /// Behind `host tag[pid]: ` or `tag: ` at the start of a line.
  static func tagEnd(_ line: Span<UInt8>) -> Int? {
    var cursor = LineCursor(line)
    return tagEnd(&cursor)
  }

  /// Behind `host tag[pid]: ` or `tag: `: the first of the next two words that ends in a colon.
  private static func tagEnd(_ cursor: inout LineCursor) -> Int? {
    for _ in 0..<2 {
      let word = cursor.token()
      guard !word.isEmpty, !cursor.isAtEnd else { return nil }
      cursor.position += 1
      if cursor.line[word.upperBound - 1] == UInt8(ascii: ":") { return cursor.position }
    }
    return nil
  }

  /// Behind `stamp host app process id data `, and a byte order mark.
  private static func structured(_ cursor: inout LineCursor) -> Int? {
    for _ in 0..<5 {
      let word = cursor.token()
      guard !word.isEmpty, cursor.skip(UInt8(ascii: " ")) else { return nil }
    }
    if cursor.next == UInt8(ascii: "-") {
      cursor.position += 1
    } else {
      while cursor.next == UInt8(ascii: "[") {
        // `\]` inside of a value does not close it.
        repeat {
          guard (try? cursor.skip(past: UInt8(ascii: "]"), "")) != nil else { return nil }
        } while cursor.line.byte(at: cursor.position - 2) == UInt8(ascii: "\\")
      }
    }
    guard cursor.skip(UInt8(ascii: " ")) else { return nil }
    _ = cursor.skip("\u{FEFF}")
    return cursor.position
  }
}
