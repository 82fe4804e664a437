internal import IncidentModel

/// A note while its lines are being gathered.
struct NoteDraft: Sendable {
  var time: Instant
  var precisionSeconds: Int
  var lacksDate: Bool
  var position: LogPosition
  var text: [UInt8]

  /// Joins a line that has no time of its own.
  mutating func append(_ line: [UInt8]) {
    guard text.count < Notes.textLimit, !line.isEmpty else { return }
    if !text.isEmpty { text.append(0x20) }
    text += line
    if text.count > Notes.textLimit { text = Array(text.prefix(Notes.textLimit)) }
  }

  /// The note, and what it claims about capacity; nothing where it has no words.
  var events: [CapacityEvent] {
    let words = Array(text.trimmed.prefix(Notes.textLimit))
    guard !words.isEmpty else { return [] }
    let key = "\(time.microseconds)|\(words.prefix(256).map { $0 }.asText)"
    let note = CapacityEvent(
      time: time, kind: .note, position: position, text: LogText(bytes: words, kind: .note),
      precisionSeconds: precisionSeconds, lacksDate: lacksDate, key: "note|\(key)")
    guard let kind = NoteClaim.kind(of: words) else { return [note] }
    var claim = note
    claim.kind = kind
    claim.isHumanClaim = true
    claim.key = "claim|\(key)"
    return [note, claim]
  }
}
