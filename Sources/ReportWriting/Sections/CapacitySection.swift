internal import IncidentModel

extension ReportSections {
  /// REPORT §2.7: the picture's numbers as a table, the steps of the capacity, and what was missing.
  func demandAndCapacity(_ incident: Incident, level: Int, into page: inout Page) {
    let accounts = context.accounts(of: incident)
    page.heading(level, accounts.isEmpty ? "Demand" : "Demand and capacity")
    page.paragraph(
      accounts.first.map(perInstance)
        ?? "Capacity\(context.ofNone(incident.service)) was not in the inputs.")
    demandTable(incident.service, into: &page)
    if context.options.mermaid && medium == .markdown {
      mermaid(incident.service, into: &page)
    }
    guard !accounts.isEmpty else { return }
    page.table(steps(incident, accounts))
    for account in accounts.prefix(5) {
      page.paragraph(shortfall(account, in: incident, of: accounts.count))
    }
    if accounts.count > 5 {
      page.paragraph("\(Figure.count(accounts.count - 5)) more groups: \(code: "report.json").")
    }
  }

  /// The table alone, for a service without an incident.
  func demandTable(_ service: String, into page: inout Page) {
    guard let series = context.series(of: service), let grid = CellGrid(series, most: 24) else {
      return
    }
    let isLeast = context.analysis.services.contains {
      $0.name == service && $0.impact.repeatsIsLowerBound
    }
    page.table(
      DemandTable(series: series, grid: grid, clock: context.clock, isLeast: isLeast).table)
  }

  private func perInstance(_ account: CapacityAccount) -> Phrase {
    let group = context.name(account.group)
    var sentence: Phrase = "\(group)"
    if let rate = account.perInstanceRate {
      let least: Phrase = account.perInstanceRateIsLowerBound ? "at least " : ""
      let interval: Phrase = context.rateInterval(account).map { " (\($0))" } ?? ""
      sentence =
        sentence
        + ", \(least)\(Figure.rate(rate)) per instance\(interval)."
      if !account.perInstanceRateIsLowerBound {
        sentence =
          sentence
          + " Needed = demand ÷ \(Figure.bareRate(rate)), rounded up, in the busiest minute."
      }
    } else {
      sentence = sentence + ": what one instance carries cannot be told from these logs."
    }
    if let law = account.scalability {
      sentence =
        sentence
        + " Over \(Figure.count(law.sizes)) sizes the Universal Scalability Law fits with \(Figure.rate(law.rate)) for one instance, \(Figure.share(law.contention)) contention and \(Figure.share(law.coherence)) coherence cost (\(Figure.share(law.determination)) of the variance)."
    }
    if account.source == .inferred {
      sentence =
        sentence
        + " No autoscaler log\(context.ofNone(account.group)) was read; ready is the fleet that was seen serving."
    }
    if account.mappingLikelihood < 0.95 {
      sentence =
        sentence
        + " The group was matched to the service: \(context.phrase(account.mappingReason)), \(CauseWords.likelihood(Likelihood(account.mappingLikelihood)))."
    }
    for other in account.otherNames { sentence = sentence + " \(context.phrase(other))." }
    return sentence
  }

