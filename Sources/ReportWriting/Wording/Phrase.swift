internal import IncidentModel

/// Text of the report that is safe to show: Floodmark's own words, formatted figures, and log text that has been through the door.
///
/// Neither a `String` nor a ``LogText`` can be interpolated; each target renders a phrase in its own way.
struct Phrase: Hashable, ExpressibleByStringInterpolation {
  enum Piece: Hashable {
    case words(String)
    case figure(Figure)
    /// A word of Floodmark's own vocabulary, in a code span.
    case code(String)
    case quoted(Quoted)
    case evidence([EvidenceID])
    indirect case strong(Phrase)
    indirect case emphasis(Phrase)
    /// A reference to a heading of the same report, which reads well without being followed.
    case section(title: String, anchor: String)
    /// A file of the same folder, of names that are no markup.
    case file(String)
  }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var pieces: [Piece] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: StringLiteralType) {
      if !literal.isEmpty { pieces.append(.words(literal)) }
    }
    mutating func appendInterpolation(_ figure: Figure) { pieces.append(.figure(figure)) }
    mutating func appendInterpolation(_ quoted: Quoted) { pieces.append(.quoted(quoted)) }
    mutating func appendInterpolation(_ phrase: Phrase) { pieces += phrase.pieces }
    mutating func appendInterpolation(_ cause: Cause) { pieces.append(.code(cause.rawValue)) }
    mutating func appendInterpolation(term likelihood: Likelihood) {
      pieces.append(.words(likelihood.term))
    }
    mutating func appendInterpolation(code: StaticString) { pieces.append(.code("\(code)")) }
    mutating func appendInterpolation(_ chart: Chart) { pieces.append(.code(chart.file)) }
    mutating func appendInterpolation(words: StaticString) { pieces.append(.words("\(words)")) }
    mutating func appendInterpolation(_ ids: [EvidenceID]) {
      if !ids.isEmpty { pieces.append(.evidence(ids)) }
    }
    mutating func appendInterpolation(strong: Phrase) { pieces.append(.strong(strong)) }
    mutating func appendInterpolation(emphasis: Phrase) { pieces.append(.emphasis(emphasis)) }
    /// The number of an incident, which leads to its part of a page.
    mutating func appendInterpolation(incident number: Int) {
      pieces.append(.section(title: "I\(number)", anchor: "incident-\(number)"))
    }
    mutating func appendInterpolation(section: StaticString, anchor: StaticString) {
      pieces.append(.section(title: "\(section)", anchor: "\(anchor)"))
    }
  }

  private(set) var pieces: [Piece]

  init(stringLiteral value: String) {
    pieces = value.isEmpty ? [] : [.words(value)]
  }

  init(stringInterpolation: StringInterpolation) {
    pieces = stringInterpolation.pieces
  }

  /// A mark of the picture, `A` … `Z`.
  init(letter: UInt8) {
    pieces = [.words(String(UnicodeScalar(letter)))]
  }

  /// A link to a file below the page's own folder; nil where its path holds anything but letters, digits, `.`, `_` and `-`, or leads out.
  init?(file path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { part in
      (1...100).contains(part.utf8.count) && part.utf8.first != 0x2E
        && part.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x5F].contains(byte)
        }
    }
    guard isPlain else { return nil }
    pieces = [.file(path)]
  }

  fileprivate init(pieces: [Piece]) {
    self.pieces = pieces
  }

  var isEmpty: Bool { pieces.isEmpty }

  static func + (left: Phrase, right: Phrase) -> Phrase {
    Phrase(pieces: left.pieces + right.pieces)
  }

  /// The evidence that the phrase cites, in order.
  var citations: [EvidenceID] {
    pieces.flatMap { piece -> [EvidenceID] in
      switch piece {
      case .evidence(let ids): ids
      case .strong(let inner), .emphasis(let inner): inner.citations
      default: []
      }
    }
  }

  /// The phrase with a capital letter where it begins with a word of Floodmark's own.
  var capitalized: Phrase {
    switch pieces.first {
    case .words(let words):
      return Phrase(
        pieces: [.words(words.prefix(1).uppercased() + words.dropFirst())] + pieces.dropFirst())
    case .figure(let figure):
      return Phrase(pieces: [.figure(figure.capitalized)] + pieces.dropFirst())
    default: return self
    }
  }

  /// The phrase within a sentence: a small letter, but for a word such as `TLS`.
  var uncapitalized: Phrase {
    guard case .words(let words)? = pieces.first,
      words.dropFirst().first.map({ !$0.isUppercase }) ?? true
    else { return self }
    return Phrase(
      pieces: [.words(words.prefix(1).lowercased() + words.dropFirst())] + pieces.dropFirst())
  }

  /// The phrase in at most `limit` characters of plain text: cut at a word of Floodmark's own, with `…` behind it.
  func clipped(to limit: Int) -> Phrase {
    guard plain.unicodeScalars.count > limit else { return self }
    var kept: [Piece] = []
    var room = limit - 1
    for piece in pieces {
      let size = Phrase(pieces: [piece]).plain.unicodeScalars.count
      if size <= room {
        kept.append(piece)
        room -= size
        continue
      }
      if case .words(let words) = piece {
        var cut = String(String.UnicodeScalarView(words.unicodeScalars.prefix(max(0, room))))
        while let last = cut.last, last != " " { cut.removeLast() }
        if !cut.isEmpty { kept.append(.words(String(cut.dropLast()))) }
      }
      break
    }
    return Phrase(pieces: kept + [.words("…")])
  }

  /// Joins phrases, with `separator` between them.
  static func joined(_ phrases: [Phrase], by separator: Phrase) -> Phrase {
    var pieces: [Piece] = []
    for (index, phrase) in phrases.enumerated() {
      if index > 0 { pieces += separator.pieces }
      pieces += phrase.pieces
    }
    return Phrase(pieces: pieces)
  }

  /// `a`, `a and b`, `a, b and c`
  static func enumerated(_ phrases: [Phrase]) -> Phrase {
    guard let last = phrases.last, phrases.count > 1 else { return joined(phrases, by: "") }
    return joined(Array(phrases.dropLast()), by: ", ") + " and " + last
  }
}

