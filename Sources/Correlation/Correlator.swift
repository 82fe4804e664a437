package import IncidentModel
package import TrafficTally

/// Lines the traffic up with the capacity on one clock and tells what happened: tally in, account out.
///
/// A pure function of its arguments: no input or output, no clock, and no randomness but with a fixed seed.
package enum Correlator {
  /// The whole analysis of one run's tally.
  ///
  /// - Complexity: O(buckets + events) for each service and incident, beside the detection.
  package static func analyse(_ view: TrafficView, options: AnalysisOptions) -> Analysis {
    let setting = Setting(view, options)
    let addresses = AddressTable(options.addressLists)
    let signals = setting.services.map { signal(of: $0, setting, addresses) }
    return Assembly(setting: setting, signals: signals, vantages: Vantages(view)).analysis()
  }

  /// The same, with so many services looked at at once.
  package static func analysis(
    of view: TrafficView, options: AnalysisOptions, atOnce: Int
  ) async -> Analysis {
    let setting = Setting(view, options)
    let addresses = AddressTable(options.addressLists)
    let services = setting.services
    var signals = [ServiceSignal?](repeating: nil, count: services.count)
    await withTaskGroup(of: (place: Int, signal: ServiceSignal).self) { group in
      var waiting = services.indices.makeIterator()
      func addNext() {
        guard let place = waiting.next() else { return }
        group.addTask { (place, signal(of: services[place], setting, addresses)) }
      }
      for _ in 0..<max(1, atOnce) { addNext() }
      while let found = await group.next() {
        signals[found.place] = found.signal
        addNext()
      }
    }
    return Assembly(
      setting: setting, signals: signals.compactMap { $0 }, vantages: Vantages(view)
    ).analysis()
  }

  /// What one service's traffic tells; of no other service anything is asked.
  private static func signal(
    of traffic: ServiceTraffic, _ setting: Setting, _ addresses: AddressTable
  ) -> ServiceSignal {
    let view = setting.view
    var signal = SignalDetection.signal(
      of: traffic, bucketSeconds: view.bucketSeconds, window: setting.judged,
      gaps: setting.gaps.filter { $0.input == nil }.map(\.span), options: setting.options,
      baselineEnd: view.baselineEnd)
    setting.keepToWindow(&signal)
    signal.clients = ClientStory(view, of: signal)
    ExcessComposition.compose(&signal, addresses: addresses)
    return signal
  }

  /// What holds for the whole run before anybody looks for spikes.
  struct Setting: Sendable {
    var view: TrafficView
    var options: AnalysisOptions
    var clock: EventClock
    var access: TimeSpan?
    var window: TimeSpan
    /// What the signals run over: the window, and what came before it and tells what is normal.
    var judged: TimeSpan
    /// Those of the baseline among them.
    var gaps: [Coverage.Gap]
    var services: [ServiceTraffic]

    init(_ view: TrafficView, _ options: AnalysisOptions) {
      self.view = view
      self.options = options
      let whole = WindowBounds.access(of: view)
      access = whole.map { span in
        guard let end = view.baselineEnd, end > span.start else { return span }
        return TimeSpan(start: min(end, span.end), end: span.end)
      }
      clock = EventClock(
        events: view.events, inputs: view.inputs, access: access,
        load: access.map { ZoneError.load(of: view.services, in: $0) } ?? [])
      window = WindowBounds.window(
        options, access: access, events: clock.events, bucketSeconds: view.bucketSeconds)
      // Nothing of a baseline lies in the window, however early it was asked for.
      if let end = view.baselineEnd { window.start = min(max(window.start, end), window.end) }
      judged = TimeSpan(start: min(whole?.start ?? window.start, window.start), end: window.end)
      gaps = CoverageGaps.gaps(in: view)
      services = view.services.filter { options.service == nil || $0.name == options.service }
        .sorted { left, right in
          let counts = (Self.requests(left), Self.requests(right))
          return counts.0 != counts.1 ? counts.0 > counts.1 : left.name < right.name
        }
    }

    /// The gaps that a report tells: not those of the baseline.
    var toldGaps: [Coverage.Gap] {
      guard let end = view.baselineEnd else { return gaps }
      // The silence between the two ends with the first line that is reported on.
      return gaps.filter { $0.span.start >= end }
    }

    /// The manifest as the report shows it: nothing of a baseline lies in the window.
    var inputs: [InputSummary] {
      clock.inputs.map { input in
        var input = input
        if input.isBaseline { input.outsideWindow = input.records }
        return input
      }
    }

    /// Leaves out what happened before the window, and cuts what reaches into it.
    func keepToWindow(_ signal: inout ServiceSignal) {
      signal.spikes.removeAll { $0.end <= window.start }
      signal.slowTails.removeAll { $0.end <= window.start }
      signal.incidents = signal.incidents.compactMap { incident in
        guard incident.span.overlaps(window) else { return nil }
        var incident = incident
        if incident.span.start < window.start {
          incident.span.start = window.start
          incident.startUncertaintySeconds = 0
        }
        // A cell may reach beyond the window, and no request of there is counted.
        if incident.span.end > window.end {
          incident.span.end = window.end
          incident.endUncertaintySeconds = 0
        }
        return incident
      }
    }

    private static func requests(_ traffic: ServiceTraffic) -> Int {
      traffic.buckets.reduce(0) { $0.addingSaturated($1.counts.requests) }
    }
  }
}

/// Puts the analysis together from what holds for the run and what each service's traffic tells.
struct Assembly {
  var setting: Correlator.Setting
  var signals: [ServiceSignal]
  var vantages: Vantages

