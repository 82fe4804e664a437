internal import IncidentModel

/// The structures of a tally: of the whole, or of the part that one worker has filled since it last handed over.
///
/// Every structure is a function of what was read, whatever the order; parts merge in any order and grouping.
struct PartTally: Sendable {
  var services = ServiceTable()
  /// Templates, addresses, hosts, zones and backends of what is kept.
  var names = NameTable()
  var series = SeriesStore()
  var latency = LatencyStore()
  var sample: SampleStore
  var exemplars = ExemplarStore()
  var clients = ClientStore()
  var trails = TrailStore()
  var backends = BackendStore()
  var events = EventStore()
  var manifest = ManifestStore()
  var prints = LinePrints()
  /// Numbers beyond which unused names are looked for.
  private var serviceLimit = 65_536
  private var nameLimit = 8 << 20

  init(_ budgets: TallyBudgets) {
    sample = SampleStore(budgets)
  }

  /// Empties the part without giving up its room, and goes on at the grains of the whole.
  mutating func removeAll(adopting whole: borrowing PartTally) {
    services = ServiceTable()
    names = NameTable()
    series.removeAll(adopting: whole.series.level)
    latency.removeAll(adopting: whole.latency.level)
    sample.removeAll(adopting: whole.sample.level)
    exemplars.removeAll(adopting: whole.exemplars.level)
    clients.removeAll(adopting: whole.clients.level)
    trails.removeAll(adopting: whole.trails)
    backends.removeAll(adopting: whole.backends.level)
    events.removeAll()
    manifest.removeAll(adopting: whole.manifest)
    prints.removeAll()
  }

  /// Adds what another part holds, and widens what no longer fits.
  mutating func merge(_ other: borrowing PartTally, _ budgets: TallyBudgets) {
    var map: [Int] = []
    map.reserveCapacity(other.services.count)
    for id in 0..<other.services.count { map.append(services.intern(id, of: other.services)) }
    series.merge(other.series, map, services, budget: budgets.seriesBytes)
    latency.merge(other.latency, map, services, budget: budgets.latencyEntries)
    clients.merge(other.clients, map, services)
    trails.merge(other.trails, map)
    exemplars.merge(other.exemplars, map, services)
    mergeNamed(other, map)
    events.merge(other.events)
    manifest.merge(other.manifest)
    prints.merge(other.prints)
    settle(budgets)
  }

  /// Widens what does not fit and gives up what nothing needs, after a merge.
  mutating func settle(_ budgets: TallyBudgets) {
    fit(budgets)
    dropUnusedNames()
  }

  /// Merges the structures whose rows hold names.
  private mutating func mergeNamed(_ other: borrowing PartTally, _ map: [Int]) {
    var known = [Int32](repeating: -1, count: other.names.count)
    var names = self.names
    self.names = NameTable()
    let otherNames = other.names
    func rename(_ id: Int, _ names: inout NameTable) -> Int {
      if known[id] >= 0 { return Int(known[id]) }
      let number = names.intern(id, of: otherNames)
      known[id] = Int32(truncatingIfNeeded: number)
      return number
    }
    sample.merge(other.sample, map, services) { entry in
      entry.renameDimensions { rename($0, &names) }
    }
    backends.merge(other.backends, map, services, &names) { id, names in rename(id, &names) }
    self.names = names
  }

  private mutating func fit(_ budgets: TallyBudgets) {
    series.fit(budgets.seriesBytes, services)
    trails.fit(budgets.trailBytes, texts: budgets.trailTextBytes)
    latency.fit(budgets.latencyEntries, services)
    clients.fit(budgets.clientBytes, services)
    exemplars.fit(budgets.exemplarBytes, services)
    sample.fit(budgets.sampleBytes, services)
    backends.fit(budgets.backendEntries, services, &names)
    events.fit(budgets.events)
    manifest.fit(budgets.inputMinutes, rejects: budgets.rejectMinutes)
  }

  /// Gives up names that no structure holds any more; numbers change, results don't.
  private mutating func dropUnusedNames() {
    if services.count > serviceLimit {
      // A view folds them by the grain of the series anyway.
      let (table, grain) = (services, series.grain)
      trails.renumberServices { table.folded($0, grain) }
      let map = services.compact(keeping: usedServices())
      series.renumber(map)
      latency.renumber(map)
      sample.renumber(map)
      exemplars.renumber(map)
      clients.renumber(map)
      trails.renumberServices { Int(map[$0]) }
      backends.renumber(services: map)
      serviceLimit = max(65_536, 2 * services.count)
    }
    if names.storedBytes > nameLimit {
      let map = names.compact(keeping: usedNames())
      sample.renameDimensions(map)
      backends.renumber(dimensions: map)
      nameLimit = max(8 << 20, 2 * names.storedBytes)
    }
  }

  /// Which services a structure holds.
  private func usedServices() -> [Bool] {
    var isUsed = [Bool](repeating: false, count: services.count)
    series.markServices(&isUsed)
    latency.markServices(&isUsed)
    sample.markServices(&isUsed)
    exemplars.markServices(&isUsed)
    clients.markServices(&isUsed)
    trails.markServices(&isUsed)
    backends.markServices(&isUsed)
    return isUsed
  }

  /// Which names a structure holds.
  private func usedNames() -> [Bool] {
    var isUsed = [Bool](repeating: false, count: names.count)
    sample.markDimensions(&isUsed)
    backends.markDimensions(&isUsed)
    return isUsed
  }

  /// Folds the followed clients' services as a view does, which nothing later undoes.
  mutating func foldTrails() {
    let (table, grain) = (services, series.grain)
    trails.renumberServices { table.folded($0, grain) }
  }

  /// The used services and names in the order of their texts: what a tally file lists, and their places there.
  func listed(inputs: [Int: Int]) -> (services: [Int], names: [Int], numbers: TallyNumbers) {
    var isUsed = usedServices()
    isUsed[ServiceTable.standard] = true
    isUsed[ServiceTable.other] = true
    let services = self.services.names.ordered(isUsed, pinned: ServiceTable.other + 1)
    let names = self.names.ordered(usedNames())
    var numbers = TallyNumbers(
      services: [Int32](repeating: -1, count: isUsed.count),
      names: [Int32](repeating: -1, count: self.names.count), inputs: inputs)
    for (place, id) in services.enumerated() { numbers.services[id] = Int32(clamping: place) }
    for (place, id) in names.enumerated() { numbers.names[id] = Int32(clamping: place) }
    return (services, names, numbers)
  }
}
