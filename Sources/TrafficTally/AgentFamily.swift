/// The software behind a user agent, by a short ordered table of substrings: the first row that fits names it.
///
/// It tells populations apart; it is no proof of who asked, since the text is the client's own.
package enum AgentFamily {
  /// What a family is to the question whether people or machines ask.
  package enum Kind: UInt8, Sendable {
    case browser, app, tool, crawler, healthCheck, headless, unknown
  }

  struct Row: Sendable {
    var needles: [String]
    var name: String
    var kind: Kind
    /// What the major version follows; nil where no version is read.
    var version: String?

    init(_ needles: String..., name: String, _ kind: Kind, version: String? = nil) {
      self.needles = needles
      self.name = name
      self.kind = kind
      self.version = version
    }
  }

  private static let kinds = Dictionary(
    rows.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })

  /// What kind of software a family's name stands for.
  package static func kind(of name: String) -> Kind {
    kinds[name] ?? .unknown
  }

  /// The family and the major version of an agent's text; -1 for none.
  package static func named(_ agent: String) -> (family: String, major: Int) {
    let (row, major) = classify(Array(agent.utf8).span)
    return (name(ofRow: row), Int(major))
  }

  static func name(ofRow row: UInt8) -> String {
    Int(row) < rows.count ? rows[Int(row)].name : ""
  }

  /// The row of an agent, and the major version it states, -1 for none.
  static func classify(_ agent: Span<UInt8>) -> (row: UInt8, major: Int16) {
    if agent.isEmpty || agent.count == 1 && agent[0] == UInt8(ascii: "-") { return (0, -1) }
    let pairs = BytePairs(agent)
    for index in 2..<rows.count
    where pairs.mayHold(firstPairs[index])
      && rows[index].needles.allSatisfy({ find($0.utf8.span, in: agent) != nil })
    {
      let version = rows[index].version.map { major(after: $0.utf8.span, in: agent) } ?? -1
      return (UInt8(truncatingIfNeeded: index), version)
    }
    return (1, -1)
  }

  /// The place in ``BytePairs`` of the first two bytes of each row's first needle.
  private static let firstPairs = rows.map { row in
    let bytes = Array((row.needles.first ?? "").utf8)
    return bytes.count > 1 ? BytePairs.place(bytes[0], bytes[1]) : BytePairs.unknown
  }

  /// Where the bytes after a needle begin.
  private static func find(_ needle: Span<UInt8>, in text: Span<UInt8>) -> Int? {
    guard needle.count <= text.count else { return nil }
    for start in 0...(text.count - needle.count) where text[start] == needle[0] {
      var length = 1
      while length < needle.count, text[start + length] == needle[length] { length += 1 }
      if length == needle.count { return start + length }
    }
    return nil
  }

  private static func major(after needle: Span<UInt8>, in text: Span<UInt8>) -> Int16 {
    guard var index = find(needle, in: text) else { return -1 }
    var value: Int16 = -1
    while index < text.count, text[index] >= 0x30, text[index] <= 0x39, value < 1000 {
      value = max(value, 0) * 10 + Int16(text[index] - 0x30)
      index += 1
    }
    return value
  }
}

/// Which two bytes follow each other in a text: what lacks a needle's first two need not be searched for it.
private struct BytePairs {
  /// The place of a needle that is too short to have one.
  static let unknown = -1
  /// One bit for a pair, and for the others that share its place.
  private var bits = SIMD16<UInt64>()

  init(_ text: Span<UInt8>) {
    guard text.count > 1 else { return }
    for index in 1..<text.count {
      let place = Self.place(text[index - 1], text[index])
      bits[place >> 6] |= 1 << UInt64(place & 63)
    }
  }

  static func place(_ first: UInt8, _ second: UInt8) -> Int {
    (Int(first) &* 37 ^ Int(second)) & 1_023
  }

  func mayHold(_ place: Int) -> Bool {
    place < 0 || bits[place >> 6] >> UInt64(place & 63) & 1 == 1
  }
}
