internal import IncidentModel
internal import TrafficTally

/// What the logs do not explain, with the input that would; the largest first.
struct OpenQuestions {
  var incidents: [Incident]
  var stories: [ServiceStory]
  var events: [CapacityEvent]
  var unmatched: [(group: String, count: Int)]
  var window: TimeSpan
  var gaps: [Coverage.Gap]
  var evidence: EvidenceCollector
  /// Services whose own inputs tell of the same requests.
  var doubled: [(service: String, inputs: [Int])] = []
  var inputs: [InputSummary] = []
  /// Access logs whose clock seems to be off.
  var shifts: [ShiftedServers.Shift] = []

  /// A rest of failures above this share, and three times what is usual, is a question.
  static let restShare = 0.005

  func questions() -> [OpenQuestion] {
    var questions = twice() + clocks() + failingThroughout()
    for incident in worstFirst.prefix(20) {
      guard let story = stories.first(where: { $0.signal.traffic.name == incident.service })
      else { continue }
      questions += undetermined(incident)
      questions += inside(incident)
      questions += rest(of: incident, story)
      questions += capacity(incident, story)
      questions += trigger(incident, story)
    }
    questions += (stories.isEmpty ? [] : unmatched).map { group, count in
      OpenQuestion(
        title: "Which service \(log: LogText(group, kind: .name)) carries",
        text:
          "Its \(count: count) lines matched no service and were left out. It would take the load balancer's targets.",
        needs: ["the load balancer's targets or a mapping of groups to services"])
    }
    questions += holes()
    guard !stories.isEmpty else {
      return questions + [
        OpenQuestion(
          title: "Whether any request failed",
          text: "It would take the access logs of that time.", needs: ["access logs"])
      ]
    }
    questions.append(
      OpenQuestion(
        title: "Whether requests were lost before these logs",
        text:
          "Only what reached the servers whose logs were read is counted. It would take the logs of the load balancer or CDN in front.",
        needs: ["load-balancer or CDN logs"]))
    return questions
  }

  /// The reader asks about the incident that the report's head is about first.
  private var worstFirst: [Incident] { incidents.worstFirst }

  /// Counts of a service that two logs of one flow were added up to can't be told apart any more.
  private func twice() -> [OpenQuestion] {
    doubled.prefix(3).compactMap { service, places in
      let names = places.filter(inputs.indices.contains).map {
        LogText(inputs[$0].name.joined, kind: .file)
      }
      guard names.count == 2 else { return nil }
      return OpenQuestion(
        title: "How many requests \(log: LogText(service, kind: .name)) really had",
        text:
          "\(log: names[0]) and \(log: names[1]) tell of the same requests under one service's name, so its counts hold them twice. It would take a new run with \(word: "--service-by member"), or without one of the two.",
        needs: ["a run with each log as a service of its own"])
    }
  }

  private func undetermined(_ incident: Incident) -> [OpenQuestion] {
    guard incident.cause == nil else { return [] }
    let rivals = incident.findings.filter { $0.verdict == .supported }.enumerated()
      .sorted { left, right in
        let values = [left, right].map { $0.element.likelihood?.value ?? 0 }
        return values[0] != values[1] ? values[0] > values[1] : left.offset < right.offset
      }.map(\.element)
    let needs = incident.findings.flatMap { $0.verdict == .untestable ? $0.needs : [] }
      .reduce(into: [Sentence]()) { if !$0.contains($1) { $0.append($1) } }
    var text: Sentence = "No cause is supported by two kinds of evidence."
    if rivals.count >= 2 {
      text =
        "\(code: rivals[0].cause) and \(code: rivals[1].cause) explain it about equally well."
    }
    return [
      OpenQuestion(
        title: "What led to the failures that began at \(time: incident.span.start)", text: text,
        needs: Array(needs.prefix(4)))
    ]
  }