extension Phrase {
  /// A sentence of the analysis with its log text through the door and its numbers formatted.
  ///
  /// `places`: decimals of shares; none in the report's head.
  init(_ sentence: Sentence, door: Door, clock: Clock, places: Int = 1) {
    pieces = sentence.pieces.map { piece in
      switch piece {
      case .words(let words): .words(words)
      case .count(let number), .instances(let number): .figure(.count(number))
      case .share(let part, let whole): .figure(.share(part, of: whole, places: places))
      case .factor(let factor): .figure(.factor(factor))
      case .rate(let rate): .figure(.rate(rate))
      case .milliseconds(let value): .figure(.latency(milliseconds: value))
      case .duration(let seconds): .figure(.duration(seconds: seconds))
      case .time(let moment, let precision):
        .figure(clock.time(moment, precisionSeconds: precision))
      case .code(let code): .code(code)
      case .log(let text): .quoted(door.admit(text))
      }
    }
  }

  /// Without any markup, for JSON, terminals and lengths.
  var plain: String {
    var out = ""
    for piece in pieces {
      switch piece {
      case .words(let words): out += words
      case .figure(let figure): out += figure.text
      case .code(let code): out += code
      case .quoted(let quoted):
        out += quoted.kind == .note ? "“" + quoted.shown + "”" : quoted.shown
      case .evidence(let ids): out += ids.map { "[E\($0.number)]" }.joined(separator: " ")
      case .strong(let inner), .emphasis(let inner): out += inner.plain
      case .section(let title, _): out += title
      case .file(let path): out += path
      }
    }
    return out
  }

  /// ``plain`` for the text or an attribute's value in HTML and SVG.
  var markup: String { Quoted.escapedForMarkup(plain) }

  /// Markdown for a paragraph, or for a table cell, where `|` needs its escape.
  func markdown(inCell: Bool) -> String {
    var out = ""
    for piece in pieces {
      switch piece {
      case .words(let words): out += inCell ? Quoted.escapedForCell(words) : words
      case .figure(let figure): out += figure.text
      case .code(let code): out += "`" + code + "`"
      case .quoted(let quoted):
        if quoted.kind == .note && quoted.isPlainWords {
          out += "“" + quoted.text + "”"
        } else {
          out += inCell ? quoted.markdownCell : quoted.markdownInline
        }
      case .evidence(let ids): out += ids.map { "[E\($0.number)]" }.joined(separator: " ")
      case .strong(let inner): out += "**" + inner.markdown(inCell: inCell) + "**"
      case .emphasis(let inner): out += "*" + inner.markdown(inCell: inCell) + "*"
      case .section(let title, let anchor): out += "[" + title + "](#" + anchor + ")"
      case .file(let path): out += "[`" + path + "`](" + path + ")"
      }
    }
    return out
  }
}
