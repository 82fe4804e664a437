internal import IncidentModel

/// The aliases of HAProxy's `log-format` (HAProxy, doc/configuration.txt §8.2.6; FORMATS §1.4).
enum HAProxyDirectives {
  /// Takes a string apart. Fields that HAProxy puts in quotes by itself (`%{+Q}r`) get them as text.
  static func pieces(of text: PastedFormat) throws(FormatStringError) -> [FormatPiece] {
    var scanner = PercentScanner(text)
    var quotesAll = false
    while try scanner.nextPercent() {
      let start = scanner.position
      scanner.position += 1
      if scanner.skip(UInt8(ascii: "%")) {
        scanner.keep(UInt8(ascii: "%"), at: start)
        continue
      }
      var flags = ""
      // `%(name)`, `%(name:type)` of HAProxy 3.0, and `%{+Q}`, in this order.
      if scanner.next == UInt8(ascii: "(") {
        _ = try scanner.enclosed(by: UInt8(ascii: ")"), "this bracket is never closed")
      }
      if scanner.next == UInt8(ascii: "{") {
        flags = try scanner.enclosed(by: UInt8(ascii: "}"), "this brace is never closed")
      }
      var quotes = quotesAll
      if flags.contains("+Q") { quotes = true }
      if flags.contains("-Q") { quotes = false }
      if scanner.next == UInt8(ascii: "[") {
        _ = try scanner.enclosed(by: UInt8(ascii: "]"), "this bracket is never closed")
        append(FormatDirective(), isText: true, quotes, start, &scanner)
        continue
      }
      let nameStart = scanner.position
      scanner.skip { ($0 | 0x20) &- UInt8(ascii: "a") < 26 }
      let letters = String(decoding: scanner.bytes[nameStart..<scanner.position], as: UTF8.self)
      // The longest alias that the letters begin with: `%Tsomething` is `%T` and text.
      var alias = letters
      while !alias.isEmpty, alias != "o", aliases[alias] == nil { alias.removeLast() }
      if alias.isEmpty {
        throw scanner.failure(
          letters.isEmpty
            ? "an alias is missing behind '%'"
            : "'%\(letters)' is no alias of HAProxy that is known here", at: start)
      }
      scanner.position = nameStart + alias.utf8.count
      if alias == "o" {
        quotesAll = quotes
        // It prints nothing, and HAProxy prints no blank for the one behind it.
        if scanner.next == 0x20 { scanner.position += 1 }
        continue
      }
      append(
        aliases[alias] ?? FormatDirective(), isText: texts.contains(alias), quotes, start, &scanner)
    }
    scanner.finishLiteral()
    return scanner.pieces
  }

  private static func append(
    _ directive: FormatDirective, isText: Bool, _ quotes: Bool, _ start: Int,
    _ scanner: inout PercentScanner
  ) {
    let quote = UInt8(ascii: "\"")
    if quotes && isText { scanner.keep(quote, at: start) }
    scanner.finishLiteral()
    scanner.pieces.append(scanner.named(.directive(directive), from: start))
    if quotes && isText { scanner.keep(quote, at: start) }
  }

  /// What `+Q` puts in quotes: neither numbers nor moments.
  private static let texts: Set<String> = [
    "ci", "fi", "bi", "si", "f", "ft", "b", "s", "r", "HM", "HP", "HPO", "HQ", "HU", "HV", "CC",
    "CS", "ts", "tsc", "hr", "hs", "hrl", "hsl", "H", "ID", "sslc", "sslv",
  ]

  private static let milliseconds: Int64 = 1_000

  private static let aliases: [String: FormatDirective] = [
    "ci": FormatDirective(field: .client),
    "ft": FormatDirective(field: .frontend), "f": FormatDirective(field: .frontend),
    "b": FormatDirective(field: .backendName), "s": FormatDirective(field: .server),
    "t": FormatDirective(field: .clock, rank: 1, clock: .local),
    "tr": FormatDirective(field: .clock, rank: 2, clock: .local),
    "T": FormatDirective(field: .clock, rank: 0, clock: .common),
    "Tl": FormatDirective(field: .clock, rank: 0, clock: .common),
    "trg": FormatDirective(field: .clock, rank: 2, clock: .common),
    "trl": FormatDirective(field: .clock, rank: 2, clock: .common),
    "Ts": FormatDirective(field: .clock, rank: 0, clock: .epoch),
    "ms": FormatDirective(field: .clockPart, clock: .pattern([.fraction])),
    "Ta": FormatDirective(field: .duration, rank: 3, unit: milliseconds),
    "Tt": FormatDirective(field: .duration, rank: 2, unit: milliseconds),
    "Tu": FormatDirective(field: .duration, rank: 1, unit: milliseconds),
    "Tr": FormatDirective(field: .upstreamTime, unit: milliseconds),
    "Tc": FormatDirective(field: .connectTimer, unit: milliseconds),
    "ST": FormatDirective(field: .status), "B": FormatDirective(field: .bytes),
    "r": FormatDirective(field: .request, rank: 2), "HM": FormatDirective(field: .method),
    "HU": FormatDirective(field: .target, rank: 3), "HP": FormatDirective(field: .target, rank: 2),
    "HPO": FormatDirective(field: .target, rank: 1), "HQ": FormatDirective(field: .query),
    "HV": FormatDirective(field: .version), "rc": FormatDirective(field: .retries),
    "ts": FormatDirective(field: .termination), "tsc": FormatDirective(field: .termination),
    "hr": FormatDirective(field: .captures), "hs": FormatDirective(field: .captures),
    "ID": FormatDirective(field: .requestID), "sslv": FormatDirective(field: .tls),
    "cp": FormatDirective(), "fi": FormatDirective(), "fp": FormatDirective(),
    "bi": FormatDirective(), "bp": FormatDirective(), "si": FormatDirective(),
    "sp": FormatDirective(), "sc": FormatDirective(), "bc": FormatDirective(),
    "fc": FormatDirective(), "ac": FormatDirective(), "sq": FormatDirective(),
    "bq": FormatDirective(), "TR": FormatDirective(), "Tw": FormatDirective(),
    "Th": FormatDirective(), "Ti": FormatDirective(), "Tq": FormatDirective(),
    "Td": FormatDirective(), "U": FormatDirective(), "CC": FormatDirective(),
    "CS": FormatDirective(), "hrl": FormatDirective(), "hsl": FormatDirective(),
    "H": FormatDirective(), "pid": FormatDirective(), "lc": FormatDirective(),
    "rt": FormatDirective(), "sslc": FormatDirective(), "OG": FormatDirective(),
  ]
}
