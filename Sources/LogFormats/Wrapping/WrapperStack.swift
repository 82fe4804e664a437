/// The wrappers around the lines of one file, the outermost first, and the pieces of lines that wait for their end.
struct WrapperStack: Sendable {
  /// No archive has more around its lines.
  static let maximumDepth = 3
  /// Longer lines are not put together.
  static let maximumBytes = 1 << 20

  /// A line that was begun: its bytes so far, and where its last piece stands.
  struct Piece: Sendable {
    var bytes: [UInt8] = []
    var number = 0
    var offset = 0
    var isOpen: Bool { number > 0 }
  }

  private(set) var layers: [Wrapper] = []
  /// By stream: stdout, stderr.
  private var pieces = (Piece(), Piece())
  private var passed: Piece?

  init(_ layers: [Wrapper] = []) { self.layers = layers }

  var isEmpty: Bool { layers.isEmpty }

  /// What became of a line.
  enum Outcome {
    /// It is a whole line: its inner bytes stand in the line.
    case range(Range<Int>)
    /// It is a whole line, whose inner bytes had to be written anew.
    case bytes([UInt8])
    /// It waits for its end.
    case partial
    /// It is not wrapped like the others.
    case foreign
  }

  /// Takes the wrappers off, one after the other.
  mutating func unwrap(_ line: Span<UInt8>, number: Int, offset: Int) -> Outcome {
    var range = 0..<line.count
    var rewritten: [UInt8]?
    for layer in layers {
      let found: Wrapper.Inner?
      if let bytes = rewritten {
        found = layer.inner(of: bytes.span)
        if let found { rewritten = Self.bytes(of: found, in: bytes.span) }
      } else {
        found = layer.inner(of: line.extracting(range))
        if let found, found.isRewritten {
          rewritten = Self.bytes(of: found, in: line.extracting(range))
        } else if let found {
          let start = range.lowerBound
          range = start + found.range.lowerBound..<start + found.range.upperBound
        }
      }
      guard let inner = found else { return .foreign }
      if inner.isPartial || isOpen(inner.isErrorStream) {
        let bytes = rewritten ?? line.extracting(range).bytesCopy()
        switch join(bytes, inner, number, offset) {
        case .bytes(let whole): rewritten = whole
        case let outcome: return outcome
        }
      }
    }
    return rewritten.map { .bytes($0) } ?? .range(range)
  }

  /// The inner line of a piece that the end of the file left open: what is inside of the wrapper that cut it.
  func inside(_ piece: Piece) -> [UInt8] {
    var bytes = piece.bytes
    for layer in layers.drop(while: { $0 != .cri && $0 != .json }).dropFirst() {
      guard let inner = layer.inner(of: bytes.span) else { break }
      bytes = Self.bytes(of: inner, in: bytes.span)
    }
    return bytes
  }

  private static func bytes(of inner: Wrapper.Inner, in text: Span<UInt8>) -> [UInt8] {
    if inner.hasDoubledQuotes { return Wrapper.undoubled(text, inner.range) }
    if !inner.hasEscapes { return text.extracting(inner.range).bytesCopy() }
    var bytes: [UInt8] = []
    JSONCursor.unescape(text, inner.range, into: &bytes)
    while bytes.last == 0x0A || bytes.last == 0x0D { bytes.removeLast() }
    return bytes
  }

  private func isOpen(_ isErrorStream: Bool) -> Bool {
    isErrorStream ? pieces.1.isOpen : pieces.0.isOpen
  }

  /// Puts a piece behind the earlier ones of its stream.
  private mutating func join(
    _ bytes: [UInt8], _ inner: Wrapper.Inner, _ number: Int, _ offset: Int
  ) -> Outcome {
    var piece = inner.isErrorStream ? pieces.1 : pieces.0
    let earlier = piece.isOpen ? piece : nil
    piece.bytes += bytes.prefix(max(0, Self.maximumBytes - piece.bytes.count))
    piece.number = number
    piece.offset = offset
    let kept = inner.isPartial ? piece : Piece()
    if inner.isErrorStream { pieces.1 = kept } else { pieces.0 = kept }
    passed = earlier
    return inner.isPartial ? .partial : .bytes(piece.bytes)
  }

  /// The piece in front of the one that was taken last: it is told as passed.
  mutating func takePassed() -> Piece? {
    defer { passed = nil }
    return passed
  }

  /// The lines that the end of the file left open, in the order of their last pieces.
  mutating func finish() -> [Piece] {
    let open = [pieces.0, pieces.1].filter { $0.isOpen }
    pieces = (Piece(), Piece())
    return open.sorted { $0.offset < $1.offset }
  }
}
