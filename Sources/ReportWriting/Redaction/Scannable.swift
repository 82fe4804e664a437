/// A text under redaction: what each byte means after percent-decoding, and which raw bytes it stands for.
///
/// A mask is one symbol that no later scanner takes for text.
struct Scannable {
  /// The decoded byte, or ``maskBase`` + an index into `masks`.
  private(set) var symbols: [UInt16] = []
  /// Where the raw bytes of each symbol begin and end.
  private var starts: [Int] = []
  private var ends: [Int] = []
  private(set) var masks: [String] = []
  private let raw: [UInt8]

  static let maskBase: UInt16 = 256

  /// A stretch of symbols and the mask that takes its place.
  struct Hit {
    var range: Range<Int>
    var mask: String
  }

  init(_ bytes: [UInt8]) {
    raw = bytes
    symbols.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let (value, length) = Self.decoded(bytes, at: index)
      symbols.append(UInt16(value))
      starts.append(index)
      ends.append(index + length)
      index += length
    }
  }

  var count: Int { symbols.count }

  /// The byte at a place; nil outside the text and where a mask stands.
  func byte(_ index: Int) -> UInt8? {
    guard symbols.indices.contains(index), symbols[index] < Self.maskBase else { return nil }
    return UInt8(truncatingIfNeeded: symbols[index])
  }

  /// The byte at a place if it stands there as itself: only such bytes are delimiters of a query.
  func plainByte(_ index: Int) -> UInt8? {
    guard symbols.indices.contains(index), ends[index] - starts[index] == 1 else { return nil }
    return byte(index)
  }

  func isMask(_ index: Int) -> Bool {
    symbols.indices.contains(index) && symbols[index] >= Self.maskBase
  }

  /// The mask that stands at a place; nil where none does.
  func mask(at index: Int) -> String? {
    guard isMask(index) else { return nil }
    let place = Int(symbols[index] - Self.maskBase)
    return masks.indices.contains(place) ? masks[place] : nil
  }

  /// The decoded bytes of a stretch, masks left out.
  func bytes(_ range: Range<Int>) -> [UInt8] {
    range.clamped(to: symbols.indices).compactMap { byte($0) }
  }

  /// The end of the longest stretch from `index` on whose bytes all pass.
  func run(from index: Int, limit: Int = .max, _ passes: (UInt8) -> Bool) -> Int {
    var end = index
    while end - index < limit, let byte = byte(end), passes(byte) { end += 1 }
    return end
  }

  /// Whether `word` (lower case) stands at `index`, in any case of letters.
  func matches(_ word: StaticString, at index: Int, caseSensitive: Bool = false) -> Bool {
    let letters = Array("\(word)".utf8)
    guard index >= 0, index + letters.count <= count else { return false }
    for (offset, letter) in letters.enumerated() {
      guard let byte = byte(index + offset) else { return false }
      guard byte == letter || (!caseSensitive && byte.lowercased == letter) else { return false }
    }
    return true
  }

  /// Puts masks in place of the hits, which are ascending and disjoint.
  mutating func replace(_ hits: [Hit]) {
    guard !hits.isEmpty else { return }
    var kept = (symbols: [UInt16](), starts: [Int](), ends: [Int]())
    var index = 0
    for hit in hits
    where hit.range.lowerBound >= index && !hit.range.isEmpty
      && hit.range.upperBound <= count && masks.count < Int(UInt16.max - Self.maskBase)
    {
      kept.symbols += symbols[index..<hit.range.lowerBound]
      kept.starts += starts[index..<hit.range.lowerBound]
      kept.ends += ends[index..<hit.range.lowerBound]
      kept.symbols.append(Self.maskBase + UInt16(masks.count))
      kept.starts.append(starts[hit.range.lowerBound])
      kept.ends.append(ends[hit.range.upperBound - 1])
      masks.append(hit.mask)
      index = hit.range.upperBound
    }
    kept.symbols += symbols[index...]
    kept.starts += starts[index...]
    kept.ends += ends[index...]
    (symbols, starts, ends) = kept
  }

  /// The raw bytes with the masks between them.
  var pieces: [Redactor.Piece] {
    var pieces: [Redactor.Piece] = []
    var bytes: [UInt8] = []
    for index in symbols.indices {
      if symbols[index] >= Self.maskBase {
        if !bytes.isEmpty { pieces.append(.bytes(bytes)) }
        bytes = []
        pieces.append(.mask(masks[Int(symbols[index] - Self.maskBase)]))
      } else {
        bytes += raw[starts[index]..<ends[index]]
      }
    }
    if !bytes.isEmpty { pieces.append(.bytes(bytes)) }
    return pieces
  }

  /// One byte, or a printable one behind `%40`, `%2540` or the JSON escape `\/`.
  private static func decoded(_ bytes: [UInt8], at index: Int) -> (UInt8, Int) {
    func at(_ place: Int) -> UInt8 { place < bytes.count ? bytes[place] : 0 }
    if at(index) == UInt8(ascii: "\\"), at(index + 1) == UInt8(ascii: "/") {
      return (UInt8(ascii: "/"), 2)
    }
    guard at(index) == UInt8(ascii: "%") else { return (bytes[index], 1) }
    let isTwice = at(index + 1) == UInt8(ascii: "2") && at(index + 2) == UInt8(ascii: "5")
    for (skip, applies) in [(3, isTwice), (1, true)] where applies {
      if let high = at(index + skip).hexValue, let low = at(index + skip + 1).hexValue {
        let value = high << 4 | low
        if (0x20...0x7e).contains(value), value != UInt8(ascii: "%") {
          return (value, skip + 2)
        }
      }
    }
    return (bytes[index], 1)
  }
}

extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isUpper: Bool { (0x41...0x5a).contains(self) }
  var isLower: Bool { (0x61...0x7a).contains(self) }
  var isLetter: Bool { isUpper || isLower }
  var isAlphanumeric: Bool { isLetter || isDigit }
  /// A letter, a digit or `_`.
  var isWord: Bool { isAlphanumeric || self == 0x5f }
  /// A letter, a digit, `_` or `-`.
  var isWordOrHyphen: Bool { isWord || self == 0x2d }
  var isSpace: Bool { self == 0x20 || (0x09...0x0d).contains(self) }
  var isHex: Bool { hexValue != nil }
  var lowercased: UInt8 { isUpper ? self + 0x20 : self }

  var hexValue: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x61...0x66: self - 0x61 + 10
    case 0x41...0x46: self - 0x41 + 10
    default: nil
    }
  }
}
