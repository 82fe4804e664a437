internal import IncidentModel

extension ReportSections {
  /// METHODS §9: what would have failed under other decisions, each with what it takes for granted.
  func counterfactuals(_ incident: Incident, level: Int, into page: inout Page) {
    guard !incident.counterfactuals.isEmpty else { return }
    page.heading(level, "What would have changed it")
    page.paragraph(
      "A queue that is fed the same demand gives these intervals. Of the incident's requests \(Figure.count(incident.impact.failed)) failed."
    )
    var table = Page.Table(
      ["If there had been", "Failed requests", "Taken for granted"], right: [1])
    for other in incident.counterfactuals {
      table.add([
        context.phrase(other.kind), failed(other),
        Phrase.joined(other.assumptions.map { context.phrase($0) }, by: "; "),
      ])
    }
    page.table(table)
  }

  private func failed(_ other: Counterfactual) -> Phrase {
    other.failedLow == other.failedHigh
      ? "\(Figure.count(other.failedLow))"
      : "\(Figure.count(other.failedLow)) to \(Figure.count(other.failedHigh))"
  }
}
