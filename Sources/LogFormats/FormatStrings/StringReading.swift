internal import IncidentModel

/// What the fields of one line have told that must wait for the others.
struct StringReading {
  var lists = UpstreamLists()
  var forwarded: Range<Int>?
  var frontend: Range<Int>?
  var backendName: Range<Int>?
  var server: Range<Int>?
  var connect: Int64 = 0
  var termination: Range<Int>?
  var flags: Range<Int>?
  var cluster: Range<Int>?
  var fraction: Int64 = 0

  /// Takes one step after the other from `index` on; where one fails, `index` is its own.
  ///
  /// The place is kept apart from the cursor: fields that are only looked for then wait for no store.
  @inline(__always)
  mutating func take(
    from index: inout Int, _ program: FormatProgram, _ cursor: inout LineCursor,
    _ context: inout AccessContext, _ record: inout AccessRecord
  ) throws(LineError) {
    let line = cursor.line
    let steps = program.steps
    var place = cursor.position
    while index < steps.count {
      let step = steps[index]
      switch step.shape {
      case .word:
        let end = line.near(step.first, from: place)
        if end >= line.count { throw Self.missingEnd(step, from: place, line) }
        if step.isChecked { try Self.checkQuickly(step.field, place..<end, cursor) }
        keep(place..<end, of: step.field, hasPort: step.hasPort, cursor, &context, &record)
        place = end &+ 1
      case .skips: place = try Self.skip(step, from: place, line)
      case .text, .quoted:
        var end = Self.nextEnd(of: step, from: place, program, line)
        if end < 0 { end = Self.end(of: step, from: place, program, line) }
        if end < 0 { return try cutShort(step, from: place, program, &cursor, &record) }
        if step.isChecked { try Self.checkQuickly(step.field, place..<end, cursor) }
        keep(place..<end, of: step.field, hasPort: step.hasPort, cursor, &context, &record)
        place = end &+ Int(step.behind.count)
        if step.lookahead == .end { place = try Self.atEnd(place, line) }
      case .number:
        let end = quickNumber(step, program, from: place, line, &record)
        if end >= 0 {
          place = end
        } else {
          cursor.position = place
          try number(step, program, &cursor, &record)
          place = cursor.position
        }
      case .status, .requestAndStatus, .iso:
        cursor.position = place
        if step.shape == .status {
          record.status = try cursor.status()
        } else if step.shape == .iso {
          record.stamp = try cursor.isoTime(&context.clock)
        } else {
          try cursor.requestAndStatus(into: &record)
        }
        try Self.behind(step, program, &cursor)
        place = cursor.position
      default:
        cursor.position = place
        try other(step, program, &cursor, &context, &record)
        place = cursor.position
      }
      index &+= 1
    }
    cursor.position = place
  }

  /// The text behind a field never comes: HAProxy cuts long requests, and all others are broken.
  @inline(never)
  private mutating func cutShort(
    _ step: FormatProgram.Step, from start: Int, _ program: FormatProgram,
    _ cursor: inout LineCursor, _ record: inout AccessRecord
  ) throws(LineError) {
    guard program.dialect == .haproxy, step.field == .request, step.shape == .quoted else {
      throw Self.missingEnd(step, from: start, cursor.line)
    }
    cursor.position = cursor.line.count
    cursor.requestLine(start..<cursor.line.count, into: &record)
  }

  /// The text behind a field that ends by itself.
  @inline(__always)
  private static func behind(
    _ step: FormatProgram.Step, _ program: FormatProgram, _ cursor: inout LineCursor
  ) throws(LineError) {
    guard program.stands(step.behind, at: cursor.position, in: cursor.line) else {
      throw program.mismatch(step.behind, at: cursor.position, in: cursor.line)
    }
    cursor.position += Int(step.behind.count)
    if step.lookahead == .end { cursor.position = try Self.atEnd(cursor.position, cursor.line) }
  }

  /// The line's end, in front of which only blanks may stand.
  @inline(__always)
  private static func atEnd(_ place: Int, _ line: Span<UInt8>) throws(LineError) -> Int {
    var place = place
    while place < line.count, line[place] == UInt8(ascii: " ") { place &+= 1 }
    if place < line.count {
      throw LineError("the line goes on where the format string ends", at: place)
    }
    return place
  }

