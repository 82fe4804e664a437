internal import IncidentModel

/// Stamps inside messages and JSON members.
enum CapacityStamp {
  /// A full stamp at the front of `bytes` (ISO 8601 or RFC 3339, any zone or none) and how many bytes it takes.
  static func iso(
    _ bytes: [UInt8], zone: ZoneOffsets = .utc
  ) -> (time: Instant, count: Int)? {
    var clock = StampClock(zone: zone)
    var cursor = LineCursor(bytes.span)
    guard let time = try? cursor.isoTime(&clock) else { return nil }
    return (time, cursor.position)
  }

  /// A JSON member that is a stamp: a string as above, or seconds … nanoseconds since 1970 as number or string.
  static func member(_ value: JSONObject.Value?, zone: ZoneOffsets = .utc) -> Instant? {
    guard let bytes = value?.scalarBytes else { return nil }
    if let stamp = iso(bytes, zone: zone) { return stamp.time }
    var cursor = LineCursor(bytes.span)
    guard let time = try? cursor.epochTime(), cursor.isAtEnd else { return nil }
    return time
  }
}

extension JSONObject {
  /// At most 1 KiB of the members that prove something, as they stand in the object; ` … ` where others lie between.
  func cut(_ keys: [String], of record: Span<UInt8>) -> LogText {
    let limit = 1024
    var bytes: [UInt8] = []
    var isAdjacent = true
    for member in members {
      guard keys.contains(where: { member.key.elementsEqual($0.utf8) }) else {
        isAdjacent = false
        continue
      }
      if !bytes.isEmpty { bytes += Array(isAdjacent ? ", ".utf8 : ", … ".utf8) }
      isAdjacent = true
      let end = min(member.range.upperBound, record.count)
      for index in member.range.lowerBound..<max(member.range.lowerBound, end)
      where bytes.count < limit {
        bytes.append(record[index])
      }
    }
    return LogText(bytes: Array(bytes.prefix(limit)), kind: .line)
  }
}

/// At most 1 KiB from the front of a line.
func clipped(_ line: Span<UInt8>, kind: LogText.Kind = .line) -> LogText {
  LogText(bytes: (0..<min(line.count, 1024)).map { line[$0] }, kind: kind)
}

/// All bytes of a line.
func copied(_ line: Span<UInt8>) -> [UInt8] { (0..<line.count).map { line[$0] } }
