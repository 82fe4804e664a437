internal import IncidentModel
internal import TrafficTally

/// What the followed clients asked of one service; health checks are no clients.
struct ServiceTrails {
  struct Client {
    var trail: ClientTrail
    /// The service's own, ascending by (arrival, position).
    var events: [TrailEvent]
    /// Of the delete-a-group jackknife.
    var group: Int
  }

  private(set) var clients: [Client] = []
  /// How many clients one of them stands for.
  let scale: Double

  /// nil: no client of the service was followed.
  init?(_ trails: ClientTrails, service: Int) {
    scale = trails.scale
    for trail in trails.clients where AgentFamily.kind(of: trail.agentFamily) != .healthCheck {
      let events = Self.events(of: trail, service)
      guard !events.isEmpty else { continue }
      clients.append(
        Client(
          trail: trail, events: events,
          group: Int(trail.id % UInt64(ClientParameters.groups))))
    }
    if clients.isEmpty { return nil }
  }

  /// Most clients ask one service only; theirs are not copied.
  private static func events(of trail: ClientTrail, _ service: Int) -> [TrailEvent] {
    if trail.events.allSatisfy({ Int($0.service) == service }) { return trail.events }
    return trail.events.filter { Int($0.service) == service }
  }

  init(clients: [ClientTrail], scale: Double = 1) {
    self.scale = scale
    self.clients = clients.map {
      Client(
        trail: $0, events: $0.events, group: Int($0.id % UInt64(ClientParameters.groups)))
    }
  }
}

extension TrailEvent {
  /// What makes a request the same request: method and URL, or the route where there is none.
  var key: UInt64 { url != 0 ? url : template }

  /// When the client had its answer.
  var answered: Instant {
    milliseconds > 0
      ? Instant(microseconds: arrival.microseconds.addingSaturated(Int64(milliseconds) * 1000))
      : arrival
  }
}
