internal import IncidentModel

/// The directives of Apache's `LogFormat` (httpd, mod_log_config; FORMATS §1.2).
enum ApacheDirectives {
  /// Takes a string apart.
  static func pieces(of text: PastedFormat) throws(FormatStringError) -> [FormatPiece] {
    var scanner = PercentScanner(text)
    while try scanner.nextPercent() {
      let start = scanner.position
      scanner.position += 1
      if scanner.skip(UInt8(ascii: "%")) {
        scanner.keep(UInt8(ascii: "%"), at: start)
        continue
      }
      scanner.skip { byte in
        isDigit(byte) || [0x21, 0x2c, UInt8(ascii: "<"), UInt8(ascii: ">")].contains(byte)
      }
      let modifiers = Array(scanner.bytes[start + 1..<scanner.position])
      var argument: String?
      if scanner.next == UInt8(ascii: "{") {
        argument = try scanner.enclosed(by: UInt8(ascii: "}"), "this brace is never closed")
        // Modifiers may stand on either side of the braces.
        scanner.skip { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") }
      }
      let nameStart = scanner.position
      if scanner.skip(UInt8(ascii: "^")) {
        scanner.skip { ($0 | 0x20) &- UInt8(ascii: "a") < 26 }
      } else if !scanner.isAtEnd {
        scanner.position += 1
      }
      let letters = String(decoding: scanner.bytes[nameStart..<scanner.position], as: UTF8.self)
      let found = try pieces(
        letters, argument, isOriginal: modifiers.contains(UInt8(ascii: "<")), scanner, start)
      scanner.finishLiteral()
      scanner.pieces += found.map { scanner.named($0, from: start) }
    }
    scanner.finishLiteral()
    return scanner.pieces
  }

  private static func pieces(
    _ letters: String, _ argument: String?, isOriginal: Bool, _ scanner: PercentScanner,
    _ start: Int
  ) throws(FormatStringError) -> [FormatPiece] {
    switch letters {
    case "t": return try time(argument, scanner, start)
    case "T":
      guard let unit = units[argument ?? "s"] else {
        throw scanner.failure("Apache's %T knows the units s, ms and us", at: start)
      }
      let rank = unit == 1 ? 3 : unit == 1_000 ? 2 : 1
      return [.directive(FormatDirective(field: .duration, rank: rank, unit: unit))]
    case "i": return [.directive(header(argument ?? ""))]
    case "L" where argument == nil: return [.directive(FormatDirective(field: .requestID))]
    default:
      if let argument, let found = withArgument[letters]?[argument.lowercased()] {
        return [.directive(found)]
      }
      if let found = argument == nil ? plain[letters] : nil { return [.directive(found)] }
      guard known.contains(letters) else {
        throw scanner.failure(
          letters.isEmpty
            ? "a directive is missing behind '%'"
            : "'%\(argument.map { "{\($0)}" } ?? "")\(letters)' is no directive of Apache that is known here",
          at: start)
      }
      return [.directive(FormatDirective())]
    }
  }

  private static let units: [String: Int64] = ["s": 1_000_000, "ms": 1_000, "us": 1]

  /// `%t` with its brackets, or one of the forms that an argument chooses.
  private static func time(
    _ argument: String?, _ scanner: PercentScanner, _ start: Int
  ) throws(FormatStringError) -> [FormatPiece] {
    guard var pattern = argument, !pattern.isEmpty else {
      return [
        .literal([UInt8(ascii: "[")], place: start),
        .directive(FormatDirective(field: .clock, rank: 1, clock: .common)),
        .literal([UInt8(ascii: "]")], place: start),
      ]
    }
    var directive = FormatDirective(field: .clock, rank: 2)
    if pattern.hasPrefix("begin:") {
      pattern = String(pattern.dropFirst(6))
    } else if pattern.hasPrefix("end:") {
      pattern = String(pattern.dropFirst(4))
      directive.stamp = .completion
      directive.rank = 1
    }
    switch pattern {
    case "sec", "msec", "usec":
      directive.clock = .epoch
      directive.rank += 1
    case "msec_frac", "usec_frac":
      directive.field = .clockPart
      directive.clock = .pattern([.fraction])
    default:
      switch ClockPattern.parts(of: Array(pattern.utf8)) {
      case .success(let parts):
        directive.clock = .pattern(parts)
        if !ClockPattern.tellsMoment(parts) { directive.field = .clockPart }
      case .failure(let unknown):
        let skipped = (argument?.utf8.count ?? 0) - pattern.utf8.count
        let open = scanner.bytes[start...].firstIndex(of: UInt8(ascii: "{")) ?? start
        throw scanner.failure(
          "this part of the time is not known here", at: open + 1 + skipped + unknown.offset)
      }
    }
    return [.directive(directive)]
  }

  private static func header(_ name: String) -> FormatDirective {
    switch name.lowercased() {
    case "referer": FormatDirective(field: .referrer)
    case "user-agent": FormatDirective(field: .agent)
    case "host": FormatDirective(field: .host, rank: 1)
    case "x-forwarded-for": FormatDirective(field: .forwarded, rank: 3)
    case "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip":
      FormatDirective(field: .forwarded, rank: 1)
    case "x-request-id", "x-amzn-trace-id", "x-correlation-id":
      FormatDirective(field: .requestID, rank: 1)
    default: FormatDirective()
    }
  }

  private static let plain: [String: FormatDirective] = [
    "a": FormatDirective(field: .client, rank: 3), "h": FormatDirective(field: .client, rank: 2),
    "l": FormatDirective(field: .ident), "u": FormatDirective(field: .user),
    "r": FormatDirective(field: .request, rank: 2),
    "m": FormatDirective(field: .method), "U": FormatDirective(field: .target, rank: 1),
    "q": FormatDirective(field: .query), "H": FormatDirective(field: .version),
    "s": FormatDirective(field: .status, rank: 1), "b": FormatDirective(field: .bytes, rank: 3),
    "B": FormatDirective(field: .bytes, rank: 3), "O": FormatDirective(field: .bytes, rank: 2),
    "D": FormatDirective(field: .duration, rank: 4, unit: 1),
    "v": FormatDirective(field: .serverName, rank: 3), "V": FormatDirective(field: .host, rank: 2),
  ]

  private static let withArgument: [String: [String: FormatDirective]] = [
    "a": ["c": FormatDirective(field: .client, rank: 1)],
    "e": ["unique_id": FormatDirective(field: .requestID, rank: 1)],
    "x": ["ssl_protocol": FormatDirective(field: .tls)],
  ]

  /// Directives that say nothing that is needed.
  private static let known: Set<String> = [
    "a", "A", "C", "e", "f", "h", "I", "k", "l", "L", "n", "o", "p", "P", "R", "S", "u", "U", "X",
    "x", "^FB", "^ti", "^to", "c", "g",
  ]
}

/// Steps from `%` to `%` through a format string and keeps the text between.
struct PercentScanner {
  let text: PastedFormat
  let bytes: [UInt8]
  var position = 0
  var pieces: [FormatPiece] = []
  private var literal: [UInt8] = []
  private var literalPlace = 0

