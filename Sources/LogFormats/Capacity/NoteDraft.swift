internal import IncidentModel

/// A note while its lines are being gathered.
struct NoteDraft: Sendable {
  var time: Instant
  var precisionSeconds: Int
  var lacksDate: Bool
  var position: LogPosition
  var text: [UInt8]
  var key: String?
}
