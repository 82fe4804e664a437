package import IncidentModel

/// How a counted member begins: enough to see in another tally that it may hold the same.
package struct MemberBeginning: Hashable, Sendable {
  /// SHA-256 of the first bytes.
  package var digest: [UInt8]
  /// How many bytes the digest covers.
  package var length: Int
  /// Hashes of the first 64, 128, 256 … bytes.
  package var marks: [UInt64]

  package init(digest: [UInt8], length: Int, marks: [UInt64]) {
    self.digest = digest
    self.length = length
    self.marks = marks
  }
}

/// One input as a tally file lists it.
package struct TallyInput: Hashable, Sendable {
  package var summary: InputSummary
  /// Nil of what holds no lines, or was not counted.
  package var beginning: MemberBeginning?

  package init(summary: InputSummary, beginning: MemberBeginning? = nil) {
    self.summary = summary
    self.beginning = beginning
  }
}

extension TallyInput {
  private static let longestName = 1 << 16
  private static let longestWords = 1 << 12

  func encode(into file: inout TallyEncoder) {
    file.string(summary.name.file)
    file.optional(summary.name.member) { $0.string($1) }
    file.string(summary.kind.rawValue)
    file.optional(summary.format) { $0.string($1) }
    file.optional(summary.container) { $0.string($1) }
    file.count(summary.bytes)
    file.count(summary.decompressedBytes)
    file.count(summary.lines)
    file.optional(summary.sha256) { $0.string($1) }
    file.optional(summary.stamp) { $0.string($1.rawValue) }
    file.optional(summary.truncatedAt) { $0.count($1) }
    file.optional(summary.duplicateOf) { $0.count($0.input($1)) }
    file.count(summary.problems.count)
    for problem in summary.problems { Self.encode(problem, into: &file) }
    file.optional(beginning) { file, beginning in
      file.text(beginning.digest)
      file.count(beginning.length)
      file.count(beginning.marks.count)
      for mark in beginning.marks { file.word(mark) }
    }
  }

  /// `duplicateOf` is a place in the file's own list; whoever merges it gives it another number.
  static func decode(
    from file: inout TallyDecoder, of count: Int
  ) throws(TallyDamage) -> TallyInput {
    var summary = InputSummary(name: InputName(file: try file.string(upTo: longestName)))
    summary.name.member = try file.optional { file throws(TallyDamage) in
      try file.string(upTo: longestName)
    }
    guard let kind = InputKind(rawValue: try file.string(upTo: 64)) else {
      throw file.damage("a kind of input that there is not")
    }
    summary.kind = kind
    summary.format = try file.optional(words)
    summary.container = try file.optional(words)
    summary.bytes = try file.count()
    summary.decompressedBytes = try file.count()
    summary.lines = try file.count()
    summary.sha256 = try file.optional(hash)
    summary.stamp = try file.optional { file throws(TallyDamage) in
      guard let stamp = StampMeaning(rawValue: try file.string(upTo: 64)) else {
        throw file.damage("a meaning of stamps that there is not")
      }
      return stamp
    }
    summary.truncatedAt = try file.optional { file throws(TallyDamage) in try file.count() }
    summary.duplicateOf = try file.optional { file throws(TallyDamage) in
      Int(try file.unsigned(upTo: UInt64(max(1, count)) - 1, "an input's number"))
    }
    for _ in 0..<(try file.length(least: 4)) { summary.problems.append(try problem(from: &file)) }
    let beginning = try file.optional(beginning)
    return TallyInput(summary: summary, beginning: beginning)
  }

  /// A name that goes into reports as a format's name does.
  private static func words(_ file: inout TallyDecoder) throws(TallyDamage) -> String {
    try file.string(upTo: longestWords)
  }

  private static func hash(_ file: inout TallyDecoder) throws(TallyDamage) -> String {
    let text = try file.string(upTo: 64)
    guard text.utf8.count == 64, text.utf8.allSatisfy({ hexDigits.contains($0) }) else {
      throw file.damage("a SHA-256 that is none")
    }
    return text
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)

  private static func beginning(
    _ file: inout TallyDecoder
  ) throws(TallyDamage) -> MemberBeginning {
    let digest = try file.text(upTo: 32)
    guard digest.count == 32 else { throw file.damage("a SHA-256 that is none") }
    let length = try file.count()
    var marks: [UInt64] = []
    for _ in 0..<(try file.length(least: 8)) { marks.append(try file.word()) }
    return MemberBeginning(digest: digest, length: length, marks: marks)
  }
}

/// What is told of an input in floodmark's own words.
extension TallyInput {
  private static func encode(_ problem: InputProblem, into file: inout TallyEncoder) {
    file.string(problem.kind.rawValue)
    file.optional(problem.line) { $0.count($1) }
    file.optional(problem.offset) { $0.count($1) }
    file.count(problem.detail.pieces.count)
    for piece in problem.detail.pieces { encode(piece, into: &file) }
  }

