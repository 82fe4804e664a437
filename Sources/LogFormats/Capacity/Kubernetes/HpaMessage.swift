internal import IncidentModel

/// A message of the horizontal pod autoscaler, which runs inside of the controller-manager.
struct HpaMessage {
  private let message: KlogMessage

  init(_ message: KlogMessage) { self.message = message }

  /// Whether no other controller writes this.
  var isOwn: Bool {
    if message.file == "horizontal.go" { return true }
    if field("logger") == "horizontal-pod-autoscaler-controller" { return true }
    if EventLine(message)?.isOfAutoscaler ?? false { return true }
    let frame = AutoscalerFrame(
      time: Instant(seconds: 0), lacksYear: true,
      context: CapacityContext(position: LogPosition(input: 0, line: 0, offset: 0)),
      text: LogText(bytes: [], kind: .line))
    return !events(frame).isEmpty
  }

  func events(_ frame: AutoscalerFrame) -> [CapacityEvent] {
    var cursor = MessageCursor(message.bytes.trimmed)
    if cursor.take("Successful rescale of ") {
      let name = cursor.word().asText
      guard cursor.take(", old size: "), let from = cursor.integer(),
        cursor.take(", new size: "), let to = cursor.integer()
      else { return [] }
      return decision(from, to, name, frame)
    }
    _ = cursor.take("\"")
    if cursor.take("Successfully rescaled") {
      guard let from = number("currentReplicas"), let to = number("desiredReplicas") else {
        return []
      }
      return decision(from, to, field("HPA"), frame)
    }
    guard cursor.take("failed to compute desired number of replicas") else { return [] }
    var group: String?
    if cursor.skip(past: " for ") {
      let target = cursor.word().filter { $0 != UInt8(ascii: ":") }.asText
      group = target.firstIndex(of: "/").map { String(target[target.index(after: $0)...]) }
    }
    return [frame.event(.notTriggered(.metricMissing), group: group, key: frame.key("hpa", group))]
  }

  private func decision(
    _ from: Int, _ to: Int, _ group: String?, _ frame: AutoscalerFrame
  ) -> [CapacityEvent] {
    guard from != to else { return [] }
    let kind: CapacityEvent.Kind =
      to > from ? .scaleOutDecided(from: from, to: to) : .scaleInDecided(from: from, to: to)
    return [frame.event(kind, group: group, count: abs(to - from), key: frame.key("hpa", group))]
  }

  /// ` name="value"` or ` name=value` of the text, or the member of the JSON form.
  private func field(_ name: String) -> String? {
    if let object = message.object {
      if let inner = object.object(name) {
        let parts = [inner.string("namespace"), inner.string("name")].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "/")
      }
      return object[name]?.scalarBytes?.asText
    }
    return MessageCursor(message.bytes).value(of: name)?.asText
  }

  private func number(_ name: String) -> Int? {
    field(name).flatMap { JSONObject.Value.text(Array($0.utf8)).integer }
  }
}

extension MessageCursor {
  /// The value behind ` name=`, its quotes taken off: structured logs write their members so.
  func value(of name: String) -> [UInt8]? {
    var cursor = self
    guard cursor.skip(past: " \(name)=") else { return nil }
    guard cursor.take("\"") else { return cursor.word() }
    var value: [UInt8] = []
    while cursor.position < bytes.count, bytes[cursor.position] != UInt8(ascii: "\"") {
      if bytes[cursor.position] == UInt8(ascii: "\\") { cursor.position += 1 }
      if cursor.position < bytes.count { value.append(bytes[cursor.position]) }
      cursor.position += 1
    }
    return value
  }
}
