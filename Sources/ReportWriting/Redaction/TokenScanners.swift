/// Keys and tokens that have a shape of their own (REPORT §7.2; the shapes of gitleaks' rules).
enum TokenScanners {
  /// A scanner looks at one place: the stretch that it masks, or nil.
  typealias Scanner = @Sendable (Scannable, Int) -> Range<Int>?

  static let all: [(MaskClass, Scanner)] = [
    (.privateKey, privateKey), (.jwt, jwt), (.awsKey, awsKey), (.githubToken, github),
    (.gitlabToken, gitlab), (.slackToken, slack), (.googleKey, google), (.stripeKey, stripe),
    (.vendorToken, VendorTokens.token), (.authorization, authorization),
  ]

  private static func startsWord(_ text: Scannable, _ index: Int) -> Bool {
    !(text.byte(index - 1)?.isWord ?? false)
  }

  private static func endsWord(_ text: Scannable, _ index: Int) -> Bool {
    !(text.byte(index)?.isWord ?? false)
  }

  /// `-----BEGIN … PRIVATE KEY-----` to its end line or the end of the text.
  static func privateKey(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.matches("-----BEGIN ", at: index, caseSensitive: true) else { return nil }
    let name = text.run(from: index + 11, limit: 64) { $0.isUpper || $0 == 0x20 }
    guard text.matches("PRIVATE KEY-----", at: name - 11, caseSensitive: true) else { return nil }
    var end = name + 5
    while end < text.count {
      if text.matches("-----END ", at: end, caseSensitive: true) {
        let close = text.run(from: end + 9, limit: 64) { $0.isUpper || $0 == 0x20 }
        return index..<text.run(from: close, limit: 5) { $0 == UInt8(ascii: "-") }
      }
      end += 1
    }
    return index..<text.count
  }

  /// `eyJ…` and at least one more part behind a dot; an unsigned one ends in a dot.
  static func jwt(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard startsWord(text, index), text.matches("eyJ", at: index, caseSensitive: true) else {
      return nil
    }
    var end = text.run(from: index, { $0.isWordOrHyphen })
    guard end - index >= 8 else { return nil }
    var parts = 1
    while parts < 5, text.byte(end) == UInt8(ascii: ".") {
      let next = text.run(from: end + 1, { $0.isWordOrHyphen })
      // An encrypted one with the key agreed upon has nothing in its second part, and then three more.
      if parts == 1 && next - end < 6 && !(next == end + 1 && isEncrypted(text, next)) { break }
      end = next
      parts += 1
    }
    return parts >= 2 ? index..<end : nil
  }

  /// Three parts of at least 8 characters, each behind a dot (RFC 7516, compact form).
  private static func isEncrypted(_ text: Scannable, _ index: Int) -> Bool {
    var end = index
    for _ in 0..<3 {
      guard text.byte(end) == UInt8(ascii: ".") else { return false }
      let next = text.run(from: end + 1, { $0.isWordOrHyphen })
      guard next - end > 8 else { return false }
      end = next
    }
    return true
  }

  private static let awsPrefixes: [StaticString] = [
    "AKIA", "ASIA", "ABIA", "ACCA", "AGPA", "AIDA", "AROA", "AIPA", "ANPA", "ANVA", "A3T",
  ]

  static func awsKey(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.byte(index) == UInt8(ascii: "A"), startsWord(text, index),
      awsPrefixes.contains(where: { text.matches($0, at: index, caseSensitive: true) })
    else { return nil }
    let end = text.run(from: index, limit: 21) { $0.isUpper || $0.isDigit }
    return end - index == 20 && endsWord(text, end) ? index..<end : nil
  }

