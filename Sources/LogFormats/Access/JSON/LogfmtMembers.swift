internal import IncidentModel

/// logfmt: `key=value key="a value"` with the keys of a table.
extension JSONMembers {
  /// Reads pairs to the end of the line; returns how many there were.
  mutating func readPairs(
    _ line: Span<UInt8>, _ table: JSONKeyTable, from start: Int
  ) throws(LineError) -> Int {
    var place = start
    var pairs = 0
    while place < line.count {
      while place < line.count && line[place] == UInt8(ascii: " ") { place += 1 }
      if place == line.count { break }
      let mark = line.near(UInt8(ascii: "="), or: UInt8(ascii: " "), from: place)
      guard mark < line.count, line[mark] == UInt8(ascii: "=") else {
        // A word without a value is a flag.
        place = mark
        continue
      }
      let name = place..<mark
      let value = try Self.value(line, from: mark + 1, &place)
      pairs += 1
      if name.isEmpty { throw LineError("a key is missing in front of =", at: mark) }
      if let key = table.find(line, name, level: 0)?.key {
        note(key, value.range, hasEscapes: value.hasEscapes)
      }
    }
    return pairs
  }

  @inline(__always)
  private static func value(
    _ line: Span<UInt8>, from start: Int, _ place: inout Int
  ) throws(LineError) -> (range: Range<Int>, hasEscapes: Bool) {
    if line.byte(at: start) != UInt8(ascii: "\"") {
      place = line.near(UInt8(ascii: " "), from: start)
      return (start..<place, false)
    }
    var hasEscapes = false
    var end = start + 1
    while true {
      end = line.near(UInt8(ascii: "\""), or: UInt8(ascii: "\\"), from: end)
      if end >= line.count { throw .cut(at: line.count) }
      if line[end] == UInt8(ascii: "\"") { break }
      hasEscapes = true
      end += 2
    }
    place = end + 1
    return (start + 1..<end, hasEscapes)
  }
}