  /// The first event of each kind from the onset on.
  private func steps(
    _ incident: Incident, _ accounts: [CapacityAccount]
  ) -> Page.Table {
    let onset = context.onset(of: incident)
    let groups = Set(accounts.map(\.group))
    var table = Page.Table(
      ["Capacity step", "When (UTC)", "After the onset"], right: [2])
    let kinds: [TimelineEntry.Kind] = [
      .scaleOutDecided, .launchStarted, .inService, .limitReached, .configChanged, .launchFailed,
      .backoff, .withinCapacity,
    ]
    var steps: [(time: Instant, place: Int, cells: [Phrase])] = []
    for (place, kind) in kinds.enumerated() {
      let first = context.analysis.timeline.first { entry in
        entry.kind == kind && entry.time >= onset && entry.time <= incident.span.end
          && entry.group.map(groups.contains) ?? true
      }
      let milestone = milestone(kind, incident.phases)
      guard let time = milestone ?? first?.time else { continue }
      let isEntry = first?.time == time
      let own = self.proof(kind, incident)
      let proof = own.isEmpty && isEntry ? first.map(Self.proof) : own
      let precision = isEntry ? first?.precisionSeconds ?? 1 : 1
      let lag = Self.lag(time.seconds(since: onset), precisionSeconds: precision)
      steps.append(
        (
          time, place,
          [
            step(kind, isDecided: incident.phases.firstDecision != nil),
            "\(context.time(time, precisionSeconds: precision))\(context.cited(proof ?? []))",
            "\(lag)",
          ]
        ))
    }
    for step in steps.sorted(by: { ($0.time, $0.place) < ($1.time, $1.place) }) {
      table.add(step.cells)
    }
    return table
  }

  /// The milestone that the analysis itself took for a kind.
  private func milestone(_ kind: TimelineEntry.Kind, _ phases: Phases) -> Instant? {
    switch kind {
    case .scaleOutDecided: phases.firstDecision
    case .launchStarted: phases.firstLaunch
    case .inService: phases.firstInService
    default: nil
    }
  }

  /// The line that tells of a milestone.
  private func proof(_ kind: TimelineEntry.Kind, _ incident: Incident) -> [EvidenceID] {
    switch kind {
    case .scaleOutDecided: [incident.phases.decisionProof].compactMap { $0 }
    case .launchStarted: [incident.phases.launchProof].compactMap { $0 }
    case .inService: [incident.phases.inServiceProof].compactMap { $0 }
    default: []
    }
  }

  /// Of a row for many events the line of the first.
  private static func proof(_ entry: TimelineEntry) -> [EvidenceID] {
    entry.count > 1 ? Array(entry.evidence.prefix(1)) : entry.evidence
  }

  /// What is known to the minute is no lag in seconds; what stands in for a loss may come before the first failure.
  private static func lag(_ seconds: Double, precisionSeconds: Int) -> Phrase {
    let unit = precisionSeconds >= 60 && abs(seconds) >= 60 ? 60.0 : 1
    let size = Figure.duration(seconds: (abs(seconds) / unit).rounded() * unit)
    return seconds < 0 ? "\(size) before" : "\(size)"
  }

  /// Without a decision what comes may stand in for what went, and is nothing new.
  private func step(_ kind: TimelineEntry.Kind, isDecided: Bool) -> Phrase {
    switch kind {
    case .scaleOutDecided: "Scale-out decided"
    case .launchStarted: "First launch"
    case .inService: isDecided ? "First new instance in service" : "First instance in service"
    case .limitReached: "Maximum size reached"
    case .configChanged: "Configuration changed"
    case .launchFailed: "First failed launch"
    case .backoff: "Scaler waits"
    case .withinCapacity: "Demand within capacity"
    default: CauseWords.mark(kind).capitalized
    }
  }

  private func shortfall(
    _ account: CapacityAccount, in incident: Incident, of groups: Int
  ) -> Phrase {
    let lead: Phrase = groups > 1 ? "\(context.name(account.group)): " : ""
    guard let short = account.shortfall, let needed = account.peakNeeded,
      let ready = account.peakReady
    else {
      let told: Phrase =
        "whether instances were missing cannot be told: \(context.unknownShortage(account))."
      return groups > 1 ? "\(lead)\(told)" : told.capitalized
    }
    let peak: Phrase = "\(Figure.count(needed)) needed, \(Figure.count(ready)) ready"
    guard short > 0 else { return "\(lead)No instance was missing. Peak: \(peak)." }
    let missing = account.peakNeededFirstAttempts.map { max(0, $0 - ready) }
    let most: Phrase = incident.impact.repeatsIsLowerBound ? "at most " : ""
    let without: Phrase =
      missing.map {
        $0 == 0
          ? ", none without repeats"
          : $0 < short ? ", \(most)\(Figure.count($0)) without repeats" : ""
      } ?? ""
    let interval: Phrase =
      account.shortfallInterval.map { $0.count > 1 ? " (\(Figure.interval($0)))" : "" } ?? ""
    let lasted: Phrase =
      account.shortfallSpan.map {
        "Shortfall lasted \(Figure.duration(seconds: $0.seconds)) (\(context.clock.span($0))). "
      } ?? ""
    return "\(lead)\(lasted)Peak: \(peak), \(Figure.count(short)) short\(interval)\(without)."
  }
}

