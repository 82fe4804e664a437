package import IncidentModel

/// What one worker tallies while it reads one member, in the order of the member's lines.
///
/// After each block call ``endOfBlock()``, outside of any lock; when ``isDue``, and at the member's end, ``merge(into:)``. How often that happens changes no result.
package struct MemberTally: RecordSink, ~Copyable {
  /// What was read since the last merge; complete after ``complete()`` only.
  private(set) var part: PartTally
  private let input: Int
  private let seed: UInt64
  private let options: TallyOptions
  private var candidates: SampleCandidates
  private var reader = DimensionReader()
  private var trailReader = TrailReader()
  private var counts = ManifestStore.InputCounts()
  private var rejects: RejectRun
  private var place = RecordPlace()
  private var seriesWidth = Ladder.series[0].seconds
  private var clientWidth = Ladder.clients[0].seconds
  /// Hosts as the lines spell them, and their services.
  private var rawNames = NameTable()
  private var rawServices: [Int] = []
  private var lastRaw: [UInt8] = []
  private var lastRawIsServerSet = false
  private var lastService = -1
  private let fixedService: Int
  private var lastEventOffset = -1
  private var eventOrdinal = 0
  private var eventLines = EventLines()
  private var recordsSinceReset = 0
  /// Records after which the part is merged. The first parts are small: until the whole has told how many clients can be followed, each part follows all of them.
  private var mergeAfter = 16_384
  /// Something was read since ``part`` was last completed.
  private var isOpen = false
  /// The member tells what is normal and nothing else: no client is followed, and no line is kept to prove anything.
  package var isBaseline = false

  /// A tally of the member with a number among the run's inputs, and a seed made of its content.
  package init(input: Int, contentSeed: UInt64, options: TallyOptions) {
    self.input = input
    self.options = options
    seed = Mixer.avalanche(contentSeed)
    rejects = RejectRun(input: input)
    part = PartTally(options.budgets)
    candidates = SampleCandidates(options.budgets)
    fixedService = Self.fixedService(options, &part.services)
  }

  /// The service of every line where the options name one; -1 where the line decides.
  private static func fixedService(_ options: TallyOptions, _ services: inout ServiceTable) -> Int {
    if let name = options.fixedService {
      return services.intern(raw: name.utf8.span, isServerSet: true)
    }
    switch options.serviceRule {
    case .host: return -1
    case .member: return services.intern(raw: options.memberName.utf8.span, isServerSet: true)
    case .none: return ServiceTable.standard
    }
  }

  /// Records and events that the part holds.
  package var recordsToMerge: Int { recordsSinceReset }

  /// Enough was read that the part should be merged.
  package var isDue: Bool {
    recordsSinceReset >= mergeAfter || part.sample.measure + part.exemplars.measure > 24 << 20
      || part.series.measure > 6 << 20
  }

  /// Prepares the part for merging where that is due, so that the lock of the whole is held the shorter.
  package mutating func endOfBlock() {
    // What does not fit here does not fit in the whole either.
    part.trails.fit(options.budgets.trailBytes, texts: options.budgets.trailTextBytes)
    if isDue { complete() }
  }

  /// Brings into ``part`` what stands beside it.
  private mutating func complete() {
    guard isOpen else { return }
    isOpen = false
    settleCandidates()
    flushMinute()
    rejects.flush(into: &part.manifest)
    part.manifest.add(counts, input: input)
    counts = ManifestStore.InputCounts()
    part.series.sumUp(part.services)
  }

  /// Completes ``part``, adds it to the whole, and starts anew; to be called under the lock of the whole.
  package mutating func merge(into whole: inout Tally) {
    complete()
    whole.merge(part)
    reset(as: whole.sums)
  }

  /// Starts a new part at the grains of the whole, which never become finer: what is kept finer would be widened there anyway.
  private mutating func reset(as whole: borrowing PartTally) {
    part.removeAll(adopting: whole)
    seriesWidth = part.series.grain.seconds
    clientWidth = part.clients.grain.seconds
    _ = Self.fixedService(options, &part.services)
    place = RecordPlace()
    rawNames = NameTable()
    rawServices.removeAll(keepingCapacity: true)
    lastService = -1
    recordsSinceReset = 0
    mergeAfter = min(mergeAfter * 2, 262_144)
  }

  package mutating func add(_ event: CapacityEvent) {
    isOpen = true
    recordsSinceReset += 1
    if event.position.offset == lastEventOffset {
      eventOrdinal += 1
    } else {
      lastEventOffset = event.position.offset
      eventOrdinal = 0
    }
    switch eventLines.add(event.position) {
    case .none: break
    case .newLine:
      counts.lines += 1
      counts.eventLines += 1
    case .passedLine:
      counts.passed -= 1
      counts.eventLines += 1
    }
    counts.events += 1
    if !event.lacksYear, !event.lacksDate {
      counts.see(event.time)
      flushMinute()
      let time = TallyTime.seconds(ofClamped: TallyTime.clamped(event.time))
      rejects.move(to: TallyTime.stratum(time, 60), in: &part.manifest)
    }
    part.events.add(event, ordinal: eventOrdinal)
  }

  package mutating func reject(_ line: RejectedLine) {
    isOpen = true
    counts.lines += 1
    counts.rejected += 1
    rejects.add(line, into: &part.manifest)
  }

  package mutating func pass(number: Int, offset: Int) {
    isOpen = true
    counts.lines += 1
    counts.passed += 1
    eventLines.pass(offset)
  }

  package mutating func add(
    _ record: borrowing AccessRecord, line: Span<UInt8>, scratch: Span<UInt8>, number: Int,
    offset: Int
  ) {
    isOpen = true
    recordsSinceReset += 1
    counts.lines += 1
    counts.records += 1
    counts.see(record.stamp)
    let arrival = TallyTime.clamped(record.arrival)
    let time = TallyTime.seconds(ofClamped: arrival)
    let service = fixedService >= 0 ? fixedService : service(of: record, line, scratch)
    let outcome = Outcome.outcomeClass(record.status)
    let rank = Mixer.sampleRank(seed: seed, offset: offset)
    move(to: service, time)

    countCell(record, service, time, outcome, arrival)
    countMinute(record.stamp)
    countLatency(record, outcome)
    var address: UInt64 = 0
    if !record.client.isEmpty {
      address = countClient(record, service, line, scratch)
      if !isBaseline {
        follow(record, address, outcome, time, arrival, line, scratch, number, offset)
      }
    }
    if !record.backend.isEmpty {
      let backend = part.names.intern(
        clipped(record.backend, line, scratch, SampleLimits.backend))
      part.backends.add(place.backendService, backend, arrival, place.backendTime)
    }
    part.prints.note(record, client: address, time, line, scratch, input: input)
    if !isBaseline { keepExemplar(record, outcome, arrival, rank, line, number, offset) }
    sample(record, arrival, rank, line, scratch, number, offset)
  }
}

