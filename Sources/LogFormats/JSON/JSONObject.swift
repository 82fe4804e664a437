/// A JSON object with its members looked up by key: for the few objects of a capacity log, never for access lines.
package struct JSONObject: Hashable, Sendable {
  /// A value whose strings are unescaped.
  package enum Value: Hashable, Sendable {
    case text([UInt8])
    /// The digits as they stand in the text; see ``JSONObject/integer(_:)``.
    case number([UInt8])
    case boolean(Bool)
    case null
    case object(JSONObject)
    case array([Value])
  }

  /// One key with its value.
  package struct Member: Hashable, Sendable {
    package var key: [UInt8]
    package var value: Value
    /// From the key's opening quote to the end of the value, in the text that was read.
    package var range: Range<Int>
  }

  /// In the order of the text.
  package private(set) var members: [Member] = []

  /// Values in one object, its inner ones included; what has more is refused.
  package static let valueLimit = 100_000

  /// Reads a text that holds one object and nothing else.
  package init(_ text: Span<UInt8>) throws(LineError) {
    var cursor = JSONCursor(text)
    var budget = Self.valueLimit
    try cursor.enterObject()
    try read(&cursor, &budget)
    try cursor.end()
  }

  /// Reads an object that stands inside a string, such as the `Details` of an activity.
  ///
  /// The members in front of the first error are kept: documentation and cut logs end in `...}`.
  package init(lenient text: [UInt8]) {
    var cursor = JSONCursor(text.span)
    var budget = Self.valueLimit
    do {
      try cursor.enterObject()
      try read(&cursor, &budget)
    } catch {}
  }

  private init() {}

  private mutating func read(_ cursor: inout JSONCursor, _ budget: inout Int) throws(LineError) {
    while let start = try cursor.nextKeyStart() {
      var key: [UInt8] = []
      cursor.unescape(start.key, into: &key)
      let value = try Self.value(&cursor, &budget)
      members.append(Member(key: key, value: value, range: start.position..<cursor.position))
    }
  }

  private static func value(
    _ cursor: inout JSONCursor, _ budget: inout Int
  ) throws(LineError) -> Value {
    budget -= 1
    guard budget > 0 else {
      throw LineError("the JSON object has too many values", at: cursor.position)
    }
    switch cursor.peek() {
    case UInt8(ascii: "{"):
      try cursor.enterObject()
      var object = JSONObject()
      try object.read(&cursor, &budget)
      return .object(object)
    case UInt8(ascii: "["):
      try cursor.enterArray()
      var elements: [Value] = []
      while try cursor.nextElement() { elements.append(try value(&cursor, &budget)) }
      return .array(elements)
    default:
      switch try cursor.value() {
      case .string(let text):
        var bytes: [UInt8] = []
        cursor.unescape(text, into: &bytes)
        return .text(bytes)
      case .number(let range): return .number(range.map { cursor.bytes[$0] })
      case .boolean(let flag): return .boolean(flag)
      case .null, .object, .array: return .null
      }
    }
  }
}

extension JSONCursor {
  /// As ``nextKey()``, with the byte at which the key's opening quote stands.
  fileprivate mutating func nextKeyStart() throws(LineError) -> (key: JSONText, position: Int)? {
    guard let key = try nextKey() else { return nil }
    return (key, max(0, key.range.lowerBound - 1))
  }
}

extension JSONObject {
  /// The value of the first member with that key.
  package subscript(_ key: String) -> Value? { member(key)?.value }

  /// The first member with that key.
  package func member(_ key: String) -> Member? {
    members.first { $0.key.elementsEqual(key.utf8) }
  }

  /// The first member with one of the keys, upper and lower case alike.
  package func member(anyOf keys: [String]) -> Member? {
    for key in keys {
      let found = members.first { member in
        member.key.lowercasedASCII.elementsEqual(key.utf8.map { $0.lowercasedASCII })
      }
      if let found { return found }
    }
    return nil
  }

  /// The unescaped bytes of a string member; nil where it is absent, empty or no string.
  package func text(_ key: String) -> [UInt8]? {
    guard case .text(let bytes)? = self[key], !bytes.isEmpty else { return nil }
    return bytes
  }

  /// A string member as a `String`, broken UTF-8 repaired.
  package func string(_ key: String) -> String? {
    text(key).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A whole number, written as number or string.
  package func integer(_ key: String) -> Int? { self[key]?.integer }

  /// An inner object.
  package func object(_ key: String) -> JSONObject? {
    guard case .object(let object)? = self[key] else { return nil }
    return object
  }

  /// The elements of an array member; empty where there is none.
  package func array(_ key: String) -> [Value] {
    guard case .array(let elements)? = self[key] else { return [] }
    return elements
  }
}

extension JSONObject.Value {
  /// The digits or characters of a number or string.
  package var scalarBytes: [UInt8]? {
    switch self {
    case .text(let bytes), .number(let bytes): bytes
    default: nil
    }
  }

  /// A whole number up to 15 digits, written as number or string; a fraction of zeros is allowed.
  package var integer: Int? {
    guard let bytes = scalarBytes else { return nil }
    let whole = bytes.prefix { $0 != UInt8(ascii: ".") }
    let rest = bytes[whole.endIndex...].dropFirst()
    guard rest.allSatisfy({ $0 == 0x30 }), (1...16).contains(whole.count) else { return nil }
    return Int(String(decoding: whole, as: UTF8.self))
  }
}

extension UInt8 {
  /// `A` … `Z` as `a` … `z`, anything else itself.
  @inline(__always)
  package var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}

extension [UInt8] {
  /// ASCII capitals made small.
  package var lowercasedASCII: [UInt8] { map(\.lowercasedASCII) }
}
