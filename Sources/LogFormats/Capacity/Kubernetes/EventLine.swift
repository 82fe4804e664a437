internal import IncidentModel

/// An event that a controller logs as it sends it: `"Event occurred" object="shop/web" kind="…" reason="…" message="…"`,
/// before structured logging `Event(v1.ObjectReference{Kind:"…", Namespace:"…", Name:"…", …}): type: '…' reason: '…' words`.
struct EventLine {
  private let word: String
  private let words: [UInt8]
  private let subject: EventSubject

  /// Nil where the message is none.
  init?(_ message: KlogMessage) {
    let bytes = message.bytes
    if let object = message.object, bytes == Array("Event occurred".utf8) {
      guard let reason = object.string("reason") else { return nil }
      word = reason
      words = object.text("message") ?? object.text("note") ?? []
      let about = object.object("object")
      subject = EventSubject(
        kind: (object.string("kind") ?? "").lowercased(), name: about?.string("name") ?? "",
        space: about?.string("namespace"))
      return
    }
    var cursor = MessageCursor(bytes)
    if cursor.take("\"Event occurred\"") {
      guard let reason = cursor.value(of: "reason") else { return nil }
      word = reason.asText
      words = cursor.value(of: "message") ?? []
      let path = (cursor.value(of: "object") ?? []).asText.split(separator: "/").map(String.init)
      subject = EventSubject(
        kind: (cursor.value(of: "kind") ?? []).asText.lowercased(), name: path.last ?? "",
        space: path.count > 1 ? path.first : nil)
      return
    }
    guard cursor.take("Event(") else { return nil }
    func quoted(_ name: String) -> [UInt8]? {
      var inner = MessageCursor(bytes)
      return inner.skip(past: "\(name):\"") ? inner.text(until: "\"") : nil
    }
    guard cursor.skip(past: "reason: '"), let reason = cursor.text(until: "' ") else { return nil }
    word = reason.asText
    words = cursor.rest
    subject = EventSubject(
      kind: (quoted("Kind") ?? []).asText.lowercased(), name: (quoted("Name") ?? []).asText,
      space: quoted("Namespace").flatMap { $0.isEmpty ? nil : $0.asText })
  }

  var isOfAutoscaler: Bool { subject.kind == "horizontalpodautoscaler" }

  /// What the logging program tells in a line of its own beside the event is not told twice.
  private static let told: Set<String> = [
    "SuccessfulRescale", "TriggeredScaleUp", "ScaledUpGroup", "ScaleDown", "ScaleDownEmpty",
    "ScaleUpFailed", "ScaleUpTimedOut", "FailedToScaleUpGroup", "FailedComputeMetricsReplicas",
    "MaxNodesTotalReached",
  ]

  func events(_ frame: AutoscalerFrame, _ memory: inout CapacityMemory) -> [CapacityEvent] {
    if Self.told.contains(word) { return [] }
    var stem = FactStem(
      time: frame.time, position: frame.context.position, text: frame.text, source: "event-line",
      identity: "\(frame.time.microseconds)|\(subject.space ?? "")|\(subject.name)|\(word)",
      group: subject.group)
    stem.lacksYear = frame.lacksYear
    return EventReason(word, words, subject).events(stem, &memory)
  }
}
