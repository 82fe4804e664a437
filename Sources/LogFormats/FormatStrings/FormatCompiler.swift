internal import IncidentModel

/// Turns the pieces of a format string into the steps of a program.
struct FormatCompiler {
  private let text: PastedFormat
  private let dialect: FormatDialect
  private var pieces: [FormatPiece]
  private var bytes: [UInt8] = []
  private var patterns: [[ClockPart]] = []

  init(_ text: PastedFormat, _ dialect: FormatDialect, _ pieces: [FormatPiece]) {
    self.text = text
    self.dialect = dialect
    self.pieces = Self.joined(pieces)
  }

  /// More fields than this are no log line.
  private static let mostFields = 200

  mutating func program() throws(FormatStringError) -> FormatProgram {
    joinClocks()
    joinTargets()
    joinRequest()
    chooseFields()
    let fields = Set(directives.map(\.field))
    guard let clock = directives.first(where: { $0.field == .clock }) else {
      throw failure("no field of it tells the time", at: text.bytes.count)
    }
    if fields.isDisjoint(with: [.status, .termination, .flags]) {
      throw failure("no field of it tells the status", at: text.bytes.count)
    }
    if directives.count > Self.mostFields {
      throw failure(
        "it has more than \(Self.mostFields) fields", at: directives[Self.mostFields].place)
    }
    try checkNeighbours()
    var steps: [FormatProgram.Step] = []
    var names: [String] = []
    var head = FormatProgram.Literal()
    var index = 0
    if case .literal(let bytes, _)? = pieces.first {
      let isFused = fusesRequest(at: 1)
      head = literal(isFused ? bytes.dropLast() : bytes[...])
      index = 1
    }
    while index < pieces.count {
      guard case .directive(let directive) = pieces[index] else {
        index += 1
        continue
      }
      var (step, next) = step(directive, at: index)
      step.number = UInt16(clamping: names.count)
      steps.append(step)
      names.append(Self.words(directive.name))
      index = next
    }
    return FormatProgram(
      dialect: dialect, stamp: clock.stamp ?? dialect.stamp, head: head, steps: steps,
      bytes: bytes, patterns: patterns, fields: fields, names: names)
  }

  private var directives: [FormatDirective] {
    pieces.compactMap { if case .directive(let directive) = $0 { directive } else { nil } }
  }

  private func failure(_ reason: String, at index: Int) -> FormatStringError {
    FormatStringError(reason, in: text.given, at: text.place(of: index))
  }

  /// A directive's letters and digits: what is safe in any report.
  private static func words(_ name: String) -> String {
    let parts = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
    return String(parts.joined(separator: " ").prefix(40))
  }

  // MARK: Joining pieces

  /// Literals that touch become one.
  private static func joined(_ pieces: [FormatPiece]) -> [FormatPiece] {
    var joined: [FormatPiece] = []
    for piece in pieces {
      if case .literal(let more, _) = piece, case .literal(let bytes, let place)? = joined.last {
        joined[joined.count - 1] = .literal(bytes + more, place: place)
      } else {
        joined.append(piece)
      }
    }
    return joined
  }

  /// `%{%F %T}t.%{msec_frac}t` is one moment, and so is every run of parts with text between.
  private mutating func joinClocks() {
    var index = 0
    while index + 1 < pieces.count {
      var between: [UInt8] = []
      var other = index + 1
      if case .literal(let bytes, _) = pieces[other] {
        between = bytes
        other += 1
      }
      guard other < pieces.count, case .directive(var first) = pieces[index],
        case .directive(let second) = pieces[other],
        let left = Self.parts(of: first), let right = Self.parts(of: second),
        first.field == .clockPart || second.field == .clockPart,
        between.allSatisfy({ $0 != UInt8(ascii: "\"") })
      else {
        index += 1
        continue
      }
      let parts = left + between.map { ClockPart.byte($0) } + right
      first.clock = .pattern(parts)
      first.field = ClockPattern.tellsMoment(parts) ? .clock : .clockPart
      first.rank = max(first.rank, second.rank)
      first.stamp = first.stamp ?? second.stamp
      pieces.replaceSubrange(index...other, with: [.directive(first)])
    }
  }

  private static func parts(of directive: FormatDirective) -> [ClockPart]? {
    guard directive.field == .clock || directive.field == .clockPart else { return nil }
    switch directive.clock {
    case .pattern(let parts)?: return parts
    case .epoch?: return [.epoch]
    case .common?:
      guard case .success(let parts) = ClockPattern.parts(of: Array("%d/%b/%Y:%T %z".utf8)) else {
        return nil
      }
      return parts
    default: return nil
    }
  }

