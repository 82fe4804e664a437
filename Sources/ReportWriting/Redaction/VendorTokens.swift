/// Tokens of vendors that begin with letters of their own (the shapes of gitleaks' rules), all masked alike.
enum VendorTokens {
  /// What follows a prefix.
  private enum Body {
    case alphanumeric, word, hex
    /// Letters, digits, `_`, `-`, `.` and `=`.
    case dotted

    func holds(_ byte: UInt8) -> Bool {
      switch self {
      case .alphanumeric: byte.isAlphanumeric
      case .word: byte.isWordOrHyphen
      case .hex: byte.isHex
      case .dotted: byte.isWordOrHyphen || byte == 0x2e || byte == 0x3d
      }
    }
  }

  private typealias Shape = (prefix: [UInt8], least: Int, body: Body)

  /// Prefix, the fewest characters behind it, and what they are.
  private static func shape(_ prefix: StaticString, _ least: Int, _ body: Body) -> Shape {
    (Array("\(prefix)".utf8), least, body)
  }

  /// By first letter: a text is looked at once a byte.
  private static let shapes: [UInt8: [Shape]] = Dictionary(
    grouping: [
      shape("npm_", 36, .alphanumeric), shape("pypi-", 50, .word), shape("rubygems_", 48, .hex),
      shape("dckr_pat_", 20, .word), shape("hf_", 30, .alphanumeric), shape("SG.", 40, .dotted),
      shape("shpat_", 32, .hex), shape("shpca_", 32, .hex), shape("shppa_", 32, .hex),
      shape("shpss_", 32, .hex), shape("sq0atp-", 22, .word), shape("sq0csp-", 40, .word),
      shape("dop_v1_", 64, .hex), shape("doo_v1_", 64, .hex), shape("dor_v1_", 64, .hex),
      shape("glsa_", 32, .word), shape("glc_", 32, .dotted), shape("hvs.", 24, .word),
      shape("hvb.", 24, .word), shape("dapi", 32, .hex), shape("ATATT3", 60, .dotted),
      shape("ATBB", 28, .alphanumeric), shape("lin_api_", 40, .alphanumeric),
      shape("ntn_", 40, .alphanumeric), shape("ya29.", 20, .dotted), shape("GOCSPX-", 28, .word),
      shape("sk-ant-", 32, .word), shape("sk-proj-", 32, .word), shape("sk-", 48, .alphanumeric),
      shape("PMAK-", 24, .word), shape("NRAK-", 27, .alphanumeric), shape("sntrys_", 40, .dotted),
      shape("xkeysib-", 64, .word), shape("AGE-SECRET-KEY-1", 58, .alphanumeric),
      shape("AC", 32, .hex), shape("SK", 32, .hex), shape("EAACEdEose0cBA", 20, .alphanumeric),
      shape("nfp_", 36, .alphanumeric), shape("pscale_tkn_", 32, .dotted),
      shape("tfp_", 40, .word), shape("figd_", 40, .word), shape("pul-", 40, .hex),
      shape("tskey-", 20, .word), shape("vault:v1:", 20, .dotted),
    ], by: { $0.prefix[0] })

  /// A token whose prefix stands at `index`, whole.
  static func token(_ text: Scannable, _ index: Int) -> Range<Int>? {
    guard let first = text.byte(index), !(text.byte(index - 1)?.isWord ?? false) else { return nil }
    if first.isDigit { return telegram(text, index) }
    for shape in shapes[first] ?? []
    where zip(shape.prefix, index...).allSatisfy({ text.byte($1) == $0 }) {
      let start = index + shape.prefix.count
      var end = text.run(from: start, limit: 1024, shape.body.holds)
      // A dot at the end belongs to the sentence around it.
      while end > start, text.byte(end - 1) == 0x2e { end -= 1 }
      if end - start >= shape.least, !(text.byte(end)?.isWord ?? false) { return index..<end }
    }
    return nil
  }

  /// The token of a bot: 8–10 digits, a colon and 35 characters that begin with `AA`.
  private static func telegram(_ text: Scannable, _ index: Int) -> Range<Int>? {
    let colon = text.run(from: index, limit: 11, { $0.isDigit })
    guard (8...10).contains(colon - index), text.matches(":AA", at: colon, caseSensitive: true)
    else { return nil }
    let end = text.run(from: colon + 1, limit: 36, { $0.isWordOrHyphen })
    return end - colon == 36 ? index..<end : nil
  }
}
