internal import IncidentModel

extension ReportSections {
  /// REPORT §2.12: the lines behind the statements, those that are cited. Returns the rows that did not fit.
  func evidence(
    _ cited: Set<EvidenceID>, most: Int, into page: inout Page
  ) -> [Evidence] {
    let rows = context.analysis.evidence.filter { cited.contains($0.id) }
    guard !rows.isEmpty else { return [] }
    page.heading(2, "Evidence")
    page.paragraph(
      "Print the raw line with its neighbours: \(code: "floodmark show report.json ID PATH…"). Quotes are \(words: context.options.redaction.isOn ? "masked and shortened" : "shortened, not masked") (…)."
    )
    if medium == .html {
      let shown = Array(rows.prefix(most))
      page.details("The \(Figure.count(shown.count)) lines that this report points to") {
        evidenceTable(shown, into: &$0)
      }
    } else {
      if rows.count < context.analysis.evidence.count {
        page.paragraph("Ids that are missing here are cited in \(code: "report.json") alone.")
      }
      evidenceTable(Array(rows.prefix(most)), into: &page)
    }
    let cut = Array(rows.dropFirst(most))
    if !cut.isEmpty {
      page.paragraph("\(Figure.count(cut.count)) more rows: \(rest("evidence.md")).")
    }
    return cut
  }

  func evidenceTable(_ rows: [Evidence], into page: inout Page) {
    var table = Page.Table(["Id", "Where", "Quote"])
    for row in rows where context.quotes.indices.contains(row.id.number - 1) {
      let place = context.place(row.position.input, line: row.position.line)
      table.add(["\([row.id])", "\(place)", "\(context.quotes[row.id.number - 1])"])
      table.targets.append(row.id)
    }
    page.table(table)
  }
}
