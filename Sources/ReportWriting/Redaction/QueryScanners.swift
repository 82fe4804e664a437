/// Values behind names: in URLs, queries, JSON members and headers (REPORT §7.2).
enum QueryScanners {
  /// `user:password` between `://` and `@`.
  static func urlCredentials(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.matches("://", at: index), text.byte(index - 1)?.isAlphanumeric == true else {
      return nil
    }
    let stop = text.run(from: index + 3, limit: 512) { byte in
      !byte.isSpace && !Array("/?#\"'<>,;&".utf8).contains(byte)
    }
    var end = stop
    while end > index + 3, text.byte(end - 1) != UInt8(ascii: "@") { end -= 1 }
    return end > index + 4 ? (index + 3)..<(end - 1) : nil
  }

  /// The value of `;jsessionid=` and the like, up to `; / ? #`.
  static func pathSession(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.byte(index) == UInt8(ascii: ";") else { return nil }
    for name in ["jsessionid=", "phpsessid=", "sid="] as [StaticString]
    where text.matches(name, at: index + 1) {
      let start = index + 1 + name.utf8CodeUnitCount
      let end = text.run(from: start) { !$0.isSpace && !Array(";/?#\"'".utf8).contains($0) }
      return end > start ? start..<end : nil
    }
    return nil
  }

