internal import IncidentModel

/// A message of an ECS service, told by its words: `(service shop-web) has started 2 tasks: …`.
struct EcsMessage {
  private let bytes: [UInt8]
  private let service: String?

  init(_ message: [UInt8]) {
    bytes = message
    service = Self.service(message)
  }

  /// Whether a text begins as the service's messages do.
  static func isOne(_ message: [UInt8]) -> Bool {
    service(message) != nil || message.starts(with: "Message: Successfully set".utf8)
  }

  /// `(service NAME)`, `(service NAME, taskSet …)` or `service NAME`, at the front.
  private static func service(_ message: [UInt8]) -> String? {
    var cursor = MessageCursor(message)
    _ = cursor.take("(")
    guard cursor.take("service ") else { return nil }
    _ = cursor.take("(")
    let name = cursor.word().filter { $0 != UInt8(ascii: ")") }
    return name.isEmpty ? nil : name.asText
  }

  func events(_ stem: FactStem) -> [CapacityEvent] {
    let stem = stem.with(group: service)
    if let refusal { return [stem.event(.launchFailed(refusal))] }
    var cursor = MessageCursor(bytes)
    if cursor.skip(past: "has started "), let count = cursor.integer() {
      return [stem.event(.launchStarted, count: count)]
    }
    cursor.position = 0
    if cursor.skip(past: ") registered "), let count = cursor.integer() {
      return [stem.event(.inService, count: count)]
    }
    cursor.position = 0
    if cursor.skip(past: "has stopped "), let count = cursor.integer() {
      return [stem.event(.terminated(.scaleIn), count: count)]
    }
    cursor.position = 0
    if cursor.skip(past: "set desired count to "), let count = cursor.integer() {
      return stem.decision(from: nil, to: count)
    }
    return states(stem)
  }

  /// What is neither a number of tasks nor a refusal.
  private func states(_ stem: FactStem) -> [CapacityEvent] {
    if has("is unhealthy in") { return [stem.event(.terminated(.unhealthy))] }
    if has("operations are being throttled") { return [stem.event(.backoff(until: nil))] }
    if has("because of the service deployment configuration") {
      return [stem.event(.notTriggered(.badTemplate))]
    }
    if has("has reached a steady state") || has("is not AZ balanced") {
      return [stem.event(.note)]
    }
    if has("has begun draining connections") || has(") deregistered ") { return [] }
    if has("was unable to") || has("is unable to") {
      return [stem.event(.launchFailed(FactStem.unknown(bytes)))]
    }
    return []
  }

  /// Why a task could not be placed. The cluster's own instances may be what is missing, not the provider's.
  private var refusal: CapacityEvent.Reason? {
    if has("No Container Instances were found in your capacity provider") {
      return .insufficientCapacity
    }
    if has("unable to consistently start tasks") { return .badTemplate }
    guard has("was unable to place a task") else { return nil }
    if has("Capacity is unavailable") { return .insufficientCapacity }
    if has("the limit on the number of") || has("is above your limit") { return .quota }
    if has("Internal error") || has("encountered error") || has("missing an attribute")
      || has("already using a port")
    {
      return .badTemplate
    }
    if has("no container instance met all of its requirements") || has("has insufficient") {
      return .insufficientCapacity
    }
    return ProviderReasons.reason(of: bytes)
  }

  private func has(_ words: String) -> Bool { bytes.contains(text: words) }
}
