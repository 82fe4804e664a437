/// Why a format string can't be used, and where in it.
package struct FormatStringError: Error, Hashable {
  /// What is wrong, as a sentence without its full stop.
  package var reason: String
  /// The string as it was given.
  package var text: String
  /// The byte of the string at which the reason lies.
  package var place: Int

  package init(_ reason: String, in text: String, at place: Int) {
    self.reason = reason
    self.text = text
    self.place = place
  }

  /// The longest stretch of the string that is shown around its place, in characters.
  private static let window = 100

  /// The reason, and below it the string with a caret under the place; control characters are shown as `?`.
  package var message: String {
    let bytes = Array(text.utf8)
    let at = max(0, min(place, bytes.count))
    let before = String(decoding: bytes[..<at], as: UTF8.self).unicodeScalars
    let after = String(decoding: bytes[at...], as: UTF8.self).unicodeScalars
    var head = Array(before.suffix(Self.window))
    if let newline = head.lastIndex(of: "\n") { head = Array(head[(newline + 1)...]) }
    let tail = after.prefix(Self.window).prefix { $0 != "\n" }
    let isCut = (before.count > Self.window, after.count > Self.window)
    let start = isCut.0 ? "…" : ""
    let caret = String(repeating: " ", count: head.count + start.count) + "^"
    return
      "\(reason).\n  \(start)\(Self.visible(head))\(Self.visible(tail))\(isCut.1 ? "…" : "")\n  \(caret)"
  }

  private static func visible(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    for scalar in scalars {
      // One column each: what moves the caret, or a terminal, is replaced.
      let isPlain = (0x20...0x7e).contains(scalar.value) || scalar.properties.isAlphabetic
      text.append(isPlain ? scalar : "?")
    }
    return String(text)
  }
}
