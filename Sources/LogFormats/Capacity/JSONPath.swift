internal import IncidentModel

/// Members of inner objects, by their path.
extension JSONObject {
  /// Reads an object that has at least one of the keys, anywhere in it; what has none is refused before it is taken apart.
  ///
  /// While the format of a file is looked for, most objects are of another one.
  init(
    _ text: Span<UInt8>, naming keys: [StaticString], or reason: StaticString
  ) throws(LineError) {
    guard text.byte(at: 0) == UInt8(ascii: "{") else {
      throw LineError("a JSON object should begin here", at: 0)
    }
    var quote = text.place(of: UInt8(ascii: "\""), from: 0)
    while quote < text.count {
      for key in keys where text.holds(key, at: quote + 1) {
        self = try JSONObject(text)
        return
      }
      quote = text.place(of: UInt8(ascii: "\""), from: quote + 1)
    }
    throw LineError(reason, at: 0)
  }

  /// The object that lies under the keys.
  func object(at path: [String]) -> JSONObject? {
    var inner: JSONObject? = self
    for key in path { inner = inner?.object(key) }
    return inner
  }

  /// The value that lies under the keys.
  func value(at path: String...) -> Value? {
    guard let last = path.last else { return nil }
    return object(at: Array(path.dropLast()))?[last]
  }

  /// The bytes of a string that lies under the keys; nil where it is absent or empty.
  func text(at path: String...) -> [UInt8]? {
    guard let last = path.last else { return nil }
    return object(at: Array(path.dropLast()))?.text(last)
  }

  /// As ``text(at:)``, broken UTF-8 repaired.
  func string(at path: String...) -> String? {
    guard let last = path.last else { return nil }
    return object(at: Array(path.dropLast()))?.string(last)
  }

  /// The string under the first of the keys that has one.
  func string(anyOf keys: [String]) -> String? {
    for key in keys { if let found = string(key) { return found } }
    return nil
  }

  /// The whole number under the first of the keys that has one.
  func integer(anyOf keys: [String]) -> Int? {
    for key in keys { if let found = integer(key) { return found } }
    return nil
  }

  /// The stamp under the first of the keys that has one.
  func time(anyOf keys: [String], zone: ZoneOffsets = .utc) -> Instant? {
    for key in keys { if let found = CapacityStamp.member(self[key], zone: zone) { return found } }
    return nil
  }

  /// The objects of an array, or the one object in its place.
  func objects(_ key: String) -> [JSONObject] {
    switch self[key] {
    case .object(let object): [object]
    case .array(let elements):
      elements.compactMap { element in
        if case .object(let object) = element { object } else { nil }
      }
    default: []
    }
  }

  /// The strings of an array, or the one string in its place.
  func texts(_ key: String) -> [[UInt8]] {
    switch self[key] {
    case .text(let text): [text]
    case .array(let elements): elements.compactMap(\.scalarBytes)
    default: []
    }
  }

  /// Every object inside of this one that has a member `key`, the outer ones first; at most 1,000.
  func descendants(with key: String) -> [JSONObject] {
    var found: [JSONObject] = []
    collect(key, &found)
    return found
  }

  private func collect(_ key: String, _ found: inout [JSONObject]) {
    guard found.count < 1_000 else { return }
    if member(key) != nil { found.append(self) }
    for member in members { Self.collect(member.value, key, &found) }
  }

  private static func collect(_ value: Value, _ key: String, _ found: inout [JSONObject]) {
    switch value {
    case .object(let object): object.collect(key, &found)
    case .array(let elements): for element in elements { collect(element, key, &found) }
    default: break
    }
  }
}

extension String {
  /// What stands behind the last `separator`; all of it where there is none.
  func tail(behind separator: Character) -> String {
    lastIndex(of: separator).map { String(self[index(after: $0)...]) } ?? self
  }
}

extension Span where Element == UInt8 {
  /// Whether a quoted text that begins with one of the keys stands anywhere.
  func holdsKey(_ keys: StaticString...) -> Bool {
    var quote = place(of: UInt8(ascii: "\""), from: 0)
    while quote < count {
      for key in keys where holds(key, at: quote + 1) { return true }
      quote = place(of: UInt8(ascii: "\""), from: quote + 1)
    }
    return false
  }
}