  /// Every value of every query: what stands behind `=` in `?name=value&…`, and whole where there is no `=`.
  static func queryValues(_ text: Scannable) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var index = 0
    while index < text.count {
      guard text.plainByte(index) == UInt8(ascii: "?"), startsQuery(text, index) else {
        index += 1
        continue
      }
      index += 1
      while true {
        let (values, end) = component(text, from: index)
        found += values
        index = end
        guard let delimiter = text.plainByte(end), Array("&;?".utf8).contains(delimiter) else {
          break
        }
        index += 1
      }
    }
    return found
  }

  /// A `?` opens a query where it follows a path and text follows it.
  private static func startsQuery(_ text: Scannable, _ index: Int) -> Bool {
    let follows = index == 0 || !(text.byte(index - 1).map { $0.isSpace || $0 == 0x22 } ?? false)
    guard follows, index + 1 < text.count else { return false }
    return !isQueryEnd(text, index + 1)
  }

  /// Reads `name=value` up to `&`, `;`, `?` or the query's end.
  private static func component(
    _ text: Scannable, from start: Int
  ) -> (values: [Range<Int>], end: Int) {
    var end = start
    var equals: Int?
    while end < text.count, !isQueryEnd(text, end) {
      if let byte = text.plainByte(end) {
        if Array("&;?".utf8).contains(byte) { break }
        if byte == UInt8(ascii: "="), equals == nil { equals = end }
        if byte == UInt8(ascii: "\\"), end + 1 < text.count { end += 1 }
      }
      end += 1
    }
    let value = (equals.map { $0 + 1 } ?? start)..<end
    return (value.isEmpty ? [] : [value], end)
  }

  private static func isQueryEnd(_ text: Scannable, _ index: Int) -> Bool {
    guard let byte = text.plainByte(index) else { return false }
    return byte <= 0x20 || byte == 0x7f || Array("\"<>`#".utf8).contains(byte)
  }

  /// Words that make a name sensitive where they end it, alone or before `id`, `key`, `value`, `hash`.
  private static let words: Set<String> = [
    "pass", "passwd", "password", "passphrase", "pwd", "secret", "token", "apikey", "auth",
    "authorization", "sig", "signature", "session", "sessionid", "sid", "csrf", "xsrf", "otp",
    "pin", "nonce", "credential", "credentials", "jsessionid", "phpsessid", "cookie",
  ]
  private static let tails: Set<String> = ["id", "key", "value", "hash"]

  /// The value behind a sensitive name that ends at the `=` or `:` at `index`.
  static func sensitiveValue(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard let mark = text.byte(index), mark == UInt8(ascii: "=") || mark == UInt8(ascii: ":") else {
      return nil
    }
    var nameEnd = index
    if text.byte(nameEnd - 1) == 0x20 { nameEnd -= 1 }
    let isQuoted = text.byte(nameEnd - 1) == 0x22
    if isQuoted { nameEnd -= text.byte(nameEnd - 2) == UInt8(ascii: "\\") ? 2 : 1 }
    var nameStart = nameEnd
    while nameEnd - nameStart < 64, let byte = text.byte(nameStart - 1),
      byte.isWordOrHyphen || byte == UInt8(ascii: ".")
    {
      nameStart -= 1
    }
    guard isSensitive(text.bytes(nameStart..<nameEnd)) else { return nil }
    return value(text, behind: index, wholeLine: isHeader(text.bytes(nameStart..<nameEnd)))
  }

  private static func isHeader(_ name: [UInt8]) -> Bool {
    ["authorization", "cookie", "set-cookie", "proxy-authorization"].contains(
      String(decoding: name.map(\.lowercased), as: UTF8.self))
  }

  private static func value(
    _ text: Scannable, behind index: Int, wholeLine: Bool
  ) -> Range<Int>? {
    var start = text.run(from: index + 1, limit: 8, { $0 == 0x20 })
    let isEscaped = text.byte(start) == UInt8(ascii: "\\")
    if isEscaped { start += 1 }
    let quote = text.byte(start).flatMap { $0 == 0x22 || $0 == 0x27 ? $0 : nil }
    if quote != nil { start += 1 }
    let end =
      quote.map { quotedEnd(text, start, quote: $0, isEscaped: isEscaped) }
      ?? plainEnd(text, start, wholeLine: wholeLine)
    guard end > start, !isMasked(text, start..<end) else { return nil }
    let plain = String(decoding: text.bytes(start..<end), as: UTF8.self)
    return ["null", "true", "false", "-", "…"].contains(plain) ? nil : start..<end
  }

  /// The place of the closing quote, which is escaped where the opening one was: JSON inside JSON.
  private static func quotedEnd(
    _ text: Scannable, _ start: Int, quote: UInt8, isEscaped: Bool
  ) -> Int {
    var end = start
    while end < text.count {
      let byte = text.byte(end)
      if byte == quote { return end }
      if byte == UInt8(ascii: "\\") {
        if isEscaped && text.byte(end + 1) == quote { return end }
        end += 1
      }
      end += 1
    }
    return text.count
  }

  private static func plainEnd(_ text: Scannable, _ start: Int, wholeLine: Bool) -> Int {
    var end = start
    while end < text.count {
      if let byte = text.byte(end) {
        if byte == 0x22 { break }
        if !wholeLine && (byte.isSpace || Array("&;,'}])>".utf8).contains(byte)) { break }
      }
      end += 1
    }
    return end
  }

  /// Whether an earlier scanner has masked what there is of a value, but for its scheme.
  private static func isMasked(_ text: Scannable, _ range: Range<Int>) -> Bool {
    let isHead =
      text.isMask(range.lowerBound)
      && !(text.byte(range.lowerBound + 1)?.isWordOrHyphen ?? false)
    return isHead || (text.isMask(range.upperBound - 1) && isSchemeOrMask(text.bytes(range)))
  }

  /// What is left of a value that an earlier scanner has masked.
  private static func isSchemeOrMask(_ rest: [UInt8]) -> Bool {
    let words = String(decoding: rest.map(\.lowercased), as: UTF8.self).split(separator: " ")
    return words.isEmpty || ["bearer", "basic", "digest", "token"].contains(words.joined())
  }

  private static func isSensitive(_ name: [UInt8]) -> Bool {
    let parts = parts(of: name)
    guard let last = parts.last else { return false }
    if parts.count >= 2, parts[0] == "x", parts[1] == "amz" { return true }
    if words.contains(last) { return true }
    guard parts.count >= 2 else { return false }
    let before = parts[parts.count - 2]
    if tails.contains(last), words.contains(before) { return true }
    return last == "key"
      && [
        "api", "access", "private", "secret", "account", "shared", "storage", "encryption",
        "signing",
        "master", "client",
      ].contains(before)
  }

  /// `userPassword`, `user_password`, `User-Password` all give `user`, `password`.
  private static func parts(of name: [UInt8]) -> [String] {
    var parts: [String] = []
    var part: [UInt8] = []
    for (place, byte) in name.enumerated() {
      let opens = byte.isUpper && place > 0 && name[place - 1].isLower
      if !byte.isAlphanumeric || opens {
        if !part.isEmpty { parts.append(String(decoding: part, as: UTF8.self)) }
        part = []
      }
      if byte.isAlphanumeric { part.append(byte.lowercased) }
    }
    if !part.isEmpty { parts.append(String(decoding: part, as: UTF8.self)) }
    return parts
  }
}
