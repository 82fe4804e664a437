package import IncidentModel

/// A format string of a server's configuration, compiled into the steps that read its lines.
package struct FormatString: Sendable {
  package let dialect: FormatDialect
  /// What the report calls its inputs: `nginx string`, or a name that the configuration gave.
  package var label: String
  let program: FormatProgram
  /// Variables of the user's own configuration, which are read over; each once, in their order.
  package let ownVariables: [String]

  /// What its stamps mean.
  package var stamp: StampMeaning { program.stamp }

  /// Compiles a string as it stands in a configuration, with or without `nginx:` or `log_format main` in front.
  package init(_ text: String, label: String? = nil) throws(FormatStringError) {
    let pasted = try PastedFormat(text)
    if let dialect = pasted.dialect {
      self.dialect = dialect
      program = try Self.program(of: pasted, dialect)
    } else {
      (dialect, program) = try DialectGuess.program(of: pasted)
    }
    self.label = label ?? dialect.label
    ownVariables = dialect == .nginx ? try NginxDirectives.ownVariables(of: pasted) : []
  }

  /// Whether a text that names a format is a string, and no name of the registry.
  package static func isString(_ text: String) -> Bool {
    text.contains { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_")) }
      && text.contains { "$%".contains($0) }
      || FormatDialect.allCases.contains { text.hasPrefix($0.rawValue + ":") }
  }

  static func program(
    of text: PastedFormat, _ dialect: FormatDialect
  ) throws(FormatStringError) -> FormatProgram {
    let pieces: [FormatPiece] =
      switch dialect {
      case .nginx: try NginxDirectives.pieces(of: text)
      case .apache: try ApacheDirectives.pieces(of: text)
      case .haproxy: try HAProxyDirectives.pieces(of: text)
      case .envoy: try EnvoyDirectives.pieces(of: text)
      }
    var compiler = FormatCompiler(text, dialect, pieces)
    return try compiler.program()
  }
}

/// Tells of a string without a prefix whose it is.
enum DialectGuess {
  /// The program in the only dialect whose signs the string has, or that takes the whole of it.
  static func program(
    of text: PastedFormat
  ) throws(FormatStringError) -> (FormatDialect, FormatProgram) {
    var signs = FormatDialect.allCases.filter { hasSign(of: $0, text.bytes) }
    // No other dialect has anything like `%REQ(…)%`, whereas `%RE` may be a sign of several.
    if signs.contains(.envoy) { signs = [.envoy] }
    if signs.count == 1 { return (signs[0], try FormatString.program(of: text, signs[0])) }
    let tried = signs.isEmpty ? FormatDialect.allCases : signs
    var fitting: [(FormatDialect, FormatProgram)] = []
    for dialect in tried {
      if let program = try? FormatString.program(of: text, dialect) {
        fitting.append((dialect, program))
      }
    }
    if fitting.count == 1, !signs.isEmpty { return fitting[0] }
    let names = (signs.isEmpty ? FormatDialect.allCases : signs).map { "\($0.rawValue):" }
    throw FormatStringError(
      "it is not clear whose format string this is; put \(names.joined(separator: " or ")) in front",
      in: text.given, at: text.place(of: 0))
  }

  /// Whether a string holds what only this dialect writes.
  private static func hasSign(of dialect: FormatDialect, _ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    switch dialect {
    case .nginx: return text.contains(/\$[a-z_{]/)
    case .envoy: return text.contains(/%[A-Z][A-Z0-9_]+(\([^)]*\))?(:[0-9]+)?%/)
    case .haproxy:
      return text.contains(
        /%(\{[+\-][A-Z]|\[|ci|cp|f[ipt]|b[ip]|s[ip]|[sbfar]c\b|[sb]q|T[RwcrastiuhqdTl]\b|ST\b|CC\b|CS\b|hr|hs|H[MPQUV]\b|tr|ts|pid|rt\b|lc\b|ssl[cv])/
      )
    case .apache:
      return text.contains(
        /%([<>!0-9,]*[<>!][<>!0-9,]*[a-zA-Z{]|[0-9,]+\{|\{[^}+\-][^}]*\}[a-zA-Z^]|h\b|l\b|u\b|D\b|m\b|v\b|V\b|I\b|O\b|X\b|k\b|\^)/
      )
    }
  }
}
