internal import IncidentModel

/// What the fields of one line have told that must wait for the others.
struct StringReading {
  /// The line ended inside of its last field, as HAProxy cuts it.
  private(set) var isDone = false
  private var lists = UpstreamLists()
  private var forwarded: Range<Int>?
  private var frontend: Range<Int>?
  private var backendName: Range<Int>?
  private var server: Range<Int>?
  private var connect: Int64 = 0
  private var termination: Range<Int>?
  private var flags: Range<Int>?
  private var cluster: Range<Int>?
  private var fraction: Int64 = 0

  /// Reads a field and the text behind it.
  @inline(__always)
  mutating func take(
    _ step: borrowing FormatProgram.Step, _ program: FormatProgram, _ cursor: inout LineCursor,
    _ context: inout AccessContext, _ record: inout AccessRecord
  ) throws(LineError) {
    switch step.shape {
    case .word:
      let start = cursor.position
      let end = cursor.line.near(step.first, from: start)
      if end >= cursor.line.count { throw Self.missingEnd(step, from: start, program, cursor.line) }
      if step.isChecked { try Self.checkQuickly(step.field, start..<end, cursor) }
      if step.field != .skip {
        keep(start..<end, of: step.field, hasPort: step.hasPort, cursor, &context, &record)
      }
      cursor.position = end + 1
      return
    case .text, .quoted:
      let start = cursor.position
      let end = Self.end(of: step, from: start, program, cursor.line)
      if end < 0 {
        if program.dialect == .haproxy, step.field == .request, step.shape == .quoted {
          isDone = true
          cursor.position = cursor.line.count
          return cursor.requestLine(start..<cursor.line.count, into: &record)
        }
        throw Self.missingEnd(step, from: start, program, cursor.line)
      }
      if step.isChecked { try Self.checkQuickly(step.field, start..<end, cursor) }
      if step.field != .skip {
        keep(start..<end, of: step.field, hasPort: step.hasPort, cursor, &context, &record)
      }
      cursor.position = end + Int(step.behind.count)
      if step.lookahead == .end { try Self.atEnd(&cursor) }
      return
    case .requestAndStatus: try cursor.requestAndStatus(into: &record)
    case .common: record.stamp = try cursor.commonLogTime(&context.clock)
    case .iso: record.stamp = try cursor.isoTime(&context.clock)
    case .status: record.status = try cursor.status()
    case .number: try number(step.field, step.first, step.unit, program.dialect, &cursor, &record)
    default: try other(step, program, &cursor, &context, &record)
    }
    try Self.behind(step, program, &cursor)
  }

  /// The text behind a field that ends by itself.
  @inline(__always)
  private static func behind(
    _ step: borrowing FormatProgram.Step, _ program: FormatProgram, _ cursor: inout LineCursor
  ) throws(LineError) {
    guard program.stands(step.behind, at: cursor.position, in: cursor.line) else {
      throw program.mismatch(step.behind, at: cursor.position, in: cursor.line)
    }
    cursor.position += Int(step.behind.count)
    if step.lookahead == .end { try Self.atEnd(&cursor) }
  }

  @inline(__always)
  private static func atEnd(_ cursor: inout LineCursor) throws(LineError) {
    if cursor.isAtEnd { return }
    cursor.skipBlanks()
    if !cursor.isAtEnd {
      throw LineError("the line goes on where the format string ends", at: cursor.position)
    }
  }

  /// The place at which the text behind a field begins; -1 where it doesn't come.
  @inline(__always)
  private static func end(
    of step: borrowing FormatProgram.Step, from start: Int, _ program: FormatProgram,
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
    _ step: borrowing FormatProgram.Step, from start: Int, _ program: FormatProgram,
    _ line: Span<UInt8>
  ) -> LineError {
    if step.shape == .quoted || start >= line.count { return .cut(at: line.count) }
    return LineError("the text behind the field does not come", at: start)
  }