extension AccessRecord {
  /// The line tells a duration that is one.
  @inline(__always)
  fileprivate var isTimed: Bool { duration >= 0 && !durationIsNoLatency }
}

extension ManifestStore.InputCounts {
  @inline(__always)
  fileprivate mutating func see(_ stamp: Instant) {
    let moment = TallyTime.clamped(stamp)
    first = min(first, moment)
    last = max(last, moment)
  }
}

/// The slots of the structures for the service and minute at hand: most records go where the one before went. -1 stands for one that is not known yet.
struct RecordPlace: Sendable {
  var service = -1
  var minute: UInt64 = 0
  /// Of the series; the bucket's first second.
  var cellTime: UInt64 = 0
  var cell = -1
  var endTime: UInt64 = 0
  var endCell = -1
  var latencyKey: UInt64 = 0
  var sample = -1
  var exemplars = InlineArray<5, Int>(repeating: -1)
  var clientTime: UInt64 = 0
  var clients = -1
  var backendService = 0
  var backendTime: UInt64 = 0
  /// Records of the input in the minute at hand, not yet in the manifest.
  var stampMinute: UInt64 = 0
  var stampCount: UInt32 = 0
}

extension MemberTally {
  /// Forgets the slots that belong to another service or minute.
  @inline(__always)
  private mutating func move(to service: Int, _ time: UInt64) {
    if service == place.service, time &- place.minute < 60 { return }
    if service != place.service {
      place.cell = -1
      place.endCell = -1
      place.clients = -1
    }
    place.service = service
    place.minute = TallyTime.stratum(time, 60)
    place.sample = -1
    place.exemplars = InlineArray<5, Int>(repeating: -1)
    let latency = part.latency.grain
    place.latencyKey = LatencyStore.key(
      part.services.folded(service, latency), TallyTime.stratum(place.minute, latency.seconds))
    let backends = part.backends.grain
    place.backendService = part.services.folded(service, backends)
    place.backendTime = TallyTime.stratum(place.minute, backends.seconds)
  }

  /// The packed service and stratum of a moment at a grain.
  private func key(_ service: Int, _ time: UInt64, _ grain: Grain) -> UInt64 {
    SeriesStore.key(
      part.services.folded(service, grain), TallyTime.stratum(time, grain.seconds))
  }

