internal import IncidentModel

/// What other programs put around a log's lines on their way into a file (FORMATS §2).
enum Wrapper: String, CaseIterable, Sendable {
  /// Container runtimes: `2024-03-05T14:03:22.413656027Z stdout F text`.
  case cri
  /// One string of a JSON object: Docker's json-file, journald, Fluentd, Filebeat, Stackdriver, Loki.
  case json
  /// One cell of a table of comma-separated values: what Splunk, Datadog and CloudWatch Insights export.
  case cell
  /// `docker compose logs`: `web-1  | text`.
  case compose
  /// `kubectl logs --prefix`: `[pod/web-7d9f8/nginx] text`.
  case pod
  /// RFC 3164, RFC 5424 and rsyslog's ISO form, with or without priority and octet count.
  case syslog
  /// The rest of a syslog header that lost its stamp: `web-1 nginx: text`.
  case tagged
  /// A stamp and labels: `logcli`, such as `2024-03-05T14:03:22Z {app="web"} text`.
  case labelled
  /// A stamp and a blank: `kubectl logs --timestamps`, exports of CloudWatch.
  case stamped
  /// A stamp and a name: `aws logs tail`.
  case tailed

  /// Where the inner line stands.
  struct Inner {
    var range: Range<Int>
    /// It is the inside of a JSON string with escapes.
    var hasEscapes = false
    /// It is the inside of a cell in which a quote is written twice.
    var hasDoubledQuotes = false
    /// Its bytes are not those that were wrapped.
    var isRewritten: Bool { hasEscapes || hasDoubledQuotes }
    /// More of the line follows in the next piece of the same stream.
    var isPartial = false
    /// stderr rather than stdout: the two are put together apart from each other.
    var isErrorStream = false
  }

  /// The inner line; nil: the line is not wrapped like this.
  @inline(__always)
  func inner(of line: Span<UInt8>) -> Inner? {
    switch self {
    case .cri: Self.cri(line)
    case .json: Self.json(line)
    case .cell: Self.cell(line)
    case .compose: Self.compose(line)
    case .pod: Self.pod(line)
    case .syslog: SyslogHeader.end(line).map { Inner(range: $0..<line.count) }
    case .tagged: SyslogHeader.tagEnd(line).map { Inner(range: $0..<line.count) }
    case .labelled: Self.labelled(line)
    case .stamped: Self.stampEnd(line).map { Inner(range: $0..<line.count) }
    case .tailed: Self.tailed(line)
    }
  }

  /// Behind `2024-03-05T14:03:22…Z `, whatever its fraction and zone.
  static func stampEnd(_ line: Span<UInt8>, from start: Int = 0) -> Int? {
    guard isDigit(line.byte(at: start)), line.byte(at: start + 4) == UInt8(ascii: "-"),
      line.byte(at: start + 7) == UInt8(ascii: "-"), line.byte(at: start + 10) == UInt8(ascii: "T"),
      line.byte(at: start + 13) == UInt8(ascii: ":"), line.byte(at: start + 16) == UInt8(ascii: ":")
    else { return nil }
    let end = line.near(UInt8(ascii: " "), from: start + 19)
    // The longest stamp has nine digits and a zone with a colon.
    return end < line.count && end <= start + 35 ? end + 1 : nil
  }

  private static func tailed(_ line: Span<UInt8>) -> Inner? {
    guard let name = stampEnd(line) else { return nil }
    let end = line.near(UInt8(ascii: " "), from: name)
    return end > name && end < line.count ? Inner(range: end + 1..<line.count) : nil
  }

  private static func cri(_ line: Span<UInt8>) -> Inner? {
    guard let start = stampEnd(line) else { return nil }
    let isError = line.holds("stderr ", at: start)
    guard isError || line.holds("stdout ", at: start) else { return nil }
    let tag = line.byte(at: start + 7)
    guard tag == UInt8(ascii: "F") || tag == UInt8(ascii: "P") else { return nil }
    let end = line.near(UInt8(ascii: " "), from: start + 8)
    guard end < line.count else { return nil }
    return Inner(
      range: end + 1..<line.count, isPartial: tag == UInt8(ascii: "P"), isErrorStream: isError)
  }

  /// Behind `2024-03-05T14:03:22Z {app="web", pod="web-1"} `.
  private static func labelled(_ line: Span<UInt8>) -> Inner? {
    guard let start = stampEnd(line), line.byte(at: start) == UInt8(ascii: "{"),
      line.byte(at: start + 1) != UInt8(ascii: "\"")
    else { return nil }
    var isQuoted = false
    for index in start..<min(line.count, start + 4_096) {
      switch line[index] {
      case UInt8(ascii: "\""): if line[index - 1] != UInt8(ascii: "\\") { isQuoted.toggle() }
      case UInt8(ascii: "}") where !isQuoted:
        guard line.byte(at: index + 1) == UInt8(ascii: " ") else { return nil }
        var text = index + 1
        while line.byte(at: text) == UInt8(ascii: " ") { text += 1 }
        return Inner(range: min(text, line.count)..<line.count)
      default: break
      }
    }
    return nil
  }

