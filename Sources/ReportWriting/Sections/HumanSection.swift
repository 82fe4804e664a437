internal import IncidentModel

extension ReportSections {
  /// REPORT §2.11: empty headings for what only people know.
  func people(_ incident: Incident, into page: inout Page) {
    guard context.options.humanSections else { return }
    page.heading(2, "For people to fill in")
    page.paragraph("\(emphasis: "Floodmark leaves these empty on purpose. Logs cannot know them.")")
    for heading in HumanSections.headings {
      page.heading(3, Phrase(heading: heading))
      switch heading {
      case .detection:
        let first = context.time(incident.phases.firstFailure ?? incident.span.start)
        let proof = context.cited(Array(incident.evidence.prefix(1)))
        page.paragraph(
          "\(emphasis: "Who or what noticed, when, and how? First failure in the logs: \(first)\(proof).")"
        )
      case .response:
        page.paragraph("\(emphasis: "Who did what, and what did they know at the time?")")
      case .customers:
        page.paragraph("\(emphasis: "Orders lost, support requests, public messages.")")
      case .well: page.paragraph("\(emphasis: "What helped?")")
      case .wrong: page.paragraph("\(emphasis: "What got in the way?")")
      case .lucky: page.paragraph("\(emphasis: "What could have been worse?")")
      case .actions:
        var table = Page.Table([
          "Action", "Kind (prevent, mitigate, detect, process)", "Owner", "Ticket", "Due",
        ])
        table.add(["", "", "", "", ""])
        page.table(table)
      }
    }
  }
}
