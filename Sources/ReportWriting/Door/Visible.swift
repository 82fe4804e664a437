/// The second step of the door: one line in which every character can be seen (REPORT §6.1).
///
/// What could move the cursor, break a line, hide or reverse text stands as `\n`, `\x1b` or `\u{202e}`.
struct VisibleText {
  /// Pieces that a clip must not cut: one letter, one escape or one mask each.
  private(set) var atoms: [String] = []
  /// Combining marks since the last base letter; a mark without a base counts as one too many.
  private var marks = 2

  /// Adds raw bytes from a log.
  mutating func append(_ bytes: [UInt8]) {
    var index = 0
    while index < bytes.count {
      if let (scalar, length) = Self.scalar(bytes, at: index) {
        append(scalar)
        index += length
      } else {
        append(escape: "\\x" + Self.hex(UInt32(bytes[index]), digits: 2))
        index += 1
      }
    }
  }

  /// Adds a mask of the redaction, which is Floodmark's own text.
  mutating func append(mask: String) {
    append(escape: mask)
  }

  private mutating func append(escape text: String) {
    atoms.append(text)
    marks = 0
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\n": append(escape: "\\n")
    case "\r": append(escape: "\\r")
    case "\t": append(escape: "\\t")
    case " "..."~":
      atoms.append(String(Character(scalar)))
      marks = 0
    case _ where scalar.value < 0xa0:
      append(escape: "\\x" + Self.hex(scalar.value, digits: 2))
    default:
      if Self.isMark(scalar) { marks += 1 }
      if Self.isUnseen(scalar) || (Self.isMark(scalar) && marks > 2) {
        let kept = marks
        append(escape: "\\u{" + Self.hex(scalar.value, digits: 1) + "}")
        marks = Self.isMark(scalar) ? kept : 0
      } else {
        atoms.append(String(Character(scalar)))
        if !Self.isMark(scalar) { marks = 0 }
      }
    }
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    let category = scalar.properties.generalCategory
    return category == .nonspacingMark || category == .enclosingMark
  }

  /// Characters without ink, and the two that mark a mask.
  private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x2039, 0x203a: return true
    case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0: return true
    case 0xfe00...0xfe0f, 0xe0100...0xe01ef, 0x180b...0x180f: return true
    default: break
    }
    switch scalar.properties.generalCategory {
    case .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator, .control:
      return true
    default: return false
    }
  }

  /// The scalar whose well-formed UTF-8 begins at `index` (Unicode, table 3-7), and its length.
  private static func scalar(_ bytes: [UInt8], at index: Int) -> (Unicode.Scalar, Int)? {
    let first = bytes[index]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let length: Int
    var value: UInt32
    switch first {
    case 0xc2...0xdf: (length, value) = (2, UInt32(first & 0x1f))
    case 0xe0...0xef: (length, value) = (3, UInt32(first & 0x0f))
    case 0xf0...0xf4: (length, value) = (4, UInt32(first & 0x07))
    default: return nil
    }
    guard index + length <= bytes.count else { return nil }
    for byte in bytes[(index + 1)..<(index + length)] {
      guard byte & 0xc0 == 0x80 else { return nil }
      value = value << 6 | UInt32(byte & 0x3f)
    }
    let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard value >= least, let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, length)
  }

  private static func hex(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