  func analysis() -> Analysis {
    let evidence = EvidenceCollector()
    let flows = FlowSides(signals, vantages)
    let groups = GroupStories(
      signals: flows.outer, events: setting.clock.events, gaps: setting.gaps,
      window: setting.window, objective: setting.options.objective,
      configured: setting.options.groups)
    let stories =
      groups.stories
      + flows.alone.map { ServiceStory(signal: $0, group: nil, gaps: setting.gaps) }
    let spikes = SpikeAssembly.spikes(of: stories, window: setting.window, evidence: evidence)
    let shifts = ShiftedServers.shifts(
      in: setting.view, of: setting.inputs,
      around: stories.flatMap { story in
        story.signal.incidents.map(\.span)
          + story.signal.spikes.map { TimeSpan(start: $0.onset, end: max($0.onset, $0.end)) }
      })
    let assembly = IncidentAssembly(
      stories: stories, events: groups.events, window: setting.window,
      bucketSeconds: setting.view.bucketSeconds, options: setting.options, clock: setting.clock,
      evidence: evidence,
      missingParts: MissingParts(
        access: setting.access, window: setting.window, gaps: setting.toldGaps,
        inputs: setting.inputs, inputMinutes: setting.view.inputMinutes),
      places: groups.places,
      hasShiftedServer: !shifts.isEmpty)
    let incidents = assembly.drafts().enumerated().map { index, draft in
      assembly.incident(draft, number: index + 1, spikes: spikes)
    }
    let questions = OpenQuestions(
      incidents: incidents, stories: stories, events: groups.events,
      unmatched: groups.unmatched.map { ($0.mapping.group, $0.curve.events.count) },
      window: setting.window, gaps: setting.toldGaps, evidence: evidence,
      doubled: vantages.doubled, inputs: setting.inputs, shifts: shifts)
    let timeline = TimelineAssembly(
      stories: stories, spikes: spikes, incidents: incidents, events: groups.events,
      window: setting.window, gaps: setting.toldGaps, clock: setting.clock,
      evidence: evidence, unmatched: groups.unmatched, places: groups.places,
      bucketSeconds: setting.view.bucketSeconds)
    let alike = LookAlike.pairs(among: flows.outer)
    let shown = flows.all(stories) {
      ServiceStory(signal: $0, group: nil, gaps: setting.gaps)
    }
    var analysis = Analysis(
      options: setting.options,
      window: Analysis.Window(span: setting.window, bucketSeconds: setting.view.bucketSeconds),
      inputs: setting.inputs, services: shown.map { summary($0, alike) },
      series: shown.map(series),
      spikes: spikes, incidents: incidents,
      capacity: accounts(groups, incidents, evidence),
      timeline: timeline.entries(), evidence: [], openQuestions: questions.questions(),
      coverage: Coverage(
        gaps: setting.toldGaps, clock: setting.clock.clocks, rejected: setting.view.rejected,
        rejectRises: RejectRises.rises(
          of: setting.view.rejected, inputs: setting.view.inputs, incidents: incidents,
          in: setting.access)),
      parameters: Parameters.all + CapacityParameters.all + ClientParameters.all
        + ExcessParameters.all + Vantages.all)
    evidence.finish(&analysis)
    return analysis
  }

  private func summary(
    _ story: ServiceStory, _ alike: [String: String]
  ) -> ServiceSummary {
    let traffic = story.signal.traffic
    let measure = ImpactMeasure(
      traffic, bucketSeconds: setting.view.bucketSeconds, objective: setting.options.objective)
    var summary = ServiceSummary(name: traffic.name, impact: measure.impact(of: setting.window))
    story.signal.clients?.tell(&summary.impact, of: [setting.window])
    // Quantiles of a baseline's requests can't be taken out again.
    let latency = setting.view.baselineEnd == nil ? traffic.wholeLatency : nil
    summary.p50Milliseconds = latency?.p50
    summary.p95Milliseconds = latency?.p95
    summary.p99Milliseconds = latency?.p99
    summary.perhapsSameAs = alike[traffic.name]
    summary.insideOf = vantages.outermost[traffic.name]
    summary.normal = story.signal.baseline.learntFrom.map {
      NormalSource(
        level: story.signal.baseline.level, span: $0, leftOut: story.signal.baseline.leftOut)
    }
    summary.usualBursts = story.signal.baseline.bursts
    return summary
  }

  private func series(_ story: ServiceStory) -> ServiceSeries {
    SeriesAssembly.series(
      of: story.signal, story: story.group, window: setting.window,
      bucketSeconds: setting.view.bucketSeconds, gaps: setting.gaps, access: setting.access)
  }

  private func accounts(
    _ groups: GroupStories, _ incidents: [Incident], _ evidence: EvidenceCollector
  ) -> [CapacityAccount] {
    func account(_ story: GroupStory, _ signal: ServiceSignal?) -> CapacityAccount {
      let services = Set(story.mapping.services)
      let spans = incidents.filter { !services.isDisjoint(with: $0.services) }.map(\.span)
      return CapacityAssembly.account(
        of: story, signal: signal, incidents: spans, evidence: evidence)
    }
    var told: Set<String> = []
    var accounts: [CapacityAccount] = []
    for story in groups.stories {
      guard let group = story.group else { continue }
      let key = "\(group.curve.source.rawValue) \(group.mapping.group)"
      if told.insert(key).inserted { accounts.append(account(group, story.signal)) }
    }
    for (story, signal) in groups.secondary {
      let key = "\(story.curve.source.rawValue) \(story.mapping.group)"
      if told.insert(key).inserted { accounts.append(account(story, signal)) }
    }
    return accounts + groups.unmatched.map { account($0, nil) }
  }
}
