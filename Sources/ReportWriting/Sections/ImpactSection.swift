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
        counted($0.shed, of: $0.requests)
      }
    }
    add("Abandoned by the client (499, 408, none)") { counted($0.abandoned, of: $0.requests) }
    add("Throttled (429)") { counted($0.throttled, of: $0.requests) }
    add("Repeats of a failed request") { impact in
      impact.repeats.map { repeats in
        // Told from the clients' requests, and so an estimate where all else is counted.
        let error = impact.repeatsError.map { $0 / Double(max(1, repeats)) }
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
    if let chart = charts[.latency, of: incident] {
      if medium == .html {
        page.chart(chart)
      } else {
        page.paragraph("Latency over time as a drawing: \(chart).")
      }
    }
    let clients: Phrase =
      incident.impact.clientsAffected == nil
      ? "" : " A client is an address together with its software, where the log tells it."
    let givenUp: Phrase =
      incident.impact.repeats == nil || incident.impact.abandoned == 0
      ? "" : " Repeats are those of abandoned requests, too."
    page.paragraph(
      "Only 5xx answers count as failed.\(givenUp)\(clients) Requests that never reached the servers whose logs were read are not in these logs."
    )
  }

  /// ` (± 2 %)`, or nothing.
  func margin(_ error: Double?) -> Phrase {
    Figure.margin(error).map { " \($0)" } ?? ""
  }
}
