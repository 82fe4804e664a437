internal import IncidentModel
internal import TrafficTally

/// One service with everything that the analysis knows of it.
struct ServiceStory {
  var signal: ServiceSignal
  /// The group that carries it, or its serving fleet; nil: nothing tells of capacity.
  var group: GroupStory?
  var gaps: [Coverage.Gap]

  /// All minutes, with the group's fleet where one is known.
  ///
  /// Without one they are made when they are asked for: those of many services over weeks would take more room than all else that is known of them.
  var minutes: [LoadMinute] {
    group?.minutes ?? LoadMinute.minutes(of: signal, curve: nil, gaps: gaps)
  }
}

/// Puts incidents together: which services fail as one, what it did to them, and why.
struct IncidentAssembly {
  var stories: [ServiceStory]
  var events: [CapacityEvent]
  var window: TimeSpan
  var bucketSeconds: Int
  var options: AnalysisOptions
  var clock: EventClock
  var evidence: EvidenceCollector
  var missingParts: MissingParts
  var places: ServicePlaces
  /// An access log's clock seems to be off.
  var hasShiftedServer = false

  /// Services whose failures begin within this, beside their uncertainties, fail together.
  static let togetherSeconds = 120.0

  /// One incident with its parts, before it is told.
  struct Draft {
    var story: ServiceStory
    var incident: DetectedIncident
    var services: [String]
    /// Those but the first, each with its own.
    var others: [(story: ServiceStory, incident: DetectedIncident)] = []
  }

  /// Incidents in order of their start; of services that fail together the first to fail is named.
  func drafts() -> [Draft] {
    let all = stories.flatMap { story in
      story.signal.incidents.filter { $0.span.overlaps(window) }.map { (story, $0) }
    }.sorted { left, right in
      if left.1.span.start != right.1.span.start { return left.1.span.start < right.1.span.start }
      let failed = (failures(left.0, left.1), failures(right.0, right.1))
      return failed.0 != failed.1
        ? failed.0 > failed.1 : left.0.signal.traffic.name < right.0.signal.traffic.name
    }
    var drafts: [Draft] = []
    for (story, incident) in all {
      let name = story.signal.traffic.name
      let place = drafts.firstIndex { draft in
        let slack =
          Self.togetherSeconds + draft.incident.startUncertaintySeconds
          + incident.startUncertaintySeconds
        return draft.incident.span.overlaps(incident.span) && !draft.services.contains(name)
          && incident.span.start.seconds(since: draft.incident.span.start) <= slack
      }
      if let place {
        drafts[place].services.append(name)
        drafts[place].others.append((story, incident))
      } else {
        drafts.append(Draft(story: story, incident: incident, services: [name]))
      }
    }
    return drafts
  }

  private func failures(_ story: ServiceStory, _ incident: DetectedIncident) -> Int {
    story.signal.minutes.sum(over: incident.span).failed
  }

  func incident(_ draft: Draft, number: Int, spikes: [Spike]) -> Incident {
    let signal = draft.story.signal
    let span = draft.incident.span
    let missing = missingParts.parts(of: draft.incident)
    var context = CauseContext(
      service: signal.traffic.name, incident: draft.incident, signal: signal,
      group: draft.story.group, events: events, allMinutes: draft.story.minutes,
      evidence: evidence, clock: clock, places: places)
    context.missing = missing
    context.hasShiftedServer = hasShiftedServer
    let (findings, leading) = CauseRegistry.findings(context)
    let measure = ImpactMeasure(
      signal.traffic, bucketSeconds: bucketSeconds, objective: options.objective)
    var impact = measure.impact(of: span)
    signal.clients?.tell(&impact, of: [span])
    var outside = measure.impact(outside: span, window: window)
    signal.clients?.tell(&outside, of: ImpactMeasure.rest(of: window, without: span))
    let phases = phases(draft, context, worst: impact.worstMinute)
    let mine = spikes.filter { spike in
      draft.services.contains(spike.service)
        && TimeSpan(start: spike.onset, end: spike.end).overlaps(span)
    }
    var told = Incident(
      id: "I\(number)", service: signal.traffic.name, services: draft.services, span: span,
      startUncertaintySeconds: draft.incident.startUncertaintySeconds,
      endUncertaintySeconds: draft.incident.endUncertaintySeconds,
      endState: draft.incident.endState, detectedBy: draft.incident.detectedBy, cause: leading,
      spikes: mine.map(\.id), impact: impact, outside: outside, phases: phases,
      worstSpan: measure.worstSpan(in: span), findings: findings,
      evidence: proof(context, phases))
    told.missing = missing
    told.others = draft.others.map(failing)
    let others = OtherHistories(context, leading: leading, bucketSeconds: bucketSeconds)
    told.counterfactuals = others?.all() ?? []
    return told
  }

