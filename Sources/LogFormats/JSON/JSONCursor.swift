/// A string of a JSON text: the bytes between its quotes, as they stand there.
package struct JSONText: Hashable, Sendable {
  /// Between the quotes, escapes not undone.
  package var range: Range<Int>
  /// A backslash occurs, so that the bytes must go through ``JSONCursor/unescape(_:of:into:)``.
  package var hasEscapes: Bool

  package init(range: Range<Int>, hasEscapes: Bool) {
    self.range = range
    self.hasEscapes = hasEscapes
  }
}

/// A value of a JSON text as ranges into its bytes; what an object or array holds is not read.
package enum JSONValue: Hashable, Sendable {
  case string(JSONText)
  /// The digits with sign, point and exponent.
  case number(Range<Int>)
  case boolean(Bool)
  case null
  /// From `{` to `}`, both included.
  case object(Range<Int>)
  /// From `[` to `]`, both included.
  case array(Range<Int>)
}

/// Pulls one JSON text (RFC 8259) apart without allocating: keys and values come as ranges.
///
/// A flat access-log line needs one loop, and nothing is copied:
///
///     var json = JSONCursor(line)
///     try json.enterObject()
///     while let key = try json.nextKey() {
///       if json.matches(key, "status") { status = try json.value() } else { try json.skip() }
///     }
///
/// Where a value is an object that matters, call ``enterObject()`` in place of ``value()`` and run
/// the same loop inside. More lenient than the standard where writers of logs are: raw control bytes
/// in strings, `\xHH`, unknown escapes and broken UTF-8 pass. Structure errors name their column.
package struct JSONCursor: ~Escapable {
  /// Objects and arrays within each other; deeper texts are refused.
  package static let depthLimit = 64

  package let bytes: Span<UInt8>
  /// The next byte to be read.
  package private(set) var position: Int
  private var isFirst = false
  private var depth = 0

  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>, at position: Int = 0) {
    self.bytes = bytes
    self.position = max(0, min(position, bytes.count))
  }

  /// The next byte behind blanks; nil at the end. Nothing but blanks is consumed.
  @inline(__always)
  package mutating func peek() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return nil
  }

  /// Consumes `{`.
  package mutating func enterObject() throws(LineError) {
    guard peek() == UInt8(ascii: "{") else {
      throw LineError("a JSON object should begin here", at: position)
    }
    try open()
  }

  /// Consumes `[`.
  package mutating func enterArray() throws(LineError) {
    guard peek() == UInt8(ascii: "[") else {
      throw LineError("a JSON array should begin here", at: position)
    }
    try open()
  }

  /// The next key of the object that was entered, with its colon; nil once `}` is consumed.
  package mutating func nextKey() throws(LineError) -> JSONText? {
    guard try !closes(UInt8(ascii: "}")) else { return nil }
    guard peek() == UInt8(ascii: "\"") else {
      throw LineError("a key of the JSON object should begin here", at: position)
    }
    let key = try string()
    guard peek() == UInt8(ascii: ":") else {
      throw LineError("the colon behind a JSON key is missing", at: position)
    }
    position += 1
    return key
  }

  /// Whether the array that was entered holds another element, which is to be read next; false once `]` is consumed.
  package mutating func nextElement() throws(LineError) -> Bool {
    try !closes(UInt8(ascii: "]"))
  }

  /// Reads one value; an object or array is passed over and comes as its range.
  package mutating func value() throws(LineError) -> JSONValue {
    guard let first = peek() else { throw LineError("the JSON text ends early", at: position) }
    let start = position
    switch first {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"):
      try skipContainer()
      return .object(start..<position)
    case UInt8(ascii: "["):
      try skipContainer()
      return .array(start..<position)
    case UInt8(ascii: "t"):
      try word("true")
      return .boolean(true)
    case UInt8(ascii: "f"):
      try word("false")
      return .boolean(false)
    case UInt8(ascii: "n"):
      try word("null")
      return .null
    case UInt8(ascii: "-") where position + 1 >= bytes.count || !isDigit(bytes[position + 1]):
      // A template that leaves the quotes out writes a bare dash where it has no value.
      position += 1
      return .null
    default: return .number(try number())
    }
  }

  /// Passes over one value.
  package mutating func skip() throws(LineError) { _ = try value() }

  /// Refuses anything but blanks behind the value that was read last.
  package mutating func end() throws(LineError) {
    if peek() != nil { throw LineError("there is text behind the JSON value", at: position) }
  }

  /// Whether a key is `name`; a key that is written with escapes matches none.
  @inline(__always)
  package func matches(_ key: JSONText, _ name: StaticString) -> Bool {
    guard !key.hasEscapes, key.range.count == name.utf8CodeUnitCount else { return false }
    // The pointer of a static string stays valid for ever, is read within its own count only,
    // and the literals handed in here are never single scalars (`hasPointerRepresentation`).
    guard name.hasPointerRepresentation else { return false }
    let start = unsafe name.utf8Start
    for index in 0..<key.range.count
    where unsafe bytes[key.range.lowerBound + index] != start[index] {
      return false
    }
    return true
  }
}