  private mutating func number(
    _ field: StringField, _ first: UInt8, _ unit: Int64, _ dialect: FormatDialect,
    _ cursor: inout LineCursor, _ record: inout AccessRecord
  ) throws(LineError) {
    // A value may be missing altogether where it stands in quotes or between commas.
    let isEmpty = first != 0 && cursor.next == first && first != UInt8(ascii: "-")
    let isBound = dialect == .haproxy && cursor.skip(UInt8(ascii: "+"))
    switch field {
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
  }

  @inline(never)
  private mutating func other(
    _ step: borrowing FormatProgram.Step, _ program: FormatProgram, _ cursor: inout LineCursor,
    _ context: inout AccessContext, _ record: inout AccessRecord
  ) throws(LineError) {
    let start = cursor.position
    switch step.shape {
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
    _ step: borrowing FormatProgram.Step, _ cursor: inout LineCursor
  ) throws(LineError) {
    guard cursor.next == UInt8(ascii: "{") else {
      if step.first == 0x20, cursor.line.byte(at: cursor.position - 1) == 0x20 {
        cursor.position -= 1
      }
      return
    }
    var close = cursor.line.place(of: UInt8(ascii: "}"), from: cursor.position)
    while close < cursor.line.count, step.first != 0,
      cursor.line.byte(at: close + 1) != step.first, close + 1 < cursor.line.count
    {
      close = cursor.line.place(of: UInt8(ascii: "}"), from: close + 1)
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
    case .forwarded: forwarded = range
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
    case .backend: record.backend = cursor.text(range)
    case .cache: record.cache = cursor.text(range)
    case .tls: record.tlsVersion = cursor.text(range)
    case .requestID: record.requestID = cursor.text(range)
    case .frontend: frontend = range
    case .backendName: backendName = range
    case .server: server = range
    case .termination: termination = range
    case .flags: flags = range
    case .cluster: cluster = range
    default: break
    }
  }

  // MARK: The end of the line

  /// Sets what several fields tell together.
  @inline(__always)
  func settle(
    _ program: FormatProgram, _ cursor: borrowing LineCursor, _ record: inout AccessRecord
  ) throws(LineError) {
    record.stamp.microseconds &+= fraction
    record.arrival = record.stamp
    switch program.dialect {
    case .nginx, .apache:
      if program.has.lists { lists.apply(cursor, into: &record) }
      if let forwarded { cursor.forwardedClient(forwarded, into: &record) }
    case .haproxy: settleHAProxy(program, cursor, &record)
    case .envoy: settleEnvoy(program, cursor, &record)
    }
    if program.stamp == .completion { record.arriveBeforeStamp() }
  }

  private func settleHAProxy(
    _ program: FormatProgram, _ cursor: borrowing LineCursor, _ record: inout AccessRecord
  ) {
    var hasServer = !program.has.server
    if let server {
      hasServer = !server.isEmpty && cursor.line.byte(at: server.lowerBound) != UInt8(ascii: "<")
      if hasServer {
        let isPair =
          backendName?.upperBound == server.lowerBound - 1
          && cursor.line.byte(at: server.lowerBound - 1) == UInt8(ascii: "/")
        record.backend = cursor.text(
          (isPair ? backendName?.lowerBound ?? 0 : server.lowerBound)..<server.upperBound)
      }
    }
    if let name = backendName ?? frontend, !name.isEmpty {
      let isTLS = cursor.line.byte(at: name.upperBound - 1) == UInt8(ascii: "~")
      record.service = cursor.text(name.lowerBound..<name.upperBound - (isTLS ? 1 : 0))
      record.serviceIsServerSet = !record.service.isEmpty
    }
    if let termination, !program.has.status {
      record.isConnection = true
      record.durationIsNoLatency = true
      record.status = Self.status(
        ofState: cursor.line.byte(at: termination.lowerBound), hasServer: hasServer)
    }
    record.tellsShed = program.has.server || program.has.connectTimer
    record.isShed = record.tellsShed && record.status >= 500 && (!hasServer || connect < 0)
  }

  /// A connection of tcp mode fails by its termination state: it has no status of its own.
  static func status(ofState state: UInt8, hasServer: Bool) -> UInt16 {
    switch state {
    case UInt8(ascii: "C"), UInt8(ascii: "c"): 499
    case UInt8(ascii: "s"): 504
    case UInt8(ascii: "-"): hasServer ? 200 : 503
    default: 503
    }
  }

  private func settleEnvoy(
    _ program: FormatProgram, _ cursor: borrowing LineCursor, _ record: inout AccessRecord
  ) {
    if let forwarded, !cursor.isDash(forwarded) {
      cursor.listedClient(forwarded, into: &record)
    }
    if let cluster {
      EnvoyCluster.service(cluster, cursor, into: &record)
      if record.service.isEmpty && !program.has.host {
        record.service = cursor.text(cluster)
        record.serviceIsServerSet = !record.service.isEmpty
      }
    }
    let range = flags.map { cursor.isDash($0) ? 0..<0 : $0 } ?? 0..<0
    let flags = EnvoyFlags(cursor.line, range)
    if record.status == 0 && record.method.isEmpty && record.agent.isEmpty
      && program.has.flags
    {
      record.isConnection = true
      record.durationIsNoLatency = true
      if flags.isEmpty && !record.backend.isEmpty { record.status = 200 }
      if flags.isFailure { record.status = 503 }
    }
    let knowsBackend = program.has.backend
    record.tellsShed = knowsBackend || program.has.flags
    record.isShed =
      record.status >= 500 && (flags.isShed || knowsBackend && record.backend.isEmpty)
  }
}
