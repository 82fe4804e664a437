internal import IncidentModel

extension Tally {
  /// The followed clients, with services and inputs by their places in the view; `grain` is that of the series.
  func clientTrails(
    _ roster: ServiceRoster, _ grain: Grain, _ inputs: InputPlaces
  ) -> ClientTrails {
    let places = (0..<sums.services.count).map { id in
      roster.index(of: roster.map[sums.services.folded(id, grain)]) ?? -1
    }
    var networks: [ClientNetwork.Address: String] = [:]
    let clients = sums.trails.trails.map { trail in
      var network = ""
      if let address = trail.who.network {
        network = networks[address] ?? ClientNetwork.narrow(address)
        networks[address] = network
      }
      return Self.row(trail, network, places, inputs)
    }
    return ClientTrails(level: sums.trails.level, clients: clients.sorted { $0.id < $1.id })
  }

  private static func row(
    _ kept: TrailStore.Trail, _ network: String, _ places: [Int], _ inputs: InputPlaces
  ) -> ClientTrail {
    var trail = kept
    trail.prune()
    trail.renumberServices { places[$0] }
    if !inputs.isIdentity {
      for index in trail.events.indices {
        trail.events[index].input = Int32(clamping: inputs[Int(trail.events[index].input)])
      }
    }
    trail.events.sort {
      $0.arrival != $1.arrival ? $0.arrival < $1.arrival : $0.position < $1.position
    }
    let cut = trail.bound.map {
      ClientTrail.Cut(block: $0.block, until: Instant(microseconds: $0.arrival))
    }
    let texts = trail.texts.map { text in
      TrailText(
        position: LogPosition(
          input: inputs[Int(text.rank.input)], line: Int(text.line), offset: text.rank.offset),
        text: LogText(bytes: text.bytes, kind: .line))
    }
    return ClientTrail(
      id: trail.id, network: network, agentFamily: AgentFamily.name(ofRow: trail.who.agentRow),
      agentSignature: trail.who.agentSignature, agentMajor: Int(trail.who.agentMajor),
      count: trail.count, cut: cut, events: trail.events,
      texts: texts.sorted { $0.position < $1.position })
  }
}