extension JSONCursor {
  private mutating func open() throws(LineError) {
    guard depth < Self.depthLimit else {
      throw LineError("the JSON text is nested too deep", at: position)
    }
    depth += 1
    position += 1
    isFirst = true
  }

  /// Consumes the closing bracket, or the comma that must stand in front of what comes next.
  private mutating func closes(_ bracket: UInt8) throws(LineError) -> Bool {
    guard let byte = peek() else { throw LineError("the JSON text ends early", at: position) }
    if byte == bracket {
      position += 1
      depth -= 1
      isFirst = false
      return true
    }
    if isFirst {
      isFirst = false
      return false
    }
    guard byte == UInt8(ascii: ",") else {
      throw LineError("a comma or closing bracket is missing in the JSON text", at: position)
    }
    position += 1
    return false
  }

  /// Reads the string whose opening quote is next.
  private mutating func string() throws(LineError) -> JSONText {
    position += 1
    let start = position
    var hasEscapes = false
    while true {
      position = bytes.near(UInt8(ascii: "\""), or: UInt8(ascii: "\\"), from: position)
      if position >= bytes.count { break }
      if bytes[position] == UInt8(ascii: "\"") {
        position += 1
        return JSONText(range: start..<position - 1, hasEscapes: hasEscapes)
      }
      hasEscapes = true
      position += 2
    }
    position = bytes.count
    throw LineError("the closing quote of a JSON string is missing", at: position)
  }

  private mutating func number() throws(LineError) -> Range<Int> {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    guard digits() else { throw LineError("a JSON value should begin here", at: start) }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      guard digits() else {
        throw LineError("the fraction of a JSON number has no digits", at: position)
      }
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count, bytes[position] == 0x2B || bytes[position] == 0x2D {
        position += 1
      }
      guard digits() else {
        throw LineError("the exponent of a JSON number has no digits", at: position)
      }
    }
    return start..<position
  }

  private mutating func digits() -> Bool {
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    return position > start
  }

  private mutating func word(_ word: String) throws(LineError) {
    let start = position
    let span = word.utf8.span
    for index in 0..<span.count {
      guard position < bytes.count, bytes[position] == span[index] else {
        throw LineError("a JSON value should begin here", at: start)
      }
      position += 1
    }
  }

  /// Passes over the object or array that begins here, with one bit a level for its kind.
  private mutating func skipContainer() throws(LineError) {
    let base = depth
    var kinds: UInt64 = 0
    repeat {
      if bytes[position] == UInt8(ascii: "{") {
        kinds = kinds << 1 | 1
        try open()
      } else {
        kinds <<= 1
        try open()
      }
      while depth > base {
        let isObject = kinds & 1 == 1
        let more = try isObject ? nextKey() != nil : nextElement()
        guard more else {
          kinds >>= 1
          continue
        }
        if let byte = peek(), byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") { break }
        try skip()
      }
    } while depth > base
  }
}
