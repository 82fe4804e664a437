internal import IncidentModel

/// What all sections share: the analysis, the door, the clock, and the looking-up between parts of the analysis.
struct ReportContext {
  let analysis: Analysis
  let options: ReportOptions
  let door: Door
  let clock: Clock
  /// One for each piece of evidence, in its order.
  let quotes: [Quoted]

  init(_ analysis: Analysis, _ options: ReportOptions) {
    self.analysis = analysis
    self.options = options
    var redactor = Redactor(settings: options.redaction)
    redactor.ownNames = Set(analysis.services.map(\.name))
      .union(analysis.capacity.map(\.group)).union(analysis.incidents.map(\.service))
    let door = Door(redactor: redactor)
    // First of all, so that labels count in the order of the evidence.
    quotes = analysis.evidence.map {
      door.admit($0.quote, limit: .evidence, isAccess: $0.isAccess)
    }
    self.door = door
    let worst = analysis.incidents.worstFirst.first
    clock = Clock(titleDay: worst?.span.start ?? analysis.window.span.start)
  }

  // MARK: Text

  func phrase(_ sentence: Sentence) -> Phrase { Phrase(sentence, door: door, clock: clock) }

  /// A sentence for the head, where shares have no decimals.
  func headPhrase(_ sentence: Sentence) -> Phrase {
    Phrase(sentence, door: door, clock: clock, places: 0)
  }

  func name(_ name: String) -> Quoted { door.admit(ownName: name) }

  /// A service's name behind a preposition, ` to ` or ` for `; nothing where the lines name none and there is no other to tell it from.
  func named(_ service: String, _ preposition: Phrase) -> Phrase {
    isNameless(service) ? "" : preposition + "\(name(service))"
  }

  /// Whether all requests belong to one service that no line names.
  func isNameless(_ service: String) -> Bool {
    service == "default" && analysis.services.count <= 1
  }

  /// The file, and the member within it, of an input.
  func place(_ input: Int, line: Int? = nil) -> Quoted {
    guard analysis.inputs.indices.contains(input) else {
      return door.admit(LogText("input \(input + 1)", kind: .file), limit: .path)
    }
    let name = TerminalText.path(of: analysis.inputs[input].name)
    let text = line.map { "\(name):\($0)" } ?? name
    return door.admit(LogText(text, kind: .file), limit: .path)
  }

  func time(_ moment: Instant, precisionSeconds: Int = 1) -> Figure {
    clock.time(moment, precisionSeconds: precisionSeconds)
  }

  /// At most three ids that exist, each once.
  func ids(_ ids: [EvidenceID], most: Int = 3) -> [EvidenceID] {
    var seen: Set<EvidenceID> = []
    let known = ids.filter {
      (1...max(1, analysis.evidence.count)).contains($0.number) && !analysis.evidence.isEmpty
        && seen.insert($0).inserted
    }
    return Array(known.prefix(most))
  }

  /// ` [E1] [E2]`, or nothing.
  func cited(_ ids: [EvidenceID], most: Int = 3) -> Phrase {
    let known = self.ids(ids, most: most)
    return known.isEmpty ? "" : " \(known)"
  }

  // MARK: Looking up

  /// The incident that the head is about.
  var worstIncident: Incident? { worstFirst.first }

  /// All incidents, the worst first.
  var worstFirst: [Incident] { analysis.incidents.worstFirst }

  /// An incident's number, counted from 1 in order of start.
  func number(of incident: Incident) -> Int {
    (analysis.incidents.firstIndex { $0.id == incident.id } ?? 0) + 1
  }

  func series(of service: String) -> ServiceSeries? {
    analysis.series.first { $0.service == service }
  }

  /// The groups that serve an incident's services, greatest shortfall first.
  func accounts(of incident: Incident) -> [CapacityAccount] {
    let services = Set(incident.services + [incident.service])
    return analysis.capacity.enumerated()
      .filter { !services.isDisjoint(with: $0.element.services) }
      .sorted { ($1.element.shortfall ?? -1, $0.offset) < ($0.element.shortfall ?? -1, $1.offset) }
      .map(\.element)
  }

  /// ` of ` a service of which no input tells the capacity, where there is an autoscaler's log that tells of others.
  func ofNone(_ service: String) -> Phrase {
    let isThere = analysis.inputs.contains { $0.kind == .capacity && $0.duplicateOf == nil }
    guard isThere else { return "" }
    return isNameless(service) ? " of this service" : " of \(name(service))"
  }

  /// The spike that overlaps an incident and rises highest.
  func spike(of incident: Incident) -> Spike? {
    analysis.spikes.filter { incident.spikes.contains($0.id) }
      .reduce(nil as Spike?) { $1.ratio > $0?.ratio ?? -1 ? $1 : $0 }
  }

  func finding(_ cause: Cause?, in incident: Incident) -> Finding? {
    guard let cause else { return nil }
    return incident.findings.first { $0.cause == cause }
  }

  /// Supported findings by role, then by span.
  func supported(in incident: Incident) -> [Finding] {
    let roles = Finding.Role.allCases
    func rank(_ place: Int, _ finding: Finding) -> (Int, Int64, Int) {
      let role = finding.role.flatMap { roles.firstIndex(of: $0) } ?? roles.count
      return (role, finding.span?.start.microseconds ?? .max, place)
    }
    return incident.findings.enumerated().filter { $0.element.verdict == .supported }
      .sorted { rank($0.offset, $0.element) < rank($1.offset, $1.element) }
      .map(\.element)
  }

  /// The moment from which lags are counted.
  func onset(of incident: Incident) -> Instant {
    incident.phases.onset ?? spike(of: incident)?.onset ?? incident.span.start
  }

  /// The first timeline entry of a kind from a moment on.
  func entry(_ kind: TimelineEntry.Kind, from start: Instant, to end: Instant) -> TimelineEntry? {
    analysis.timeline.first { $0.kind == kind && $0.time >= start && $0.time <= end }
  }
}
