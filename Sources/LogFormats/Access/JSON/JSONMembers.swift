/// A member of a JSON object, or a pair of a logfmt line, whose key is known.
struct JSONMember {
  private var start: UInt32 = 0
  private var count: UInt32 = 0
  /// 255 less the key's rank; 0: there is no member, so that a line's members begin as zeroes.
  private(set) var standing: UInt8 = 0
  var unit = JSONUnit.unknown
  var hasEscapes = false
  private var padding: UInt8 = 0

  /// The key's rank; 255: there is none.
  var rank: UInt8 {
    get { 255 &- standing }
    set { standing = 255 &- newValue }
  }

  init() {}

  init(_ key: JSONKey, _ range: Range<Int>, hasEscapes: Bool = false) {
    start = UInt32(truncatingIfNeeded: range.lowerBound)
    count = UInt32(truncatingIfNeeded: range.count)
    rank = key.rank
    unit = key.unit
    self.hasEscapes = hasEscapes
  }

  /// The text of a string without its quotes, or of a number; empty for `null`.
  var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

/// The known members of one line, one for each meaning.
struct JSONMembers: ~Copyable {
  private var slots = InlineArray<28, JSONMember>(repeating: JSONMember())
  /// How many elements an array under a key for retries has.
  private(set) var attempts = 0

  /// The member with a meaning; nil: the line has none.
  @inline(__always)
  subscript(_ meaning: JSONMeaning) -> JSONMember? {
    // Through the span: the array's own subscript copies all of it.
    let member = slots.span[meaning.rawValue]
    return member.standing == 0 ? nil : member
  }

  /// The member with a meaning where it says something: neither null, nor empty, nor `-`.
  @inline(__always)
  func filled(_ meaning: JSONMeaning, _ line: Span<UInt8>) -> JSONMember? {
    guard let member = self[meaning], !member.range.isEmpty,
      !LineCursor(line).isDash(member.range)
    else { return nil }
    return member
  }

  /// Reads the whole object, so that a line that is cut is refused.
  mutating func read(
    _ line: Span<UInt8>, _ table: JSONKeyTable, from start: Int = 0
  ) throws(LineError) {
    if line.byte(at: start) != UInt8(ascii: "{") {
      throw LineError("the line is no JSON object", at: 0)
    }
    var json = JSONCursor(line, at: start)
    do throws(LineError) {
      try json.enterObject()
      try members(&json, table, level: 0)
      try json.end()
    } catch {
      throw error.column >= line.count ? .cut(at: line.count) : error
    }
  }

  private mutating func members(
    _ json: inout JSONCursor, _ table: JSONKeyTable, level: UInt8
  ) throws(LineError) {
    while let name = try json.nextKey() {
      guard let found = table.find(json.bytes, name.range, level: level) else {
        try json.skip()
        continue
      }
      if found.inside > 0, json.peek() == UInt8(ascii: "{") {
        try json.enterObject()
        try members(&json, table, level: found.inside)
      } else {
        let value = try json.value()
        if let key = found.key { note(key, value, json) }
      }
    }
  }

  /// Keeps a value that ends where the cursor stands.
  private mutating func note(
    _ key: JSONKey, _ value: JSONValue, _ json: borrowing JSONCursor
  ) {
    switch value {
    case .string(let text): note(key, text.range, hasEscapes: text.hasEscapes)
    case .number(let range): note(key, range)
    case .null: note(key, 0..<0)
    case .array(let range): noteFirst(key, of: range, json.bytes)
    case .boolean(let flag): note(key, json.position - (flag ? 4 : 5)..<json.position)
    case .object: return
    }
  }

  /// Keeps a value unless one of a better rank is there.
  @inline(__always)
  mutating func note(_ key: JSONKey, _ range: Range<Int>, hasEscapes: Bool = false) {
    var member = JSONMember(key, range, hasEscapes: hasEscapes)
    // An empty value stands behind every other.
    if range.isEmpty { member.rank = 254 }
    if slots[key.meaning.rawValue].standing >= member.standing { return }
    slots[key.meaning.rawValue] = member
  }

  /// A header's values come as an array: the first one stands for all. Attempts are counted.
  private mutating func noteFirst(_ key: JSONKey, of range: Range<Int>, _ bytes: Span<UInt8>) {
    var json = JSONCursor(bytes, at: range.lowerBound)
    guard (try? json.enterArray()) != nil else { return }
    if key.meaning == .retries {
      note(key, range)
      // More attempts than this don't happen.
      while attempts < 255, (try? json.nextElement()) == true, (try? json.skip()) != nil {
        attempts += 1
      }
    } else if (try? json.nextElement()) == true, case .string(let text)? = try? json.value() {
      note(key, text.range, hasEscapes: text.hasEscapes)
    }
  }
}
