internal import IncidentModel

/// From members to a record: what all JSON and logfmt access logs share.
extension JSONMembers {
  /// Time, status, request, client, bytes and duration; with `needsStatus` a line without a key for the status is none of a request.
  func fill(
    _ record: inout AccessRecord, _ line: Span<UInt8>, _ context: inout AccessContext,
    needsStatus: Bool = true
  ) throws(LineError) {
    guard let time = self[.time] else { throw LineError("no key tells the time", at: 0) }
    let moment = try Self.stamp(time, line, &context)
    try fill(&record, line, &context, at: moment, needsStatus: needsStatus)
  }

  /// The same for a format that has worked out the time by itself.
  func fill(
    _ record: inout AccessRecord, _ line: Span<UInt8>, _ context: inout AccessContext,
    at moment: Instant, needsStatus: Bool = true
  ) throws(LineError) {
    record.stamp = moment
    record.arrival = moment
    if needsStatus || self[.status] != nil { try fillStatus(&record, line) }
    fillRequest(&record, line, &context)
    fillPeople(&record, line, &context)
    fillService(&record, line, &context)
    record.byteCount = number(.bytes, line)
    record.duration = duration(.duration, line, &context)
  }

  /// A stamp in ISO 8601, of the Common Log Format, or since the epoch.
  static func stamp(
    _ member: JSONMember, _ line: Span<UInt8>, _ context: inout AccessContext
  ) throws(LineError) -> Instant {
    var cursor = LineCursor(
      line.extracting(0..<member.range.upperBound), at: member.range.lowerBound)
    if cursor.peek(4) == UInt8(ascii: "-") || cursor.peek(4) == UInt8(ascii: "/") {
      return try cursor.isoTime(&context.clock)
    }
    if cursor.peek(2) == UInt8(ascii: "/") { return try cursor.commonLogTime(&context.clock) }
    return try cursor.epochTime()
  }

  /// A number, a string with a number, or nothing; `"ok"` is another program's status.
  private func fillStatus(
    _ record: inout AccessRecord, _ line: Span<UInt8>
  ) throws(LineError) {
    guard let member = self[.status] else { throw LineError("no key tells the status", at: 0) }
    if member.range.isEmpty { return }
    let text = line.extracting(0..<member.range.upperBound)
    var cursor = LineCursor(text, at: member.range.lowerBound)
    // `502, 200` is nginx's `$upstream_status` under another key: the last one went to the client.
    record.status = try cursor.status()
    while cursor.skip(", ") { record.status = try cursor.status() }
    if !cursor.isAtEnd { throw LineError("the status is not a number", at: cursor.position) }
  }

  private func fillRequest(
    _ record: inout AccessRecord, _ line: Span<UInt8>, _ context: inout AccessContext
  ) {
    if let member = self[.request] {
      let whole = Self.text(member, line, &context)
      Self.requestLine(whole, line, context.scratch.span, into: &record)
      if record.method.isEmpty
        && whole.bytes(line: line, scratch: context.scratch.span).byte(at: 0)
          == UInt8(ascii: "/")
      {
        record.target = whole
      }
    }
    if let member = self[.method] { record.method = Self.text(member, line, &context) }
    guard let member = self[.target] else { return }
    guard let query = filled(.query, line),
      line.extracting(member.range).near(UInt8(ascii: "?"), from: 0) == member.range.count
    else {
      record.target = Self.text(member, line, &context)
      return
    }
    let start = context.scratch.count
    Self.keep(member, line, &context)
    if line.byte(at: query.range.lowerBound) != UInt8(ascii: "?") {
      context.scratch.append(UInt8(ascii: "?"))
    }
    Self.keep(query, line, &context)
    record.target = TextRange(inScratch: start..<context.scratch.count)
  }

  private static func keep(
    _ member: JSONMember, _ line: Span<UInt8>, _ context: inout AccessContext
  ) {
    if member.hasEscapes {
      JSONCursor.unescape(line, member.range, into: &context.scratch)
    } else {
      context.keep(line, member.range)
    }
  }

