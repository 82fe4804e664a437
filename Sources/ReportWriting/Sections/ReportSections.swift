internal import IncidentModel

/// The report's sections, for `report.md` and what does not fit into it, and for `report.html` (REPORT §2).
struct ReportSections {
  /// What the sections are written for.
  enum Medium {
    /// Trackers: no longer than they take, drawings in files beside it, headings for people.
    case markdown
    /// A browser: drawings inside, everything in one file.
    case html
  }

  /// The most characters of the head, and of the whole.
  static let longestHead = 4000
  static let longestWhole = 60_000

  let context: ReportContext
  var medium = Medium.markdown
  /// The drawings that stand beside or in the report.
  var charts = ChartSet()

  /// How much of each long part is kept.
  struct Limits {
    var timeline = 60
    var evidence = 40
    var incidents = 5

    /// A browser scrolls; past these a table is for a program, and `report.json` has it whole.
    static let html = Limits(timeline: 500, evidence: 500, incidents: 10)
  }

  var isSingle: Bool { context.analysis.incidents.count == 1 }

  /// The report, and `evidence.md`, `timeline.md`, `incidents.md` where rows were cut.
  func files() -> [(name: String, text: String)] {
    var limits = Limits()
    var written = write(limits)
    while written[0].text.unicodeScalars.count > Self.longestWhole {
      // The order of REPORT §2.0 has fixed steps; past them, ever fewer rows.
      if limits.incidents > 1 {
        limits.incidents -= 1
      } else if limits.timeline > 5 {
        limits.timeline = limits.timeline * 2 / 3
        limits.evidence = limits.evidence * 2 / 3
      } else {
        break
      }
      written = write(limits)
    }
    return written
  }

  /// The head of a whole report: everything before the first section that is not in it.
  static func head(of whole: String) -> String {
    let ends = ["\n## What happened", "\n## Incident ", "\n## Demand", "\n## What these logs"]
    let lines = whole.split(separator: "\n", omittingEmptySubsequences: false)
    let end = lines.firstIndex { line in
      ends.contains { ("\n" + line).hasPrefix($0) }
    }
    var kept = Array(lines.prefix(end ?? lines.count))
    while kept.last?.isEmpty == true { kept.removeLast() }
    return kept.joined(separator: "\n") + "\n"
  }

  private func write(_ limits: Limits) -> [(name: String, text: String)] {
    pages(limits).map { ($0.name, $0.page.markdown) }
  }

  /// The report as one page of a browser.
  func page() -> Page { pages(.html)[0].page }

  private func pages(_ limits: Limits) -> [(name: String, page: Page)] {
    var page = Page()
    title(into: &page)
    page.heading(2, "At a glance")
    var overflow: [(name: String, page: Page)] = []
    if let worst = context.worstIncident {
      glance(worst, into: &page)
      let cut = incidents(worst, limits, into: &page)
      if let rest = furtherIncidents(cut) {
        overflow.append((name: "incidents.md", page: rest))
      }
    } else {
      quietGlance(into: &page)
      quiet(into: &page)
    }
    let entries = timeline(most: limits.timeline, into: &page)
    self.limits(into: &page)
    if medium == .markdown, let worst = context.worstIncident { people(worst, into: &page) }
    var more = Page()
    if !entries.isEmpty {
      more.heading(1, "Timeline, continued")
      timelineTable(entries, into: &more)
      overflow.append((name: "timeline.md", page: more))
    }
    let cited = page.citations.union(more.citations)
    let rows = evidence(cited, most: limits.evidence, into: &page)
    if !rows.isEmpty {
      var further = Page()
      further.heading(1, "Evidence, continued")
      evidenceTable(rows, into: &further)
      overflow.append((name: "evidence.md", page: further))
    }
    inputs(into: &page)
    return [(name: "report.md", page: page)] + overflow
  }

  /// One incident in the sections of the report, or several under a heading each. Returns those that got none.
  private func incidents(
    _ worst: Incident, _ limits: Limits, into page: inout Page
  ) -> [Incident] {
    let incidents = context.analysis.incidents
    if isSingle {
      picture(worst.service, of: worst, level: 3, into: &page)
      sections(worst, level: 2, into: &page)
      return []
    }
    let shown = Set(context.worstFirst.prefix(limits.incidents).map(\.id))
    index(most: medium == .html ? 500 : 10, shown: shown, into: &page)
    for incident in incidents where shown.contains(incident.id) {
      page.heading(
        2,
        "Incident \(incidentID(incident)): \(context.name(incident.service)), \(context.clock.span(incident.span))",
        incident: context.number(of: incident))
      picture(incident.service, of: incident, level: 3, into: &page)
      sections(incident, level: 3, into: &page)
    }
    let cut = incidents.filter { !shown.contains($0.id) }
    if !cut.isEmpty {
      page.paragraph("\(Figure.count(cut.count)) more incidents: \(rest("incidents.md")).")
    }
    return cut
  }

