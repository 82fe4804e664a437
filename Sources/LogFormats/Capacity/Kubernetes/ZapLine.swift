internal import IncidentModel

/// A line of a controller that logs by zap, as JSON or in columns.
///
/// Columns are `TIME LEVEL LOGGER MESSAGE {members}`, parted by tabs that copying may have made
/// blanks; the logger and the members may be absent.
struct ZapLine {
  let time: Instant
  let logger: String
  let message: [UInt8]
  let members: JSONObject

  /// Longer lines are no controller's.
  private static let lengthLimit = 262_144

  init(_ record: Span<UInt8>, zone: ZoneOffsets) throws(LineError) {
    if record.byte(at: 0) == UInt8(ascii: "{") {
      let reason: StaticString = "the object has no message with its level"
      let object = try JSONObject(record, naming: ["level\"", "severity\""], or: reason)
      guard let text = object.text("message") ?? object.text("msg"),
        object.text("level") != nil || object.text("severity") != nil
      else { throw LineError(reason, at: 0) }
      guard let time = object.time(anyOf: ["time", "ts", "timestamp"], zone: zone) else {
        throw LineError("the line has no time", at: 0)
      }
      self.time = time
      message = text
      logger = object.string(anyOf: ["logger", "controller"]) ?? ""
      members = object
      return
    }
    guard record.count <= Self.lengthLimit else {
      throw LineError("the line is too long for a controller's", at: Self.lengthLimit)
    }
    var cursor = MessageCursor(copied(record))
    let stamp = cursor.column()
    guard let time = CapacityStamp.member(.text(stamp), zone: zone) else {
      throw LineError("the line does not begin with a time", at: 0)
    }
    self.time = time
    let place = cursor.position
    let level = cursor.column()
    guard Self.levels.contains(level.lowercasedASCII.asText) else {
      throw LineError("there is no level behind the time", at: place)
    }
    let (words, members) = Self.parted(cursor.rest)
    self.members = members
    (logger, message) = Self.named(words)
  }

  private static let levels: Set<String> = [
    "debug", "info", "warn", "warning", "error", "dpanic", "panic", "fatal",
  ]

  /// The words and the members behind them: the first brace from which the rest is one object.
  private static func parted(_ rest: [UInt8]) -> (words: [UInt8], members: JSONObject) {
    var cursor = MessageCursor(rest)
    for _ in 0..<64 {
      guard let brace = cursor.place(of: "{") else { break }
      let tail = Array(rest[brace...])
      let isApart = brace > 0 && (rest[brace - 1] == 0x20 || rest[brace - 1] == 0x09)
      if isApart, let object = try? JSONObject(tail.span) {
        return (Array(rest[..<brace]).trimmed, object)
      }
      cursor.position = brace + 1
    }
    return (rest.trimmed, JSONObject(lenient: []))
  }

