package import IncidentModel

/// The fields that all formats of the Common Log family share (FORMATS §1.1).
extension LineCursor {
  /// `client ident user [time] `, without a virtual host in front or in the ident column.
  @inline(__always)
  package mutating func commonHead(
    _ context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    let client = try shortToken("the line begins with a blank")
    record.client = TextRange(client)
    if line.word(at: position) << 16 == 0x5B20_2D20_2D20_0000 {
      // ` - - [`: nobody signed in, which is nearly every line.
      position += 6
    } else {
      try namedHead(from: client, into: &record)
    }
    try bracketedTime(&context, into: &record)
  }

  /// The rest of the head where ident, user or blanks differ from ` - - [`.
  @inline(never)
  private mutating func namedHead(
    from client: Range<Int>, into record: inout AccessRecord
  ) throws(LineError) {
    let bracket = try timeBracket()
    try blank("the client is not followed by a blank")
    let ident = token()
    // A dot or colon in the second column is a host: the line has a virtual host (FORMATS §4).
    if isHostLike(ident) {
      throw LineError("the line names a virtual host", at: ident.lowerBound)
    }
    skipBlanks()
    if hasPrefix(from: client, to: bracket) {
      throw LineError("the line does not begin with a client", at: client.lowerBound)
    }
    record.user = userName(endingAt: bracket)
    // Wrapped or bracketed forms of a client: `::ffff:192.0.2.1`, `[2001:db8::1]`.
    record.client = TextRange(address(in: client))
    position = bracket + 1
  }

  /// Whether a wrapper's stamp stands in front: a year (`2024-03-05T…`), or more columns than a client, an ident and a user of a few words make up.
  private func hasPrefix(from client: Range<Int>, to bracket: Int) -> Bool {
    if fourDigits(at: client.lowerBound) >= 0,
      line.byte(at: client.lowerBound + 4) == UInt8(ascii: "-")
    {
      return true
    }
    var blanks = 0
    for index in position..<max(position, bracket - 1) {
      // No user has a colon: it is the separator of basic authentication (RFC 7617).
      if line[index] == UInt8(ascii: ":") { return true }
      if line[index] == UInt8(ascii: " ") { blanks += 1 }
    }
    return blanks > 4
  }

  /// The user between here and the blank in front of the time's bracket: it may hold blanks itself.
  func userName(endingAt bracket: Int) -> TextRange {
    var end = bracket
    while end > position && line[end - 1] == UInt8(ascii: " ") { end -= 1 }
    return end > position ? text(position..<end) : .none
  }

  /// The bracket that opens the time: the one with `/` at the third and seventh place behind it.
  ///
  /// The anchor, since a user's name may hold blanks and brackets (FORMATS §0.3).
  package func timeBracket() throws(LineError) -> Int {
    var search = position
    // Real lines have the bracket within a few hundred bytes.
    for _ in 0..<16 {
      let bracket = line.place(of: UInt8(ascii: "["), from: search)
      if bracket == line.count { break }
      if line.byte(at: bracket + 3) == UInt8(ascii: "/"),
        line.byte(at: bracket + 7) == UInt8(ascii: "/")
      {
        return bracket
      }
      search = bracket + 1
    }
    throw LineError("the time has no opening bracket", at: position)
  }

  /// The time behind its opening bracket, the closing one and a blank.
  @inline(__always)
  package mutating func bracketedTime(
    _ context: inout AccessContext, into record: inout AccessRecord
  ) throws(LineError) {
    record.stamp = try commonLogTime(&context.clock)
    record.arrival = record.stamp
    try expect(UInt8(ascii: "]"), "the closing bracket of the time is missing")
    try blank("the request does not follow the time")
  }

  /// `"request" status bytes`.
  @inline(__always)
  package mutating func commonBody(into record: inout AccessRecord) throws(LineError) {
    try requestAndStatus(into: &record)
    try blank("the byte count does not follow the status")
    record.byteCount = try byteCount()
  }

  /// Bytes sent; `-` means none were (Apache's `%b`).
  @inline(__always)
  package mutating func byteCount() throws(LineError) -> Int64 {
    let value = try decimalOrDash("the byte count is not a number")
    if position < line.count && line[position] != UInt8(ascii: " ") {
      throw LineError("the byte count is not a number", at: position)
    }
    return max(0, value)
  }

  /// ` "referrer" "agent"`, with numbers allowed in front of the two (`%b %D`, `%b %I %O %T`).
  @inline(__always)
  package mutating func referrerAndAgent(into record: inout AccessRecord) throws(LineError) {
    try blank("the referrer does not follow the byte count")
    while isDigit(next) {
      _ = try decimal("the referrer has no opening quote")
      try blank("the referrer does not follow the byte count")
    }
    try expect(UInt8(ascii: "\""), "the referrer has no opening quote")
    let start = position
    var end = closingQuote(from: start)
    while end < line.count && line.byte(at: end + 2) != UInt8(ascii: "\"") {
      // A raw quote inside: the referrer ends where the agent begins.
      let later = closingQuote(from: end + 1)
      if later == line.count { break }
      end = later
    }
    if end == line.count { throw .cut(at: end) }
    record.referrer = text(start..<end)
    position = end + 1
    try blank("the agent does not follow the referrer")
    record.agent = text(try quoted("the agent has no opening quote"))
  }

  /// Whether a token looks like a host or address: it has a dot or colon, or is `localhost`, and no mail sign.
  func isHostLike(_ range: Range<Int>) -> Bool {
    if range.count == 9 && line.holds("localhost", at: range.lowerBound) { return true }
    var marks = 0
    for index in range {
      switch line.byte(at: index) {
      case UInt8(ascii: "."), UInt8(ascii: ":"): marks += 1
      case UInt8(ascii: "@"), UInt8(ascii: "/"), UInt8(ascii: "\""): return false
      default: break
      }
    }
    return marks > 0
  }
}

extension AccessRecord {
  /// Sets the arrival of a completion-stamped request whose duration is known: stamp − duration (FORMATS §0.1).
  @inline(__always)
  mutating func arriveBeforeStamp() {
    if duration > 0 { arrival = Instant(microseconds: stamp.microseconds &- duration) }
  }
}
