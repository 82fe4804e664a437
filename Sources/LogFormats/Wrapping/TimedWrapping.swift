internal import IncidentModel

/// What is around a line that has no time of its own, for the time that it tells (FORMATS §2).
struct TimedWrapping {
  /// When the line was written, as its wrapper says.
  let time: Instant
  /// Where the inner line stands: in the line, or in the scratch buffer where it had to be unescaped.
  private let range: Range<Int>
  private let isInScratch: Bool

  /// Takes off up to three wrappers; the outermost one that tells a full time counts.
  init(_ line: Span<UInt8>, _ context: inout AccessContext) throws(LineError) {
    if line.byte(at: 0) == UInt8(ascii: "{") {
      self = try Self(object: line, &context)
      return
    }
    var range = 0..<line.count
    var time: Instant?
    for _ in 0..<WrapperStack.maximumDepth {
      let text = line.extracting(range)
      guard let (layer, inner) = Self.layer(of: text) else { break }
      if inner.isPartial { throw LineError("the line is a piece of a longer one", at: 0) }
      if time == nil { time = Self.time(layer, text, &context) }
      range = range.lowerBound + inner.range.lowerBound..<range.lowerBound + inner.range.upperBound
    }
    guard let time else {
      throw LineError("neither the line nor what is around it tells the time", at: 0)
    }
    self.init(time: time, range: range, isInScratch: false)
  }

  private init(time: Instant, range: Range<Int>, isInScratch: Bool) {
    self.time = time
    self.range = range
    self.isInScratch = isInScratch
  }

  private static let keys = JSONKeyTable([
    JSONKeyRow("log", .request, 0), JSONKeyRow("message", .request, 1),
    JSONKeyRow("textpayload", .request, 2), JSONKeyRow("line", .request, 3),
    JSONKeyRow("time", .time, 0), JSONKeyRow("timestamp", .time, 1),
    JSONKeyRow("@timestamp", .time, 2), JSONKeyRow("__realtime_timestamp", .time, 3),
  ])

  /// Docker's json-file, journald, Filebeat, Stackdriver, Loki.
  private init(object line: Span<UInt8>, _ context: inout AccessContext) throws(LineError) {
    var members = JSONMembers()
    try members.read(line, Self.keys)
    guard let text = members[.request] else { throw LineError("the object holds no line", at: 0) }
    guard let stamp = members[.time] else { throw LineError("no key tells the time", at: 0) }
    let time = try JSONMembers.stamp(stamp, line, &context)
    JSONCursor.unescape(line, text.range, into: &context.scratch)
    while context.scratch.last == 0x0A || context.scratch.last == 0x0D {
      context.scratch.removeLast()
    }
    self.init(time: time, range: 0..<context.scratch.count, isInScratch: true)
  }

  private static func layer(of text: Span<UInt8>) -> (Wrapper, Wrapper.Inner)? {
    for layer in [Wrapper.cri, .compose, .pod, .labelled, .syslog, .stamped] {
      if let inner = layer.inner(of: text) { return (layer, inner) }
    }
    return nil
  }

  /// The moment of a wrapper's stamp; RFC 3164 has no year, so it tells one only beside the day in the file's name.
  private static func time(
    _ layer: Wrapper, _ text: Span<UInt8>, _ context: inout AccessContext
  ) -> Instant? {
    var cursor = LineCursor(text)
    if layer == .syslog {
      // An octet count, a priority and a version may stand in front.
      if let end = Self.priorityEnd(text) { cursor.position = end }
      if cursor.skip(UInt8(ascii: "1")) { cursor.skipBlanks() }
      if Wrapper.stampEnd(text, from: cursor.position) == nil { cursor.position = 0 }
    }
    guard Wrapper.stampEnd(text, from: cursor.position) != nil else {
      return layer == .syslog ? context.date.flatMap { shortTime(text, near: $0, context) } : nil
    }
    return try? cursor.isoTime(&context.clock)
  }

  /// `Mar  5 14:03:22` in the year that puts it nearest to `day`.
  private static func shortTime(
    _ text: Span<UInt8>, near day: Instant, _ context: AccessContext
  ) -> Instant? {
    var cursor = LineCursor(text, at: priorityEnd(text) ?? 0)
    let month = cursor.monthName(at: cursor.position)
    cursor.position += 3
    cursor.skipBlanks()
    guard month > 0, let number = try? cursor.decimal(""), (1...31).contains(number) else {
      return nil
    }
    cursor.skipBlanks()
    var civil = CivilTime(day)
    civil.month = month
    civil.day = Int(number)
    let clock = [0, 3, 6].map { cursor.twoDigits(at: cursor.position + $0) }
    (civil.hour, civil.minute, civil.second) = (clock[0], clock[1], clock[2])
    // Half a year before or after is nearer in the next or the last year.
    let distance = (month - CivilTime(day).month)
    civil.year += distance > 6 ? -1 : distance < -6 ? 1 : 0
    guard civil.isValid else { return nil }
    return context.clock.instant(civil: civil.instant().microseconds, offsetSeconds: nil)
  }

  private static func priorityEnd(_ text: Span<UInt8>) -> Int? {
    let open = text.near(UInt8(ascii: "<"), from: 0)
    let close = text.near(UInt8(ascii: ">"), from: open)
    return open < 8 && close < open + 5 && close < text.count ? close + 1 : nil
  }

  /// Reads the inner line, and moves what it found to where the line stands.
  func read(
    _ line: Span<UInt8>, _ context: borrowing AccessContext, into record: inout AccessRecord,
    by reader: (inout LineCursor, inout AccessRecord) throws(LineError) -> Void
  ) throws(LineError) {
    record.stamp = time
    record.arrival = time
    guard isInScratch else {
      var cursor = LineCursor(line, at: range.lowerBound)
      return try reader(&cursor, &record)
    }
    let bytes = context.scratch
    var cursor = LineCursor(bytes.span)
    do throws(LineError) {
      try reader(&cursor, &record)
    } catch {
      // A place in the text says nothing of the object.
      throw LineError(error.reason, at: 0)
    }
    if !record.client.isEmpty { record.client.start |= TextRange.scratchFlag }
    if !record.method.isEmpty { record.method.start |= TextRange.scratchFlag }
    if !record.target.isEmpty { record.target.start |= TextRange.scratchFlag }
  }
}

extension LineCursor {
  /// Steps over colours of a terminal: `ESC[32m`.
  mutating func skipColours() {
    position = Wrapper.escapesEnd(line, from: position)
  }
}
