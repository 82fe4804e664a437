internal import IncidentModel

/// `timeline.csv` and `timeline.jsonl`: the timeline as Timesketch imports it, whole and unfolded.
///
/// Timesketch wants `message`, `datetime` and `timestamp_desc` (<https://timesketch.org/guides/user/import-from-json-csv/>); the rest are fields to filter by.
struct TimelineExport {
  private static let header = [
    "message", "datetime", "timestamp_desc", "source", "kind", "service", "group", "mark",
    "precision_s", "count", "last", "evidence",
  ]

  let context: ReportContext

  var csv: String {
    var table = CSVText(header: Self.header)
    for entry in context.analysis.timeline {
      table.add([
        .phrase(context.phrase(entry.text)), .time(entry.time), .words(description(entry)),
        .words(entry.source.rawValue), .words(entry.kind.rawValue), name(entry.service),
        name(entry.group), .words(entry.mark ?? ""), .whole(entry.precisionSeconds),
        .whole(entry.count), .time(entry.last), .ids(entry.evidence),
      ])
    }
    return table.text
  }

  var lines: String {
    context.analysis.timeline.map { entry in
      func name(_ name: String?) -> JSONValue {
        name.map { .text(context.name($0)) } ?? .null
      }
      return JSONValue.object([
        ("message", .words(context.phrase(entry.text).plain)), ("datetime", .time(entry.time)),
        ("timestamp_desc", .words(description(entry))), ("source", .words(entry.source.rawValue)),
        ("kind", .words(entry.kind.rawValue)), ("service", name(entry.service)),
        ("group", name(entry.group)), ("mark", .words(entry.mark)),
        ("precision_s", .whole(entry.precisionSeconds)), ("count", .whole(entry.count)),
        ("last", .time(entry.last)), ("evidence", .ids(entry.evidence)),
      ]).line + "\n"
    }.joined()
  }

  /// What the time is that of: `first failure`.
  private func description(_ entry: TimelineEntry) -> String {
    CauseWords.mark(entry.kind).plain
  }

  private func name(_ name: String?) -> CSVText.Field {
    name.map { .quoted(context.name($0)) } ?? .words("")
  }
}