  private func failing(_ story: ServiceStory, _ incident: DetectedIncident) -> FailingService {
    let traffic = story.signal.traffic
    let measure = ImpactMeasure(
      traffic, bucketSeconds: bucketSeconds, objective: options.objective)
    let impact = measure.impact(of: incident.span)
    let first = FailedLines.nearest(
      to: incident.span.start, in: incident.span, of: story.signal)
    return FailingService(
      service: traffic.name, span: incident.span, requests: impact.requests,
      failed: impact.failed, evidence: first.map { [evidence.cite($0)] } ?? [])
  }

  private func phases(
    _ draft: Draft, _ context: CauseContext, worst: Instant?
  ) -> Phases {
    var phases = Phases()
    phases.onset = context.spike?.onset ?? draft.incident.span.start
    scaling(&phases, context)
    phases.firstFailure = firstFailure(context)
    phases.worst = worst
    if draft.incident.endState == .recovered { phases.recovery = draft.incident.span.end }
    return phases
  }

  /// Decision, launch and arrival; without a decision those that stand in for what was lost.
  private func scaling(_ phases: inout Phases, _ context: CauseContext) {
    let decision = context.decisions.first
    let start = phases.onset ?? context.span.start
    let lost = context.losses { _ in true }.map(\.time).first {
      $0 >= start.advanced(bySeconds: -Self.togetherSeconds)
    }
    let from = decision?.time ?? min(lost ?? start, start)
    let launch = context.machineEvents.first { $0.kind == .launchStarted && $0.time >= from }
    // What was launched before is no answer to it.
    let earlier = Set(
      context.machineEvents.filter { $0.kind == .launchStarted && $0.time < from }
        .compactMap(\.instance))
    let arrival = context.arrivals.first { event in
      event.time >= from && event.instance.map { !earlier.contains($0) } ?? true
    }
    phases.firstDecision = decision?.time
    phases.firstLaunch = launch?.time
    phases.firstInService = arrival?.time
    phases.decisionProof = decision.map { evidence.cite($0) }
    phases.launchProof = launch.map { evidence.cite($0) }
    phases.inServiceProof = arrival.map { evidence.cite($0) }
  }

  /// The first failed request of the incident, exact to the line where it was kept, else its bucket.
  private func firstFailure(_ context: CauseContext) -> Instant? {
    guard let bucket = context.firstFailure else { return nil }
    let lines = context.signal.traffic.exemplars.filter {
      $0.outcome == .failed && context.span.contains($0.arrival)
    }
    guard let line = lines.map(\.arrival).min(),
      line < bucket.advanced(bySeconds: Double(max(1, bucketSeconds)))
    else { return bucket }
    return line
  }

  private func proof(_ context: CauseContext, _ phases: Phases) -> [EvidenceID] {
    var ids: [EvidenceID] = []
    if let first = phases.firstFailure {
      ids += [context.line(.failed, near: first, in: context.span)].compactMap { $0 }
    }
    if let worst = phases.worst {
      ids += [context.line(.failed, near: worst.advanced(bySeconds: 30), in: context.span)]
        .compactMap { $0 }
    }
    if let end = phases.recovery {
      let after = TimeSpan(start: end, end: end.advanced(bySeconds: 300))
      ids += [context.line(.answered, near: end, in: after)].compactMap { $0 }
    } else {
      // That it lasts is shown by a request that failed near its end.
      ids += [context.line(.failed, near: context.span.end, in: context.span)].compactMap { $0 }
    }
    return ids.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
