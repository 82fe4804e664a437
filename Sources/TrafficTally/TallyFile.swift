internal import IncidentModel

/// A setting that shapes a tally, under the name of its option.
package struct TallySetting: Hashable, Sendable {
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// A tally in the order of its file: equal tallies give equal bytes, in whatever order their inputs were read.
package struct TallySections {
  private let tally: Tally
  private let settings: [TallySetting]
  private let numbers: TallyNumbers
  private let inputs: [Int]
  private let services: [Int]
  private let names: [Int]

  package init(_ whole: Tally, settings: [TallySetting]) {
    var tally = whole
    tally.sums.foldTrails()
    tally.sums.events = tally.sums.events.cut(for: tally.options.budgets)
    inputs = InputPlaces(tally).numbers
    let places = Dictionary(uniqueKeysWithValues: inputs.enumerated().map { ($1, $0) })
    let listed = tally.sums.listed(inputs: places)
    services = listed.services
    names = listed.names
    numbers = listed.numbers
    self.settings = settings
    self.tally = tally
  }

  /// What one section holds.
  package func bytes(of section: TallyFormat.Section) -> [UInt8] {
    var file = TallyEncoder(numbers)
    let sums = tally.sums
    switch section {
    case .settings:
      file.word(TallyFormat.catalogue)
      file.count(settings.count)
      for setting in settings {
        file.string(setting.name)
        file.string(setting.value)
      }
    case .inputs: encodeInputs(into: &file)
    case .services: encode(services, of: sums.services.names, from: 2, into: &file)
    case .names: encode(names, of: sums.names, from: 0, into: &file)
    case .series: sums.series.encode(into: &file)
    case .latency: sums.latency.encode(into: &file)
    case .sample: sums.sample.encode(into: &file)
    case .exemplars: sums.exemplars.encode(into: &file)
    case .clients: sums.clients.encode(into: &file)
    case .trails: sums.trails.encode(into: &file)
    case .backends: sums.backends.encode(into: &file)
    case .events: sums.events.encode(into: &file)
    case .manifest: sums.manifest.encode(into: &file)
    case .prints: sums.prints.encode(into: &file)
    }
    return file.bytes
  }

  private func encodeInputs(into file: inout TallyEncoder) {
    file.count(inputs.count)
    for number in inputs {
      let summary = tally.described[number] ?? InputSummary(name: InputName(file: ""))
      TallyInput(summary: summary, beginning: tally.beginnings[number]).encode(into: &file)
    }
  }

  private func encode(
    _ order: [Int], of table: NameTable, from first: Int, into file: inout TallyEncoder
  ) {
    file.count(max(0, order.count - first))
    for id in order.dropFirst(first) {
      file.byte(table.tags[id])
      file.text(table.text(id))
    }
  }
}

/// Takes the sections of a tally file into a tally, one after the other, so that no second tally stands in memory.
package struct TallyIntake {
  private var bounds: TallyDecoder.Bounds
  private var services = ServiceTable()
  private var serviceMap: [Int] = []
  private var nameMap: [Int] = []
  private let inputs: [TallyInput]

  private static let longestName = 4_096
  private static let longestSetting = 1 << 16

  /// Of a file with these inputs; `numbers` tells the tally's number of each.
  package init(_ inputs: [TallyInput], numbers: [Int], options: TallyOptions) {
    self.inputs = inputs
    bounds = TallyDecoder.Bounds(inputs: numbers, budgets: options.budgets)
  }

  /// The settings, from the first section; nil where the tables differ by which texts became numbers.
  package static func settings(
    _ bytes: [UInt8], at start: Int
  ) throws(TallyDamage) -> [TallySetting]? {
    var file = TallyDecoder(bytes, at: start)
    guard try file.word() == TallyFormat.catalogue else { return nil }
    var settings: [TallySetting] = []
    for _ in 0..<(try file.length(least: 2)) {
      let name = try file.string(upTo: longestName)
      let value = try file.string(upTo: longestSetting)
      settings.append(TallySetting(name: name, value: value))
    }
    try file.finish()
    return settings
  }

  /// The inputs, from the second section.
  package static func inputs(_ bytes: [UInt8], at start: Int) throws(TallyDamage) -> [TallyInput] {
    var file = TallyDecoder(bytes, at: start)
    let count = try file.length(least: 12)
    var inputs: [TallyInput] = []
    for _ in 0..<count {
      let input = try TallyInput.decode(from: &file, of: count)
      inputs.append(input)
    }
    try file.finish()
    return inputs
  }

  /// Adds one of the other sections to a tally; they come in the order of their numbers.
  package mutating func take(
    _ section: TallyFormat.Section, _ bytes: [UInt8], at start: Int, into whole: inout Tally
  ) throws(TallyDamage) {
    var file = TallyDecoder(bytes, at: start, bounds)
    switch section {
    case .settings, .inputs:
      // They are the head, which was checked when it was read.
      if section == .inputs { describe(in: &whole) }
      return
    case .services: try takeServices(&file, &whole)
    case .names: try takeNames(&file, &whole)
    case .series, .latency, .exemplars, .clients, .trails:
      try takeCounts(section, &file, &whole.sums)
    case .sample, .backends: try takeNamed(section, &file, &whole.sums)
    case .events:
      let events = try EventStore.decode(from: &file)
      whole.sums.events.merge(events)
    case .manifest:
      let manifest = try ManifestStore.decode(from: &file)
      whole.sums.manifest.merge(manifest)
    case .prints:
      let prints = try LinePrints.decode(from: &file)
      whole.sums.prints.merge(prints)
    }
    try file.finish()
  }

  /// The structures whose rows hold services.
  private func takeCounts(
    _ section: TallyFormat.Section, _ file: inout TallyDecoder, _ sums: inout PartTally
  ) throws(TallyDamage) {
    switch section {
    case .series:
      let series = try SeriesStore.decode(from: &file)
      sums.series.take(series, serviceMap, sums.services)
    case .latency:
      let latency = try LatencyStore.decode(from: &file)
      sums.latency.take(latency, serviceMap, sums.services)
    case .exemplars:
      let exemplars = try ExemplarStore.decode(from: &file)
      sums.exemplars.merge(exemplars, serviceMap, sums.services)
    case .clients:
      let clients = try ClientStore.decode(from: &file)
      sums.clients.merge(clients, serviceMap, sums.services)
    default:
      let trails = try TrailStore.decode(from: &file)
      sums.trails.merge(trails, serviceMap)
    }
  }

  /// The structures whose rows hold names besides.
  private func takeNamed(
    _ section: TallyFormat.Section, _ file: inout TallyDecoder, _ sums: inout PartTally
  ) throws(TallyDamage) {
    let names = nameMap
    if section == .sample {
      let sample = try SampleStore.decode(from: &file)
      sums.sample.merge(sample, serviceMap, sums.services) { entry in
        entry.renameDimensions { names[$0] }
      }
      return
    }
    let backends = try BackendStore.decode(from: &file)
    var table = sums.names
    sums.names = NameTable()
    sums.backends.merge(backends, serviceMap, sums.services, &table) { id, _ in names[id] }
    sums.names = table
  }

  /// Brings what was taken within the budgets.
  package func finish(in whole: inout Tally) { whole.sums.settle(whole.options.budgets) }

  private func describe(in whole: inout Tally) {
    for (place, input) in inputs.enumerated() {
      let number = bounds.inputs[place]
      var summary = input.summary
      summary.duplicateOf = summary.duplicateOf.map { bounds.inputs[$0] }
      whole.describe(input: number, summary)
      if let beginning = input.beginning { whole.note(beginning, of: number) }
    }
  }

  private mutating func takeServices(
    _ file: inout TallyDecoder, _ whole: inout Tally
  ) throws(TallyDamage) {
    for _ in 0..<(try file.length(least: 2)) {
      let tag = try file.byte()
      guard tag == ServiceTable.clientTag || tag == ServiceTable.serverTag else {
        throw file.damage("a kind of service that there is not")
      }
      let name = try file.text(upTo: Self.longestName)
      guard services.add(name, tag: tag) else {
        throw file.damage("a service that stands twice")
      }
    }
    bounds.services = services.count
    for id in 0..<services.count {
      serviceMap.append(whole.sums.services.intern(id, of: services))
    }
  }

  private mutating func takeNames(
    _ file: inout TallyDecoder, _ whole: inout Tally
  ) throws(TallyDamage) {
    var table = NameTable()
    for place in 0..<(try file.length(least: 2)) {
      guard try file.byte() == 0 else { throw file.damage("a kind of name that there is not") }
      let name = try file.text(upTo: Self.longestName)
      guard table.intern(name.span) == place else {
        throw file.damage("a name that stands twice")
      }
    }
    bounds.names = table.count
    for id in 0..<table.count { nameMap.append(whole.sums.names.intern(id, of: table)) }
  }
}
