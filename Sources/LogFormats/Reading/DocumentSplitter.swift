/// Cuts JSON documents into the objects that formats read, while they stream by.
///
/// A document is an object, an array of objects, or an object that holds them in an array under a known key (`Activities`) or in an object under one (`data.result`); several may follow each other.
package struct DocumentSplitter: Sendable {
  /// One object, or text that is none.
  package struct Piece: Hashable, Sendable {
    package var bytes: [UInt8]
    /// The line on which it begins, counted from 1.
    package var line: Int
    package var offset: Int
    /// The key of the array that holds it; empty: none.
    package var envelope: String
    /// Why it can't be read; nil: it is a complete object.
    package var fault: Fault?
  }

  /// What is wrong with a piece.
  package enum Fault: Hashable, Sendable {
    case tooLong, cut, noObject, badNesting
  }

  /// The largest object that is handed over.
  package static let maximumBytes = 1 << 20
  private static let maximumDepth = 256

  private let envelopes: [[UInt8]]
  private var line = 1
  private var offset = 0
  private var endsInLine = false
  /// The open brackets: true for `{`.
  private var nesting: [Bool] = []
  private var isInString = false
  private var isEscaped = false
  /// The last string at the depth of a container's keys.
  private var key: [UInt8] = []
  /// The last string one level below, where a container holds another one.
  private var innerKey: [UInt8] = []
  /// Inside of an array of objects: the depth at which they begin, and its key.
  private var arrayDepth: Int?
  private var envelope = ""
  /// A piece is being collected: where and at which depth it began, and what is wrong with it.
  private var isCollecting = false
  private var collected: [UInt8] = []
  private var firstLine = 0
  private var firstOffset = 0
  private var pieceDepth = 0
  private var pieceEnvelope = ""
  private var fault: Fault?
  private var pieces: [Piece] = []

  package init(envelopes: [String]) {
    self.envelopes = envelopes.map { Array($0.utf8) }
  }

  /// The envelopes of all formats.
  package static let knownEnvelopes: [String] = {
    // Exports of CloudWatch hold the lines of any log.
    let all = ["events", "logEvents"] + FormatRegistry.access.flatMap { $0.envelopes }
    return Array(Set(all + FormatRegistry.capacity.flatMap { $0.envelopes })).sorted()
  }()

  /// A splitter for the envelopes of all formats that has read nothing: every member's begins as a copy of it.
  static let ofKnown = DocumentSplitter(envelopes: knownEnvelopes)

  /// Reads on, and returns the pieces that are complete.
  package mutating func consume(_ block: Span<UInt8>) -> [Piece] {
    for index in block.indices {
      let byte = block[index]
      if isInString {
        stringByte(byte)
      } else {
        structureByte(byte)
      }
      offset += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
    }
    if !block.isEmpty { endsInLine = block[block.count - 1] != UInt8(ascii: "\n") }
    defer { pieces = [] }
    return pieces
  }

  /// How many lines of text were read.
  package var lines: Int { endsInLine ? line : line - 1 }

  /// The piece that the end of the bytes cut off.
  package mutating func finish() -> [Piece] {
    // Text outside of any object is complete as it is.
    if isCollecting {
      end(fault ?? .cut)
    } else if !nesting.isEmpty {
      begin(envelope: envelope)
      end(.cut)
    }
    nesting = []
    defer { pieces = [] }
    return pieces
  }

  private mutating func stringByte(_ byte: UInt8) {
    collect(byte)
    if isEscaped {
      isEscaped = false
    } else if byte == UInt8(ascii: "\\") {
      isEscaped = true
    } else if byte == UInt8(ascii: "\"") {
      isInString = false
    } else if nesting.count == 1 && key.count < 64 {
      key.append(byte)
    } else if nesting.count == 2 && innerKey.count < 64 {
      innerKey.append(byte)
    }
  }

  private mutating func structureByte(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""):
      isInString = true
      if nesting.count == 1 { key = [] }
      if nesting.count == 2 { innerKey = [] }
      if nesting.isEmpty { return text(byte) }
      collect(byte)
    case UInt8(ascii: "{"): openObject()
    case UInt8(ascii: "["): openArray()
    case UInt8(ascii: "}"), UInt8(ascii: "]"): close(byte)
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: ","): collect(byte)
    case UInt8(ascii: "\n"):
      if nesting.isEmpty { endText() }
      collect(byte)
    default:
      if nesting.isEmpty { text(byte) } else { collect(byte) }
    }
  }

  /// A byte outside of every bracket: one piece a line.
  private mutating func text(_ byte: UInt8) {
    isInString = false
    // UTF-8's byte order mark is no text.
    if offset < 3 && byte >= 0xBB { return }
    if !isCollecting {
      begin(envelope: "")
      fault = .noObject
    }
    collect(byte)
  }

  private mutating func endText() {
    if isCollecting && fault == .noObject { end(.noObject) }
  }

  private mutating func openObject() {
    if nesting.isEmpty {
      endText()
      begin(envelope: "")
    } else if !isCollecting, let arrayDepth, nesting.count == arrayDepth {
      begin(envelope: envelope)
    }
    push(true, UInt8(ascii: "{"))
  }

  private mutating func openArray() {
    if nesting.isEmpty {
      endText()
      arrayDepth = 1
      envelope = ""
    } else if arrayDepth == nil, let found = envelopeHere {
      // What was collected of the container is not needed: its array's elements are the objects.
      isCollecting = false
      arrayDepth = nesting.count + 1
      envelope = String(decoding: found, as: UTF8.self)
    }
    push(false, UInt8(ascii: "["))
  }

  /// The known key under which the array that begins here stands.
  private var envelopeHere: [UInt8]? {
    switch nesting {
    case [true]: return envelopes.first { $0 == key }
    case [true, true]:
      let path = key + [UInt8(ascii: ".")] + innerKey
      return envelopes.first { $0 == path }
    default: return nil
    }
  }

  private mutating func push(_ isObject: Bool, _ byte: UInt8) {
    collect(byte)
    if nesting.count >= Self.maximumDepth { return breakOff() }
    nesting.append(isObject)
  }

  private mutating func close(_ byte: UInt8) {
    guard let isObject = nesting.last else { return text(byte) }
    collect(byte)
    if isObject != (byte == UInt8(ascii: "}")) { return breakOff() }
    nesting.removeLast()
    if isCollecting && nesting.count == pieceDepth { end(fault) }
    if let depth = arrayDepth, nesting.count < depth { arrayDepth = nil }
  }

  /// Brackets that don't match: what was collected is told as faulty, and the next object begins anew.
  private mutating func breakOff() {
    if !isCollecting { begin(envelope: envelope) }
    end(.badNesting)
    nesting = []
    arrayDepth = nil
  }

  private mutating func begin(envelope: String) {
    isCollecting = true
    collected.removeAll(keepingCapacity: true)
    firstLine = line
    firstOffset = offset
    pieceDepth = nesting.count
    pieceEnvelope = envelope
    fault = nil
  }

  private mutating func end(_ fault: Fault?) {
    pieces.append(
      Piece(
        bytes: collected, line: firstLine, offset: firstOffset, envelope: pieceEnvelope,
        fault: fault))
    isCollecting = false
  }

  @inline(__always)
  private mutating func collect(_ byte: UInt8) {
    if !isCollecting { return }
    if collected.count < Self.maximumBytes {
      collected.append(byte)
    } else if fault == nil {
      fault = .tooLong
    }
  }
}

