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
    let signals = setting.services.map { traffic in
      var signal = SignalDetection.signal(
        of: traffic, bucketSeconds: view.bucketSeconds, window: setting.window,
        gaps: setting.gaps.filter { $0.input == nil }.map(\.span), options: options)
      signal.clients = ClientStory(view, of: signal)
      for index in signal.spikes.indices { signal.clients?.tell(&signal.spikes[index]) }
      return signal
    }
    return Assembly(setting: setting, signals: signals).analysis()
  }

  /// What holds for the whole run before anybody looks for spikes.
  struct Setting {
    var view: TrafficView
    var options: AnalysisOptions
    var clock: EventClock
    var access: TimeSpan?
    var window: TimeSpan
    var gaps: [Coverage.Gap]
    var services: [ServiceTraffic]

    init(_ view: TrafficView, _ options: AnalysisOptions) {
      self.view = view
      self.options = options
      access = WindowBounds.access(of: view)
      clock = EventClock(
        events: view.events, inputs: view.inputs, access: access,
        load: access.map { ZoneError.load(of: view.services, in: $0) } ?? [])
      window = WindowBounds.window(
        options, access: access, events: clock.events, bucketSeconds: view.bucketSeconds)
      gaps = CoverageGaps.gaps(in: view)
      services = view.services.filter { options.service == nil || $0.name == options.service }
        .sorted { left, right in
          let counts = (Self.requests(left), Self.requests(right))
          return counts.0 != counts.1 ? counts.0 > counts.1 : left.name < right.name
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

  func analysis() -> Analysis {
    let evidence = EvidenceCollector()
    let groups = GroupStories(
      signals: signals, events: setting.clock.events, gaps: setting.gaps,
      window: setting.window, objective: setting.options.objective,
      configured: setting.options.groups)
    let stories = groups.stories
    let spikes = SpikeAssembly.spikes(of: stories, window: setting.window, evidence: evidence)
    let assembly = IncidentAssembly(
      stories: stories, events: groups.events, window: setting.window,
      bucketSeconds: setting.view.bucketSeconds, options: setting.options, clock: setting.clock,
      evidence: evidence)
    let incidents = assembly.drafts().enumerated().map { index, draft in
      assembly.incident(draft, number: index + 1, spikes: spikes)
    }
    let questions = OpenQuestions(
      incidents: incidents, stories: stories, events: groups.events,
      unmatched: groups.unmatched.map { ($0.mapping.group, $0.curve.events.count) },
      window: setting.window, gaps: setting.gaps, evidence: evidence)
    let timeline = TimelineAssembly(
      stories: stories, spikes: spikes, incidents: incidents, events: groups.events,
      window: setting.window, gaps: setting.gaps, clock: setting.clock,
      evidence: evidence, unmatched: groups.unmatched)
    let alike = LookAlike.pairs(among: signals)
    var analysis = Analysis(
      options: setting.options,
      window: Analysis.Window(span: setting.window, bucketSeconds: setting.view.bucketSeconds),
      inputs: setting.clock.inputs, services: stories.map { summary($0, alike) },
      series: stories.map(series),
      spikes: spikes, incidents: incidents,
      capacity: accounts(groups, incidents, evidence),
      timeline: timeline.entries(), evidence: [], openQuestions: questions.questions(),
      coverage: Coverage(
        gaps: setting.gaps, clock: setting.clock.clocks, rejected: setting.view.rejected),
      parameters: Parameters.all + CapacityParameters.all + ClientParameters.all)
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
    summary.p50Milliseconds = traffic.wholeLatency?.p50
    summary.p95Milliseconds = traffic.wholeLatency?.p95
    summary.p99Milliseconds = traffic.wholeLatency?.p99
    summary.perhapsSameAs = alike[traffic.name]
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