  /// `%U%q`, `$uri$is_args$args` and `$uri?$args` are one target.
  private mutating func joinTargets() {
    var index = 0
    while index + 1 < pieces.count {
      var other = index + 1
      if case .literal(let bytes, _) = pieces[other], bytes == [UInt8(ascii: "?")] { other += 1 }
      guard other < pieces.count, case .directive(let first) = pieces[index],
        case .directive(let second) = pieces[other], first.field == .target,
        second.field == .query
      else {
        index += 1
        continue
      }
      pieces.removeSubrange(index + 1...other)
    }
  }

  /// `"%m %U%q %H"` in quotes is a request line.
  private mutating func joinRequest() {
    let blank: [UInt8] = [0x20]
    for index in pieces.indices.dropFirst() where index + 5 < pieces.count {
      guard case .literal(let before, _) = pieces[index - 1], before.last == UInt8(ascii: "\""),
        case .directive(let method) = pieces[index], method.field == .method,
        case .literal(let first, _) = pieces[index + 1], first == blank,
        case .directive(let target) = pieces[index + 2], target.field == .target,
        case .literal(let second, _) = pieces[index + 3], second == blank,
        case .directive(let version) = pieces[index + 4], version.field == .version,
        case .literal(let after, _) = pieces[index + 5], after.first == UInt8(ascii: "\"")
      else { continue }
      var request = method
      request.field = .request
      request.rank = 3
      pieces.replaceSubrange(index...index + 4, with: [.directive(request)])
      return
    }
  }

  /// Of several directives for one thing the best stays; the others are read over.
  private mutating func chooseFields() {
    var best: [StringField: (rank: Int, index: Int)] = [:]
    let hasRequest = directives.contains { $0.field == .request }
    for (index, piece) in pieces.enumerated() {
      guard case .directive(let directive) = piece, let role = Self.role(of: directive.field)
      else { continue }
      if let known = best[role], known.rank >= directive.rank { continue }
      best[role] = (directive.rank, index)
    }
    let clock = best[.clock].flatMap { best -> FormatDirective? in
      if case .directive(let directive) = pieces[best.index] { directive } else { nil }
    }
    for (index, piece) in pieces.enumerated() {
      guard case .directive(var directive) = piece else { continue }
      let isLoser = Self.role(of: directive.field).map { best[$0]?.index != index } ?? false
      let isTold =
        hasRequest && (directive.field == .method || directive.field == .target)
      if isLoser || isTold { directive.field = .skip }
      if directive.field == .clockPart && !Self.isFraction(directive, beside: clock) {
        directive.field = .skip
      }
      pieces[index] = .directive(directive)
    }
  }

  /// Whether a part of a second adds to a stamp of whole seconds.
  private static func isFraction(
    _ part: FormatDirective, beside clock: FormatDirective?
  ) -> Bool {
    guard part.clock == .pattern([.fraction]), let clock else { return false }
    switch clock.clock {
    case .common?: return true
    case .pattern(let parts)?: return !parts.contains(.fraction) && !parts.contains(.epoch)
    default: return false
    }
  }

  /// The field under which its rivals are found; nil: it has none.
  private static func role(of field: StringField) -> StringField? {
    switch field {
    case .skip, .clockPart, .query, .version, .captures: nil
    case .host, .serverName, .upstreamName: .host
    default: field
    }
  }

  // MARK: What can't be told apart

  private func checkNeighbours() throws(FormatStringError) {
    for index in pieces.indices.dropLast() {
      guard case .directive(let first) = pieces[index] else { continue }
      switch pieces[index + 1] {
      case .directive(let second):
        let isSplit = second.field == .captures || hostBeforeTarget(at: index)
        if !isSplit {
          throw failure(
            "\(first.name) and \(second.name) have nothing between them, so that nobody can tell where one ends",
            at: second.place)
        }
      case .literal(let behind, _):
        let isQuoted = quoteStands(before: index) && behind.first == UInt8(ascii: "\"")
        let isBare = behind.allSatisfy { $0 == 0x20 } && index + 2 < pieces.count
        if isBare, !isQuoted, [.agent, .request].contains(first.field) {
          throw failure(
            "\(first.name) may hold blanks: it must stand in quotes, or be the last",
            at: first.place)
        }
      }
    }
  }

  private func quoteStands(before index: Int) -> Bool {
    guard index > 0, case .literal(let bytes, _) = pieces[index - 1] else { return false }
    return bytes.last == UInt8(ascii: "\"")
  }

  /// `$host$request_uri`: a host ends at the slash.
  private func hostBeforeTarget(at index: Int) -> Bool {
    guard index + 1 < pieces.count, case .directive(let second) = pieces[index + 1] else {
      return false
    }
    let names = ["$host", "$http_host", "$server_name", "%v", "%V"]
    guard case .directive(let first) = pieces[index] else { return false }
    let isHost = [.host, .serverName].contains(first.field) || names.contains(first.name)
    return isHost && ["$request_uri", "$uri", "%U"].contains { second.name.hasPrefix($0) }
  }

  // MARK: Steps

