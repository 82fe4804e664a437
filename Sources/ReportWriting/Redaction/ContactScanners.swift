/// What names a person: card, e-mail, phone, and ids that stand for one (REPORT §7.2).
enum ContactScanners {
  /// 13–19 digits that pass Luhn's test, in one run or in the groups in which cards print them.
  static func card(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard let first = text.byte(index), (0x32...0x36).contains(first),
      !(text.byte(index - 1).map { $0.isAlphanumeric || $0 == UInt8(ascii: "+") } ?? false)
    else { return nil }
    var groups: [Int] = []
    var digits: [UInt8] = []
    var separator: UInt8?
    var end = index
    while digits.count <= 19 {
      let stop = text.run(from: end, limit: 20, { $0.isDigit })
      guard stop > end else { return nil }
      digits += text.bytes(end..<stop)
      groups.append(stop - end)
      end = stop
      guard let next = text.byte(stop), next == 0x20 || next == UInt8(ascii: "-"),
        separator ?? next == next, text.byte(stop + 1)?.isDigit == true, digits.count < 13
      else { break }
      separator = next
      end = stop + 1
    }
    guard (13...19).contains(digits.count), !(text.byte(end)?.isAlphanumeric ?? false),
      isCardGrouping(groups), Set(digits).count > 1, passesLuhn(digits)
    else { return nil }
    return index..<end
  }

  private static func isCardGrouping(_ groups: [Int]) -> Bool {
    groups.count == 1 || groups == [4, 6, 5] || groups == [4, 6, 4]
      || groups.dropLast().allSatisfy { $0 == 4 }
  }

  /// ISO/IEC 7812-1, annex B.
  private static func passesLuhn(_ digits: [UInt8]) -> Bool {
    var sum = 0
    for (place, digit) in digits.reversed().enumerated() {
      let value = Int(digit - 0x30) * (place % 2 == 1 ? 2 : 1)
      sum += value > 9 ? value - 9 : value
    }
    return sum % 10 == 0
  }