  /// Takes a request line apart that stands in the line or in the scratch buffer.
  private static func requestLine(
    _ range: TextRange, _ line: Span<UInt8>, _ scratch: Span<UInt8>,
    into record: inout AccessRecord
  ) {
    let isInScratch = range.start & TextRange.scratchFlag != 0
    let start = Int(range.start & ~TextRange.scratchFlag)
    LineCursor(isInScratch ? scratch : line)
      .requestLine(start..<start + Int(range.count), into: &record)
    if isInScratch {
      if !record.method.isEmpty { record.method.start |= TextRange.scratchFlag }
      if !record.target.isEmpty { record.target.start |= TextRange.scratchFlag }
    }
  }

  private func fillPeople(
    _ record: inout AccessRecord, _ line: Span<UInt8>, _ context: inout AccessContext
  ) {
    let cursor = LineCursor(line)
    if let member = filled(.client, line) {
      let text = line.extracting(member.range)
      if text.near(UInt8(ascii: ","), from: 0) < text.count {
        cursor.listedClient(member.range, into: &record)
      } else {
        record.client = TextRange(cursor.address(in: member.range))
      }
    }
    if let member = filled(.forwarded, line) {
      if record.client.isEmpty {
        cursor.listedClient(member.range, into: &record)
      } else {
        cursor.forwardedClient(member.range, into: &record)
      }
    }
    if let member = self[.agent] { record.agent = Self.text(member, line, &context) }
    if let member = self[.referrer] { record.referrer = Self.text(member, line, &context) }
    if let member = self[.user] { record.user = Self.text(member, line, &context) }
    if let member = self[.identity] { record.requestID = Self.text(member, line, &context) }
    if let member = self[.tls] { record.tlsVersion = Self.text(member, line, &context) }
    if let member = self[.cache] { record.cache = Self.text(member, line, &context) }
    if let member = self[.zone] { record.zone = Self.text(member, line, &context) }
  }

  private func fillService(
    _ record: inout AccessRecord, _ line: Span<UInt8>, _ context: inout AccessContext
  ) {
    let cursor = LineCursor(line)
    if let member = filled(.serverName, line) {
      record.service = cursor.hostName(member.range, &context)
      record.serviceIsServerSet = true
    }
    // `_` is nginx's catch-all server: it names nothing.
    if record.service.isEmpty || record.service.count == 1 {
      record.service = filled(.host, line).map { cursor.hostName($0.range, &context) } ?? .none
      record.serviceIsServerSet = false
    }
  }

  /// nginx's upstream lists.
  func fillUpstream(_ record: inout AccessRecord, _ line: Span<UInt8>) {
    var lists = UpstreamLists()
    lists.addresses = self[.upstreamAddress]?.range
    lists.times = self[.upstreamTime]?.range
    lists.statuses = self[.upstreamStatus]?.range
    lists.apply(LineCursor(line), into: &record)
  }

  /// A whole number; -1 where there is none.
  func number(_ meaning: JSONMeaning, _ line: Span<UInt8>) -> Int64 {
    guard let range = self[meaning]?.range, !range.isEmpty else { return -1 }
    var cursor = LineCursor(line.extracting(0..<range.upperBound), at: range.lowerBound)
    return (try? cursor.decimalOrDash("")) ?? -1
  }

  /// A duration in microseconds by the unit of its text, of its key, or of the file; -1 where there is none.
  func duration(
    _ meaning: JSONMeaning, _ line: Span<UInt8>, _ context: inout AccessContext
  ) -> Int64 {
    guard let member = self[meaning], !member.range.isEmpty else { return -1 }
    var cursor = LineCursor(
      line.extracting(0..<member.range.upperBound), at: member.range.lowerBound)
    guard let millionths = try? cursor.scientificMillionths(), millionths >= 0 else { return -1 }
    if !cursor.isAtEnd, let value = cursor.inNamedUnit(millionths) { return value }
    switch member.unit {
    case .seconds: return millionths
    case .milliseconds: return millionths / 1_000
    case .microseconds: return millionths / 1_000_000
    case .nanoseconds: return millionths / 1_000_000_000
    case .unknown:
      // nginx's own variable: seconds with three digits.
      if member.rank == 0 && millionths % 1_000_000 != 0 { return millionths }
      if context.isDetecting { context.durationUnit.note(millionths) }
      return context.durationUnit.duration(ofMillionths: millionths)
    }
  }

