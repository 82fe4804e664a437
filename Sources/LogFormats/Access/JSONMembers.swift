/// A member of a JSON object whose key is known.
struct JSONMember {
  var key: JSONKey
  /// The text of a string without its quotes, or of a number; empty for `null`.
  var range: Range<Int>
  var hasEscapes = false
}

/// The known members of one JSON object, one for each meaning.
struct JSONMembers {
  private var slots = InlineArray<20, JSONMember?>(repeating: nil)

  subscript(_ meaning: JSONMeaning) -> JSONMember? { slots[meaning.rawValue] }

  /// Reads the whole object, so that a line that is cut is refused.
  mutating func read(_ line: Span<UInt8>) throws(LineError) {
    var json = JSONCursor(line)
    do throws(LineError) {
      try json.enterObject()
      try members(&json, isNested: false)
      try json.end()
    } catch {
      throw error.column >= line.count ? .cut(at: line.count) : error
    }
  }

  private mutating func members(
    _ json: inout JSONCursor, isNested: Bool
  ) throws(LineError) {
    while let name = try json.nextKey() {
      let bytes = json.bytes.extracting(name.range)
      if !isNested, JSONKey.isNest(bytes), json.peek() == UInt8(ascii: "{") {
        try json.enterObject()
        try members(&json, isNested: true)
        continue
      }
      let value = try json.value()
      if var key = JSONKey.known(bytes) {
        // What stands at the top goes before what stands inside.
        if isNested { key.rank += 64 }
        note(key, value)
      }
    }
  }

  private mutating func note(_ key: JSONKey, _ value: JSONValue) {
    var member = JSONMember(key: key, range: 0..<0)
    switch value {
    case .string(let text):
      member.range = text.range
      member.hasEscapes = text.hasEscapes
    case .number(let range): member.range = range
    case .null: break
    case .boolean, .object, .array: return
    }
    let slot = key.meaning.rawValue
    if let present = slots[slot], present.key.rank <= key.rank { return }
    slots[slot] = member
  }
}
