/// A format string as it is found in a configuration, taken out of its quotes.
///
/// Remembers for each byte where it stood, so that an error points into what the user gave.
struct PastedFormat {
  /// What the user gave.
  let given: String
  private(set) var bytes: [UInt8] = []
  /// For each byte its place in ``given``.
  private(set) var places: [Int] = []
  /// The dialect that a prefix or the configuration's keyword names.
  private(set) var dialect: FormatDialect?
  /// nginx writes JSON escapes.
  private(set) var isJSON = false

  /// The longest string that is taken, in bytes.
  static let mostBytes = 16_384

  private static let keywords: [(word: String, dialect: FormatDialect)] = [
    ("log_format", .nginx), ("logformat", .apache), ("log-format-sd", .haproxy),
    ("log-format", .haproxy), ("customlog", .apache),
  ]

  /// Takes off `nginx:`, `log_format main`, quotes, backslashes and semicolons.
  init(_ text: String) throws(FormatStringError) {
    given = text
    let source = Array(text.utf8)
    guard source.count <= Self.mostBytes else {
      throw FormatStringError(
        "a format string of more than \(Self.mostBytes) bytes is not taken", in: text, at: 0)
    }
    var reader = QuoteReader(source: source, given: text)
    reader.skipBlanks()
    for dialect in FormatDialect.allCases where reader.skip(word: dialect.rawValue + ":") {
      self.dialect = dialect
      break
    }
    reader.skipBlanks()
    var keyword: String?
    for (word, dialect) in Self.keywords where reader.skip(keyword: word) {
      if let named = self.dialect, named != dialect {
        throw FormatStringError(
          "'\(word)' is not written in \(named.rawValue)'s configuration", in: text, at: 0)
      }
      self.dialect = dialect
      keyword = word
      break
    }
    switch keyword {
    case "log_format": try nginxParts(&reader)
    case .some(let word): try argument(&reader, hasFile: word == "customlog")
    case nil: try bare(&reader)
    }
    trimEnd()
    if bytes.isEmpty {
      throw FormatStringError("the format string is empty", in: text, at: source.count)
    }
  }

  /// The byte of ``given`` at which a byte of the string stands.
  func place(of index: Int) -> Int {
    places.indices.contains(index) ? places[index] : given.utf8.count
  }

  /// `main escape=json 'a' "b" c;`
  private mutating func nginxParts(_ reader: inout QuoteReader) throws(FormatStringError) {
    reader.skipBlanks()
    _ = reader.bareWord()
    var isFirst = true
    while true {
      reader.skipBlanks()
      if reader.isAtEnd || reader.next == UInt8(ascii: ";") { return }
      let start = reader.position
      if let quote = reader.openQuote() {
        take(try reader.quoted(by: quote))
      } else {
        let word = reader.bareWord()
        let text = String(decoding: word.map(\.byte), as: UTF8.self)
        if isFirst, text.hasPrefix("escape=") {
          isJSON = text == "escape=json"
        } else if word.isEmpty {
          throw FormatStringError("this is not understood", in: given, at: start)
        } else {
          take(word)
        }
      }
      isFirst = false
    }
  }

  /// One quoted or bare argument; what stands behind it (a nickname, a condition) says nothing.
  private mutating func argument(
    _ reader: inout QuoteReader, hasFile: Bool
  ) throws(FormatStringError) {
    reader.skipBlanks()
    if hasFile {
      if let quote = reader.openQuote() {
        _ = try reader.quoted(by: quote)
      } else {
        _ = reader.bareWord()
      }
      reader.skipBlanks()
    }
    if let quote = reader.openQuote() {
      take(try reader.quoted(by: quote))
    } else {
      // HAProxy's older way: blanks behind backslashes.
      take(dialect == .haproxy ? reader.escapedWord() : reader.rest())
    }
  }

  /// A string without its keyword: quoted as a whole, in several quoted parts, or as it is.
  private mutating func bare(_ reader: inout QuoteReader) throws(FormatStringError) {
    let start = reader.position
    if let escape = reader.escapeOption() {
      isJSON = escape == "escape=json"
      reader.skipBlanks()
    }
    if reader.next == UInt8(ascii: "'") {
      var parts: [QuoteReader.Byte] = []
      while let quote = reader.openQuote() {
        parts += try reader.quoted(by: quote)
        reader.skipBlanks()
        if reader.next == UInt8(ascii: ";") { reader.position += 1 }
        reader.skipBlanks()
      }
      if reader.isAtEnd { return take(parts) }
      reader.position = start
    }
    if reader.next == UInt8(ascii: "\""), reader.isWhollyQuoted {
      _ = reader.openQuote()
      return take(try reader.quoted(by: UInt8(ascii: "\"")))
    }
    take(reader.unescapedRest())
  }