  /// What the access log only shows from outside: why the application failed, or what it waited for.
  private func inside(_ incident: Incident) -> [OpenQuestion] {
    switch incident.cause {
    case .errorsWithoutLoad:
      [
        OpenQuestion(
          title: "Why the application failed from \(time: incident.span.start) on",
          text: "It would take the application's own log, and the list of changes.",
          needs: ["the application's own log", "the list of changes"])
      ]
    case .hotEndpoint:
      [
        OpenQuestion(
          title: "Why that route failed from \(time: incident.span.start) on",
          text: "It would take the application's own log, and the list of changes.",
          needs: ["the application's own log", "the list of changes"])
      ]
    case .dependencySlow:
      [
        OpenQuestion(
          title: "What the answers waited for from \(time: incident.span.start) on",
          text: "It would take upstream times in the access log, or the dependencies' own logs.",
          needs: ["upstream times in the access log", "the dependencies' own logs"])
      ]
    case .retryStorm:
      [
        OpenQuestion(
          title: "What made the first requests fail at \(time: incident.span.start)",
          text:
            "Repeats kept the failures up, but something began them. It would take the application's own log, and the list of changes.",
          needs: ["the application's own log", "the list of changes"])
      ]
    case .trafficLoss:
      [
        OpenQuestion(
          title: "Where the requests stayed from \(time: incident.span.start) on",
          text:
            "They never reached the servers whose logs were read. It would take the logs of the load balancer or CDN in front, and the changes of names and routes.",
          needs: ["load-balancer or CDN logs", "the list of changes"])
      ]
    default: []
    }
  }

  /// So many failed requests, and no stretch that is an incident: what is usual is not in these logs.
  private func failingThroughout() -> [OpenQuestion] {
    let failing = stories.filter { story in
      let counts = story.signal.minutes.sum(over: window)
      return !incidents.contains { $0.services.contains(story.signal.traffic.name) }
        && counts.requests >= 200
        && Impact.isMuch(failed: counts.failed, of: counts.requests)
    }
    return failing.prefix(3).map { story in
      let counts = story.signal.minutes.sum(over: window)
      let proof = Exemplars.nearest(
        to: window.start, .failed, in: window, of: story.signal.traffic)
      return OpenQuestion(
        title:
          "Whether it is usual that \(share: Double(counts.failed), of: Double(counts.requests)) of requests to \(log: LogText(story.signal.traffic.name, kind: .name)) fail",
        text:
          "No stretch of them stands out, so nothing here tells what is usual. It would take the access logs from before \(time: window.start).",
        evidence: proof.map { [evidence.cite($0)] } ?? [],
        needs: ["earlier access logs"])
    }
  }

  /// A server whose clock is off makes one outage two, and its failures stand beside the wrong requests.
  private func clocks() -> [OpenQuestion] {
    shifts.prefix(3).map { shift in
      let name = inputs[shift.input].name.joined
      let length = Double(abs(shift.seconds))
      let side: Sentence = shift.seconds > 0 ? "later" : "earlier"
      let way: Sentence = shift.seconds > 0 ? "ahead" : "behind"
      let isFar = abs(shift.seconds) >= ShiftedServers.least
      let course: Sentence = isFar ? "begins, ends, rises and falls" : "rises and falls"
      let option = LogText(
        name + (shift.seconds > 0 ? "=+" : "=") + String(shift.seconds), kind: .file)
      let more: Sentence =
        shift.more.isEmpty
        ? "" : ", and the same for the \(count: shift.more.count) that follow it"
      return OpenQuestion(
        title:
          "Whether the clock of \(log: LogText(name, kind: .file)) is \(duration: length) \(way)",
        text:
          "It \(course) \(duration: length) \(side) than the other access logs, and was read as it stands. It would take a new run with \(word: "--clock") \(log: option)\(more).",
        needs: ["a run that is told how far this server's clock was off"])
    }
  }

