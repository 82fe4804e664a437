internal import IncidentModel

extension Tally {
  /// The tally in the form in which the analysis reads it.
  ///
  /// - Complexity: O(*n* log *n*) in what is kept, which is bounded by the budgets.
  package func view() -> TrafficView {
    var copy = self
    return copy.takeView()
  }

  /// The same for a tally that is not needed any more: each structure is given up once it was read, since a view is as large again.
  package consuming func finalView() -> TrafficView {
    takeView()
  }

  private mutating func takeView() -> TrafficView {
    let roster = ServiceRoster(sums, shown: options.budgets.servicesShown)
    let places = InputPlaces(self)
    var services = roster.names.map { ServiceTraffic(name: $0, buckets: []) }
    let width = Int(sums.series.grain.seconds)
    fillSeries(&services, roster)
    let trails = clientTrails(roster, sums.series.grain, places)
    sums.trails = TrailStore()
    sums.series = SeriesStore()
    fillLatency(&services, roster)
    sums.latency = LatencyStore()
    fillClients(&services, roster)
    fillExemplars(&services, roster, places)
    sums.exemplars = ExemplarStore()
    fillBackends(&services, roster)
    sums.backends = BackendStore()
    let networkClients = networkClients()
    fillSample(&services, roster, places)
    sums.sample = SampleStore(options.budgets)
    let (events, isCut) = sums.events.sorted(budget: options.budgets.events, places)
    var view = TrafficView(
      bucketSeconds: width, services: services, events: events,
      inputs: inputs(places), inputMinutes: inputMinutes(places), rejected: rejected(places))
    view.inputMinuteSeconds = Int(sums.manifest.grain.seconds)
    view.clients = ClientEstimate.count(sums.clients.whole)
    view.networkClients = networkClients
    view.trails = trails
    view.eventsSeen = sums.events.seen
    view.eventsAreCut = isCut
    view.baselineEnd = baselineEnd
    return view
  }

  private func fillSeries(_ services: inout [ServiceTraffic], _ roster: ServiceRoster) {
    var series = sums.series
    if !roster.isIdentity {
      series = SeriesStore()
      series.merge(sums.series, roster.map, sums.services)
    }
    for (service, totals) in series.totals {
      if let index = roster.index(of: service) { services[index].totals = totals }
    }
    var counts = [Int](repeating: 0, count: services.count)
    for key in series.keys {
      if let index = roster.index(of: SeriesStore.service(of: key)) { counts[index] += 1 }
    }
    // The largest arrays of a view: room for twice as much would be felt.
    for index in services.indices { services[index].buckets.reserveCapacity(counts[index]) }
    for slot in order(series.keys) {
      guard let index = roster.index(of: SeriesStore.service(of: series.keys[slot])) else {
        continue
      }
      var counts = series.cells[slot]
      // The cell holds the ends; what began is what is timed.
      counts.inFlightChange = Int32(
        clamping: Int64(counts.timed) + Int64(counts.inFlightChange))
      services[index].buckets.append(
        ServiceTraffic.Bucket(
          start: TallyTime.epochSeconds(SeriesStore.time(of: series.keys[slot])), counts: counts))
    }
  }

  private func fillLatency(_ services: inout [ServiceTraffic], _ roster: ServiceRoster) {
    var latency = sums.latency
    if !roster.isIdentity {
      latency = LatencyStore()
      latency.merge(sums.latency, roster.map, sums.services)
    }
    var rows: [(key: UInt64, count: UInt32)] = []
    rows.reserveCapacity(latency.table.count)
    latency.table.visit { key, count in
      if LatencyStore.bucket(of: key) != LatencyStore.marker { rows.append((key, count)) }
    }
    rows.sort { $0.key < $1.key }
    var wholes = [LatencyQuantiles](repeating: LatencyQuantiles(), count: services.count)
    var start = 0
    while start < rows.count {
      let sketch = rows[start].key >> LatencyStore.bucketBits
      var end = start
      var quantiles = LatencyQuantiles()
      while end < rows.count, rows[end].key >> LatencyStore.bucketBits == sketch {
        quantiles.add(Int(LatencyStore.bucket(of: rows[end].key)), Int(rows[end].count))
        end += 1
      }
      if let index = roster.index(of: LatencyStore.service(of: rows[start].key)) {
        wholes[index].add(quantiles)
        services[index].latency.append(
          quantiles.latency(
            start: TallyTime.epochSeconds(LatencyStore.time(of: rows[start].key)),
            width: Int(latency.grain.seconds)))
      }
      start = end
    }
    for index in services.indices where wholes[index].count > 0 {
      let first = services[index].latency.first?.start ?? 0
      wholes[index].sort()
      services[index].wholeLatency = wholes[index].latency(start: first, width: 0)
    }
  }