extension DocumentSplitter {
  /// Whether the first bytes of a member are a document's rather than lines.
  ///
  /// A first line that is one whole object begins JSON lines, unless it holds the objects under a known key.
  package static func isDocument(_ head: Span<UInt8>) -> Bool {
    var cursor = LineCursor(head)
    _ = cursor.skip("\u{FEFF}")
    skipSpace(&cursor)
    let opening = cursor.next
    guard opening == UInt8(ascii: "{") || opening == UInt8(ascii: "[") else { return false }
    let start = cursor.position
    let newline = head.place(of: UInt8(ascii: "\n"), from: start)
    if opening == UInt8(ascii: "[") {
      // `[10/Oct/2000:…` begins a line of another format.
      cursor.position += 1
      skipSpace(&cursor)
      return cursor.next == UInt8(ascii: "{") || cursor.next == UInt8(ascii: "]")
    }
    if newline == head.count && head.count >= Detection.maximumBytes { return true }
    let line = head.extracting(start..<newline)
    if holdsEnvelope(line) { return true }
    if isObject(line) || newline == head.count { return false }
    // A broken first line among JSON lines: the next one begins with a brace at its very start.
    return head.byte(at: newline + 1) != UInt8(ascii: "{") && newline + 1 < head.count
  }

  private static func skipSpace(_ cursor: inout LineCursor) {
    while !cursor.isAtEnd, cursor.next <= 0x20, cursor.next != 0 { cursor.position += 1 }
  }

  private static func isObject(_ text: Span<UInt8>) -> Bool {
    var json = JSONCursor(text)
    return (try? json.skip()) != nil && (try? json.end()) != nil
  }

  private static func holdsEnvelope(_ text: Span<UInt8>) -> Bool {
    var json = JSONCursor(text)
    return holdsArray(&json, ofKnown.envelopes[...])
  }

  /// Whether the object that is next holds an array under one of the keys, or in an object under the first part of `a.b`.
  private static func holdsArray(
    _ json: inout JSONCursor, _ known: ArraySlice<[UInt8]>
  ) -> Bool {
    guard (try? json.enterObject()) != nil else { return false }
    while let key = try? json.nextKey() {
      let name = json.bytes.extracting(key.range)
      if json.peek() == UInt8(ascii: "["), known.contains(where: { name.isEqual(to: $0.span) }) {
        return true
      }
      if json.peek() == UInt8(ascii: "{") {
        let stem = key.range.map { json.bytes[$0] } + [UInt8(ascii: ".")]
        let inner = known.filter { $0.starts(with: stem) }.map { Array($0.dropFirst(stem.count)) }
        if !inner.isEmpty {
          if holdsArray(&json, inner[...]) { return true }
          continue
        }
      }
      if (try? json.skip()) == nil { break }
    }
    return false
  }
}
