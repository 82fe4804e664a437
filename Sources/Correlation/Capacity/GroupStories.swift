internal import IncidentModel
internal import TrafficTally

/// Parts the events into groups, lays each group beside the service that it carries, and measures it.
struct GroupStories {
  /// In the order of the services.
  private(set) var stories: [ServiceStory] = []
  /// Further groups of a service that another group carries more surely.
  private(set) var secondary: [(story: GroupStory, signal: ServiceSignal)] = []
  /// Groups that no service matched: no cause names them.
  private(set) var unmatched: [GroupStory] = []
  /// All events, those without a group given the only one there is.
  private(set) var events: [CapacityEvent]

  /// The group of machine lines that name none.
  static let namelessGroup = "capacity"
  /// More groups than this are not told apart.
  static let limit = 500

  init(
    signals: [ServiceSignal], events: [CapacityEvent], gaps: [Coverage.Gap], window: TimeSpan,
    objective: Double, configured: [ConfiguredGroup] = []
  ) {
    let names = GroupNames(events, configured: configured)
    self.events = Self.named(names.applied(to: events))
    let groups = Self.groups(self.events)
    var mappings = GroupMapping.map(
      groups: groups, signals: signals, configured: configured)
    for index in mappings.indices {
      mappings[index].otherNames = names.told(of: mappings[index].group)
    }
    var best: [String: Int] = [:]
    for (index, mapping) in mappings.enumerated() {
      for service in mapping.services {
        if let other = best[service], !Self.isSurer(index, other, mappings, groups) { continue }
        best[service] = index
      }
    }
    for signal in signals {
      let serving = ServingFleet.steps(of: signal.traffic, namedBy: events)
      let name = signal.traffic.name
      for (index, mapping) in mappings.enumerated() where mapping.services.contains(name) {
        let curve = CapacityCurve(
          group: mapping.group, events: groups[index].events, serving: serving)
        let isBest = best[name] == index
        let signal = isBest ? Self.joined(signal, curve) : signal
        let story = Self.story(mapping, curve, signal, gaps, window, objective)
        if isBest {
          stories.append(ServiceStory(signal: signal, group: story, gaps: gaps))
        } else {
          secondary.append((story, signal))
        }
      }
      guard best[name] == nil else { continue }
      stories.append(Self.inferred(signal, serving, gaps, window, objective))
    }
    unmatched = mappings.indices.filter { mappings[$0].services.isEmpty }.map { index in
      GroupStory(
        mapping: mappings[index],
        curve: CapacityCurve(
          group: mappings[index].group, events: groups[index].events, serving: StepFunction()),
        minutes: [])
    }
  }

  /// The services with the groups that carry them.
  var places: ServicePlaces {
    ServicePlaces(
      stories.map { story in
        let name = story.signal.traffic.name
        let others = secondary.filter { $0.signal.traffic.name == name }.map(\.story.mapping.group)
        let own = story.group.flatMap { $0.curve.source == .log ? $0.mapping.group : nil }
        return (name, [own].compactMap { $0 } + others)
      })
  }

  /// A machine's line without a group speaks of the only group there is; people's lines of whatever they name.
  private static func named(_ events: [CapacityEvent]) -> [CapacityEvent] {
    let names = Set(events.filter(isMachine).compactMap(\.group))
    guard names.count <= 1 else { return namedByNode(events, names) }
    return events.map { event in
      guard isMachine(event), event.group == nil else { return event }
      var event = event
      event.group = names.first ?? namelessGroup
      return event
    }
  }

  /// Of several groups a line without one speaks of the group whose name its node's begins with, as node names do that are made of it.
  private static func namedByNode(
    _ events: [CapacityEvent], _ names: Set<String>
  ) -> [CapacityEvent] {
    let stems = names.sorted().prefix(limit).map { name in
      (name, (name.hasSuffix("-grp") ? String(name.dropLast(4)) : name) + "-")
    }.sorted { ($1.1.utf8.count, $0.1) < ($0.1.utf8.count, $1.1) }
    return events.map { event in
      guard isMachine(event), event.group == nil, let node = event.instance else { return event }
      var event = event
      event.group = stems.first { node.hasPrefix($0.1) }?.0
      return event
    }
  }

