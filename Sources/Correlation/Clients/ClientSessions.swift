internal import IncidentModel
internal import TrafficTally

/// Visits of the followed clients: a silence of half an hour begins another.
struct ClientSessions: Equatable {
  /// Sessions with a request in the stretch, scaled to all clients.
  var count: Int
  /// Of these the ones in which a request failed.
  var failed: Int
  /// Of these the ones whose last request failed: who left with an error.
  var endedInFailure: Int

  init(_ trails: ServiceTrails, in span: TimeSpan) {
    var numbers = (count: 0, failed: 0, ended: 0)
    for client in trails.clients {
      var session: [TrailEvent] = []
      func close() {
        let inside = session.filter { span.contains($0.arrival) }
        guard !inside.isEmpty else { return }
        numbers.count += 1
        if inside.contains(where: { $0.outcome == .failed }) { numbers.failed += 1 }
        if session.last?.outcome == .failed { numbers.ended += 1 }
      }
      for event in client.events {
        if let last = session.last,
          event.arrival.seconds(since: last.arrival) > ClientParameters.sessionGap
        {
          close()
          session = []
        }
        session.append(event)
      }
      close()
    }
    func scaled(_ number: Int) -> Int { Int((Double(number) * trails.scale).rounded()) }
    count = scaled(numbers.count)
    failed = scaled(numbers.failed)
    endedInFailure = scaled(numbers.ended)
  }
}