  /// The place behind a run of fields that nobody needs.
  @inline(__always)
  private static func skip(
    _ run: FormatProgram.Step, from start: Int, _ line: Span<UInt8>
  ) throws(LineError) -> Int {
    var bytes = run.behind.word
    var place = start
    for index in 0..<run.behind.count {
      let end = line.near(UInt8(truncatingIfNeeded: bytes), from: place)
      if end >= line.count {
        var error = missingEnd(run, from: place, line)
        error.field = Int(run.number) + Int(index)
        throw error
      }
      place = end &+ 1
      bytes >>= 8
    }
    return place
  }

  /// As ``end(of:from:_:_:)`` where the first byte that may be the end is it; -1 where a closer look is due.
  @inline(__always)
  private static func nextEnd(
    of step: FormatProgram.Step, from start: Int, _ program: FormatProgram,
    _ line: Span<UInt8>
  ) -> Int {
    let hit =
      step.isLong ? line.place(of: step.first, from: start) : line.near(step.first, from: start)
    guard hit < line.count, program.stands(step.behind, at: hit, in: line) else { return -1 }
    if step.shape == .quoted, line.byte(at: hit &- 1) == UInt8(ascii: "\\") { return -1 }
    if step.lookahead == .anything { return hit }
    return fits(step.lookahead, at: hit &+ Int(step.behind.count), line) ? hit : -1
  }

  /// The place at which the text behind a field begins; -1 where it doesn't come.
  @inline(never)
  private static func end(
    of step: FormatProgram.Step, from start: Int, _ program: FormatProgram,
    _ line: Span<UInt8>
  ) -> Int {
    let isQuoted = step.shape == .quoted
    var search = start
    var found = -1
    while true {
      let hit =
        step.isLong
        ? line.place(of: step.first, from: search) : line.near(step.first, from: search)
      if hit >= line.count { return found }
      let canBeEscaped = isQuoted && line.byte(at: hit - 1) == UInt8(ascii: "\\")
      if program.stands(step.behind, at: hit, in: line),
        !(canBeEscaped && LineCursor(line).isEscaped(hit, from: start))
      {
        if Self.fits(step.lookahead, at: hit + Int(step.behind.count), line) { return hit }
        if found < 0 { found = hit }
      }
      // An address holds no blank: what stands in front of it then is a header.
      if step.isWord, step.first == 0x20 { return found }
      search = hit + 1
    }
  }

  @inline(__always)
  private static func fits(
    _ lookahead: FormatProgram.Lookahead, at place: Int, _ line: Span<UInt8>
  ) -> Bool {
    switch lookahead {
    case .anything: return true
    case .digit:
      let byte = line.byte(at: place)
      return isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
    case .date:
      return line.byte(at: place + 2) == UInt8(ascii: "/")
        && line.byte(at: place + 6) == UInt8(ascii: "/")
    case .end: return place == line.count || line[place] == 0x20
    }
  }

  @inline(never)
  private static func missingEnd(
    _ step: FormatProgram.Step, from start: Int, _ line: Span<UInt8>
  ) -> LineError {
    if step.shape == .quoted || start >= line.count { return .cut(at: line.count) }
    return LineError("the text behind the field does not come", at: start)
  }

  /// The place behind digits and the text behind them, as most numbers are; -1 for all others.
  @inline(__always)
  private mutating func quickNumber(
    _ step: FormatProgram.Step, _ program: FormatProgram, from start: Int, _ line: Span<UInt8>,
    _ record: inout AccessRecord
  ) -> Int {
    // Twelve digits times the microseconds of a second stay below 2^63.
    let limit = min(line.count, start &+ 13)
    var index = start
    var value: Int64 = 0
    while index < limit, isDigit(line[index]) {
      value = value &* 10 &+ Int64(line[index] &- UInt8(ascii: "0"))
      index &+= 1
    }
    guard index > start, index < limit, step.lookahead != .end,
      program.stands(step.behind, at: index, in: line)
    else { return -1 }
    switch step.field {
    case .bytes: record.byteCount = value
    case .duration: record.duration = value &* step.unit
    case .upstreamTime: record.upstreamDuration = value &* step.unit
    case .connectTimer: connect = value
    case .retries: record.upstreamRetries = UInt8(clamping: value)
    case .attempts: record.upstreamRetries = UInt8(clamping: max(0, value &- 1))
    default: break
    }
    return index &+ Int(step.behind.count)
  }