  private func fillClients(_ services: inout [ServiceTraffic], _ roster: ServiceRoster) {
    var clients = sums.clients
    if !roster.isIdentity {
      clients = ClientStore()
      clients.merge(sums.clients, roster.map, sums.services)
    }
    var strata = [[ClientStore.Stratum]](repeating: [], count: services.count)
    for slot in order(clients.strata.map(\.key)) {
      let stratum = clients.strata[slot]
      guard let index = roster.index(of: SeriesStore.service(of: stratum.key)) else { continue }
      strata[index].append(stratum)
      services[index].clientStrata.append(
        ServiceTraffic.ClientStratum(
          start: TallyTime.epochSeconds(SeriesStore.time(of: stratum.key)),
          widthSeconds: Int(clients.grain.seconds),
          clients: ClientEstimate.count(ClientEstimate.union([stratum]))))
    }
    for index in services.indices where !strata[index].isEmpty {
      services[index].clients = ClientEstimate.count(ClientEstimate.union(strata[index]))
    }
  }

  private func fillExemplars(
    _ services: inout [ServiceTraffic], _ roster: ServiceRoster, _ places: InputPlaces
  ) {
    var exemplars = sums.exemplars
    if !roster.isIdentity {
      exemplars = ExemplarStore()
      exemplars.merge(sums.exemplars, roster.map, sums.services)
    }
    for slot in order(exemplars.cells.map(\.key)) {
      let cell = exemplars.cells[slot]
      guard let index = roster.index(of: ExemplarStore.service(of: cell.key)) else { continue }
      let trio: [(Exemplar.Role, ExemplarStore.Mark)] = [
        (.first, cell.first), (.last, cell.last), (.chosen, cell.chosen),
      ]
      let kept = trio.map { role, mark in
        Exemplar(
          stratum: TallyTime.epochSeconds(ExemplarStore.time(of: cell.key)),
          outcome: ExemplarStore.outcome(of: cell.key), role: role,
          arrival: Instant(microseconds: mark.arrival), status: mark.status,
          position: LogPosition(
            input: places[Int(mark.input)], line: mark.line, offset: mark.offset),
          text: LogText(bytes: mark.text, kind: .line))
      }
      services[index].exemplars += kept.sorted {
        ($0.arrival, $0.position, $0.role.rawValue) < ($1.arrival, $1.position, $1.role.rawValue)
      }
    }
  }

  private func fillBackends(_ services: inout [ServiceTraffic], _ roster: ServiceRoster) {
    var backends = sums.backends
    if !roster.isIdentity {
      backends = BackendStore()
      var names = sums.names
      backends.merge(sums.backends, roster.map, sums.services, &names) { id, _ in id }
    }
    var minutes = [[ServiceTraffic.Backend.Minute]](repeating: [], count: backends.pairs.count)
    backends.counts.visit { key, count in
      minutes[SeriesStore.service(of: key)].append(
        ServiceTraffic.Backend.Minute(
          start: TallyTime.epochSeconds(SeriesStore.time(of: key)), count: Int(count)))
    }
    for slot in backends.pairs.indices {
      let pair = backends.pairs[slot]
      guard let index = roster.index(of: pair.service) else { continue }
      services[index].backends.append(
        ServiceTraffic.Backend(
          name: sums.names.string(pair.backend), first: Instant(microseconds: pair.first),
          last: Instant(microseconds: pair.last),
          minutes: minutes[slot].sorted { $0.start < $1.start }))
    }
    for index in services.indices {
      services[index].backendMinuteSeconds = Int(backends.grain.seconds)
      services[index].backends.sort {
        ($0.name, $0.first, $0.last) < ($1.name, $1.first, $1.last)
      }
    }
  }

