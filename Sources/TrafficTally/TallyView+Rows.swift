internal import IncidentModel

extension Tally {
  func fillSample(_ services: inout [ServiceTraffic], _ roster: ServiceRoster) {
    var sample = sums.sample
    if !roster.isIdentity {
      sample = SampleStore(options.budgets)
      sample.merge(sums.sample, roster.map, sums.services) { _ in }
    }
    var rows = SampleRows(sums.names)
    let order = sample.strata.indices.sorted { sample.strata[$0].key < sample.strata[$1].key }
    for slot in order {
      let stratum = sample.strata[slot]
      guard let index = roster.index(of: SeriesStore.service(of: stratum.key)) else { continue }
      services[index].sample.append(
        ServiceTraffic.SampleStratum(
          start: TallyTime.epochSeconds(SeriesStore.time(of: stratum.key)),
          widthSeconds: Int(sample.grain.seconds), count: stratum.count,
          requests: rows.requests(of: stratum)))
    }
  }

  /// Distinct addresses of the sample by network.
  func networkClients() -> [String: Int] {
    var isClient = [Bool](repeating: false, count: sums.names.count)
    for stratum in sums.sample.strata {
      for entry in stratum.entries { isClient[Int(entry.client)] = true }
    }
    var addresses = Set<ClientNetwork.Address>()
    for id in isClient.indices where isClient[id] {
      if let address = ClientNetwork.address(sums.names.text(id)) { addresses.insert(address) }
    }
    var counts: [String: Int] = [:]
    for address in addresses {
      counts[ClientNetwork.narrow(address), default: 0] += 1
      counts[ClientNetwork.wide(address), default: 0] += 1
    }
    return counts
  }

  /// The manifest: what the reader told of each input, and what was counted.
  func inputs() -> [InputSummary] {
    let numbers = Set(described.keys).union(sums.manifest.inputs.keys)
    let rows = numbers.map { input in
      var row = described[input] ?? InputSummary(name: InputName(file: ""))
      if let counts = sums.manifest.inputs[input] {
        row.lines = max(row.lines, counts.lines)
        row.records = counts.records.addingSaturated(counts.eventLines)
        row.rejected = counts.rejected
        row.passed = counts.passed
        if counts.first <= counts.last {
          row.first = Instant(microseconds: counts.first)
          row.last = Instant(microseconds: counts.last)
        }
      }
      return (input: input, row: row)
    }
    return rows.sorted { ($0.row.name, $0.input) < ($1.row.name, $1.input) }.map(\.row)
  }

  func inputMinutes() -> [TrafficView.InputMinutes] {
    var minutes: [Int: [ServiceTraffic.Backend.Minute]] = [:]
    sums.manifest.minutes.visit { key, count in
      minutes[SeriesStore.service(of: key), default: []].append(
        ServiceTraffic.Backend.Minute(
          start: TallyTime.epochSeconds(SeriesStore.time(of: key)), count: Int(count)))
    }
    return minutes.sorted { $0.key < $1.key }.map { input, minutes in
      TrafficView.InputMinutes(input: input, minutes: minutes.sorted { $0.start < $1.start })
    }
  }

  /// Rejected lines by format and reason: most first.
  func rejected() -> [RejectSummary] {
    var sums: [[String]: RejectSummary] = [:]
    for (reject, count) in self.sums.manifest.rejects {
      let format = described[reject.input]?.format ?? ""
      let key = [format, reject.reason]
      var row =
        sums[key]
        ?? RejectSummary(format: format, reason: reject.reason, count: 0, first: count.first)
      row.count = row.count.addingSaturated(count.count)
      row.first = min(row.first, count.first)
      sums[key] = row
    }
    return sums.values.sorted {
      ($1.count, $0.format, $0.reason) < ($0.count, $1.format, $1.reason)
    }
  }
}

/// Turns entries of the sample into rows with text, each text made once.
struct SampleRows {
  private let names: NameTable
  private var strings: [String?]
  private var networks: [UInt32: String] = [:]

  init(_ names: NameTable) {
    self.names = names
    strings = [String?](repeating: nil, count: names.count)
  }

  private mutating func string(_ id: UInt32) -> String {
    if let known = strings[Int(id)] { return known }
    let made = names.string(Int(id))
    strings[Int(id)] = made
    return made
  }

  private mutating func network(of client: UInt32) -> String {
    if let known = networks[client] { return known }
    let made = ClientNetwork.address(names.text(Int(client))).map(ClientNetwork.narrow) ?? ""
    networks[client] = made
    return made
  }

  /// The kept requests of a stratum, ascending by arrival and position.
  mutating func requests(of stratum: SampleStore.Stratum) -> [SampledRequest] {
    var rows: [SampledRequest] = []
    rows.reserveCapacity(stratum.entries.count)
    for (rank, entry) in stratum.entries.enumerated() {
      let text = rank < stratum.texts.count ? stratum.texts[rank] : nil
      rows.append(row(entry, text))
    }
    rows.sort { ($0.arrival, $0.position) < ($1.arrival, $1.position) }
    return rows
  }

  private mutating func row(_ entry: SampleEntry, _ text: [UInt8]?) -> SampledRequest {
    var row = SampledRequest(
      arrival: Instant(microseconds: entry.arrival), duration: entry.duration,
      status: entry.status, outcome: Outcome.outcomeClass(entry.status),
      isShed: entry.flags.contains(.shed), template: string(entry.template),
      method: string(entry.method), client: string(entry.client),
      network: network(of: entry.client), agentFamily: AgentFamily.name(ofRow: entry.agentRow),
      agentSignature: entry.agentSignature, referrerHost: string(entry.referrerHost),
      zone: string(entry.zone), backend: string(entry.backend),
      isAsset: entry.flags.contains(.asset),
      position: LogPosition(input: Int(entry.input), line: entry.line, offset: entry.offset),
      text: text.map { LogText(bytes: $0, kind: .line) })
    row.agentMajor = Int(entry.agentMajor)
    return row
  }
}