  init(_ text: PastedFormat) {
    self.text = text
    bytes = text.bytes
  }

  var isAtEnd: Bool { position >= bytes.count }
  var next: UInt8 { isAtEnd ? 0 : bytes[position] }

  /// Keeps the text up to the next `%`; false at the end.
  mutating func nextPercent() throws(FormatStringError) -> Bool {
    while !isAtEnd, next != UInt8(ascii: "%") {
      keep(next, at: position)
      position += 1
    }
    return !isAtEnd
  }

  mutating func keep(_ byte: UInt8, at place: Int) {
    if literal.isEmpty { literalPlace = place }
    literal.append(byte)
  }

  mutating func finishLiteral() {
    if !literal.isEmpty { pieces.append(.literal(literal, place: literalPlace)) }
    literal = []
  }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte, !isAtEnd else { return false }
    position += 1
    return true
  }

  mutating func skip(while fits: (UInt8) -> Bool) {
    while !isAtEnd, fits(next) { position += 1 }
  }

  /// The text between the bracket that stands here and `closing`; goes behind that.
  mutating func enclosed(
    by closing: UInt8, _ reason: String
  ) throws(FormatStringError) -> String {
    let open = position
    let opening = next
    var depth = 0
    while !isAtEnd {
      if next == opening { depth += 1 }
      if next == closing { depth -= 1 }
      position += 1
      if depth == 0 {
        return String(decoding: bytes[open + 1..<position - 1], as: UTF8.self)
      }
    }
    throw failure(reason, at: open)
  }

  func failure(_ reason: String, at place: Int) -> FormatStringError {
    FormatStringError(reason, in: text.given, at: text.place(of: place))
  }

  /// The piece with its name and place.
  func named(_ piece: FormatPiece, from start: Int) -> FormatPiece {
    guard case .directive(var directive) = piece else { return piece }
    directive.name = String(decoding: bytes[start..<position], as: UTF8.self)
    directive.place = start
    return .directive(directive)
  }
}