  /// The file that holds what a cut left out; a browser's page has none beside it but the JSON.
  func rest(_ file: StaticString) -> Phrase {
    medium == .html ? "\(code: "report.json")" : "\(code: file)"
  }

  private func sections(_ incident: Incident, level: Int, into page: inout Page) {
    story(incident, level: level, into: &page)
    impact(incident, level: level, into: &page)
    causes(incident, level: level, into: &page)
    demandAndCapacity(incident, level: level, into: &page)
    counterfactuals(incident, level: min(3, level + 1), into: &page)
    excess(incident, level: level, into: &page)
  }

  /// All incidents in a row each: the first `most`, worst first.
  ///
  /// `shown`: the ids of those that the page shows in full.
  private func index(most: Int, shown: Set<String>, into page: inout Page) {
    let incidents = context.analysis.incidents
    page.heading(3, "All incidents")
    page.table(indexTable(Array(context.worstFirst.prefix(most)), shown: shown))
    if incidents.count > most {
      page.paragraph("\(Figure.count(incidents.count - most)) more rows: \(rest("incidents.md")).")
    }
  }

  private func indexTable(_ incidents: [Incident], shown: Set<String> = []) -> Page.Table {
    var table = Page.Table(
      ["Id", "Service", "Start (UTC)", "Failed", "Most likely cause"], right: [3])
    for incident in incidents {
      let leading = context.finding(incident.cause, in: incident)
      let cause: Phrase =
        leading.map { "\($0.cause): \(CauseWords.likelihood($0.likelihood))" }
        ?? "\(code: "undetermined")"
      let isLinked = medium == .html && shown.contains(incident.id)
      table.add([
        isLinked
          ? "\(incident: context.number(of: incident))" : "\(incidentID(incident))",
        "\(context.name(incident.service))",
        "\(context.time(incident.span.start))", "\(Figure.count(incident.impact.failed))", cause,
      ])
    }
    return table
  }

  private func incidentID(_ incident: Incident) -> Quoted {
    context.door.admit(LogText(incident.id, kind: .file))
  }

  /// The incidents that the report itself does not show in full.
  private func furtherIncidents(_ cut: [Incident]) -> Page? {
    guard !cut.isEmpty || context.analysis.incidents.count > 10 else { return nil }
    var page = Page()
    page.heading(1, "All incidents")
    page.table(indexTable(context.analysis.incidents))
    for incident in cut {
      page.heading(
        2,
        "Incident \(incidentID(incident)): \(context.name(incident.service)), \(context.clock.span(incident.span))"
      )
      glance(incident, into: &page)
    }
    return page
  }

  /// Without an incident: what demand looked like, and the spikes that capacity absorbed.
  private func quiet(into page: inout Page) {
    if let busiest = context.analysis.services.first {
      picture(busiest.name, of: nil, level: 3, into: &page)
      page.heading(2, "Demand and capacity")
      if !context.isNameless(busiest.name) {
        let rank: Phrase =
          context.analysis.services.count > 1 ? ", the busiest service" : ""
        page.paragraph("Requests to \(context.name(busiest.name))\(rank).")
      }
      demandTable(busiest.name, into: &page)
    }
    let spikes = context.analysis.spikes
    guard !spikes.isEmpty else { return }
    page.heading(2, "Spikes")
    let isNamed = !spikes.allSatisfy { context.isNameless($0.service) }
    let header: [Phrase] = ["Onset (UTC)", "Peak", "Times the baseline", "Outcome", "Proof"]
    var table =
      isNamed
      ? Page.Table(["Service"] + header, right: [2, 3]) : Page.Table(header, right: [1, 2])
    for spike in spikes.prefix(10) {
      let proof = context.ids(spike.evidence)
      let cells: [Phrase] = [
        "\(context.time(spike.onset))", "\(Figure.rate(spike.peakRate))",
        spike.baselineRate > 0 ? "\(Figure.factor(spike.ratio))" : "–", outcome(spike.outcome),
        proof.isEmpty ? "" : "\(proof)",
      ]
      table.add(isNamed ? ["\(context.name(spike.service))"] + cells : cells)
    }
    page.table(table)
    if spikes.count > 10 {
      page.paragraph("\(Figure.count(spikes.count - 10)) more rows: \(code: "report.json").")
    }
  }

  private func outcome(_ outcome: Spike.Outcome) -> Phrase {
    switch outcome {
    case .absorbed: "absorbed"
    case .degraded: "degraded"
    case .failed: "failed"
    }
  }
}