  /// Failures that stay when the shortage, or the incident, is over.
  private func rest(of incident: Incident, _ story: ServiceStory) -> [OpenQuestion] {
    let shortage = story.group?.shortfall?.span(within: incident.span)?.end
    let from = shortage ?? incident.span.end
    let isOver = incident.endState == .recovered
    // What failed later, or in another incident, is another question.
    let next = story.signal.incidents.map(\.span.start).filter { $0 > incident.span.end }.min()
    let end = isOver ? incident.span.end : min(next ?? window.end, window.end)
    // A few minutes for what was in flight; then the rest has to be explained.
    let begin = from.advanced(bySeconds: 180)
    let after = TimeSpan(start: begin, end: max(begin, end))
    guard !isOver || shortage != nil, after.seconds >= 300 else { return [] }
    let counts = story.signal.minutes.sum(over: after)
    guard counts.requests >= 200, counts.failed >= 20 else { return [] }
    let ratio = Double(counts.failed) / Double(counts.requests)
    guard ratio >= Self.restShare, ratio >= 3 * story.signal.baseline.failedRatio else { return [] }
    let proof = Exemplars.nearest(to: after.end, .failed, in: after, of: story.signal.traffic)
    let title: Sentence =
      isOver
      ? "Why \(share: ratio) of requests failed until \(time: end, precisionSeconds: 60), with demand within ready capacity from \(time: from, precisionSeconds: 60) on"
      : "Why \(share: ratio) of requests still fail after \(time: from, precisionSeconds: 60)"
    return [
      OpenQuestion(
        title: title,
        text: "It would take the application's own log or upstream times in the access log.",
        evidence: proof.map { [evidence.cite($0)] } ?? [],
        needs: ["the application's own log", "upstream times in the access log"])
    ]
  }

  private func capacity(_ incident: Incident, _ story: ServiceStory) -> [OpenQuestion] {
    // No fleet keeps requests away.
    if incident.cause == .trafficLoss { return [] }
    if story.group?.curve.source != .log, ServingFleet.single(of: story.signal.traffic) != nil {
      return [
        OpenQuestion(
          title: "How many servers answered",
          text:
            "All lines name this one backend, which may be a balancer with any number of servers behind it. It would take its own access log, or the autoscaler's log.",
          needs: ["the backend's own access log", "the autoscaler's log"])
      ]
    }
    if let group = story.group, group.curve.source != .log, !group.curve.ready.steps.isEmpty {
      return [
        OpenQuestion(
          title: "What the autoscaler decided and was refused",
          text:
            "No capacity log of \(log: LogText(incident.service, kind: .name)) was among the inputs: the instances that were seen serving tell how large the fleet was, and no more. It would take the autoscaler's log.",
          needs: ["the autoscaler's log"])
      ]
    }
    if story.group?.curve.source != .log {
      return [
        OpenQuestion(
          title: incident.spikes.isEmpty
            ? "Whether capacity stayed as it was" : "Whether capacity followed demand",
          text:
            "No capacity log of \(log: LogText(incident.service, kind: .name)) was among the inputs. It would take the autoscaler's log.",
          needs: ["the autoscaler's log"])
      ]
    }
    guard story.group?.curve.ready.steps.isEmpty == true else { return [] }
    return [
      OpenQuestion(
        title: "How many instances were ready",
        text:
          "The capacity log has no line for an instance in service. It would take backend addresses in the access log.",
        needs: ["backend addresses in the access log"])
    ]
  }

  private func trigger(_ incident: Incident, _ story: ServiceStory) -> [OpenQuestion] {
    let rises = story.signal.spikes.filter { $0.onset < incident.span.end }
    guard !incident.spikes.isEmpty, let onset = incident.phases.onset,
      let rise = rises.last(where: { $0.end > incident.span.start })
    else { return [] }
    // A rise that repeats made has no trigger of its own.
    if rise.composition.kind == .retries { return [] }
    if incident.cause == .botSurge {
      return [
        OpenQuestion(
          title: "Who ran the machines that came from \(time: rise.onset) on",
          text:
            "These logs hold their addresses and software, not their owners. It would take the registers of networks.",
          needs: ["the registers of networks"])
      ]
    }
    let near = TimeSpan(
      start: onset.advanced(bySeconds: -600), end: onset.advanced(bySeconds: 60))
    let told = events.contains { event in
      switch event.kind {
      case .change, .alert: near.contains(event.time)
      default: false
      }
    }
    guard !told else { return [] }
    return [
      OpenQuestion(
        title: "What made demand rise from \(time: rise.onset) on",
        text: "Nothing in the inputs names a sale, a mail or a link.",
        needs: ["the campaign calendar"])
    ]
  }

  private func holes() -> [OpenQuestion] {
    gaps.filter { $0.input == nil && $0.span.overlaps(window) }.prefix(3).map { gap in
      OpenQuestion(
        title:
          "What happened from \(time: gap.span.start, precisionSeconds: 60) to \(time: gap.span.end, precisionSeconds: 60)",
        text: "No access log holds a line of that time. It would take the missing logs.",
        needs: ["the access logs of that time"])
    }
  }
}