  /// Takes the logger off, which is a column of its own or has dots and no capitals.
  private static func named(_ words: [UInt8]) -> (logger: String, message: [UInt8]) {
    if let tab = words.firstIndex(of: 0x09) {
      return (Array(words[..<tab]).asText, Array(words[words.index(after: tab)...]).trimmed)
    }
    var cursor = MessageCursor(words)
    let first = cursor.column()
    let isColumn =
      cursor.position + 1 < words.count && cursor.position > first.count + 1
    let isName = first.allSatisfy {
      (0x61...0x7A).contains($0) || isDigit($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D
    }
    let isLogger = first.contains(0x2E) || loggers.contains(first.asText)
    guard isName, isColumn || isLogger, cursor.position < words.count else { return ("", words) }
    return (first.asText, cursor.rest.trimmed)
  }

  private static let loggers: Set<String> = [
    "controller", "scaleexecutor", "scalehandler", "scale_handler", "provisioner", "setup",
  ]

  /// The facts of a line of Karpenter or KEDA: both log alike, and often into one file.
  static func outcome(
    of record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    if memory.hasRecord, isFurther(record) { return .ignored }
    if tellsNothing(record, zone: context.zone) {
      memory.hasRecord = true
      return .ignored
    }
    let line = try ZapLine(record, zone: context.zone)
    memory.hasRecord = true
    let stem = FactStem(
      time: line.time, position: context.position, text: clipped(record), source: "zap",
      identity: "\(line.time.microseconds)|\(line.message.prefix(96).map { $0 }.asText)")
    var events = KarpenterMessage(line).events(stem, &memory)
    if events.isEmpty { events = KedaMessage(line).events(stem) }
    return events.isEmpty ? .ignored : .events(events)
  }

  /// The beginnings of all messages that Karpenter or KEDA tell a fact with, in small letters.
  private static let telling: [[UInt8]] = [
    "computed ", "created ", "launched ", "launching ", "registered ", "initialized ",
    "disrupting ", "deprovisioning ", "initiating delete", "deleting unhealthy", "tainted ",
    "deleted ", "failed ", "reconciler error", "could not ", "creating ", "terminating ",
    "removing offering", "nodepool ", "skipping, ", "no nodepools", "ignoring ",
    "instance types were excluded", "successfully ", "pause ", "error getting",
  ].map { Array($0.utf8) }

  /// Whether an object is a controller's line with a message that tells no fact: most lines of most programs are, and are not taken apart.
  private static func tellsNothing(_ record: Span<UInt8>, zone: ZoneOffsets) -> Bool {
    guard record.byte(at: 0) == UInt8(ascii: "{") else { return false }
    var json = JSONCursor(record)
    var isTelling: Bool?
    var hasLevel = false
    var hasTime = false
    do throws(LineError) {
      try json.enterObject()
      while let key = try json.nextKey() {
        if json.matches(key, "message") || json.matches(key, "msg") {
          guard let range = try json.scalarRange() else { return false }
          isTelling = telling.contains { begins(record, range, $0) }
        } else if json.matches(key, "level") || json.matches(key, "severity") {
          hasLevel = try json.scalarRange() != nil
        } else if json.matches(key, "time") || json.matches(key, "ts") {
          guard let range = try json.scalarRange() else { return false }
          let stamp = range.prefix(64).map { record[$0] }
          hasTime = CapacityStamp.member(.text(stamp), zone: zone) != nil
        } else {
          try json.skip()
        }
      }
      try json.end()
    } catch {
      return false
    }
    return hasLevel && hasTime && isTelling == false
  }

  private static func begins(
    _ record: Span<UInt8>, _ range: Range<Int>, _ words: [UInt8]
  ) -> Bool {
    guard range.count >= words.count else { return false }
    for (place, byte) in words.enumerated()
    where record[range.lowerBound + place].lowercasedASCII != byte { return false }
    return true
  }

  /// A line of a stack trace behind an error.
  private static func isFurther(_ record: Span<UInt8>) -> Bool {
    if record.byte(at: 0) == 0x09 || record.byte(at: 0) == 0x20 { return true }
    let line = record.extracting(0..<min(record.count, 256))
    let isPath =
      line.holds("sigs.k8s.io/", at: 0) || line.holds("github.com/", at: 0)
      || line.holds("k8s.io/", at: 0) || line.holds("runtime.", at: 0)
    return isPath
  }

  /// A name that stands under one of the keys, or under `name` of an object there.
  func name(_ keys: String...) -> String? {
    for key in keys {
      if let found = members.string(key) { return found }
      if let found = members.object(key)?.string("name") { return found }
    }
    return nil
  }
}

extension MessageCursor {
  /// The bytes up to the next blank or tab, and goes behind all of those that follow.
  mutating func column() -> [UInt8] {
    let start = min(position, bytes.count)
    while position < bytes.count, bytes[position] != 0x20, bytes[position] != 0x09 { position += 1 }
    let end = position
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 {
      position += 1
    }
    return Array(bytes[start..<max(start, end)])
  }
}