  /// Slots in the order of their keys: by service, then time.
  private func order(_ keys: [UInt64]) -> [Int] {
    keys.indices.sorted { keys[$0] < keys[$1] }
  }
}

/// Which services a view names, and under which number each of a tally's services is shown.
struct ServiceRoster {
  /// Most requests first, then by name; `other` last.
  private(set) var names: [String] = []
  /// The service under which each one is shown.
  private(set) var map: [Int] = []
  private(set) var isIdentity = true
  private var indices: [Int: Int] = [:]

  init(_ sums: PartTally, shown: Int) {
    var requests: [String: Int] = [:]
    var numbers: [String: Int] = [:]
    for (service, totals) in sums.series.totals {
      let name = sums.services.name(service)
      requests[name, default: 0] = (requests[name] ?? 0).addingSaturated(totals.requests)
      numbers[name] = min(numbers[name] ?? .max, service)
    }
    let other = "other"
    let ranked = requests.filter { $0.key != other }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    names = ranked.prefix(max(0, shown)).map(\.key)
    for (index, name) in names.enumerated() {
      if let number = numbers[name] { indices[number] = index }
    }
    var isOtherUsed = requests[other] != nil
    let shownNames = Set(names)
    for id in 0..<sums.services.count {
      let name = sums.services.name(id)
      let target = shownNames.contains(name) ? numbers[name] ?? id : ServiceTable.other
      map.append(target)
      // An unused `default` needs no regrouping.
      let isUsed = id != ServiceTable.standard || sums.series.totals[id] != nil
      if target != id, isUsed { isIdentity = false }
      if target == ServiceTable.other, id != target, isUsed { isOtherUsed = true }
    }
    if isOtherUsed {
      indices[ServiceTable.other] = names.count
      names.append(other)
    }
  }

  /// The place of a service among ``names``.
  func index(of service: Int) -> Int? { indices[service] }
}

/// Counts by latency bucket, from which quantiles are read.
struct LatencyQuantiles {
  private var buckets: [(bucket: Int, count: Int)] = []
  private(set) var count = 0

  /// Adds a bucket; ascending order is the caller's duty until ``sort()``.
  mutating func add(_ bucket: Int, _ count: Int) {
    buckets.append((bucket, count))
    self.count += count
  }

  mutating func add(_ other: LatencyQuantiles) {
    if buckets.count > 4 * LatencyBounds.highs.count { sort() }
    buckets += other.buckets
    count += other.count
  }

  /// Orders the buckets and adds up equal ones.
  mutating func sort() {
    var sums = [Int](repeating: 0, count: LatencyBounds.highs.count)
    for (bucket, count) in buckets { sums[bucket] += count }
    buckets = sums.indices.filter { sums[$0] > 0 }.map { ($0, sums[$0]) }
  }

  /// The value of the ⌈n·percent/100⌉-th smallest, in milliseconds.
  func quantile(percent: Int) -> Double {
    let rank = max(1, count / 100 * percent + (count % 100 * percent + 99) / 100)
    var seen = 0
    for (bucket, count) in buckets {
      seen += count
      if seen >= rank { return LatencyBounds.milliseconds(of: bucket) }
    }
    return 0
  }

  func latency(start: Int64, width: Int) -> ServiceTraffic.Latency {
    ServiceTraffic.Latency(
      start: start, widthSeconds: width, count: count, p50: quantile(percent: 50),
      p95: quantile(percent: 95), p99: quantile(percent: 99))
  }
}