  private static func encode(_ piece: Sentence.Piece, into file: inout TallyEncoder) {
    switch piece {
    case .words(let text): tagged(0, &file) { $0.string(text) }
    case .count(let value): tagged(1, &file) { $0.signed(Int64(value)) }
    case .share(let part, let whole):
      tagged(2, &file) {
        $0.word(part.bitPattern)
        $0.word(whole.bitPattern)
      }
    case .factor(let value): tagged(3, &file) { $0.word(value.bitPattern) }
    case .rate(let value): tagged(4, &file) { $0.word(value.bitPattern) }
    case .milliseconds(let value): tagged(5, &file) { $0.word(value.bitPattern) }
    case .duration(let value): tagged(6, &file) { $0.word(value.bitPattern) }
    case .time(let moment, let precision):
      tagged(7, &file) {
        $0.signed(moment.microseconds)
        $0.count(precision)
      }
    case .instances(let value): tagged(8, &file) { $0.signed(Int64(value)) }
    case .code(let text): tagged(9, &file) { $0.text(Array(text.utf8)) }
    case .log(let text): tagged(10, &file) { $0.logText(text) }
    }
  }

  private static func tagged(
    _ tag: UInt8, _ file: inout TallyEncoder, _ body: (inout TallyEncoder) -> Void
  ) {
    file.byte(tag)
    body(&file)
  }

  private static func problem(from file: inout TallyDecoder) throws(TallyDamage) -> InputProblem {
    guard let kind = InputProblem.Kind(rawValue: try file.string(upTo: 64)) else {
      throw file.damage("a kind of problem that there is not")
    }
    let line = try file.optional { file throws(TallyDamage) in try file.count() }
    let offset = try file.optional { file throws(TallyDamage) in try file.count() }
    let count = try file.length(least: 2)
    var detail = Sentence.StringInterpolation(literalCapacity: 0, interpolationCount: count)
    for _ in 0..<count { try add(from: &file, to: &detail) }
    return InputProblem(
      kind: kind, detail: Sentence(stringInterpolation: detail), line: line, offset: offset)
  }

  private static func add(
    from file: inout TallyDecoder, to detail: inout Sentence.StringInterpolation
  ) throws(TallyDamage) {
    switch try file.byte() {
    case 0:
      detail.appendLiteral(try file.words())
    case 1: detail.appendInterpolation(count: Int(try small(&file)))
    case 2:
      let (part, whole) = (try finite(&file), try finite(&file))
      guard whole != 0 else { throw file.damage("a share of nothing") }
      detail.appendInterpolation(share: part, of: whole)
    case 3: detail.appendInterpolation(factor: try finite(&file))
    case 4: detail.appendInterpolation(rate: try finite(&file))
    case 5: detail.appendInterpolation(milliseconds: try finite(&file))
    case 6: detail.appendInterpolation(duration: try finite(&file))
    case 7:
      let moment = Instant(microseconds: try file.moment())
      detail.appendInterpolation(
        time: moment, precisionSeconds: Int(try file.unsigned(upTo: 86_400, "a precision")))
    case 8: detail.appendInterpolation(instances: Int(try small(&file)))
    case 9:
      let text = LogText(bytes: try file.text(upTo: longestWords), kind: .message)
      detail.appendInterpolation(log: text)
    case 10: detail.appendInterpolation(log: try file.logText())
    default: throw file.damage("a piece of a sentence that there is not")
    }
  }

  private static func small(_ file: inout TallyDecoder) throws(TallyDamage) -> Int64 {
    let value = try file.signed()
    guard value.magnitude <= 1 << 62 else { throw file.damage("a number that is too large") }
    return value
  }

  private static func finite(_ file: inout TallyDecoder) throws(TallyDamage) -> Double {
    let value = Double(bitPattern: try file.word())
    guard value.isFinite, value.magnitude < 1e15 else {
      throw file.damage("a number that is none")
    }
    return value
  }
}

extension TallyEncoder {
  mutating func logText(_ text: LogText) {
    byte(LogText.Kind.all.firstIndex(of: text.kind).map { UInt8($0) } ?? 0)
    self.text(text.bytes)
  }
}

extension TallyDecoder {
  private static let longestWords = 4_096
  private static let plainMarks = Array(" .,;:'()-/%+=".utf8)
  /// Words of other marks that floodmark's own sentences hold.
  private static let markedWords = ["#Fields", "<Event"]

  /// Floodmark's own words, which a report shows as they are: a file that holds anything else there was not written by floodmark.
  mutating func words() throws(TallyDamage) -> String {
    let words = try string(upTo: Self.longestWords)
    var rest = words
    for word in Self.markedWords { rest = rest.replacing(word, with: "") }
    let isPlain = rest.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: Self.plainMarks.contains(byte)
      }
    }
    guard isPlain else { throw damage("words that are not floodmark's own") }
    return words
  }

  /// Longer text is cut before it is kept.
  private static let longestText = 1 << 16

  mutating func logText() throws(TallyDamage) -> LogText {
    let kind = Int(try byte())
    guard LogText.Kind.all.indices.contains(kind) else {
      throw damage("a kind of text that there is not")
    }
    return LogText(bytes: try text(upTo: Self.longestText), kind: LogText.Kind.all[kind])
  }
}

extension LogText.Kind {
  /// In the order of a tally file's numbers.
  fileprivate static let all: [LogText.Kind] = [
    .line, .path, .name, .address, .network, .agent, .note, .file, .message,
  ]
}
