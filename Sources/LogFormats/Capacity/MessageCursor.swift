/// A place in a message of prose, which is searched for landmarks; a line of fixed columns has ``LineCursor``.
struct MessageCursor {
  let bytes: [UInt8]
  var position = 0

  init(_ bytes: [UInt8], at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  var isAtEnd: Bool { position >= bytes.count }
  var rest: [UInt8] { Array(bytes[min(position, bytes.count)...]) }

  /// Steps over a literal that stands here.
  mutating func take(_ literal: String) -> Bool {
    guard holds(literal.utf8.span, at: position) else { return false }
    position += literal.utf8.count
    return true
  }

  /// Goes behind the next `literal`; stays where none follows.
  mutating func skip(past literal: String) -> Bool {
    guard let found = place(of: literal) else { return false }
    position = found + literal.utf8.count
    return true
  }

  /// The text up to the next `literal`, and goes behind that.
  mutating func text(until literal: String) -> [UInt8]? {
    guard let found = place(of: literal) else { return nil }
    defer { position = found + literal.utf8.count }
    return Array(bytes[position..<found])
  }

  /// Where `literal` stands at or behind the cursor.
  func place(of literal: String) -> Int? {
    let wanted = literal.utf8.span
    guard wanted.count > 0, position >= 0, bytes.count - position >= wanted.count else {
      return nil
    }
    for start in position...bytes.count - wanted.count where holds(wanted, at: start) {
      return start
    }
    return nil
  }

  /// A whole number of at most 9 digits with an optional sign; no step where none stands here.
  mutating func integer() -> Int? {
    let start = position
    var index = position
    let isNegative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    var value = 0
    let first = index
    while index < bytes.count, isDigit(bytes[index]), index - first < 10 {
      value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
      index += 1
    }
    guard index > first, index - first < 10 else {
      position = start
      return nil
    }
    position = index
    return isNegative ? -value : value
  }

  /// The bytes up to the next blank, comma, semicolon or the end.
  mutating func word() -> [UInt8] {
    let start = min(position, bytes.count)
    while position < bytes.count, !Self.endsWord(bytes[position]) { position += 1 }
    return Array(bytes[start..<max(start, position)])
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
      || byte == 0x0A
  }

  private func holds(_ literal: Span<UInt8>, at start: Int) -> Bool {
    guard start >= 0, bytes.count - start >= literal.count else { return false }
    for index in 0..<literal.count where bytes[start + index] != literal[index] { return false }
    return true
  }
}

extension [UInt8] {
  /// The bytes as text, broken UTF-8 repaired.
  var asText: String { String(decoding: self, as: UTF8.self) }

  /// Whether `literal` occurs.
  func contains(text literal: String) -> Bool { MessageCursor(self).place(of: literal) != nil }

  /// Without blanks, tabs and line ends at both ends.
  var trimmed: [UInt8] {
    let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    guard let first = firstIndex(where: { !isBlank($0) }),
      let last = lastIndex(where: { !isBlank($0) })
    else { return [] }
    return Array(self[first...last])
  }
}

/// Whether a byte is an ASCII letter.
func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
