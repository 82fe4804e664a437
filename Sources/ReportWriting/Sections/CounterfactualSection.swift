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
    let shared = shared(incident.counterfactuals)
    for other in incident.counterfactuals {
      let own = other.assumptions.filter { !shared.contains($0) }
      table.add([context.phrase(other.kind), failed(other, of: incident), granted(own)])
    }
    page.table(table)
    if !shared.isEmpty { page.paragraph("Taken for granted in each row: \(granted(shared)).") }
  }

  /// What all of several rows take for granted.
  private func shared(_ others: [Counterfactual]) -> [Sentence] {
    guard let first = others.first, others.count > 1 else { return [] }
    return first.assumptions.filter { assumption in
      others.allSatisfy { $0.assumptions.contains(assumption) }
    }
  }

  private func granted(_ assumptions: [Sentence]) -> Phrase {
    assumptions.isEmpty
      ? "nothing more" : Phrase.joined(assumptions.map { context.phrase($0) }, by: "; ")
  }

  private func failed(_ other: Counterfactual, of incident: Incident) -> Phrase {
    guard other.tellsAnything(of: Double(incident.impact.failed)) else { return "cannot be told" }
    return other.failedLow == other.failedHigh
      ? "\(Figure.count(other.failedLow))"
      : "\(Figure.count(other.failedLow)) to \(Figure.count(other.failedHigh))"
  }
}