  private mutating func service(
    of record: borrowing AccessRecord, _ line: Span<UInt8>, _ scratch: Span<UInt8>
  ) -> Int {
    if record.service.isEmpty { return ServiceTable.standard }
    let raw = clipped(record.service, line, scratch, 512)
    let isServerSet = record.serviceIsServerSet
    if lastService >= 0, isServerSet == lastRawIsServerSet, equal(raw, lastRaw.span) {
      return lastService
    }
    let id = rawNames.intern(raw, tag: isServerSet ? 1 : 0)
    if id == rawServices.count {
      rawServices.append(part.services.intern(raw: raw, isServerSet: isServerSet))
    }
    lastRaw.replace(with: raw)
    lastRawIsServerSet = isServerSet
    lastService = rawServices[id]
    return lastService
  }

  @_lifetime(copy line, copy scratch)
  private func clipped(
    _ range: TextRange, _ line: Span<UInt8>, _ scratch: Span<UInt8>, _ limit: Int
  ) -> Span<UInt8> {
    let bytes = range.bytes(line: line, scratch: scratch)
    return bytes.count <= limit ? bytes : bytes.extracting(0..<limit)
  }

  @inline(__always)
  private mutating func countCell(
    _ record: borrowing AccessRecord, _ service: Int, _ time: UInt64, _ outcome: OutcomeClass,
    _ arrival: Int64
  ) {
    if place.cell < 0 || time &- place.cellTime >= seriesWidth {
      place.cellTime = TallyTime.stratum(time, seriesWidth)
      place.cell = part.series.slot(key(service, time, part.series.grain))
    }
    let isTimed = record.isTimed
    part.series.count(record, outcome, isTimed: isTimed, at: place.cell)
    guard isTimed else { return }
    let end = TallyTime.clamped(
      Instant(microseconds: arrival.addingSaturated(record.duration)))
    let endTime = TallyTime.seconds(ofClamped: end)
    if place.endCell < 0 || endTime &- place.endTime >= seriesWidth {
      place.endTime = TallyTime.stratum(endTime, seriesWidth)
      place.endCell = part.series.slot(key(service, endTime, part.series.grain))
    }
    part.series.countEnd(at: place.endCell)
  }

  @inline(__always)
  private mutating func countMinute(_ stamp: Instant) {
    let time = TallyTime.seconds(ofClamped: TallyTime.clamped(stamp))
    if place.stampCount == 0 || time &- place.stampMinute >= 60 {
      flushMinute()
      place.stampMinute = TallyTime.stratum(time, 60)
      rejects.move(to: place.stampMinute, in: &part.manifest)
    }
    place.stampCount &+= 1
  }

  private mutating func flushMinute() {
    guard place.stampCount > 0 else { return }
    part.manifest.addRecords(place.stampCount, input: input, time: place.stampMinute)
    place.stampCount = 0
  }

  /// The sketches hold requests that were answered, whatever the answer, by a backend; where the format does not tell, all but its 503s.
  @inline(__always)
  private mutating func countLatency(
    _ record: borrowing AccessRecord, _ outcome: OutcomeClass
  ) {
    guard record.isTimed, outcome != .abandoned else { return }
    if outcome == .failed, record.tellsShed ? record.isShed : record.status == 503 { return }
    part.latency.add(place.latencyKey, duration: record.duration)
  }

  @inline(__always)
  private mutating func countClient(
    _ record: borrowing AccessRecord, _ service: Int, _ line: Span<UInt8>, _ scratch: Span<UInt8>
  ) -> UInt64 {
    if place.clients < 0 || place.minute &- place.clientTime >= clientWidth {
      place.clientTime = TallyTime.stratum(place.minute, clientWidth)
      place.clients = part.clients.slot(key(service, place.minute, part.clients.grain))
    }
    let hash = ClientStore.hash(record.client.bytes(line: line, scratch: scratch))
    part.clients.add(hash, slot: place.clients)
    return hash
  }

  /// Takes the request into its client's trail if the client is one of those that are followed.
  @inline(__always)
  private mutating func follow(
    _ record: borrowing AccessRecord, _ address: UInt64, _ outcome: OutcomeClass, _ time: UInt64,
    _ arrival: Int64, _ line: Span<UInt8>, _ scratch: Span<UInt8>, _ number: Int, _ offset: Int
  ) {
    let agent = clipped(record.agent, line, scratch, SampleLimits.agent)
    let signature = agent.isEmpty ? 0 : Mixer.hash(agent)
    let client = TrailStore.client(address, signature)
    guard client < part.trails.threshold else { return }
    var slot = part.trails.slot(of: client)
    if slot < 0 { slot = meet(client, record, agent, signature, line, scratch) }
    let hasRoom = part.trails.see(
      slot, time, arrival: arrival, offset: offset, input: Int32(truncatingIfNeeded: input))
    guard hasRoom else {
      if outcome.isUnanswered { part.trails.seeText(slot, line.count) }
      return
    }
    keepTrail(slot, record, outcome, arrival, line, scratch, number, offset)
  }

