internal import IncidentModel

extension Tally {
  func fillSample(
    _ services: inout [ServiceTraffic], _ roster: ServiceRoster, _ places: InputPlaces
  ) {
    var sample = sums.sample
    if !roster.isIdentity {
      sample = SampleStore(options.budgets)
      sample.merge(sums.sample, roster.map, sums.services) { _ in }
    }
    var rows = SampleRows(sums.names, places)
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
      if let address = ClientNetwork.address(sums.names.text(id).span) { addresses.insert(address) }
    }
    var counts: [String: Int] = [:]
    for address in addresses {
      counts[ClientNetwork.narrow(address), default: 0] += 1
      counts[ClientNetwork.wide(address), default: 0] += 1
    }
    return counts
  }

  /// The manifest: what the reader told of each input, and what was counted.
  func inputs(_ places: InputPlaces) -> [InputSummary] {
    let shared = Dictionary(grouping: sharedLines(places), by: \.input)
    return places.numbers.map { input in
      var row = described[input] ?? InputSummary(name: InputName(file: ""))
      row.duplicateOf = row.duplicateOf.flatMap(places.place)
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
      row.problems += (shared[input] ?? []).prefix(3).compactMap { suspicion($0) }
      return row
    }
  }

  /// Where each member is a service of its own, the analysis itself tells two logs of one flow apart and adds none of them twice.
  private func sharedLines(_ places: InputPlaces) -> [SharedLines] {
    options.serviceRule == .member
      ? [] : SharedLines.pairs(sums.prints, among: places.numbers)
  }

  private func suspicion(_ shared: SharedLines) -> InputProblem? {
    described[shared.other].map { shared.suspicion(in: $0.name) }
  }

  func inputMinutes(_ places: InputPlaces) -> [TrafficView.InputMinutes] {
    var minutes: [Int: [ServiceTraffic.Backend.Minute]] = [:]
    sums.manifest.minutes.visit { key, count in
      minutes[places[SeriesStore.service(of: key)], default: []].append(
        ServiceTraffic.Backend.Minute(
          start: TallyTime.epochSeconds(SeriesStore.time(of: key)), count: Int(count)))
    }
    return minutes.sorted { $0.key < $1.key }.map { input, minutes in
      TrafficView.InputMinutes(input: input, minutes: minutes.sorted { $0.start < $1.start })
    }
  }

  /// Rejected lines by format and reason: most first.
  func rejected(_ places: InputPlaces) -> [RejectSummary] {
    let manifest = self.sums.manifest
    var sums: [[String]: RejectSummary] = [:]
    for (reject, count) in manifest.rejects {
      let format = described[reject.input]?.format ?? ""
      let key = [format, reject.reason]
      var (first, last) = (count.first, count.last)
      first.input = places[first.input]
      last.input = places[last.input]
      var row =
        sums[key]
        ?? RejectSummary(format: format, reason: reject.reason, count: 0, first: first, last: last)
      row.count = row.count.addingSaturated(count.count)
      row.first = min(row.first, first)
      row.last = max(row.last, last)
      row.widthSeconds = Int(manifest.rejectGrain.seconds)
      sums[key] = row
    }
    // Beyond a day the strata tell nothing of an outage.
    if manifest.rejectGrain.seconds <= 86_400 {
      var counts: [[String]: [UInt64: Int]] = [:]
      for (minute, count) in manifest.rejectMinutes {
        let key = [described[minute.reject.input]?.format ?? "", minute.reject.reason]
        counts[key, default: [:]][minute.time, default: 0] += count
      }
      for (key, strata) in counts {
        sums[key]?.stretches = strata.sorted { $0.key < $1.key }.map { time, count in
          RejectSummary.Stretch(
            start: Instant(seconds: TallyTime.epochSeconds(time)), count: count)
        }
      }
    }
    return sums.values.sorted {
      ($1.count, $0.format, $0.reason) < ($0.count, $1.format, $1.reason)
    }
  }
}

/// Where each input of a tally stands among those of a view, which are sorted by name.
///
/// The numbers that members are tallied under need not be in that order, nor without gaps: those of standard input only show while it is read.
struct InputPlaces: Sendable {
  /// The tally's numbers in the order of the view.
  let numbers: [Int]
  private var places: [Int: Int] = [:]

  /// Every number is its place.
  let isIdentity: Bool

  init(_ tally: borrowing Tally) {
    let described = tally.described
    let known = Set(described.keys).union(tally.sums.manifest.inputs.keys)
    let unnamed = InputName(file: "")
    numbers = known.map { (name: described[$0]?.name ?? unnamed, number: $0) }
      .sorted { ($0.name, $0.number) < ($1.name, $1.number) }.map(\.number)
    isIdentity = numbers.elementsEqual(numbers.indices)
    guard !isIdentity else { return }
    places = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, $0) })
  }

  /// The place of a number; nil of one that was never described.
  func place(_ number: Int) -> Int? {
    isIdentity ? (numbers.indices.contains(number) ? number : nil) : places[number]
  }

  /// The place of a number; one that was never described has none and keeps its number.
  subscript(_ number: Int) -> Int { places[number] ?? number }
}

/// Turns entries of the sample into rows with text, each text made once.
struct SampleRows {
  private let names: NameTable
  private let places: InputPlaces
  private var strings: [String?]
  private var networks: [UInt32: String] = [:]

  init(_ names: NameTable, _ places: InputPlaces) {
    self.names = names
    self.places = places
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
    let made = ClientNetwork.address(names.text(Int(client)).span).map(ClientNetwork.narrow) ?? ""
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
      position: LogPosition(
        input: places[Int(entry.input)], line: entry.line, offset: entry.offset),
      text: text.map { LogText(bytes: $0, kind: .line) })
    row.agentMajor = Int(entry.agentMajor)
    return row
  }
}
