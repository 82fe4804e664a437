internal import IncidentModel

/// What other programs put around a log's lines on their way into a file (FORMATS §2).
enum Wrapper: String, CaseIterable, Sendable {
  /// Container runtimes: `2024-03-05T14:03:22.413656027Z stdout F text`.
  case cri
  /// One string of a JSON object: Docker's json-file, journald, Fluentd, Filebeat, Stackdriver, Loki.
  case json
  /// `docker compose logs`: `web-1  | text`.
  case compose
  /// `kubectl logs --prefix`: `[pod/web-7d9f8/nginx] text`.
  case pod
  /// RFC 3164, RFC 5424 and rsyslog's ISO form, with or without priority and octet count.
  case syslog
  /// The rest of a syslog header that lost its stamp: `web-1 nginx: text`.
  case tagged
  /// A stamp and a blank: `kubectl logs --timestamps`, exports of CloudWatch.
  case stamped
  /// A stamp and a name: `aws logs tail`.
  case tailed

  /// Where the inner line stands.
  struct Inner {
    var range: Range<Int>
    /// It is the inside of a JSON string with escapes.
    var hasEscapes = false
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
    case .compose: Self.compose(line)
    case .pod: Self.pod(line)
    case .syslog: SyslogHeader.end(line).map { Inner(range: $0..<line.count) }
    case .tagged: SyslogHeader.tagEnd(line).map { Inner(range: $0..<line.count) }
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
