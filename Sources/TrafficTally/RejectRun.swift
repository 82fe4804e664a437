internal import IncidentModel

/// The rejected lines of one member on their way into the manifest.
///
/// A rejected line has no time that can be trusted. It counts in the minute of the nearest accepted line in front of it in its member; before the first accepted line, in that one's. Where the reader hands over, or a part is merged, changes nothing of that.
struct RejectRun: Sendable {
  private let input: Int
  /// The minute of the last accepted line; nil: there was none yet.
  private var minute: UInt64?
  /// Lines in front of the first accepted one, by reason.
  private var early: [String: Int] = [:]
  /// Lines with the same reason and minute, not yet in the manifest.
  private var reason = ""
  private var count = 0
  private var first = LogPosition(input: 0, line: 0, offset: 0)
  private var last = LogPosition(input: 0, line: 0, offset: 0)

  init(input: Int) { self.input = input }

  mutating func add(_ line: RejectedLine, into manifest: inout ManifestStore) {
    if count > 0, line.reason == reason {
      count += 1
      last = line.position
      return
    }
    flush(into: &manifest)
    reason = line.reason
    count = 1
    first = line.position
    last = line.position
  }

  /// A line of a minute was accepted.
  mutating func move(to minute: UInt64, in manifest: inout ManifestStore) {
    if self.minute == minute { return }
    flush(into: &manifest)
    self.minute = minute
    if early.isEmpty { return }
    for (reason, count) in early {
      manifest.addRejects(
        count, ManifestStore.Reject(input: input, reason: reason), time: minute)
    }
    early = [:]
  }

  mutating func flush(into manifest: inout ManifestStore) {
    if count == 0 { return }
    let reject = ManifestStore.Reject(input: input, reason: reason)
    manifest.add(reject, ManifestStore.RejectCount(count: count, first: first, last: last))
    if let minute {
      manifest.addRejects(count, reject, time: minute)
    } else {
      early[reason] = (early[reason] ?? 0).addingSaturated(count)
    }
    count = 0
  }
}
