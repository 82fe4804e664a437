internal import IncidentModel

extension ReportSections {
  /// REPORT §2.5: two columns that part the window, so that they add up to the inputs.
  func impact(_ incident: Incident, level: Int, into page: inout Page) {
    page.heading(level, "Impact")
    let span = context.clock.span(incident.span)
    var table = Page.Table(
      ["Measure", "In the incident (\(span))", "Outside it"], right: [1, 2])
    let (inside, outside) = (incident.impact, incident.outside)
    func add(_ measure: Phrase, _ value: (Impact) -> Phrase?) {
      let cells = [value(inside), value(outside)]
      guard cells.contains(where: { $0 != nil }) else { return }
      table.add([measure] + cells.map { $0 ?? "not known" })
    }
    func counted(_ number: Int?, of whole: Int) -> Phrase? {
      number.map {
        whole > 0 ? "\(Figure.count($0)) (\(Figure.share($0, of: whole)))" : "\(Figure.count($0))"
      }
    }
    add("Requests") { "\(Figure.count($0.requests))" }
    add("Failed (5xx)") { counted($0.failed, of: $0.requests) }
    if (inside.shed ?? 0) + (outside.shed ?? 0) > 0 {
      add("Part of them that the load balancer itself answered") {
        counted($0.shed, of: $0.failed)
      }
    }
    add("Abandoned by the client (408, 444, 460, 499 or no status)") {
      counted($0.abandoned, of: $0.requests)
    }
    add("Throttled (429)") { counted($0.throttled, of: $0.requests) }
    add("Repeats of a failed request") { impact in
      impact.repeats.map { repeats in
        // Told from the clients' requests, and so an estimate where all else is counted.
        let error = impact.repeatsError.map { $0 / Double(max(1, repeats)) }
        if impact.repeatsIsLowerBound {
          return repeats == 0
            ? "cannot be told"
            : "at least \(Figure.estimate(repeats, error: error)), \(Figure.share(repeats, of: impact.requests))"
        }
        if repeats == 0 { return "none" }
        // An interval that reaches down to none is no number to tell.
        if let error, error >= 1 { return "not told apart from none" }
        return
          "\(Figure.estimate(repeats, error: error))\(margin(error)), \(Figure.share(repeats, of: impact.requests))"
      }
    }
    add("Latency of answered requests, p95 (worst minute)") { impact in
      impact.p95Milliseconds.map { latency in
        let minute = impact.p95Minute.map { context.time($0, precisionSeconds: 60) }
        let figure = Figure.latency(milliseconds: latency)
        return minute.map { "\(figure) (\($0))" } ?? "\(figure)"
      }
    }
    add("Clients with at least one failure") { impact in
      impact.clientsAffected.map {
        "\(Figure.estimate($0, error: impact.clientsError))\(margin(impact.clientsError))"
      }
    }
    let objective = Figure.objective(context.analysis.options.objective)
    add("Failed, against what a \(objective) objective allows") { impact in
      impact.errorBudget.map { "\(Figure.factor($0))" }
    }
    page.table(table)
    together(incident, into: &page)
    if let chart = charts[.latency, of: incident] {
      if medium == .html {
        page.chart(chart)
      } else {
        page.paragraph("Latency over time as a drawing: \(chart).")
      }
    }
    page.paragraph(countedHow(incident))
  }

  /// What the numbers of the table leave out, and what they are of.
  private func countedHow(_ incident: Incident) -> Phrase {
    let clients: Phrase =
      incident.impact.clientsAffected == nil
      ? "" : " A client is an address together with its software, where the log tells it."
    let givenUp: Phrase =
      incident.impact.repeats == nil || incident.impact.abandoned == 0
      ? "" : " Repeats are those of abandoned requests, too."
    let least: Phrase =
      incident.impact.repeatsIsLowerBound
      ? " Some clients ask for the same again and again when all is well, too: which of their requests were repeats cannot be told, and they are not counted as such."
      : ""
    let latency: Phrase =
      incident.impact.p95Milliseconds == nil
      ? ""
      : " Latency leaves out abandoned requests and those that no server worked on (where the log does not tell them: 503)."
    let others = context.analysis.incidents.filter {
      $0.id != incident.id && $0.services.contains(incident.service)
    }.count
    let beside: Phrase =
      others == 0
      ? ""
      : others == 1
        ? " What lies outside it holds the other incident."
        : " What lies outside it holds the other incidents."
    return
      "Only 5xx answers count as failed.\(latency)\(givenUp)\(least)\(clients)\(beside) Requests that never reached the servers whose logs were read are not in these logs."
  }

  /// The other services of the incident, of which everything else here says nothing.
  private func together(_ incident: Incident, into page: inout Page) {
    guard !incident.others.isEmpty else { return }
    page.paragraph(
      "These services failed at the same time. All other numbers of this incident are those of \(context.name(incident.service)) alone."
    )
    var table = Page.Table(
      ["Service", "Failed from", "Until", "Requests", "Failed", "Failed, %", "Proof"],
      right: [3, 4, 5])
    for other in incident.others.prefix(Self.mostTogether) {
      let proof = context.ids(other.evidence)
      table.add([
        "\(context.name(other.service))", "\(context.time(other.span.start))",
        "\(context.time(other.span.end))", "\(Figure.count(other.requests))",
        "\(Figure.count(other.failed))",
        other.requests > 0 ? "\(Figure.percentage(other.failed, of: other.requests))" : "–",
        proof.isEmpty ? "" : "\(proof)",
      ])
    }
    page.table(table)
    let rest = incident.others.count - Self.mostTogether
    if rest > 0 { page.paragraph("\(Figure.count(rest)) more: \(code: "report.json").") }
  }

  private static let mostTogether = 20

  /// ` (± 2 %)`, or nothing.
  func margin(_ error: Double?) -> Phrase {
    Figure.margin(error).map { " \($0)" } ?? ""
  }
}