  /// Endings of files that carry an `@` without being an address: `logo@2x.png`, `pkg@1.2.tgz`.
  private static let fileEndings: Set<String> = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "css", "js", "mjs", "map", "json",
    "woff", "tgz", "gz", "zip", "html", "xml", "txt", "service", "socket", "timer", "mount",
  ]

  /// An address around the `@` at `index`.
  static func email(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.byte(index) == UInt8(ascii: "@") else { return nil }
    var start = index
    while index - start < 64, let byte = text.byte(start - 1),
      byte.isWordOrHyphen || Array(".%+'".utf8).contains(byte)
    {
      start -= 1
    }
    let stop = text.run(from: index + 1, limit: 254) {
      $0.isAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
    }
    var host = text.bytes((index + 1)..<stop)
    while let last = host.last, !last.isAlphanumeric { host.removeLast() }
    let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard start < index, labels.count >= 2, let top = labels.last, top.count >= 2,
      top.allSatisfy({ $0.isLetter }), labels.allSatisfy({ !$0.isEmpty }),
      !fileEndings.contains(String(decoding: top.map(\.lowercased), as: UTF8.self))
    else { return nil }
    return start..<(index + 1 + host.count)
  }

  /// `+` with a country code, 8–15 digits in all (ITU-T E.164), separators between them.
  static func phone(_ text: Scannable, _ index: Int) -> Range<Int>? {
    if text.byte(index) == UInt8(ascii: "(") { return bracketedPhone(text, index) }
    guard text.byte(index) == UInt8(ascii: "+"), let first = text.byte(index + 1),
      (0x31...0x39).contains(first), !isZoneOffset(text, index)
    else { return nil }
    if let before = text.byte(index - 1), before.isWord || before == UInt8(ascii: "+") {
      return nil
    }
    var digits = 0
    var end = index + 1
    var last = end
    var separators = 0
    while digits <= 15, separators <= 2, let byte = text.byte(end) {
      if byte.isDigit {
        digits += 1
        separators = 0
        last = end + 1
      } else if Array(" -.()".utf8).contains(byte) {
        separators += 1
      } else {
        break
      }
      end += 1
    }
    return (8...15).contains(digits) && !(text.byte(last)?.isWord ?? false) ? index..<last : nil
  }

  /// `(202) 555-0143`, as North America writes it.
  private static func bracketedPhone(_ text: Scannable, _ index: Int) -> Range<Int>? {
    var end = index
    for form in ["(000) 000-0000", "(000)000-0000"] {
      end = index
      for byte in form.utf8 {
        guard let here = text.byte(end), byte == 0x30 ? here.isDigit : here == byte else { break }
        end += 1
      }
      if end - index == form.utf8.count, !(text.byte(end)?.isWord ?? false) { return index..<end }
    }
    return nil
  }

  /// `+1300` behind a time of day.
  private static func isZoneOffset(_ text: Scannable, _ index: Int) -> Bool {
    let digits = text.run(from: index + 1, limit: 5, { $0.isDigit }) - index - 1
    guard digits == 4 || text.byte(index + 3) == UInt8(ascii: ":") else { return false }
    let before = text.byte(index - 1) == 0x20 ? index - 2 : index - 1
    return text.byte(before)?.isDigit == true
  }

  /// 8-4-4-4-12 hexadecimal digits (RFC 9562).
  static func uuid(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.byte(index)?.isHex == true, !(text.byte(index - 1)?.isAlphanumeric ?? false) else {
      return nil
    }
    var end = index
    for (place, length) in [8, 4, 4, 4, 12].enumerated() {
      if place > 0 {
        guard text.byte(end) == UInt8(ascii: "-") else { return nil }
        end += 1
      }
      guard text.run(from: end, limit: length, { $0.isHex }) == end + length else { return nil }
      end += length
    }
    return text.byte(end)?.isAlphanumeric == true ? nil : index..<end
  }

  /// 32–128 hexadecimal digits, among them a letter and a digit.
  static func hex(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.byte(index)?.isHex == true, !(text.byte(index - 1)?.isAlphanumeric ?? false) else {
      return nil
    }
    let end = text.run(from: index, limit: 129, { $0.isHex })
    guard (32...128).contains(end - index), !(text.byte(end)?.isAlphanumeric ?? false),
      !isPublished(text, index)
    else { return nil }
    let digits = text.bytes(index..<end)
    return digits.contains(where: { $0.isLetter }) && digits.contains(where: { $0.isDigit })
      ? index..<end : nil
  }

  /// Whether it names what everybody may know: a commit, or an image by its content.
  private static func isPublished(_ text: Scannable, _ index: Int) -> Bool {
    text.matches("commit ", at: index - 7) || text.matches("@sha256:", at: index - 8)
  }

  /// A path segment of at least 24 letters, digits, `_`, `-` of three classes and 4 bits a character.
  static func highEntropy(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard text.byte(index - 1) == UInt8(ascii: "/"), text.byte(index)?.isWordOrHyphen == true else {
      return nil
    }
    let end = text.run(from: index, limit: 512, { $0.isWordOrHyphen })
    let body = text.bytes(index..<end)
    if let next = text.byte(end), next == UInt8(ascii: ".") || next.isWordOrHyphen { return nil }
    let classes = [
      body.contains(where: { $0.isLower }), body.contains(where: { $0.isUpper }),
      body.contains(where: { $0.isDigit }),
    ]
    guard body.count >= 24, classes.allSatisfy({ $0 }), hasFourBits(body) else { return nil }
    return index..<end
  }

  /// Whether the empirical entropy is at least 4 bits a character.
  ///
  /// Σ c·log₂c ≤ n·(log₂n − 4) in whole numbers: Π cᶜ ≤ nⁿ / 16ⁿ, compared by binary logarithms in 1/4096.
  private static func hasFourBits(_ body: [UInt8]) -> Bool {
    var counts = [Int](repeating: 0, count: 256)
    for byte in body { counts[Int(byte)] += 1 }
    let total = body.count
    let spent = counts.reduce(0) { $0 + $1 * binaryLogarithm($1) }
    return spent <= total * (binaryLogarithm(total) - 4 * 4096)
  }

  /// log₂ in 1/4096, from repeated squaring: the same bits on every machine.
  private static func binaryLogarithm(_ number: Int) -> Int {
    guard number > 1 else { return 0 }
    let whole = Int.bitWidth - 1 - number.leadingZeroBitCount
    var mantissa = (UInt64(number) << 30) >> UInt64(whole)
    var result = whole
    for _ in 0..<12 {
      mantissa = (mantissa * mantissa) >> 30
      result <<= 1
      if mantissa >= 1 << 31 {
        mantissa >>= 1
        result |= 1
      }
    }
    return result
  }
}