  /// Whether the directive at `index` is a quoted request with the status behind it, which are read together.
  private func fusesRequest(at index: Int) -> Bool {
    guard index + 2 < pieces.count, quoteStands(before: index),
      case .directive(let request) = pieces[index], request.field == .request,
      case .literal(let between, _) = pieces[index + 1], between == [UInt8(ascii: "\""), 0x20],
      case .directive(let status) = pieces[index + 2], status.field == .status
    else { return false }
    return true
  }

  /// The step for the directive at `index`, and the index of the next one.
  private mutating func step(
    _ directive: FormatDirective, at index: Int
  ) -> (FormatProgram.Step, Int) {
    let isFused = fusesRequest(at: index)
    let last = isFused ? index + 2 : index
    var behind: [UInt8] = []
    var next = last + 1
    if next < pieces.count, case .literal(let bytes, _) = pieces[next] {
      behind = bytes
      next += 1
    }
    // The quote in front of a request that is read with its status belongs to that step.
    let isBeforeFused = next < pieces.count && fusesRequest(at: next)
    if isBeforeFused { behind.removeLast() }
    var step = FormatProgram.Step(field: directive.field, shape: .text)
    step.behind = literal(behind[...])
    step.first = behind.first ?? 0
    step.unit = directive.unit
    step.hasPort = directive.hasPort
    step.lookahead = lookahead(at: next)
    step.shape =
      isFused
      ? .requestAndStatus
      : shape(of: directive, at: index, behind, isLast: next >= pieces.count)
    let isSpaced = behind.first == 0x20 && !quoteStands(before: index)
    step.isWord = [.client, .ident].contains(step.field)
    step.isChecked =
      [.client, .ident, .user].contains(step.field) && isSpaced && step.shape == .text
    step.isLong =
      [.agent, .referrer, .request].contains(step.field) || step.shape == .quoted
    if step.shape == .text, behind.count == 1, step.lookahead == .anything { step.shape = .word }
    if step.shape == .pattern, case .pattern(let parts)? = directive.clock {
      step.pattern = UInt16(patterns.count)
      patterns.append(parts)
    }
    return (step, next)
  }

  private func shape(
    of directive: FormatDirective, at index: Int, _ behind: [UInt8], isLast: Bool
  ) -> FormatProgram.Shape {
    switch directive.field {
    case .clock:
      var form = directive.clock ?? .common
      if case .pattern(let parts) = form { form = ClockPattern.form(of: parts) }
      switch form {
      case .common: return .common
      case .local: return .local
      case .iso: return .iso
      case .epoch: return .epoch
      case .pattern: return .pattern
      }
    case .clockPart: return .fraction
    case .status: return .status
    case .bytes, .duration, .upstreamTime, .connectTimer, .retries, .attempts: return .number
    case .captures: return .braces
    default: break
    }
    if behind.isEmpty { return isLast ? .line : .slash }
    let isAddress =
      [.client, .host, .serverName].contains(directive.field)
      || Self.addressNames.contains(directive.name)
    if isAddress && behind.first == UInt8(ascii: ":") { return .address }
    let isQuoted = quoteStands(before: index) && behind.first == UInt8(ascii: "\"")
    if isQuoted { return .quoted }
    let lists: Set<StringField> = [.backends, .upstreamTimes, .upstreamStatus, .forwarded]
    let isList = lists.contains(directive.field) || Self.listNames.contains(directive.name)
    return isList && behind.first == 0x20 ? .list : .text
  }

  /// Variables with `, ` between their values that are read over.
  private static let listNames: Set<String> = [
    "$upstream_response_length", "$upstream_connect_time", "$upstream_header_time",
    "$upstream_bytes_received", "$upstream_bytes_sent", "$upstream_queue_time", "$upstream_addr",
    "$upstream_response_time", "$upstream_status",
  ]

  /// Addresses that are read over.
  private static let addressNames: Set<String> = [
    "$remote_addr", "$server_addr", "$realip_remote_addr", "$host", "$http_host", "$server_name",
    "%ci", "%fi", "%bi", "%si", "%a", "%A", "%h", "%v", "%V", "%{c}a",
  ]

  /// What the directive at `index` begins with.
  private func lookahead(at index: Int) -> FormatProgram.Lookahead {
    guard index < pieces.count else { return .end }
    guard case .directive(let directive) = pieces[index] else { return .anything }
    switch directive.field {
    case .status, .bytes, .duration, .upstreamTime, .retries: return .digit
    case .clock:
      return directive.clock == .common || directive.clock == .local ? .date : .anything
    default: return .anything
    }
  }

  private mutating func literal(_ text: ArraySlice<UInt8>) -> FormatProgram.Literal {
    var literal = FormatProgram.Literal()
    literal.start = UInt16(bytes.count)
    literal.count = UInt16(text.count)
    for (index, byte) in text.prefix(8).enumerated() {
      literal.word |= UInt64(byte) << (index * 8)
      literal.mask |= 0xFF << (index * 8)
    }
    bytes += text
    return literal
  }
}
