internal import IncidentModel
internal import TrafficTally

/// Who the excess over the baseline was (METHODS §7): people or machines, first attempts or repeats, on which routes and from where.
struct ExcessComposition {
  let traffic: ServiceTraffic
  let baseline: Baseline
  let clients: ClientStory?
  let addresses: AddressTable

  /// Fills in the compositions of a service's spikes, and the lines that prove their parts.
  static func compose(_ signal: inout ServiceSignal, addresses: AddressTable) {
    let composer = ExcessComposition(
      traffic: signal.traffic, baseline: signal.baseline, clients: signal.clients,
      addresses: addresses)
    for index in signal.spikes.indices {
      let floor = index > 0 ? signal.spikes[index - 1].end : nil
      composer.compose(&signal.spikes[index], after: floor)
    }
  }

  private func compose(_ spike: inout DetectedSpike, after floor: Instant?) {
    spike.composition = Composition(
      kind: .cannotTell, excessRequests: nil, botShare: nil, retryShare: nil, segments: [])
    let span = TimeSpan(start: spike.onset, end: spike.end)
    var total = 0.0
    for bucket in traffic.buckets(in: span) { total += Double(bucket.counts.requests) }
    let usual = expected(over: span)
    guard Self.isEnough(total - usual, beside: usual) else { return }
    spike.composition.excessRequests = Int((total - usual).rounded())
    clients?.tell(&spike)
    // Where repeats made the rise there is no excess of first attempts to ask about.
    let first = (total - usual) * (1 - (spike.composition.retryShare ?? 0))
    if spike.composition.kind == .retries, !Self.isEnough(first, beside: usual) { return }
    guard let sample = sample(span, after: floor, total: total, usual: usual) else {
      spike.composition.needs = ["a sample of requests before and within the rise"]
      return
    }
    let segments = ExcessSegments(sample)
    spike.composition.segments = segments.segments()
    spike.composition.pairs = segments.pairs()
    spike.composition.crawlers = segments.crawlers()
    let trails = trails(around: span)
    let division = ExcessDivision(sample, trails: trails)
    judge(&spike, division, segments, sample)
  }

  private static func isEnough(_ excess: Double, beside usual: Double) -> Bool {
    excess >= Parameters.Excess.minimumShareOfBaseline * usual
      && excess >= Parameters.Excess.minimumRequests
  }

  /// Expected requests over a span, edge cells in proportion.
  private func expected(over span: TimeSpan) -> Double {
    let width = Int64(max(1, baseline.widthSeconds))
    var cell = baseline.start + floorDivide(span.start.seconds - baseline.start, width) * width
    var sum = 0.0
    while Instant(seconds: cell) < span.end {
      let start = max(span.start, Instant(seconds: cell))
      let end = min(span.end, Instant(seconds: cell + width))
      sum += baseline.rate(at: Instant(seconds: cell)) * max(0, end.seconds(since: start))
      cell += width
    }
    return sum
  }

  /// nil: too few sampled requests, or hardly anything but repeats.
  private func sample(
    _ span: TimeSpan, after floor: Instant?, total: Double, usual: Double
  ) -> ExcessSample? {
    let hour = span.start.advanced(bySeconds: -Double(Parameters.Normal.trailingSeconds))
    let sample = ExcessSample(
      traffic, span: span,
      before: TimeSpan(start: max(hour, floor ?? hour), end: span.start), total: total,
      usual: usual, dispersion: baseline.dispersion, addresses: addresses,
      repeats: { clients?.repeats?.share(at: $0) ?? 0 })
    guard sample.during.count >= Parameters.Excess.minimumSampled,
      sample.before.count >= Parameters.Excess.minimumSampled,
      Self.isEnough(sample.excess, beside: sample.usual)
    else { return nil }
    return sample
  }

  private func trails(around span: TimeSpan) -> ExcessTrails? {
    guard let trails = clients?.trails, let first = traffic.buckets.first else { return nil }
    return ExcessTrails(trails, span: span, start: Instant(seconds: first.start))
  }

  private func judge(
    _ spike: inout DetectedSpike, _ division: ExcessDivision, _ segments: ExcessSegments,
    _ sample: ExcessSample
  ) {
    let told = division.parts.map { ($0.told, $0.lines(near: spike.peakMinute, most: 3)) }
      .sorted { $0.0.share > $1.0.share }
    func share(_ verdict: Composition.Part.Verdict) -> Double {
      min(
        1,
        told.filter { $0.0.verdict == verdict }.reduce(0) {
          $0 + $1.0.share * (1 - $1.0.peopleShare)
        })
    }
    let machines = share(.machines)
    let people = min(
      1 - machines,
      share(.people) + told.reduce(0) { $0 + $1.0.share * $1.0.peopleShare })
    let undecided = share(.cannotTell)
    spike.composition.parts = told.map(\.0)
    spike.partLines = told.map(\.1)
    spike.composition.machineShare = undecided < 1 ? machines : nil
    spike.composition.undecidedShare = undecided
    let first = 1 - (spike.composition.retryShare ?? 0)
    if undecided < 1 {
      spike.composition.botShare = Rounding.six(machines * first)
      let judged = told.filter { $0.0.verdict == .machines }
      spike.composition.botShareError = Rounding.six(
        first * (judged.map(\.0.shareError).max() ?? told.map(\.0.shareError).min() ?? 0))
    }
    spike.composition.needs = needs(of: spike.composition, sample)
    if spike.composition.kind == .retries { return }
    spike.composition.kind =
      if machines >= ExcessParameters.kindShare {
        .botLike
      } else if segments.hasSingleEndpoint, machines < ExcessParameters.singleEndpointMachines {
        .singleEndpoint
      } else if people >= ExcessParameters.kindShare {
        .organic
      } else if undecided >= ExcessParameters.undecidedShare {
        .cannotTell
      } else {
        .mixed
      }
  }

  /// Fields that the log lacks; asked for only where something is undecided.
  private func needs(of composition: Composition, _ sample: ExcessSample) -> [Sentence] {
    guard composition.parts.contains(where: { $0.verdict == .cannotTell }) else { return [] }
    var needs: [Sentence] = []
    for field in [ExcessTest.Field.address, .agent, .referrer] where !sample.has(field) {
      needs.append(
        field == .address && sample.isBehindProxy
          ? "the addresses of the clients, not of the proxy in front" : field.sentence)
    }
    let paced = composition.parts.flatMap(\.tests)
      .contains { $0.family == .pacing && $0.state != .missing }
    if sample.hasAddresses, !paced {
      needs.append(
        "more of the access log before the rise, to see how clients usually pace their requests")
    }
    return needs
  }
}
