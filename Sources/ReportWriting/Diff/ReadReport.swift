internal import FoundationEssentials
internal import IncidentModel

/// A `report.json` that is read back to be held against another.
///
/// Nothing of it is trusted: each member may be missing, of another kind, or hostile text.
package struct ReadReport: Sendable {
  /// One value of the JSON.
  enum Value: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    indirect case list([Value])
    indirect case members([String: Value])

    subscript(name: String) -> Value? {
      guard case .members(let members) = self, let value = members[name], value != .null else {
        return nil
      }
      return value
    }

    var items: [Value] {
      guard case .list(let items) = self else { return [] }
      return items
    }

    var text: String? {
      guard case .text(let text) = self else { return nil }
      return text
    }

    var number: Double? {
      guard case .number(let number) = self, number.isFinite else { return nil }
      return number
    }

    var moment: Instant? { text.flatMap(ReadReport.moment) }
  }

  /// Why bytes are no report.
  package enum Refusal: Error, Hashable {
    /// No JSON, or no object.
    case otherFields
    case otherSchema
  }

  let value: Value
  /// How the report is called in the text: its path, as the user gave it.
  let name: String

  /// Objects and arrays that are nested deeper are no report.
  static let deepest = 64

  /// Reads a report; `name` is what it is called in the text.
  package init(_ bytes: [UInt8], name: String) throws(Refusal) {
    guard Self.isShallow(bytes),
      let read = try? JSONDecoder().decode(Value.self, from: Data(bytes)), case .members = read
    else { throw .otherFields }
    guard read["schema"]?.text?.hasPrefix("floodmark.report/") == true else { throw .otherSchema }
    value = read
    self.name = name
  }

  /// Looks at brackets outside of strings before a decoder that recurses sees them.
  private static func isShallow(_ bytes: [UInt8]) -> Bool {
    var depth = 0
    var isInText = false
    var isEscaped = false
    for byte in bytes {
      if isInText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInText = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        if depth > deepest { return false }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
    return true
  }

  /// `2018-07-16T17:30:00Z`, with or without a fraction; nothing else.
  static func moment(_ text: String) -> Instant? {
    let bytes = Array(text.utf8)
    guard (20...27).contains(bytes.count), bytes.last == UInt8(ascii: "Z") else { return nil }
    func digits(_ range: Range<Int>) -> Int? {
      var value = 0
      for byte in bytes[range] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    let marks: [(Int, Character)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
    guard marks.allSatisfy({ bytes[$0.0] == $0.1.asciiValue }), let year = digits(0..<4),
      let month = digits(5..<7), let day = digits(8..<10), let hour = digits(11..<13),
      let minute = digits(14..<16), let second = digits(17..<19)
    else { return nil }
    var fraction = 0
    if bytes.count > 20 {
      guard bytes.count > 21, bytes[19] == UInt8(ascii: "."),
        let part = digits(20..<bytes.count - 1)
      else {
        return nil
      }
      fraction = part
      for _ in bytes.count - 21..<6 { fraction *= 10 }
    }
    let civil = CivilTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second,
      microsecond: fraction)
    return civil.isValid ? civil.instant() : nil
  }
}

extension ReadReport.Value: Decodable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([ReadReport.Value].self) {
      self = .list(value)
    } else if let value = try? container.decode([String: ReadReport.Value].self) {
      self = .members(value)
    } else {
      // A number that no Double holds.
      self = .null
    }
  }
}