/// The rows of *Demand and capacity*: at most 24 cells and their total.
private struct DemandTable {
  let series: ServiceSeries
  let grid: CellGrid
  let clock: Clock
  /// The repeats are a lower bound.
  let isLeast: Bool

  private func isKnown(_ values: [Int?]) -> Bool { values.contains { $0 != nil } }

  var table: Page.Table {
    let requests = grid.gathered(series.requests, +)
    let repeats = grid.gathered(series.repeats, +)
    let failed = grid.gathered(series.failed, +)
    let needed = grid.gathered(series.needed, max)
    let ready = grid.gathered(series.ready.map { $0.map { $0...$0 } }) {
      min($0.lowerBound, $1.lowerBound)...max($0.upperBound, $1.upperBound)
    }
    let hasRepeats = isKnown(series.repeats)
    let hasNeeded = isKnown(series.needed)
    let hasReady = isKnown(series.ready)
    var header: [Phrase] = ["From (UTC)", "Requests"]
    if hasRepeats { header.append(isLeast ? "Repeats, at least" : "Repeats, about") }
    header += ["Failed", "Failed, %"]
    if hasNeeded { header.append("Needed") }
    if hasReady { header.append("Ready") }
    var table = Page.Table(header, right: Set(1..<header.count))
    func row(
      _ label: Phrase, _ sums: (requests: Int?, repeats: Int?, failed: Int?), _ most: Int?,
      _ range: ClosedRange<Int>?
    ) -> [Phrase] {
      func count(_ number: Int?) -> Phrase { number.map { "\(Figure.count($0))" } ?? "–" }
      var cells = [label, count(sums.requests)]
      if hasRepeats { cells.append(count(sums.repeats)) }
      cells.append(count(sums.failed))
      cells.append("\(Figure.percentage(sums.failed ?? 0, of: sums.requests ?? 0))")
      if hasNeeded { cells.append(count(most)) }
      if hasReady { cells.append(range.map { "\(Figure.interval($0))" } ?? "–") }
      return cells
    }
    var day = clock.titleDay
    for cell in 0..<grid.count {
      let start = grid.start(of: cell)
      let label = label(start, &day)
      table.add(
        row(label, (requests[cell], repeats[cell], failed[cell]), needed[cell], ready[cell]))
    }
    func total(_ values: [Int?]) -> Int? {
      isKnown(values) ? values.reduce(0) { $0 + ($1 ?? 0) } : nil
    }
    let all = ready.compactMap { $0 }.reduce(nil as ClosedRange<Int>?) { sum, next in
      sum.map { min($0.lowerBound, next.lowerBound)...max($0.upperBound, next.upperBound) } ?? next
    }
    let totals = row(
      "Total", (total(requests), total(repeats), total(failed)), needed.compactMap { $0 }.max(), all
    )
    table.add(totals.map { "\(strong: $0)" })
    return table
  }

  private func label(_ start: Instant, _ day: inout CivilTime) -> Phrase {
    if grid.width >= 86_400 { return "\(clock.day(start))" }
    let precision = grid.width % 60 == 0 ? 60 : 1
    return "\(clock.time(start, precisionSeconds: precision, after: &day))"
  }
}