  /// A line of a machine about capacity: no person's, no change, no alert.
  static func isMachine(_ event: CapacityEvent) -> Bool {
    switch event.kind {
    case .note, .change, .alert: false
    default: !event.isHumanClaim
    }
  }

  /// By name; people's claims go to the group that they name, and to all where they name none.
  private static func groups(
    _ events: [CapacityEvent]
  ) -> [(name: String, events: [CapacityEvent])] {
    var grouped: [String: [CapacityEvent]] = [:]
    for event in events where isMachine(event) {
      if let name = event.group { grouped[name, default: []].append(event) }
    }
    let claims = events.filter(\.isHumanClaim)
    return grouped.sorted { $0.key < $1.key }.prefix(limit).map { name, lines in
      let mine = claims.filter { $0.group == nil || $0.group == name }
      let all = (lines + mine).sorted { ($0.time, $0.position) < ($1.time, $1.position) }
      return (name, all)
    }
  }

  private static func isSurer(
    _ left: Int, _ right: Int, _ mappings: [GroupMapping],
    _ groups: [(name: String, events: [CapacityEvent])]
  ) -> Bool {
    let likelihoods = (mappings[left].likelihood, mappings[right].likelihood)
    if likelihoods.0 != likelihoods.1 { return likelihoods.0 > likelihoods.1 }
    return groups[left].events.count > groups[right].events.count
  }

  /// Joins incidents over pauses under 15 min in which capacity rose and fell again (METHODS §5): a fleet that comes and goes
  /// makes one outage of many.
  static func joined(_ signal: ServiceSignal, _ curve: CapacityCurve) -> ServiceSignal {
    var signal = signal
    var incidents: [DetectedIncident] = []
    for incident in signal.incidents {
      guard let last = incidents.last, parts(last.span, incident.span, curve) else {
        incidents.append(incident)
        continue
      }
      incidents[incidents.count - 1].span.end = max(last.span.end, incident.span.end)
      incidents[incidents.count - 1].endState = incident.endState
      incidents[incidents.count - 1].endUncertaintySeconds = incident.endUncertaintySeconds
      let both = Set(last.detectedBy + incident.detectedBy)
      incidents[incidents.count - 1].detectedBy = Incident.Detection.allCases.filter(both.contains)
    }
    signal.incidents = incidents
    return signal
  }

  private static func parts(
    _ left: TimeSpan, _ right: TimeSpan, _ curve: CapacityCurve
  ) -> Bool {
    guard right.start.seconds(since: left.end) < 900,
      let low = curve.ready.value(at: left.start.advanced(bySeconds: 60)),
      let high = curve.ready.range(
        over: TimeSpan(start: left.end, end: max(right.start, left.end.advanced(bySeconds: 1))))?
        .upperBound,
      let then = curve.ready.value(at: right.start.advanced(bySeconds: 60))
    else { return false }
    return high > low && then < high
  }

  private static func story(
    _ mapping: GroupMapping, _ curve: CapacityCurve, _ signal: ServiceSignal,
    _ gaps: [Coverage.Gap], _ window: TimeSpan, _ objective: Double
  ) -> GroupStory {
    let minutes = LoadMinute.minutes(of: signal, curve: curve, gaps: gaps)
    let spans = signal.incidents.map(\.span)
    let capacity = InstanceCapacity(
      minutes: minutes, incidents: spans, baseline: signal.baseline, objective: objective)
    let inside = spans.filter { $0.overlaps(window) }
    return GroupStory(
      mapping: mapping, curve: curve, minutes: minutes, capacity: capacity,
      shortfall: Shortfall(minutes: minutes, capacity: capacity, within: inside))
  }

  /// No group carries the service: its serving fleet stands in, if the access log names backends.
  private static func inferred(
    _ signal: ServiceSignal, _ serving: StepFunction, _ gaps: [Coverage.Gap], _ window: TimeSpan,
    _ objective: Double
  ) -> ServiceStory {
    let name = signal.traffic.name
    guard !serving.steps.isEmpty else {
      return ServiceStory(signal: signal, group: nil, gaps: gaps)
    }
    let mapping = GroupMapping(
      group: name, services: [name], likelihood: 0.99,
      reason: "its own backends, for want of a capacity log")
    let curve = CapacityCurve(inferredFor: name, serving: serving)
    let group = story(mapping, curve, signal, gaps, window, objective)
    return ServiceStory(signal: signal, group: group, gaps: gaps)
  }
}
