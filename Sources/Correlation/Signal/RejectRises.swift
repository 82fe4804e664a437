internal import IncidentModel
internal import TrafficTally

/// Incidents in which lines were rejected more often than before and after.
///
/// A line that can't be read says nothing of its request; that they pile up in an outage (empty requests, lines cut by a full disk) is why their time matters. There are ``Parameters/Coverage/rejectLines`` at least, and a minute of the incident has ``Parameters/Coverage/rejectRatio`` times as many as the others.
enum RejectRises {
  /// The rises, in the order of the incidents; none where the rejected lines are not known by minutes.
  ///
  /// `access` is the span of the access logs: what is not within an incident is the measure.
  static func rises(
    of rejected: [RejectSummary], inputs: [InputSummary], incidents: [Incident],
    in access: TimeSpan?
  ) -> [Coverage.RejectRise] {
    guard let access else { return [] }
    let lines = rejected.filter {
      inputs.indices.contains($0.first.input) && inputs[$0.first.input].kind == .access
        && $0.widthSeconds <= 60
    }
    let total = lines.reduce(0) { $0.addingSaturated($1.count) }
    let placed = lines.flatMap(\.stretches)
    return incidents.compactMap { incident in
      let start = incident.span.start.seconds
      let first = floorDivide(start, 60) * 60
      let count = placed.filter {
        $0.start.seconds >= first && $0.start < incident.span.end
      }.reduce(0) { $0.addingSaturated($1.count) }
      let inside = max(1, incident.span.seconds / 60)
      let outside = max(1, access.seconds / 60 - inside)
      let rest = placed.reduce(0) { $0.addingSaturated($1.count) } - count
      guard count >= Parameters.Coverage.rejectLines,
        Double(count) / inside >= Parameters.Coverage.rejectRatio * Double(rest) / outside
      else { return nil }
      return Coverage.RejectRise(incident: incident.id, count: count, total: total)
    }
  }
}