  static func github(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.byte(index) == UInt8(ascii: "g"), startsWord(text, index) else { return nil }
    if text.matches("github_pat_", at: index, caseSensitive: true) {
      let end = text.run(from: index + 11, limit: 255, { $0.isWord })
      return end - index >= 33 ? index..<end : nil
    }
    guard text.byte(index + 1) == UInt8(ascii: "h"), let kind = text.byte(index + 2),
      Array("pousr".utf8).contains(kind), text.byte(index + 3) == UInt8(ascii: "_")
    else { return nil }
    let end = text.run(from: index + 4, limit: 255, { $0.isAlphanumeric })
    return end - index >= 40 ? index..<end : nil
  }

  private static let gitlabKinds: [StaticString] = [
    "glpat-", "gldt-", "glptt-", "glrt-", "glft-", "glsoat-", "gloas-", "glcbt-", "glimt-",
    "glagent-",
  ]

  static func gitlab(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.matches("gl", at: index, caseSensitive: true), startsWord(text, index),
      let kind = gitlabKinds.first(where: { text.matches($0, at: index, caseSensitive: true) })
    else { return nil }
    let end = text.run(from: index + kind.utf8CodeUnitCount, { $0.isWordOrHyphen })
    return end - index - kind.utf8CodeUnitCount >= 20 ? index..<end : nil
  }

  static func slack(_ text: Scannable, _ index: Int) -> Range<Int>? {
    if text.matches("hooks.slack.com/services/", at: index) {
      let end = text.run(from: index + 25) { $0.isWordOrHyphen || $0 == UInt8(ascii: "/") }
      return end > index + 25 ? (index + 25)..<end : nil
    }
    guard text.matches("x", at: index, caseSensitive: true), startsWord(text, index) else {
      return nil
    }
    let isApp = text.matches("xapp-", at: index, caseSensitive: true)
    let isToken =
      text.matches("xox", at: index, caseSensitive: true)
      && text.byte(index + 3).map { Array("abeoprs".utf8).contains($0) } == true
      && text.byte(index + 4) == UInt8(ascii: "-")
    guard isApp || isToken else { return nil }
    let end = text.run(from: index + 5) { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
    return end - index >= 15 ? index..<end : nil
  }

  static func google(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.matches("AIza", at: index, caseSensitive: true), startsWord(text, index) else {
      return nil
    }
    let end = text.run(from: index + 4, limit: 36, { $0.isWordOrHyphen })
    return end - index >= 39 ? index..<end : nil
  }

  static func stripe(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard let kind = text.byte(index), Array("rspw".utf8).contains(kind), startsWord(text, index),
      text.matches("k_", at: index + 1, caseSensitive: true)
        || (kind == UInt8(ascii: "w") && text.matches("hsec_", at: index + 1, caseSensitive: true))
    else { return nil }
    if kind == UInt8(ascii: "w") {
      let end = text.run(from: index + 6, limit: 99, { $0.isAlphanumeric })
      return end - index >= 16 ? index..<end : nil
    }
    let mode = text.matches("live_", at: index + 3) || text.matches("test_", at: index + 3)
    guard mode else { return nil }
    let end = text.run(from: index + 8, limit: 99, { $0.isAlphanumeric })
    return end - index >= 18 ? index..<end : nil
  }

  private static let schemes: [StaticString] = ["bearer", "basic", "digest", "token"]

  /// The credentials behind `Bearer`, `Basic`, `Digest` or `token`; the scheme stays.
  static func authorization(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard startsWord(text, index),
      let scheme = schemes.first(where: { text.matches($0, at: index) })
    else { return nil }
    let space = index + scheme.utf8CodeUnitCount
    let start = text.run(from: space, limit: 8) { $0.isSpace || $0 == UInt8(ascii: "+") }
    guard start > space else { return nil }
    let end = text.run(from: start) { $0.isWordOrHyphen || Array(".~+/=".utf8).contains($0) }
    guard end - start >= 12 else { return nil }
    // "basic understanding" is prose: only the scheme that has no other use masks plain words.
    let body = text.bytes(start..<end)
    let isBearer = text.matches("bearer", at: index)
    return isBearer || body.contains(where: { $0.isDigit || $0.isUpper || $0 == 0x3d })
      ? start..<end : nil
  }
}