  /// A number and the text behind it.
  @inline(never)
  private mutating func number(
    _ step: FormatProgram.Step, _ program: FormatProgram, _ cursor: inout LineCursor,
    _ record: inout AccessRecord
  ) throws(LineError) {
    let (unit, dialect) = (step.unit, program.dialect)
    // A value may be missing altogether where it stands in quotes or between commas.
    let isEmpty =
      step.first != 0 && cursor.next == step.first && step.first != UInt8(ascii: "-")
    let isBound = dialect == .haproxy && cursor.skip(UInt8(ascii: "+"))
    switch step.field {
    case .bytes:
      let count = isEmpty ? -1 : try cursor.decimalOrDash("the byte count is not a number")
      record.byteCount = dialect == .envoy ? count : max(0, count)
    case .duration:
      record.duration =
        isEmpty ? -1 : try cursor.microseconds(perUnit: unit, "the duration is not a number")
      if isBound { record.durationIsNoLatency = true }
    case .upstreamTime:
      record.upstreamDuration =
        isEmpty
        ? -1 : try cursor.microseconds(perUnit: unit, "the upstream's time is not a number")
    case .connectTimer: connect = try cursor.decimalOrDash("a timer is not a number")
    case .retries:
      let retries = try cursor.decimalOrDash("the retries are not a number")
      record.upstreamRetries = UInt8(clamping: retries)
    case .attempts:
      let attempts = try cursor.decimalOrDash("the attempts are not a number")
      record.upstreamRetries = UInt8(clamping: max(0, attempts - 1))
    default: break
    }
    try Self.behind(step, program, &cursor)
  }

  /// A field of another shape, and the text behind it.
  @inline(never)
  private mutating func other(
    _ step: FormatProgram.Step, _ program: FormatProgram, _ cursor: inout LineCursor,
    _ context: inout AccessContext, _ record: inout AccessRecord
  ) throws(LineError) {
    let start = cursor.position
    switch step.shape {
    case .common: record.stamp = try cursor.commonLogTime(&context.clock)
    case .local: record.stamp = try cursor.localLogTime(&context.clock)
    case .epoch: record.stamp = try cursor.epochTime()
    case .pattern:
      record.stamp = try ClockFace.read(
        program.patterns[Int(step.pattern)], &cursor, context.clock)
    case .fraction: fraction = try ClockFace.fraction(&cursor)
    case .line:
      cursor.position = cursor.line.count
      keep(
        start..<cursor.position, of: step.field, hasPort: step.hasPort, cursor, &context, &record)
    case .list:
      let range = cursor.listToken()
      if range.isEmpty, step.first == 0x20, cursor.isAtEnd { throw .cut(at: start) }
      keep(range, of: step.field, hasPort: step.hasPort, cursor, &context, &record)
    case .slash:
      cursor.position = cursor.line.near(UInt8(ascii: "/"), from: start)
      if cursor.isAtEnd { throw cursor.failure("no path follows the host") }
      keep(
        start..<cursor.position, of: step.field, hasPort: step.hasPort, cursor, &context, &record)
    case .braces: try Self.braces(step, &cursor)
    case .address:
      let end = Self.portColon(from: start, cursor.line)
      if end < 0 { throw cursor.failure("the address has no port") }
      try Self.check(step.field, start..<end, cursor)
      cursor.position = end
      keep(start..<end, of: step.field, hasPort: step.hasPort, cursor, &context, &record)
    default: break
    }
    try Self.behind(step, program, &cursor)
  }