  private mutating func take(_ part: [QuoteReader.Byte]) {
    bytes += part.map(\.byte)
    places += part.map(\.place)
  }

  /// Newlines and blanks at the end belong to the configuration; so does nginx's semicolon.
  private mutating func trimEnd() {
    while let last = bytes.last, [0x20, 0x09, 0x0a, 0x0d].contains(last) {
      bytes.removeLast()
      places.removeLast()
    }
  }
}

/// Steps through a configuration's line with its quotes and backslashes.
struct QuoteReader {
  typealias Byte = (byte: UInt8, place: Int)

  let source: [UInt8]
  let given: String
  var position = 0

  init(source: [UInt8], given: String) {
    self.source = source
    self.given = given
  }

  var isAtEnd: Bool { position >= source.count }
  var next: UInt8 { isAtEnd ? 0 : source[position] }

  mutating func skipBlanks() {
    while !isAtEnd, [0x20, 0x09, 0x0a, 0x0d].contains(source[position]) { position += 1 }
  }

  /// Steps over a word if it stands here, in whichever case.
  mutating func skip(word: String) -> Bool {
    let wanted = Array(word.utf8)
    guard source.count - position >= wanted.count else { return false }
    for (index, byte) in wanted.enumerated() {
      let here = source[position + index]
      let lower = (0x41...0x5a).contains(here) ? here | 0x20 : here
      if lower != byte { return false }
    }
    position += wanted.count
    return true
  }

  /// As ``skip(word:)`` where a blank follows.
  mutating func skip(keyword: String) -> Bool {
    let start = position
    if skip(word: keyword), [0x20, 0x09].contains(next) { return true }
    position = start
    return false
  }

  mutating func openQuote() -> UInt8? {
    guard next == UInt8(ascii: "'") || next == UInt8(ascii: "\"") else { return nil }
    position += 1
    return source[position - 1]
  }

  /// The text up to the closing quote, backslashes undone.
  mutating func quoted(by quote: UInt8) throws(FormatStringError) -> [Byte] {
    let start = position - 1
    var bytes: [Byte] = []
    while !isAtEnd {
      if next == quote {
        position += 1
        return bytes
      }
      bytes.append(unescaped())
    }
    throw FormatStringError("this quote is never closed", in: given, at: start)
  }

  /// Whether the text that begins with a quote here ends with the same quote, and holds none without a backslash between.
  var isWhollyQuoted: Bool {
    var copy = self
    guard let quote = copy.openQuote(), (try? copy.quoted(by: quote)) != nil else { return false }
    copy.skipBlanks()
    return copy.isAtEnd
  }

  /// Everything up to a blank or semicolon.
  mutating func bareWord() -> [Byte] {
    var bytes: [Byte] = []
    while !isAtEnd, ![0x20, 0x09, 0x0a, 0x0d, UInt8(ascii: ";")].contains(next) {
      bytes.append((next, position))
      position += 1
    }
    return bytes
  }

  /// Everything up to a blank without a backslash in front.
  mutating func escapedWord() -> [Byte] {
    var bytes: [Byte] = []
    while !isAtEnd, ![0x20, 0x09, 0x0a, 0x0d].contains(next) { bytes.append(unescaped()) }
    return bytes
  }

  mutating func rest() -> [Byte] {
    defer { position = source.count }
    return (position..<source.count).map { (source[$0], $0) }
  }

  /// The rest, with backslashes in front of quotes, `n` and `t` undone as in a configuration's quotes.
  mutating func unescapedRest() -> [Byte] {
    var bytes: [Byte] = []
    while !isAtEnd { bytes.append(unescaped()) }
    return bytes
  }

  /// `escape=json` in front of the parts.
  mutating func escapeOption() -> String? {
    var copy = self
    let word = String(decoding: copy.bareWord().map(\.byte), as: UTF8.self)
    guard ["escape=json", "escape=default", "escape=none"].contains(word) else { return nil }
    self = copy
    return word
  }

  /// One byte, or the one that a backslash and the byte behind it stand for; a backslash in front of others stays.
  private mutating func unescaped() -> Byte {
    let place = position
    position += 1
    guard source[place] == UInt8(ascii: "\\"), !isAtEnd else { return (source[place], place) }
    let escaped = source[position]
    switch escaped {
    case UInt8(ascii: "n"):
      position += 1
      return (0x0a, place)
    case UInt8(ascii: "t"):
      position += 1
      return (0x09, place)
    case UInt8(ascii: "r"):
      position += 1
      return (0x0d, place)
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: " "):
      position += 1
      return (escaped, place)
    default: return (source[place], place)
    }
  }
}