  private static func compose(_ line: Span<UInt8>) -> Inner? {
    var place = escapesEnd(line, from: 0)
    let start = place
    while isNameByte(line.byte(at: place)) { place += 1 }
    if place == start { return nil }
    place = escapesEnd(line, from: place)
    while line.byte(at: place) == UInt8(ascii: " ") { place += 1 }
    guard line.byte(at: place) == UInt8(ascii: "|") else { return nil }
    place = escapesEnd(line, from: place + 1)
    guard line.byte(at: place) == UInt8(ascii: " ") || place == line.count else { return nil }
    return Inner(range: min(place + 1, line.count)..<line.count)
  }

  /// Behind colours and erasures of a terminal: `ESC[2K`.
  static func escapesEnd(_ line: Span<UInt8>, from start: Int) -> Int {
    var place = start
    while line.byte(at: place) == 0x1B && line.byte(at: place + 1) == UInt8(ascii: "[") {
      place += 2
      while isDigit(line.byte(at: place)) || line.byte(at: place) == UInt8(ascii: ";") {
        place += 1
      }
      place = min(place + 1, line.count)
    }
    return place
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
  }

  private static func pod(_ line: Span<UInt8>) -> Inner? {
    guard line.holds("[pod/", at: 0) else { return nil }
    let end = line.near(UInt8(ascii: "]"), from: 5)
    guard line.byte(at: end + 1) == UInt8(ascii: " ") else { return nil }
    return Inner(range: end + 2..<line.count)
  }

  private static let keys = JSONKeyTable([
    JSONKeyRow("log", .request, 0), JSONKeyRow("message", .request, 1),
    JSONKeyRow("textpayload", .request, 2), JSONKeyRow("line", .request, 3),
    JSONKeyRow("stream", .sign), JSONKeyRow("time", .time),
    JSONKeyRow("jsonpayload", inside: [JSONKeyRow("message", .request, 4)]),
    // Elasticsearch, Splunk and Datadog put the line one object deeper when they export it.
    JSONKeyRow(
      "_source", inside: [JSONKeyRow("message", .request, 5), JSONKeyRow("log", .request, 6)]),
    JSONKeyRow("result", inside: [JSONKeyRow("_raw", .request, 5)]),
    JSONKeyRow("_raw", .request, 5),
    JSONKeyRow("attributes", inside: [JSONKeyRow("message", .request, 5)]),
    JSONKeyRow("content", inside: [JSONKeyRow("message", .request, 6)]),
  ])

  private static func json(_ line: Span<UInt8>) -> Inner? {
    guard line.byte(at: 0) == UInt8(ascii: "{") else { return nil }
    var members = JSONMembers()
    guard (try? members.read(line, keys)) != nil, let text = members[.request] else { return nil }
    var inner = Inner(range: text.range, hasEscapes: text.hasEscapes)
    // Docker cuts long lines into several objects; the last one's text ends in a newline.
    if members[.sign] != nil && members[.time] != nil && text.rank == 0 {
      inner.isPartial = !line.holds("\\n", at: text.range.upperBound - 2)
      inner.isErrorStream = members.is(.sign, "stderr", line)
    }
    return inner
  }
}

/// Cells of a table (RFC 4180).
extension Wrapper {
  /// Shorter cells hold no line of a log.
  private static let shortestCell = 20
  /// No export has more columns.
  private static let maximumCells = 64

  /// The longest cell of a row whose first one is quoted or begins with a date or a number.
  private static func cell(_ line: Span<UInt8>) -> Inner? {
    guard line.byte(at: 0) == UInt8(ascii: "\"") || isDigit(line.byte(at: 0)) else { return nil }
    var longest: Inner?
    var start = 0
    for number in 0..<maximumCells {
      guard let (cell, end) = cell(line, from: start) else { return nil }
      if cell.range.count > longest?.range.count ?? 0 { longest = cell }
      if end >= line.count {
        guard number > 0, let longest, longest.range.count >= shortestCell else { return nil }
        return longest
      }
      start = end + 1
    }
    return nil
  }

  /// The cell that begins at `start`, and where its comma stands; nil: this is no cell.
  private static func cell(_ line: Span<UInt8>, from start: Int) -> (cell: Inner, end: Int)? {
    let comma = UInt8(ascii: ",")
    let quote = UInt8(ascii: "\"")
    guard line.byte(at: start) == quote else {
      let end = line.place(of: comma, from: start)
      // A quote inside of a bare cell: the line is no row.
      guard line.place(of: quote, from: start) >= end else { return nil }
      return (Inner(range: start..<end), end)
    }
    var place = start + 1
    var isDoubled = false
    while true {
      place = line.place(of: quote, from: place)
      if place == line.count { return nil }
      guard line.byte(at: place + 1) == quote, place + 1 < line.count else { break }
      isDoubled = true
      place += 2
    }
    guard place + 1 == line.count || line[place + 1] == comma else { return nil }
    return (Inner(range: start + 1..<place, hasDoubledQuotes: isDoubled), place + 1)
  }

  /// The bytes of a cell with each doubled quote written once.
  static func undoubled(_ text: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      bytes.append(text[index])
      let isPair =
        text[index] == UInt8(ascii: "\"") && text.byte(at: index + 1) == UInt8(ascii: "\"")
      index += isPair ? 2 : 1
    }
    return bytes
  }
}
