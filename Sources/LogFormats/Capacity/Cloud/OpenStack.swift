package import IncidentModel

/// Logs of OpenStack's services that place machines (Nova, Heat, Senlin), and the faults of servers.
///
/// `2018-07-16 18:20:04.123 2369 ERROR nova.conductor.manager [req-… user project - - -] message`,
/// in local time without a zone. One refused boot is told by several services and lines: its
/// request is what they share.
/// <https://docs.openstack.org/oslo.log/latest/configuration/index.html>
package enum OpenStack: CapacityFormat {
  package static let name = "openstack"
  package static let summary = "OpenStack service logs and server faults"
  package static let example =
    "2018-07-16 18:20:04.310 2369 ERROR nova.conductor.manager [req-ba7cca9e 9942 a7d8 - default "
    + "default] Failed to schedule instances: NoValidHost_Remote: No valid host was found. There "
    + "are not enough hosts available."
  package static let kind = InputKind.capacity
  package static let envelopes: [String] = ["servers"]
  package static let strictness = 7

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    var memory = CapacityMemory()
    return try parse(record, in: context, memory: &memory)
  }

  package static func parse(
    _ record: Span<UInt8>, in context: CapacityContext, memory: inout CapacityMemory
  ) throws(LineError) -> CapacityOutcome {
    if record.byte(at: 0) == UInt8(ascii: "{") { return try fault(record, context) }
    // What a printed exception adds to its line.
    let isFurther =
      memory.hasRecord
      && (record.byte(at: 0) <= 0x20 || record.holds("Traceback", at: 0)
        || record.holds("Command: ", at: 0) || record.holds("Exit code: ", at: 0))
    if isFurther { return .ignored }
    let line = try OsloLine(record, zone: context.zone)
    memory.hasRecord = true
    let events = line.events(clipped(record), context.position)
    return events.isEmpty ? .ignored : .events(events)
  }

  package static func isUnmistakable(_ record: Span<UInt8>, envelope: String) -> Bool {
    if record.byte(at: 0) == UInt8(ascii: "{") { return true }
    guard let line = try? OsloLine(record, zone: .utc) else { return false }
    let services = ["nova.", "heat.", "senlin.", "placement.", "magnum."]
    return services.contains { line.module.hasPrefix($0) }
  }

  /// A server that is in error, with what its interface says of it.
  private static func fault(
    _ record: Span<UInt8>, _ context: CapacityContext
  ) throws(LineError) -> CapacityOutcome {
    let reason: StaticString = "the object has no fault of a server"
    let object = try JSONObject(record, naming: ["fault\""], or: reason)
    let server = object.object("server") ?? object
    guard let fault = server.object("fault"), let message = fault.text("message") else {
      throw LineError(reason, at: 0)
    }
    guard let time = fault.time(anyOf: ["created"]) ?? server.time(anyOf: ["created", "updated"])
    else { throw LineError("the fault does not say when it was made", at: 0) }
    let name = server.string(anyOf: ["name", "id"])
    let stem = FactStem(
      time: time, position: context.position,
      text: object.cut(["fault", "name", "server", "status"], of: record), source: "openstack",
      identity: server.string("id") ?? "\(time.microseconds)", instance: name)
    return .events([stem.event(.launchFailed(ProviderReasons.reason(of: message)))])
  }
}

/// A line in oslo.log's default shape.
private struct OsloLine {
  let time: Instant
  let module: String
  private let request: String?
  private let instance: String?
  private let message: [UInt8]

  init(_ record: Span<UInt8>, zone: ZoneOffsets) throws(LineError) {
    var clock = StampClock(zone: zone)
    var cursor = LineCursor(record)
    time = try cursor.isoTime(&clock)
    try cursor.blank("a blank behind the time is missing")
    _ = try cursor.decimal("the process number is missing")
    try cursor.blank("a blank behind the process number is missing")
    let place = cursor.position
    let level = cursor.token()
    let word = copied(record.extracting(level)).asText
    guard ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "AUDIT", "TRACE"].contains(word) else {
      throw LineError("there is no level behind the process number", at: place)
    }
    try cursor.blank("the line names no module")
    module = copied(record.extracting(cursor.token())).asText
    var words = MessageCursor(copied(record.extracting(cursor.position..<record.count)).trimmed)
    request = words.take("[req-") ? words.word().asText : nil
    if request != nil { _ = words.skip(past: "] ") }
    if words.bytes.starts(with: "[-] ".utf8) { _ = words.skip(past: "] ") }
    var inner = MessageCursor(words.rest)
    instance = inner.take("[instance: ") ? inner.text(until: "] ")?.asText : nil
    message = instance == nil ? words.rest : inner.rest
  }

  func events(_ text: LogText, _ position: LogPosition) -> [CapacityEvent] {
    var stem = FactStem(
      time: time, position: position, text: text, source: "openstack",
      identity: request ?? "\(time.microseconds)|\(message.prefix(96).map { $0 }.asText)",
      instance: instance)
    if let limit = limit(stem) { return [limit] }
    if has("No valid host was found") || has("NoValidHost") {
      stem.instance = nil
      return [stem.event(.launchFailed(.insufficientCapacity))]
    }
    if has("Quota exceeded for") || has("OverQuota") {
      stem.instance = nil
      return [stem.event(.launchFailed(.quota))]
    }
    if has("Exceeded maximum number of retries") || has("MaxRetriesExceeded") {
      return [stem.event(.launchFailed(FactStem.unknown(message)))]
    }
    if has("returned 0 hosts") || has("Filtering removed all hosts") { return [stem.event(.note)] }
    if has("CREATE_FAILED") || has("ResourceInError") {
      return [stem.event(.launchFailed(ProviderReasons.reason(of: message)))]
    }
    return life(stem)
  }

  /// What became of one machine.
  private func life(_ stem: FactStem) -> [CapacityEvent] {
    guard instance != nil else { return [] }
    if has("Claim successful") { return [stem.event(.launchStarted)] }
    if has("Instance spawned successfully") { return [stem.event(.inService)] }
    if message.starts(with: "Terminating instance".utf8) {
      return [stem.event(.terminated(FactStem.unknown(message)))]
    }
    return []
  }

  /// `The target capacity (20) is greater than the cluster's max_size (15).`
  private func limit(_ stem: FactStem) -> CapacityEvent? {
    var cursor = MessageCursor(message)
    guard cursor.skip(past: "target capacity ("), let wanted = cursor.integer(),
      cursor.skip(past: "max_size ("), let limit = cursor.integer()
    else { return nil }
    return stem.event(
      .limitReached(limit: limit, wanted: wanted),
      count: max(1, wanted.subtractingReportingOverflow(limit).partialValue))
  }

  private func has(_ words: String) -> Bool { message.contains(text: words) }
}
