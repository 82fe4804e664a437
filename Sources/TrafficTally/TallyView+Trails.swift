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
    let clients = sums.trails.rows.indices.map { slot in
      var network = ""
      if let address = sums.trails.rows[slot].who.network {
        network = networks[address] ?? ClientNetwork.narrow(address)
        networks[address] = network
      }
      return clientTrail(slot, network, places, inputs)
    }
    return ClientTrails(level: sums.trails.level, clients: clients.sorted { $0.id < $1.id })
  }

  private func clientTrail(
    _ slot: Int, _ network: String, _ places: [Int], _ inputs: InputPlaces
  ) -> ClientTrail {
    let row = sums.trails.rows[slot]
    var (events, bound) = sums.trails.events(of: slot)
    for index in events.indices {
      events[index].service = Int32(truncatingIfNeeded: places[Int(events[index].service)])
      if inputs.isIdentity { continue }
      events[index].input = Int32(clamping: inputs[Int(events[index].input)])
    }
    events.sort {
      $0.arrival != $1.arrival ? $0.arrival < $1.arrival : $0.position < $1.position
    }
    let cut = bound.map {
      ClientTrail.Cut(block: $0.block, until: Instant(microseconds: $0.arrival))
    }
    let kept = sums.trails.texts[slot].filter { text in bound.map { text.rank <= $0 } ?? true }
    let texts = kept.map { text in
      TrailText(
        position: LogPosition(
          input: inputs[Int(text.rank.input)], line: Int(text.line), offset: text.rank.offset),
        text: LogText(bytes: text.bytes, kind: .line))
    }
    return ClientTrail(
      id: row.id, network: network, agentFamily: AgentFamily.name(ofRow: row.who.agentRow),
      agentSignature: row.who.agentSignature, agentMajor: Int(row.who.agentMajor),
      count: row.count, cut: cut, events: events,
      texts: texts.sorted { $0.position < $1.position })
  }
}
