internal import Crypto
package import IncidentModel

/// A form in which a report is written.
package enum ReportFormat: String, CaseIterable, Sendable {
  /// `report.md`, with `evidence.md`, `timeline.md` and `incidents.md` where it is too long.
  case markdown
  /// `report.json`, the contract of DESIGN §7.
  case json
  /// `summary.md`: the report's head.
  case summary
  /// `report.html`: the report as one page of a browser.
  case html
  /// `charts/*.svg`
  case svg
  /// `timeline.csv`, which Timesketch imports, and `series.csv`.
  case csv
  /// `timeline.jsonl`, the same timeline as JSON lines.
  case jsonl
  /// `evidence.ndjson`: a line for each piece of evidence.
  case ndjson
  /// `metrics.openmetrics`: the series for Prometheus.
  case openmetrics

  /// Whether it may be several files, which need a folder.
  package var isSeveralFiles: Bool { self == .svg || self == .csv }
}

/// What the writer must know beside the analysis.
package struct ReportOptions: Sendable {
  /// Floodmark's version, such as `1.0.0`.
  package var version: String
  /// Strips of digits in place of block elements.
  package var ascii = false
  /// A Mermaid chart beside the table of demand, in Markdown alone.
  package var mermaid = false
  /// Empty headings for what only people know.
  package var humanSections = true
  package var redaction = RedactionSettings()
  /// Adds a column of local time to the timeline.
  package var zone: ZoneOffsets?

  package init(version: String) {
    self.version = version
  }
}

/// A report's files, ready to be written side by side.
package struct Report: Sendable {
  /// In the order in which they should be written: `report.md` first, `report.json` last.
  package var files: [(name: String, bytes: [UInt8])]
}

/// Turns an analysis into words: the same analysis and options give the same bytes.
package enum ReportWriter {
  /// Writes the formats asked for.
  package static func write(
    _ analysis: Analysis, options: ReportOptions, formats: Set<ReportFormat>
  ) -> Report {
    let context = ReportContext(analysis, options)
    let drawsCharts = formats.contains(.svg) || formats.contains(.html)
    // Everything goes through the door once before anything is written, so that every format counts alike.
    _ = ReportDocument(context: context, markdownSHA256: nil, isRehearsal: true).value
    let charts = drawsCharts ? ChartSet(context) : ChartSet()
    var files: [(name: String, bytes: [UInt8])] = []
    var digest: String?
    if formats.contains(.markdown) || formats.contains(.summary) {
      let beside = formats.contains(.svg) ? charts : ChartSet()
      let markdown = ReportSections(context: context, charts: beside).files()
      if formats.contains(.markdown) {
        files += markdown.map { (name: $0.name, bytes: Array($0.text.utf8)) }
        digest = files.first.map { HumanSections.digest(of: $0.bytes) }
      }
      if formats.contains(.summary), let whole = markdown.first?.text {
        files.append((name: "summary.md", bytes: Array(ReportSections.head(of: whole).utf8)))
      }
    }
    if formats.contains(.html) {
      let sections = ReportSections(context: context, medium: .html, charts: charts)
      let text = HTMLText.file(sections.page(), title: sections.heading)
      files.append((name: "report.html", bytes: Array(text.utf8)))
    }
    if formats.contains(.svg) {
      files += charts.charts.map { (name: $0.file, bytes: Array($0.svg.utf8)) }
    }
    files += exports(context, formats)
    if formats.contains(.json) {
      let document = ReportDocument(context: context, markdownSHA256: digest)
      files.append((name: "report.json", bytes: Array(document.text.utf8)))
    }
    return Report(files: files)
  }

  private static func exports(
    _ context: ReportContext, _ formats: Set<ReportFormat>
  ) -> [(name: String, bytes: [UInt8])] {
    var files: [(name: String, text: String)] = []
    if formats.contains(.csv) {
      files.append((name: "timeline.csv", text: TimelineExport(context: context).csv))
      files.append((name: "series.csv", text: SeriesExport(context: context).csv))
    }
    if formats.contains(.jsonl) {
      files.append((name: "timeline.jsonl", text: TimelineExport(context: context).lines))
    }
    if formats.contains(.ndjson) {
      files.append((name: "evidence.ndjson", text: EvidenceExport(context: context).lines))
    }
    if formats.contains(.openmetrics) {
      files.append((name: "metrics.openmetrics", text: OpenMetrics(context: context).text))
    }
    return files.map { (name: $0.name, bytes: Array($0.text.utf8)) }
  }

  /// The quotes of an analysis' evidence as ``write(_:options:formats:)`` shows them, for holding a report against its archive.
  ///
  /// `names`: the services and groups of the report, which are not masked as private hosts.
  package static func quotes(
    of evidence: [Evidence], names: Set<String>, redaction: RedactionSettings
  ) -> [String] {
    var redactor = Redactor(settings: redaction)
    redactor.ownNames = names
    let door = Door(redactor: redactor)
    return evidence.map {
      door.admit($0.quote, limit: .evidence, isAccess: $0.isAccess).text
    }
  }
}