  /// A member's text: in the line, or unescaped in the scratch buffer.
  static func text(
    _ member: JSONMember, _ line: Span<UInt8>, _ context: inout AccessContext
  ) -> TextRange {
    if !member.hasEscapes { return LineCursor(line).text(member.range) }
    let start = context.scratch.count
    JSONCursor.unescape(line, member.range, into: &context.scratch)
    return TextRange(inScratch: start..<context.scratch.count)
  }

  /// Whether a member's text begins with an ASCII literal.
  func begins(_ meaning: JSONMeaning, with literal: StaticString, _ line: Span<UInt8>) -> Bool {
    guard let range = self[meaning]?.range, range.count >= literal.utf8CodeUnitCount else {
      return false
    }
    return line.holds(literal, at: range.lowerBound)
  }

  /// Whether a member's text is an ASCII literal.
  func `is`(_ meaning: JSONMeaning, _ literal: StaticString, _ line: Span<UInt8>) -> Bool {
    self[meaning]?.range.count == literal.utf8CodeUnitCount && begins(meaning, with: literal, line)
  }
}

extension LineCursor {
  /// A decimal such as `0.123`, `12` or `2.8e-05`, in millionths.
  mutating func scientificMillionths() throws(LineError) -> Int64 {
    var value = try microseconds("the duration is not a number")
    guard next | 0x20 == UInt8(ascii: "e"),
      peek(1) == UInt8(ascii: "-") || isDigit(peek(1))
        || peek(1) == UInt8(ascii: "+")
    else { return value }
    let isSmall = peek(1) == UInt8(ascii: "-")
    position += isDigit(peek(1)) ? 1 : 2
    let exponent = try decimal("the duration has no exponent")
    for _ in 0..<min(exponent, 18) {
      value = isSmall ? value / 10 : value.multipliedReportingOverflow(by: 10).partialValue
    }
    return value
  }

  /// Millionths of the unit that follows, in microseconds: `ms`, `us`, `µs`, `ns`, `s`, or Go's `1m30.5s`; nil for none.
  mutating func inNamedUnit(_ millionths: Int64) -> Int64? {
    if sees("ms") { return millionths / 1_000 }
    if next == UInt8(ascii: "m") || next == UInt8(ascii: "h") {
      let seconds: Int64 = next == UInt8(ascii: "m") ? 60 : 3_600
      let whole = min(millionths, 1 << 50) * seconds
      position += 1
      if isAtEnd { return whole }
      guard isDigit(self.next), let rest = try? scientificMillionths() else { return nil }
      return inNamedUnit(rest).map { $0 &+ whole }
    }
    if sees("us") || sees("µs") || sees("μs") { return millionths / 1_000_000 }
    if sees("ns") { return millionths / 1_000_000_000 }
    return next == UInt8(ascii: "s") ? millionths : nil
  }

  /// The client of a list that the server itself has lengthened: its last address, or the last public one if that is a proxy of the house.
  func listedClient(_ list: Range<Int>, into record: inout AccessRecord) {
    var start = list.upperBound
    let text = line.extracting(list)
    if text.near(UInt8(ascii: ","), or: UInt8(ascii: " "), from: 0) == text.count {
      start = list.lowerBound
    }
    while start > list.lowerBound && line[start - 1] != UInt8(ascii: ",")
      && line[start - 1] != UInt8(ascii: " ")
    {
      start -= 1
    }
    let last = address(in: start..<list.upperBound)
    if !isAddress(last) { return }
    record.client = TextRange(last)
    if start > list.lowerBound { forwardedClient(list, into: &record) }
  }
}
