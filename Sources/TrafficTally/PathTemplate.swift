/// The route behind a request target: the path with what differs from call to call replaced.
///
/// `/orders/4711/items?page=2` becomes `/orders/{n}/items`; a segment of digits is `{n}`, a UUID `{uuid}`, 16 or more hexadecimal digits `{hex}`; the ending after a segment's last dot stays.
enum PathTemplate {
  static let limit = 120

  /// The template's bytes, at most ``limit``; empty where the target is empty or `-`.
  static func bytes(of target: Span<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    if target.isEmpty || target.count == 1 && target[0] == UInt8(ascii: "-") { return result }
    var index = pathStart(target)
    let end = pathEnd(target, from: index)
    if index == end { return [UInt8(ascii: "/")] }
    while index < end, result.count < limit {
      if target[index] == UInt8(ascii: "/") {
        result.append(UInt8(ascii: "/"))
        index += 1
        continue
      }
      var stop = index
      while stop < end, target[stop] != UInt8(ascii: "/") { stop += 1 }
      append(target.extracting(index..<stop), to: &result)
      index = stop
    }
    if result.count > limit { result.removeSubrange(limit...) }
    return result
  }

  /// Past the scheme and host of a full URL.
  static func pathStart(_ target: Span<UInt8>) -> Int {
    guard !target.isEmpty, target[0] != UInt8(ascii: "/") else { return 0 }
    var index = 0
    while index + 2 < target.count, index < 10 {
      if target[index] == UInt8(ascii: ":"), target[index + 1] == UInt8(ascii: "/"),
        target[index + 2] == UInt8(ascii: "/")
      {
        index += 3
        while index < target.count, !isPathEnd(target[index]), target[index] != UInt8(ascii: "/") {
          index += 1
        }
        return index
      }
      index += 1
    }
    return 0
  }

  private static func isPathEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";")
  }

  private static func pathEnd(_ target: Span<UInt8>, from start: Int) -> Int {
    var end = start
    while end < target.count, !isPathEnd(target[end]) { end += 1 }
    return end
  }

  private static func append(_ segment: Span<UInt8>, to result: inout [UInt8]) {
    var stem = segment.count
    for index in stride(from: segment.count - 1, through: max(1, segment.count - 6), by: -1)
    where segment[index] == UInt8(ascii: ".") {
      stem = index
      break
    }
    if let mark = placeholder(for: segment.extracting(0..<stem)) {
      result.append(mark.utf8.span)
      result.append(segment.extracting(stem..<segment.count))
    } else {
      result.append(segment.extracting(0..<min(segment.count, limit)))
    }
  }

  private static func placeholder(for stem: Span<UInt8>) -> String? {
    var digits = 0
    var letters = 0
    var dashes = 0
    for index in stem.indices {
      switch stem[index] {
      case 0x30...0x39: digits += 1
      case 0x41...0x46, 0x61...0x66: letters += 1
      case UInt8(ascii: "-"): dashes += 1
      default: return nil
      }
    }
    if dashes == 0, letters == 0 { return digits > 0 ? "{n}" : nil }
    if dashes == 0 { return digits > 0 && digits + letters >= 16 ? "{hex}" : nil }
    let isUUID =
      stem.count == 36 && dashes == 4 && [8, 13, 18, 23].allSatisfy { stem[$0] == 0x2d }
    return isUUID ? "{uuid}" : nil
  }

  private static let assetEndings: [String] = [
    "avif", "bmp", "css", "eot", "gif", "ico", "jpeg", "jpg", "js", "map", "mjs", "mp3", "mp4",
    "otf", "png", "svg", "ttf", "wasm", "webm", "webp", "woff", "woff2",
  ]

  /// Whether a template ends as pictures, scripts, styles and fonts do.
  static func isAsset(_ template: [UInt8]) -> Bool {
    guard let dot = template.lastIndex(of: UInt8(ascii: ".")), template.count - dot <= 6 else {
      return false
    }
    // Bit 5 makes letters small and leaves digits as they are.
    let ending = template[(dot + 1)...].map { $0 | 0x20 }
    return assetEndings.contains { $0.utf8.elementsEqual(ending) }
  }
}
