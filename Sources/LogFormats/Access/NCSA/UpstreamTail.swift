internal import IncidentModel

/// What stands behind the agent of an nginx line: `key=value`, `"value"` or bare values, in any order (FORMATS §1.1).
struct UpstreamTail {
  private var lists = UpstreamLists()
  /// The largest and the second of the values that look like `$request_time`: three digits behind the dot.
  private var longest: Int64 = -1
  private var second: Int64 = -1
  private var requestTime: Int64 = -1
  /// Nothing was found behind the agent.
  private(set) var isEmpty = true

  /// Reads to the end of the line; an item that says nothing is stepped over.
  @inline(never)
  mutating func read(_ cursor: inout LineCursor, into record: inout AccessRecord) {
    // No format has more fields than this; a line of blanks and tokens must not take forever.
    for _ in 0..<64 {
      cursor.skipBlanks()
      if cursor.isAtEnd { break }
      isEmpty = false
      item(&cursor, into: &record)
    }
    record.duration = requestTime >= 0 ? requestTime : longest
    lists.apply(cursor, into: &record)
    if lists.times == nil && requestTime < 0 { record.upstreamDuration = second }
  }

  private mutating func item(_ cursor: inout LineCursor, into record: inout AccessRecord) {
    if cursor.next == UInt8(ascii: "\"") {
      guard let range = try? cursor.quoted("") else {
        cursor.position = cursor.line.count
        return
      }
      return bare(range, cursor, into: &record)
    }
    let start = cursor.position
    var place = start
    while isKeyByte(cursor.line.byte(at: place)) { place += 1 }
    guard place > start, cursor.line.byte(at: place) == UInt8(ascii: "=") else {
      return bare(cursor.listToken(), cursor, into: &record)
    }
    cursor.position = place + 1
    var value = place + 1..<place + 1
    if cursor.next == UInt8(ascii: "\"") {
      guard let range = try? cursor.quoted("") else {
        cursor.position = cursor.line.count
        return
      }
      value = range
    } else if cursor.next != UInt8(ascii: " ") {
      value = cursor.listToken()
    }
    keyed(start..<place, value, cursor, into: &record)
  }

  private func isKeyByte(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_") || isDigit(byte)
  }

  private mutating func keyed(
    _ key: Range<Int>, _ value: Range<Int>, _ cursor: borrowing LineCursor,
    into record: inout AccessRecord
  ) {
    let name = cursor.line.extracting(key)
    if name.isKey("rt") || name.isKey("request_time") || name.isKey("req_time") {
      requestTime = seconds(value, cursor)
    } else if name.isKey("urt") || name.isKey("upstream_response_time")
      || name.isKey("upstream_time")
    {
      lists.times = value
    } else if name.isKey("ua") || name.isKey("upstream_addr") || name.isKey("upstream") {
      lists.addresses = value
    } else if name.isKey("us") || name.isKey("upstream_status") {
      lists.statuses = value
    } else if name.isKey("cs") || name.isKey("cache") || name.isKey("upstream_cache_status") {
      record.cache = cursor.text(value)
    } else if name.isKey("server_name") {
      record.service = cursor.text(value)
      record.serviceIsServerSet = true
    } else if record.service.isEmpty,
      name.isKey("host") || name.isKey("http_host") || name.isKey("vhost") || name.isKey("h")
    {
      record.service = cursor.text(cursor.address(in: value))
    } else if name.isKey("request_id") || name.isKey("req_id") || name.isKey("reqid") {
      record.requestID = cursor.text(value)
    } else if name.isKey("ssl_protocol") {
      record.tlsVersion = cursor.text(value)
    } else if name.isKey("xff") || name.isKey("http_x_forwarded_for") {
      cursor.forwardedClient(value, into: &record)
    }
  }

  /// A value without a key: a time, a list of times, an upstream's address or the forwarded addresses.
  private mutating func bare(
    _ range: Range<Int>, _ cursor: borrowing LineCursor, into record: inout AccessRecord
  ) {
    switch shape(of: range, cursor) {
    case .time:
      let value = seconds(range, cursor)
      second = longest < 0 ? -1 : min(longest, value)
      longest = max(longest, value)
    case .times: lists.times = range
    case .servers: lists.addresses = range
    case .addresses: cursor.forwardedClient(range, into: &record)
    case .other: break
    }
  }

  private enum Shape {
    case time, times, servers, addresses, other
  }

  /// Three digits behind the dot are a time; lists by their separators; an address with a port is an upstream, without one a client.
  private func shape(of range: Range<Int>, _ cursor: borrowing LineCursor) -> Shape {
    var dots = 0
    var colons = 0
    var separators = 0
    for index in range {
      switch cursor.line[index] {
      case UInt8(ascii: "."): dots += 1
      case UInt8(ascii: ":"): colons += 1
      case UInt8(ascii: ","), UInt8(ascii: " "): separators += 1
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
        UInt8(ascii: "["), UInt8(ascii: "]"):
        colons += 0
      default: return cursor.line.holds("unix:", at: range.lowerBound) ? .servers : .other
      }
    }
    if dots == 1 && colons == 0 && separators == 0 {
      return hasThreeDecimals(range, cursor) ? .time : .other
    }
    let end = firstEnd(of: range, cursor)
    let first = range.lowerBound..<end
    if separators > 0 && (hasThreeDecimals(first, cursor) || cursor.isDash(first)) { return .times }
    if !first.isEmpty && cursor.isAddress(first) {
      let dotted = count(UInt8(ascii: "."), first, cursor) == 3
      return dotted && count(UInt8(ascii: ":"), first, cursor) == 1 ? .servers : .addresses
    }
    return .other
  }

  private func hasThreeDecimals(_ range: Range<Int>, _ cursor: borrowing LineCursor) -> Bool {
    guard range.count >= 5, cursor.line[range.upperBound - 4] == UInt8(ascii: ".") else {
      return false
    }
    for index in range where index != range.upperBound - 4 && !isDigit(cursor.line[index]) {
      return false
    }
    return true
  }

  private func firstEnd(of range: Range<Int>, _ cursor: borrowing LineCursor) -> Int {
    var end = range.lowerBound
    while end < range.upperBound && cursor.line[end] != UInt8(ascii: ",")
      && cursor.line[end] != UInt8(ascii: " ")
    {
      end += 1
    }
    return end
  }

  private func count(
    _ byte: UInt8, _ range: Range<Int>, _ cursor: borrowing LineCursor
  ) -> Int {
    var count = 0
    for index in range where cursor.line[index] == byte { count += 1 }
    return count
  }

  private func seconds(_ range: Range<Int>, _ cursor: borrowing LineCursor) -> Int64 {
    var value = LineCursor(cursor.line.extracting(0..<range.upperBound), at: range.lowerBound)
    return (try? value.microseconds("")) ?? -1
  }
}
