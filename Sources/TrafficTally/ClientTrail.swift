package import IncidentModel

/// One request of a followed client.
package struct TrailEvent: Hashable, Sendable {
  /// What else a line tells of a request.
  package struct Flags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// No backend was reached.
    package static let shed = Flags(rawValue: 1)
    /// A picture, script, style or font.
    package static let asset = Flags(rawValue: 2)
    /// The line names the page that led here.
    package static let referred = Flags(rawValue: 4)
  }

  package var arrival: Instant
  /// Hash of method and target without the parameters that only keep caches away (METHODS §7); 0 where the line has no target.
  package var url: UInt64
  /// ``PathTemplate/signature(of:)`` of the target; 0 where the line has none.
  package var template: UInt64
  package var offset: Int
  package var line: UInt32
  package var input: Int32
  /// In a view an index into ``TrafficView/services``.
  package var service: Int32
  /// Milliseconds to the end of the answer, -1 unknown.
  package var milliseconds: Int32
  package var status: UInt16
  package var flags: Flags

  package init(
    arrival: Instant, url: UInt64, template: UInt64, offset: Int, line: UInt32, input: Int32,
    service: Int32, milliseconds: Int32, status: UInt16, flags: Flags
  ) {
    self.arrival = arrival
    self.url = url
    self.template = template
    self.offset = offset
    self.line = line
    self.input = input
    self.service = service
    self.milliseconds = milliseconds
    self.status = status
    self.flags = flags
  }

  package var position: LogPosition {
    LogPosition(input: Int(input), line: Int(line), offset: offset)
  }

  package var outcome: OutcomeClass { Outcome.outcomeClass(status) }
}

/// A line of a followed client, kept to prove that it asked again.
package struct TrailText: Hashable, Sendable {
  package var position: LogPosition
  /// The line, cut to 1 KiB.
  package var text: LogText

  package init(position: LogPosition, text: LogText) {
    self.position = position
    self.text = text
  }
}

/// What one client of the coordinated sample asked for: an address with an agent, where the log has one.
package struct ClientTrail: Hashable, Sendable {
  /// What is known of a client with more requests than are kept: whole blocks of 300 s in the order of a hash, and of the last of them the beginning.
  package struct Cut: Hashable, Sendable {
    var block: UInt64
    package var until: Instant
  }

  /// 63 bits of a hash with a fixed seed; the same client has the same in every run.
  package var id: UInt64
  /// `203.0.113.0/24`, `2001:db8:1::/48`; empty for host names.
  package var network: String
  package var agentFamily: String
  /// The whole agent's hash; 0 where the log has none.
  package var agentSignature: UInt64
  /// The major version that the agent states; -1 for none.
  package var agentMajor: Int
  /// All requests of the client, kept or not.
  package var count: Int
  /// nil: all requests are kept.
  package var cut: Cut?
  /// Ascending by (arrival, position).
  package var events: [TrailEvent]
  /// Lines of some requests that failed or were given up, ascending by position.
  package var texts: [TrailText]

  package init(
    id: UInt64, network: String = "", agentFamily: String = "", agentSignature: UInt64 = 0,
    agentMajor: Int = -1, count: Int, cut: Cut? = nil, events: [TrailEvent],
    texts: [TrailText] = []
  ) {
    self.id = id
    self.network = network
    self.agentFamily = agentFamily
    self.agentSignature = agentSignature
    self.agentMajor = agentMajor
    self.count = count
    self.cut = cut
    self.events = events
    self.texts = texts
  }

  /// How many of the client's requests one kept request stands for.
  package var weight: Double {
    events.isEmpty ? 0 : max(1, Double(count) / Double(events.count))
  }

  /// Whether every request of the client in a stretch of at most 300 s is among ``events``.
  package func knows(_ span: TimeSpan) -> Bool {
    guard let cut else { return true }
    return knows(span.start, cut) && knows(span.end, cut)
  }

  private func knows(_ moment: Instant, _ cut: Cut) -> Bool {
    let block = TrailStore.block(id, moment)
    return block == cut.block ? moment <= cut.until : block < cut.block
  }

  /// The kept line at a position.
  package func text(at position: LogPosition) -> LogText? {
    texts.first { $0.position == position }?.text
  }
}

/// The coordinated sample of clients: the same client is kept or dropped in every file and on every machine.
package struct ClientTrails: Hashable, Sendable {
  /// One in 2ⁿ clients was followed.
  package var level: Int
  /// Ascending by id.
  package var clients: [ClientTrail]

  package init(level: Int = 0, clients: [ClientTrail] = []) {
    self.level = level
    self.clients = clients
  }

  /// How many clients one followed client stands for.
  package var scale: Double { Double(UInt64(1) << UInt64(min(max(0, level), 62))) }
}