  /// The colon behind an address: the last one of a word, for IPv6 has colons of its own; -1 for none.
  private static func portColon(from start: Int, _ line: Span<UInt8>) -> Int {
    var index = start
    var colon = -1
    while index < line.count {
      switch line[index] {
      case UInt8(ascii: ":"): colon = index
      case 0x20, UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "/"): return colon
      default: break
      }
      index += 1
    }
    return colon
  }

  /// As ``check(_:_:_:)`` where most fields need no look: a dash, and an address that is no date.
  @inline(__always)
  private static func checkQuickly(
    _ field: StringField, _ range: Range<Int>, _ cursor: borrowing LineCursor
  ) throws(LineError) {
    if range.count == 1 { return }
    if field == .client, !range.isEmpty,
      cursor.line.byte(at: range.lowerBound + 4) != UInt8(ascii: "-")
    {
      return
    }
    try Self.check(field, range, cursor)
  }

  /// Whether a field can be what it is called: where it can't, a header stands in front of the line.
  @inline(never)
  private static func check(
    _ field: StringField, _ range: Range<Int>, _ cursor: borrowing LineCursor
  ) throws(LineError) {
    let line = cursor.line
    switch field {
    case .client:
      if line.byte(at: range.lowerBound + 4) == UInt8(ascii: "-"),
        cursor.fourDigits(at: range.lowerBound) >= 0
      {
        throw LineError("a time stands where the client should", at: range.lowerBound)
      }
    case .user:
      // No user has a colon: it is the separator of basic authentication (RFC 7617).
      for index in range where line[index] == UInt8(ascii: ":") {
        throw LineError("the user's name holds a colon", at: index)
      }
    case .ident:
      if cursor.isHostLike(range) {
        throw LineError("a host stands where the ident should", at: range.lowerBound)
      }
    default: break
    }
    if range.isEmpty { throw LineError("the field is empty", at: range.lowerBound) }
  }

  /// HAProxy's captured headers; without captures it writes nothing, and one blank for the two around.
  private static func braces(
    _ step: FormatProgram.Step, _ cursor: inout LineCursor
  ) throws(LineError) {
    guard cursor.next == UInt8(ascii: "{") else {
      if step.first == 0x20, cursor.line.byte(at: cursor.position - 1) == 0x20 {
        cursor.position -= 1
      }
      return
    }
    var close = cursor.line.near(UInt8(ascii: "}"), from: cursor.position)
    while close < cursor.line.count, step.first != 0,
      cursor.line.byte(at: close + 1) != step.first, close + 1 < cursor.line.count
    {
      close = cursor.line.near(UInt8(ascii: "}"), from: close + 1)
    }
    if close == cursor.line.count { throw .cut(at: close) }
    cursor.position = close + 1
  }

  /// Puts a text where it belongs.
  @inline(__always)
  private mutating func keep(
    _ range: Range<Int>, of field: StringField, hasPort: Bool, _ cursor: borrowing LineCursor,
    _ context: inout AccessContext, _ record: inout AccessRecord
  ) {
    switch field {
    case .skip: break
    case .client: Self.keepClient(range, hasPort: hasPort, cursor, &record)
    case .user: record.user = cursor.text(range)
    case .referrer: record.referrer = cursor.text(range)
    case .agent: record.agent = cursor.text(range)
    case .request: cursor.requestLine(range, into: &record)
    case .requestID: record.requestID = cursor.text(range)
    case .backend: record.backend = cursor.text(range)
    case .forwarded: forwarded = range
    case .frontend: frontend = range
    case .backendName: backendName = range
    case .server: server = range
    case .termination: termination = range
    case .flags: flags = range
    case .cluster: cluster = range
    default: keepOther(range, of: field, cursor, &context, &record)
    }
  }

  @inline(__always)
  private static func keepClient(
    _ range: Range<Int>, hasPort: Bool, _ cursor: borrowing LineCursor,
    _ record: inout AccessRecord
  ) {
    let first = cursor.line.byte(at: range.lowerBound)
    let isPlain = !hasPort && first != UInt8(ascii: ":") && first != UInt8(ascii: "[")
    record.client = cursor.text(isPlain ? range : cursor.address(in: range, hasPort: hasPort))
  }

  @inline(never)
  private mutating func keepOther(
    _ range: Range<Int>, of field: StringField, _ cursor: borrowing LineCursor,
    _ context: inout AccessContext, _ record: inout AccessRecord
  ) {
    switch field {
    case .method: record.method = cursor.text(range)
    case .target: record.target = cursor.text(range)
    case .host:
      if !cursor.isDash(range) { record.service = cursor.hostName(range, &context) }
    case .serverName:
      // `_` is what people call a server that takes any host.
      if range.count > 1 { record.service = cursor.hostName(range, &context) }
      record.serviceIsServerSet = !record.service.isEmpty
    case .upstreamName:
      let isDefault = cursor.line.holds("upstream-default-backend", at: range.lowerBound)
      record.service = isDefault ? .none : cursor.text(range)
      record.serviceIsServerSet = !record.service.isEmpty
    case .backends: lists.addresses = range
    case .upstreamTimes: lists.times = range
    case .upstreamStatus: lists.statuses = range
    case .cache: record.cache = cursor.text(range)
    case .tls: record.tlsVersion = cursor.text(range)
    default: break
    }
  }
}
