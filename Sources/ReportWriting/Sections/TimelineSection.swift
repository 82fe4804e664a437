internal import IncidentModel

extension ReportSections {
  /// REPORT §2.9: all inputs on one clock. Returns the rows that did not fit.
  func timeline(most: Int, into page: inout Page) -> [TimelineEntry] {
    let entries = context.analysis.timeline
    guard !entries.isEmpty else { return [] }
    let (kept, cut) = Self.selected(entries, most: most)
    page.heading(2, "Timeline")
    timelineTable(kept, into: &page)
    if !cut.isEmpty {
      page.paragraph("\(Figure.count(cut.count)) more rows: \(rest("timeline.md")).")
    }
    return cut
  }

  func timelineTable(_ entries: [TimelineEntry], into page: inout Page) {
    let zone = context.options.zone
    var offset = zone.map {
      $0.offset(at: entries.first?.time ?? context.analysis.window.span.start)
    }
    var header: [Phrase] = ["UTC"]
    if let offset { header.append("\(Clock.offset(seconds: offset))") }
    header += ["Source", "Event", "Proof"]
    var table = Page.Table(header)
    var day = context.clock.titleDay
    var localDay = offset.map { CivilTime(context.clock.titleDay.instant(), offsetSeconds: $0) }
    for entry in entries {
      if let zone, let known = offset, zone.offset(at: entry.time) != known {
        let now = zone.offset(at: entry.time)
        offset = now
        table.add([
          "", "", "",
          "Local time changes from \(Clock.offset(seconds: known)) to \(Clock.offset(seconds: now))",
          "",
        ])
      }
      table.add(row(entry, &day, offset: offset, &localDay))
    }
    page.table(table)
  }

  private func row(
    _ entry: TimelineEntry, _ day: inout CivilTime, offset: Int?, _ localDay: inout CivilTime?
  ) -> [Phrase] {
    let time = context.clock.time(
      entry.time, precisionSeconds: entry.precisionSeconds, after: &day)
    var cells: [Phrase] = ["\(time)"]
    if let offset {
      // A column of its own: the local date stands where the local day changes.
      var local = localDay ?? context.clock.titleDay
      let figure = context.clock.time(
        entry.time, precisionSeconds: entry.precisionSeconds, offsetSeconds: offset, after: &local)
      localDay = local
      cells.append("\(figure)")
    }
    cells.append(CauseWords.source(entry.source))
    let letter = mark(entry)
    var text = context.phrase(entry.text)
    // Of instances the number stands in the text already.
    if entry.count > 1, entry.kind != .inService, entry.kind != .terminated, let last = entry.last {
      text =
        text
        + ". \(Figure.count(entry.count)) such until \(context.time(last, precisionSeconds: entry.precisionSeconds))"
    }
    cells.append(letter.isEmpty ? text : "\(strong: letter) \(text)")
    let known = context.ids(entry.evidence)
    cells.append(known.isEmpty ? "" : "\(known)")
    return cells
  }

  /// Rows with a letter, then the first and last of each kind, then the rest in order, up to `most`; nothing changes place.
  private static func selected(
    _ entries: [TimelineEntry], most: Int
  ) -> (kept: [TimelineEntry], cut: [TimelineEntry]) {
    guard entries.count > most else { return (entries, []) }
    var chosen: Set<Int> = []
    func choose(_ index: Int) {
      if chosen.count < most { chosen.insert(index) }
    }
    for index in entries.indices where entries[index].mark != nil { choose(index) }
    for kind in TimelineEntry.Kind.allCases {
      if let first = entries.firstIndex(where: { $0.kind == kind }) { choose(first) }
      if let last = entries.lastIndex(where: { $0.kind == kind }) { choose(last) }
    }
    for index in entries.indices { choose(index) }
    return (
      entries.indices.filter { chosen.contains($0) }.map { entries[$0] },
      entries.indices.filter { !chosen.contains($0) }.map { entries[$0] }
    )
  }
}
