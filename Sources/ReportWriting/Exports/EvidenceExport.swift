internal import IncidentModel

/// `evidence.ndjson`: a line for each piece of evidence, as `report.json` holds it.
struct EvidenceExport {
  let context: ReportContext

  var lines: String {
    let document = ReportDocument(context: context, markdownSHA256: nil)
    return context.analysis.evidence.map { evidence in
      JSONValue.object(
        [("id", .words("E\(evidence.id.number)"))] + document.evidenceMembers(evidence)
      ).line + "\n"
    }.joined()
  }
}
