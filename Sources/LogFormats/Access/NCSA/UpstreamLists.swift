internal import IncidentModel

/// nginx's upstream variables, which hold one value per attempt: servers are separated by `, `, groups after an internal redirect by ` : ` (FORMATS §1.1).
struct UpstreamLists {
  /// `$upstream_addr`; nil where the line has no such field.
  var addresses: Range<Int>?
  /// `$upstream_response_time`, in seconds.
  var times: Range<Int>?
  /// `$upstream_status`.
  var statuses: Range<Int>?

  /// Puts upstream time, retries, backend and shed into the record, whose status must be set.
  func apply(_ cursor: borrowing LineCursor, into record: inout AccessRecord) {
    if let times { record.upstreamDuration = Self.sum(of: times, cursor) }
    var commas = 0
    for list in [addresses, times, statuses] {
      if let list { commas = max(commas, Self.count(of: UInt8(ascii: ","), in: list, cursor)) }
    }
    record.upstreamRetries = UInt8(clamping: commas)
    guard let addresses else { return }
    record.tellsShed = true
    let last = Self.lastValue(of: addresses, cursor)
    // "If a server cannot be selected, the variable keeps the name of the server group" (nginx.org).
    let isServer =
      cursor.line.holds("unix:", at: last.lowerBound)
      || Self.count(of: UInt8(ascii: ":"), in: last, cursor) > 0
    record.backend = cursor.text(last)
    record.isShed = record.status >= 500 && !isServer
    if !isServer { record.backend = .none }
  }

  /// The times of all attempts in microseconds; -1 where none is known.
  private static func sum(of range: Range<Int>, _ cursor: borrowing LineCursor) -> Int64 {
    var values = LineCursor(cursor.line.extracting(0..<range.upperBound), at: range.lowerBound)
    var sum: Int64 = -1
    while values.position < range.upperBound {
      if isDigit(values.next) {
        guard let value = try? values.microseconds("") else { return -1 }
        sum = max(0, sum) &+ value
      } else {
        values.position += 1
      }
    }
    return sum
  }

  private static func count(
    of byte: UInt8, in range: Range<Int>, _ cursor: borrowing LineCursor
  ) -> Int {
    var count = 0
    for index in range where cursor.line[index] == byte { count += 1 }
    return count
  }

  /// What stands behind the last blank of a list.
  private static func lastValue(
    of range: Range<Int>, _ cursor: borrowing LineCursor
  ) -> Range<Int> {
    var start = range.upperBound
    while start > range.lowerBound && cursor.line[start - 1] != UInt8(ascii: " ")
      && cursor.line[start - 1] != UInt8(ascii: ",")
    {
      start -= 1
    }
    return start..<range.upperBound
  }
}

extension LineCursor {
  /// A token that may be a list with blanks in it: `192.0.2.1:80, 192.0.2.2:80 : 192.0.2.3:80`.
  package mutating func listToken() -> Range<Int> {
    let start = position
    var range = token()
    // More than 64 attempts of one request don't happen.
    for _ in 0..<64 where position > start {
      let endsInComma = line[position - 1] == UInt8(ascii: ",")
      if endsInComma && next == UInt8(ascii: " ") {
        position += 1
      } else if sees(" : ") {
        position += 3
      } else {
        break
      }
      range = start..<token().upperBound
    }
    return range
  }
}
