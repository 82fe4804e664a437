internal import IncidentModel

/// The values of one line of a W3C extended log, by what their columns hold.
struct W3CLine {
  private var values = InlineArray<25, TextRange>(repeating: .none)

  /// The value of a column; nil where the log has none, or the line says `-`.
  @inline(__always)
  subscript(_ field: W3CField) -> Range<Int>? {
    let range = values[field.rawValue]
    if range.isEmpty { return nil }
    return Int(range.start)..<Int(range.start) + Int(range.count)
  }

  /// Cuts a line into the values of the columns in force: by tabs if it has any in front, else by blanks; values may be quoted.
  mutating func read(_ line: Span<UInt8>, _ fields: [W3CField]) throws(LineError) {
    let first = line.near(UInt8(ascii: " "), or: UInt8(ascii: "\t"), from: 0)
    let separator = line.byte(at: first) == UInt8(ascii: "\t") ? UInt8(ascii: "\t") : 0x20
    var start = 0
    for index in fields.indices {
      if separator == 0x20 {
        while start < line.count && line[start] == 0x20 { start += 1 }
      }
      if start >= line.count {
        // A tab behind the last value but one leaves that one empty.
        if separator == 0x20 || start > line.count || index == 0 { throw .cut(at: line.count) }
      }
      start = take(fields[index], line, from: start, separator)
    }
    while start < line.count && line[start] <= 0x20 { start += 1 }
    if start < line.count {
      throw LineError("the line has more values than #Fields has names", at: start)
    }
  }

  /// Takes one value; returns where the next one begins.
  @inline(__always)
  private mutating func take(
    _ field: W3CField, _ line: Span<UInt8>, from start: Int, _ separator: UInt8
  ) -> Int {
    var low = start
    var end: Int
    var next: Int
    if line.byte(at: start) == UInt8(ascii: "\"") {
      end = Self.closingQuote(line, from: start + 1, separator)
      low = min(start + 1, end)
      next = end + 2
    } else {
      end = line.near(separator, from: start)
      // One beyond the line's end tells an empty last value from a missing one.
      next = end + 1
    }
    if next > line.count { next = line.count + 1 }
    let isDash = end - low == 1 && line[low] == UInt8(ascii: "-")
    values[field.rawValue] = isDash ? .none : TextRange(low..<max(low, end))
    return next
  }

  /// Keeps a value of which column and place are known.
  mutating func note(_ field: W3CField, _ range: Range<Int>, _ line: Span<UInt8>) {
    let isDash = range.count == 1 && line[range.lowerBound] == UInt8(ascii: "-")
    values[field.rawValue] = isDash ? .none : TextRange(range)
  }

  /// The quote with a separator behind it; a doubled one stands for itself.
  @inline(never)
  private static func closingQuote(
    _ line: Span<UInt8>, from start: Int, _ separator: UInt8
  ) -> Int {
    var quote = line.near(UInt8(ascii: "\""), from: start)
    while quote < line.count && quote + 1 < line.count && line[quote + 1] != separator {
      quote = line.near(UInt8(ascii: "\""), from: quote + (line[quote + 1] == 0x22 ? 2 : 1))
    }
    return quote
  }

  /// What all dialects share: time, status, bytes, client, request, agent and the like.
  mutating func fill(
    _ record: inout AccessRecord, _ line: Span<UInt8>, _ context: inout AccessContext
  ) throws(LineError) {
    guard let time = self[.time] else { throw LineError("the line has no time", at: 0) }
    record.stamp = try context.directives.moment(date: self[.date], time: time, line)
    record.arrival = record.stamp
    if let status = self[.status] {
      var cursor = LineCursor(line, at: status.lowerBound)
      record.status = try cursor.status()
      if cursor.position != status.upperBound {
        throw LineError("the status is not a number", at: cursor.position)
      }
    }
    if let bytes = self[.bytes] {
      var cursor = LineCursor(line, at: bytes.lowerBound)
      record.byteCount = try cursor.decimalOrDash("the byte count is not a number")
    }
    let cursor = LineCursor(line)
    if let client = self[.client] { record.client = TextRange(cursor.address(in: client)) }
    if let list = self[.forwarded] { cursor.forwardedClient(list, into: &record) }
    record.method = values[W3CField.method.rawValue]
    record.agent = values[W3CField.agent.rawValue]
    record.referrer = values[W3CField.referrer.rawValue]
    record.user = values[W3CField.user.rawValue]
    target(line, &context, into: &record)
  }

  /// The stem with its query behind, or the whole URI.
  private func target(
    _ line: Span<UInt8>, _ context: inout AccessContext, into record: inout AccessRecord
  ) {
    guard let stem = self[.stem] ?? self[.uri] else { return }
    guard let query = self[.query] else {
      record.target = TextRange(stem)
      return
    }
    let start = context.scratch.count
    context.keep(line, stem)
    context.scratch.append(UInt8(ascii: "?"))
    context.keep(line, query)
    record.target = TextRange(inScratch: start..<context.scratch.count)
  }
}
