package import IncidentModel

/// A place in a line, and the steps that a format takes from there.
///
/// A format reads like its specification: `try cursor.expect(UInt8(ascii: "["), "the time has no bracket")`.
/// Where the line ends although more must follow, every step throws ``LineError/cut(at:)``.
package struct LineCursor: ~Escapable {
  package let line: Span<UInt8>
  /// The next byte to read, counted from the start of the line.
  package var position: Int

  @_lifetime(copy line)
  @inline(__always)
  package init(_ line: Span<UInt8>, at position: Int = 0) {
    self.line = line
    self.position = position
  }

  @inline(__always)
  package var isAtEnd: Bool { position >= line.count }

  /// The next byte; 0 at the end.
  @inline(__always)
  package var next: UInt8 { line.byte(at: position) }

  /// The byte `distance` bytes on; 0 beyond the end.
  @inline(__always)
  package func peek(_ distance: Int) -> UInt8 { line.byte(at: position + distance) }

  /// Whether the rest begins with an ASCII literal.
  @inline(__always)
  package func sees(_ literal: StaticString) -> Bool { line.holds(literal, at: position) }

  /// The error for a byte that does not belong here: `reason`, or *cut* at the end of the line.
  @inline(never)
  package func failure(_ reason: StaticString) -> LineError {
    isAtEnd ? .cut(at: line.count) : LineError(reason, at: position)
  }

  /// Steps over one byte that must stand here.
  @inline(__always)
  package mutating func expect(_ byte: UInt8, _ reason: StaticString) throws(LineError) {
    guard position < line.count && line[position] == byte else {
      throw failure(reason)
    }
    position += 1
  }

  /// Steps over a literal that must stand here.
  @inline(__always)
  package mutating func expect(
    _ literal: StaticString, _ reason: StaticString
  ) throws(LineError) {
    if !skip(literal) { throw failure(reason) }
  }

  /// Steps over one byte if it stands here.
  @inline(__always)
  package mutating func skip(_ byte: UInt8) -> Bool {
    if position < line.count && line[position] == byte {
      position += 1
      return true
    }
    return false
  }

  /// Steps over a literal if it stands here.
  @inline(__always)
  package mutating func skip(_ literal: StaticString) -> Bool {
    if !sees(literal) { return false }
    position += literal.utf8CodeUnitCount
    return true
  }

  /// Steps over any number of blanks.
  @inline(__always)
  package mutating func skipBlanks() {
    while position < line.count && line[position] == UInt8(ascii: " ") { position += 1 }
  }

  /// Steps over at least one blank.
  @inline(__always)
  package mutating func blank(_ reason: StaticString) throws(LineError) {
    try expect(UInt8(ascii: " "), reason)
    skipBlanks()
  }

  /// Goes behind the next `byte`.
  @inline(__always)
  package mutating func skip(past byte: UInt8, _ reason: StaticString) throws(LineError) {
    let found = line.place(of: byte, from: position)
    if found == line.count { throw LineError(reason, at: position) }
    position = found + 1
  }

  /// The bytes up to the next `byte`, and goes behind that.
  @inline(__always)
  package mutating func take(
    until byte: UInt8, _ reason: StaticString
  ) throws(LineError) -> Range<Int> {
    let start = position
    try skip(past: byte, reason)
    return start..<position - 1
  }

  /// The bytes up to the next blank or the end of the line; the cursor stops at the blank.
  @inline(__always)
  package mutating func token() -> Range<Int> {
    let start = position
    position = line.near(UInt8(ascii: " "), from: position)
    return start..<position
  }

  /// A token of at least one byte.
  @inline(__always)
  package mutating func shortToken(_ reason: StaticString) throws(LineError) -> Range<Int> {
    let start = position
    position = line.near(UInt8(ascii: " "), from: position)
    if position == start { throw failure(reason) }
    return start..<position
  }

  /// Whether a field is the `-` that stands for nothing.
  @inline(__always)
  package func isDash(_ range: Range<Int>) -> Bool {
    range.count == 1 && line.byte(at: range.lowerBound) == UInt8(ascii: "-")
  }

  /// A field as a record keeps it: absent where it is empty or `-`.
  @inline(__always)
  package func text(_ range: Range<Int>) -> TextRange {
    range.isEmpty || isDash(range) ? .none : TextRange(range)
  }
}

extension LineError {
  /// The line ends although more must follow: rotation, a full disk or a truncated archive.
  @inline(never)
  package static func cut(at column: Int) -> LineError {
    LineError("the line is cut: it ends early", at: column)
  }

  /// Whether the line was well formed as far as it went.
  package var isCut: Bool { self == .cut(at: column) }
}
