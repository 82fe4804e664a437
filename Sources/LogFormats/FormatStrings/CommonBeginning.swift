internal import IncidentModel

/// The beginning that most strings of nginx and Apache share: client, user, time, request, status, bytes and referrer, as in `combined`.
///
/// A line in which nobody signed in and nothing is out of the ordinary is read up to there in one go; every other line goes through the steps.
enum CommonBeginning {
  /// How many of a program's steps it stands for; 0: the program begins otherwise.
  static func count(
    of steps: [FormatProgram.Step], head: FormatProgram.Literal, _ dialect: FormatDialect
  ) -> Int {
    guard head.count == 0, dialect == .nginx || dialect == .apache, let client = steps.first,
      client.field == .client, !client.hasPort
    else { return 0 }
    var names = 1
    if client.holds(" ") {
      // Apache's `%l`.
      guard steps.count > 1, steps[1].field == .ident, steps[1].holds(" ") else { return 0 }
      names = 2
    } else if !client.holds(" - ") {
      return 0
    }
    let rest = steps.dropFirst(names)
    guard rest.count >= 5 else { return 0 }
    let parts = Array(rest.prefix(5))
    let isCommon =
      parts[0].field == .user && parts[0].holds(" [")
      && parts[1].shape == .common && parts[1].holds("] ")
      && parts[2].shape == .requestAndStatus && parts[2].holds(" ")
      && parts[3].shape == .number && parts[3].field == .bytes && parts[3].holds(" \"")
      && parts[4].shape == .quoted && parts[4].field == .referrer && parts[4].holds("\" \"")
    return isCommon ? names + 5 : 0
  }

  /// Reads the beginning of a line; false where it is not quite as usual, whatever stands in the record then.
  @inline(__always)
  static func read(
    _ cursor: inout LineCursor, _ context: inout AccessContext, _ record: inout AccessRecord
  ) -> Bool {
    let line = cursor.line
    let client = line.near(UInt8(ascii: " "), from: 0)
    let first = line.byte(at: 0)
    // ` - - [`, and a client that neither is a date nor needs to be unwrapped.
    guard line.word(at: client) << 16 == 0x5B20_2D20_2D20_0000, client > 1,
      line.byte(at: 4) != UInt8(ascii: "-"), first != UInt8(ascii: ":"), first != UInt8(ascii: "[")
    else { return false }
    cursor.position = client + 6
    do throws(LineError) {
      record.stamp = try cursor.commonLogTime(&context.clock)
      guard cursor.skip(UInt8(ascii: "]")), cursor.skip(UInt8(ascii: " ")) else { return false }
      try cursor.requestAndStatus(into: &record)
      guard cursor.skip(UInt8(ascii: " ")) else { return false }
      record.byteCount = max(0, try cursor.decimalOrDash(""))
    } catch {
      return false
    }
    guard cursor.skip(UInt8(ascii: " ")), cursor.skip(UInt8(ascii: "\"")) else { return false }
    let start = cursor.position
    let end = line.near(UInt8(ascii: "\""), from: start)
    guard line.byte(at: end + 1) == UInt8(ascii: " "), line.byte(at: end + 2) == UInt8(ascii: "\""),
      line.byte(at: end - 1) != UInt8(ascii: "\\")
    else { return false }
    record.client = TextRange(0..<client)
    record.referrer = cursor.text(start..<end)
    cursor.position = end + 3
    return true
  }
}

extension FormatProgram.Step {
  /// Whether the text behind the field is this, of at most eight bytes.
  fileprivate func holds(_ text: String) -> Bool {
    var word: UInt64 = 0
    for (index, byte) in text.utf8.enumerated() { word |= UInt64(byte) << UInt64(8 * index) }
    return behind.count == text.utf8.count && behind.word == word
  }
}
