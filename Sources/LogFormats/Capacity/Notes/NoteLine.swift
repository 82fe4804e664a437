internal import IncidentModel

/// A line of notes, taken apart.
struct NoteLine {
  enum Form {
    /// A date that holds for the times under it.
    case heading(Instant)
    /// A heading without a date.
    case title
    /// A time and the words behind it, author taken off; the words may follow on the next lines.
    case stamped(WrittenStamp, [UInt8])
    /// No time.
    case plain
    /// A line of some program's log.
    case program
  }

  let form: Form

  /// A line beyond this is no person's.
  private static let lengthLimit = 16_384

  init(_ line: Span<UInt8>) {
    form = line.count > Self.lengthLimit ? .program : Self.form(copied(line).trimmed)
  }

  private static func form(_ line: [UInt8]) -> Form {
    if line.first == UInt8(ascii: "#") {
      return DateInText.first(in: line.span).map { .heading($0) } ?? .title
    }
    var cursor = MessageCursor(line)
    for bullet in ["- ", "* ", "+ ", "> ", "• "] where cursor.take(bullet) { break }
    let marks = ["**", "[", "`", "("].first { cursor.take($0) }
    if marks == "[" && cursor.take("[") { return .plain }
    guard let stamp = WrittenStamp(cursor.rest) else {
      return chatHead(line).map { .stamped($0, []) } ?? .plain
    }
    cursor.position += stamp.count
    guard stamp.second != nil else {
      // A date alone, such as `2018-07-16 (Monday)`; with more words it is a note without a time.
      return cursor.rest.count <= 16 ? stamp.day.map { .heading($0) } ?? .plain : .plain
    }
    // The stamp must end here: `18:240` or `18:24abc` is none.
    if let next = cursor.rest.first, isDigit(next) || isLetter(next) { return .plain }
    for mark in ["**", "]", "`", ")"] where cursor.take(mark) { break }
    let words = Array(cursor.rest.drop { Self.isSeparator($0) })
    if isProgram(stamp, words) { return .program }
    return .stamped(stamp, withoutAuthor(words))
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "|"), UInt8(ascii: "]"),
      UInt8(ascii: ","):
      true
    default: false
    }
  }

  /// Levels, fractions of a second, and requests are written by programs.
  private static func isProgram(_ stamp: WrittenStamp, _ words: [UInt8]) -> Bool {
    if stamp.hasFraction { return true }
    guard stamp.precisionSeconds == 1 else { return false }
    if isProgramHead(words.prefix(96)) { return true }
    let methods = [" GET ", " POST ", " PUT ", " HEAD ", " DELETE ", " OPTIONS ", " HTTP/"]
    let start = [UInt8(ascii: " ")] + words.prefix(512)
    return methods.contains { start.contains(text: $0) }
  }

  private static let levels: Set<String> = [
    "INFO", "WARN", "WARNING", "ERROR", "DEBUG", "FATAL", "TRACE", "CRITICAL", "NOTICE", "ERR",
    "SEVERE", "ALERT", "EMERG", "CRIT", "PANIC",
  ]

  /// Which program, process, place in its source or level wrote a line: `[error] 31#31:`, `sshd[17]:`, `auth.go:200:`, `local.ERROR:`.
  private static func isProgramHead(_ head: ArraySlice<UInt8>) -> Bool {
    let words = head.split(maxSplits: 4) { $0 == 0x20 || $0 == 0x09 }.prefix(4)
    let runs = head.split(maxSplits: 1) { !isLetter($0) }
    if let first = runs.first, levels.contains(Array(first).asText) { return true }
    for word in words {
      let letters = word.split { !isLetter($0) }.map { Array($0).asText }
      let isBracketed = word.first == UInt8(ascii: "[") && word.last == UInt8(ascii: "]")
      let isMarked = isBracketed || word.last == UInt8(ascii: ":")
      if let last = letters.last {
        if levels.contains(last) && isMarked { return true }
        // Small letters are a person's too, but not in brackets of their own.
        if isBracketed && letters.count == 1 && levels.contains(last.uppercased()) { return true }
      }
      if word.last == UInt8(ascii: ":"), namesProcess(word.dropLast()) { return true }
      if namesSource(word) { return true }
    }
    return false
  }

  /// `web/auth.go:200`, whatever follows it.
  private static func namesSource(_ word: ArraySlice<UInt8>) -> Bool {
    let parts = word.split(
      separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count > 1, !parts[1].isEmpty, parts[1].allSatisfy(isDigit),
      let dot = parts[0].lastIndex(of: UInt8(ascii: "."))
    else { return false }
    let kind = parts[0][(dot + 1)...]
    return (1...5).contains(kind.count) && kind.allSatisfy(isLetter) && dot > parts[0].startIndex
  }

  /// `name[17]` or `31#31`.
  private static func namesProcess(_ word: ArraySlice<UInt8>) -> Bool {
    var rest = word
    if rest.last == UInt8(ascii: "]") { rest = rest.dropLast() }
    let before = rest.reversed().prefix { isDigit($0) }.count
    guard before > 0, let mark = rest.dropLast(before).last else { return false }
    let name = rest.dropLast(before + 1)
    switch mark {
    case UInt8(ascii: "["): return word.last == UInt8(ascii: "]") && !name.isEmpty
    case UInt8(ascii: "#"): return !name.isEmpty && name.allSatisfy(isDigit)
    default: return false
    }
  }

  /// `alice  5:46 PM`, as a chat copies its messages: a name of at most three words, and the words in the next lines.
  private static func chatHead(_ line: [UInt8]) -> WrittenStamp? {
    guard line.count <= 64, let last = line.last, last | 0x20 == UInt8(ascii: "m") else {
      return nil
    }
    let words = line.split(separator: UInt8(ascii: " "))
    guard (3...6).contains(words.count) else { return nil }
    let time = Array(words[words.count - 2] + [UInt8(ascii: " ")] + words[words.count - 1])
    let bare = time.filter { $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") }
    guard let stamp = WrittenStamp(bare), stamp.count == bare.count, stamp.day == nil else {
      return nil
    }
    return stamp
  }

  /// Words in front of a colon that name a sort of message and no person.
  private static let labels: Set<String> = [
    "update", "note", "eta", "status", "resolved", "monitoring", "investigating", "identified",
    "info", "fyi", "warning", "error", "alert", "incident", "action", "http", "https", "summary",
    "impact", "cause", "fix", "result", "next", "plan", "decision", "question",
  ]

  /// The words without `alice:`, `@alice:`, `<alice>` or `Alice Example:` in front of them.
  static func withoutAuthor(_ words: [UInt8]) -> [UInt8] {
    if words.first == UInt8(ascii: "<"), let end = words.prefix(40).firstIndex(of: 0x3E) {
      return Array(words[(end + 1)...]).trimmed
    }
    guard let colon = words.prefix(48).firstIndex(of: UInt8(ascii: ":")),
      colon + 1 < words.count, words[colon + 1] == 0x20, colon > 0
    else { return words }
    let name = words[..<colon].split(separator: UInt8(ascii: " "))
    let isName = name.allSatisfy { part in
      part.allSatisfy {
        isLetter($0) || isDigit($0) || $0 >= 0x80 || [0x2E, 0x2D, 0x5F, 0x40].contains($0)
      }
    }
    let isCapital = { (part: ArraySlice<UInt8>) in
      part.first.map { (0x41...0x5A).contains($0) } ?? false
    }
    guard isName, name.count == 1 || (name.count <= 3 && name.allSatisfy(isCapital)),
      let first = name.first, !labels.contains(Array(first).lowercasedASCII.asText)
    else { return words }
    return Array(words[(colon + 1)...]).trimmed
  }
}
