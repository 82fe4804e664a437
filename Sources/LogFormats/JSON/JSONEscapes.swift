extension JSONCursor {
  /// Appends what a string of the text says, its escapes undone.
  ///
  /// `\uD83D\uDE00` becomes one scalar, a lone surrogate U+FFFD, `\x41` the byte 41 (lenient: some
  /// proxies write it), any other escaped byte itself.
  package func unescape(_ text: JSONText, into output: inout [UInt8]) {
    Self.unescape(bytes, text.range, into: &output)
  }

  /// Appends the bytes of `range`, JSON escapes undone; see ``unescape(_:into:)``.
  package static func unescape(
    _ bytes: Span<UInt8>, _ range: Range<Int>, into output: inout [UInt8]
  ) {
    let end = min(range.upperBound, bytes.count)
    var index = max(0, range.lowerBound)
    while index < end {
      let slash = min(end, bytes.near(UInt8(ascii: "\\"), from: index))
      append(bytes, index..<slash, to: &output)
      index = slash
      guard index + 1 < end else {
        append(bytes, index..<end, to: &output)
        return
      }
      let escape = bytes[index + 1]
      index += 2
      switch escape {
      case UInt8(ascii: "n"): output.append(0x0A)
      case UInt8(ascii: "r"): output.append(0x0D)
      case UInt8(ascii: "t"): output.append(0x09)
      case UInt8(ascii: "b"): output.append(0x08)
      case UInt8(ascii: "f"): output.append(0x0C)
      case UInt8(ascii: "x"):
        if let value = hexadecimal(bytes, index, digits: 2, end: end) {
          output.append(UInt8(truncatingIfNeeded: value))
          index += 2
        } else {
          output += [UInt8(ascii: "\\"), escape]
        }
      case UInt8(ascii: "u"):
        if let value = hexadecimal(bytes, index, digits: 4, end: end) {
          index += 4
          append(scalar(value, bytes, &index, end: end), to: &output)
        } else {
          output += [UInt8(ascii: "\\"), escape]
        }
      default: output.append(escape)
      }
    }
  }

  private static func append(
    _ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]
  ) {
    unsafe bytes.extracting(range).withUnsafeBufferPointer { run in
      // The buffer is read within the closure only, and all of it belongs to the span.
      unsafe output.append(contentsOf: run)
    }
  }

  /// The scalar that a UTF-16 unit begins; a low surrogate that follows a high one is consumed.
  private static func scalar(
    _ unit: UInt32, _ bytes: Span<UInt8>, _ index: inout Int, end: Int
  ) -> UInt32 {
    guard (0xD800...0xDFFF).contains(unit) else { return unit }
    guard unit < 0xDC00, index + 1 < end, bytes[index] == UInt8(ascii: "\\"),
      bytes[index + 1] == UInt8(ascii: "u"),
      let low = hexadecimal(bytes, index + 2, digits: 4, end: end),
      (0xDC00...0xDFFF).contains(low)
    else { return 0xFFFD }
    index += 6
    return 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
  }

  private static func hexadecimal(
    _ bytes: Span<UInt8>, _ start: Int, digits: Int, end: Int
  ) -> UInt32? {
    guard start + digits <= end else { return nil }
    var value: UInt32 = 0
    for index in start..<start + digits {
      let byte = bytes[index]
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
      case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
      default: return nil
      }
    }
    return value
  }

  private static func append(_ scalar: UInt32, to output: inout [UInt8]) {
    let scalar = Unicode.Scalar(scalar) ?? "\u{FFFD}"
    output += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }
}