  private mutating func meet(
    _ client: UInt64, _ record: borrowing AccessRecord, _ agent: Span<UInt8>, _ signature: UInt64,
    _ line: Span<UInt8>, _ scratch: Span<UInt8>
  ) -> Int {
    var who = TrailClient(
      network: ClientNetwork.address(
        clipped(record.client, line, scratch, SampleLimits.client)
      ).map(ClientNetwork.narrowed))
    who.agentSignature = signature
    if !agent.isEmpty {
      (who.agentRow, who.agentMajor) = reader.family(agent, signature: signature)
    }
    return part.trails.insert(client, who)
  }

  private mutating func keepTrail(
    _ slot: Int, _ record: borrowing AccessRecord, _ outcome: OutcomeClass, _ arrival: Int64,
    _ line: Span<UInt8>, _ scratch: Span<UInt8>, _ number: Int, _ offset: Int
  ) {
    let route = trailReader.route(
      record.method.bytes(line: line, scratch: scratch),
      clipped(record.target, line, scratch, SampleLimits.look))
    var flags: TrailEvent.Flags = route.isAsset ? .asset : []
    if record.isShed { flags.insert(.shed) }
    let referrer = record.referrer.bytes(line: line, scratch: scratch)
    if referrer.count > 1 { flags.insert(.referred) }
    let event = TrailEvent(
      arrival: Instant(microseconds: arrival), url: route.url, template: route.template,
      offset: offset, line: UInt32(clamping: number), input: Int32(truncatingIfNeeded: input),
      service: Int32(truncatingIfNeeded: place.service),
      milliseconds: record.isTimed ? Int32(clamping: record.duration / 1000) : -1,
      status: record.status, flags: flags)
    part.trails.keep(event, in: slot)
    if outcome.isUnanswered { part.trails.keepText(event, line, in: slot) }
  }

  @inline(__always)
  private mutating func keepExemplar(
    _ record: borrowing AccessRecord, _ outcome: OutcomeClass, _ arrival: Int64, _ rank: UInt64,
    _ line: Span<UInt8>, _ number: Int, _ offset: Int
  ) {
    let index = Int(outcome.rawValue)
    if place.exemplars[index] < 0 {
      let grain = part.exemplars.grain
      let key = ExemplarStore.key(
        part.services.folded(place.service, grain),
        TallyTime.stratum(place.minute, grain.seconds), outcome)
      let found = part.exemplars.slot(of: key)
      if found < 0 {
        let text = [UInt8](line.extracting(0..<min(line.count, SampleLimits.text)))
        let mark = ExemplarStore.Mark(
          arrival: arrival, seed: seed, offset: offset, rank: rank, line: number,
          input: Int32(truncatingIfNeeded: input), status: record.status, text: text)
        place.exemplars[index] = part.exemplars.add(key: key, mark)
        return
      }
      place.exemplars[index] = found
    }
    part.exemplars.add(
      slot: place.exemplars[index], arrival: arrival, offset: offset, rank: rank, number: number,
      status: record.status, line: line)
  }

  @inline(__always)
  private mutating func sample(
    _ record: borrowing AccessRecord, _ arrival: Int64, _ rank: UInt64, _ line: Span<UInt8>,
    _ scratch: Span<UInt8>, _ number: Int, _ offset: Int
  ) {
    if place.sample < 0 {
      place.sample = part.sample.slot(key(place.service, place.minute, part.sample.grain))
    }
    let slot = place.sample
    part.sample.see(
      slot, count: 1, weight: Int(SampleLimits.weight(record)),
      textBytes: min(line.count, SampleLimits.text))
    guard candidates.takes(rank, slot: slot, below: part.sample.strata[slot].threshold) else {
      return
    }
    candidates.add(
      record, hash: rank, arrival: arrival, line: line, scratch: scratch, number: number,
      offset: offset, slot: slot)
    if candidates.isLarge { settleCandidates() }
  }

  /// Turns the candidates that are left into entries of the sample.
  private mutating func settleCandidates() {
    for slot in candidates.strata.indices where !candidates.strata[slot].isEmpty {
      let found = candidates.strata[slot]
      let order = found.indices.sorted { found[$0].hash < found[$1].hash }
      var entries: [SampleEntry] = []
      var texts: [[UInt8]] = []
      for index in order.prefix(options.budgets.sampleSize) {
        let candidate = found[index]
        entries.append(reader.entry(candidate, candidates.texts, input: input, &part.names))
        guard texts.count < options.budgets.sampleTexts else { continue }
        let length = min(candidate.lineCount, SampleLimits.text)
        texts.append(
          [UInt8](candidates.texts.span.extracting(candidate.start..<candidate.start + length)))
      }
      part.sample.merge(entries, texts, bound: nil, into: slot) { _ in }
    }
    candidates.removeAll()
  }
}
