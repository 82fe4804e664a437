internal import IncidentModel

extension ReportSections {
  /// REPORT §2.1: the title and one line on what this file is.
  func title(into page: inout Page) {
    page.heading(1, heading)
    var status: Phrase =
      "Written from logs by \(version); nobody has reviewed it yet. Times are UTC"
    if let zone = context.options.zone {
      let offset = Clock.offset(seconds: zone.offset(at: context.analysis.window.span.start))
      status = status + ", with local time (\(offset)) beside them in the timeline"
    }
    status = status + "."
    if !context.analysis.evidence.isEmpty {
      status =
        status
        + " Marks such as E1 in brackets point to the log line that proves a statement; see \(section: "Evidence", anchor: "evidence")."
    }
    page.paragraph("\(emphasis: status)")
    if !context.options.redaction.isOn {
      page.paragraph(
        "\(strong: "Not masked:") addresses, names and secrets of the logs stand in this report as they were found."
      )
    }
  }

  /// What the file is about, as its heading and its window's title say it.
  var heading: Phrase {
    if let worst = context.worstIncident {
      let name: Phrase =
        context.isNameless(worst.service) ? "" : "\(context.name(worst.service)), "
      return "Incident report: \(name)\(context.clock.titleSpan(worst.span))"
    }
    let found: Phrase =
      !context.hasRequests
      ? "No access log: an incident can't be told"
      : context.failsThroughout ? "No incident stands out" : "No incident found"
    guard context.analysis.window.span.seconds > 0 else { return found }
    return "\(found), \(context.clock.titleSpan(context.analysis.window.span))"
  }

  private var version: Quoted {
    context.door.admit(LogText("floodmark " + context.options.version, kind: .file))
  }
}
