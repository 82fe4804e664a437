internal import IncidentModel

/// The index over a batch: for the operator alone, for it names all tenants side by side.
package enum BatchIndex {
  /// `index.md`, `index.html` and `index.json`, rows in the order given.
  package static func write(
    _ rows: [BatchRow], version: String
  ) -> [(name: String, bytes: [UInt8])] {
    let door = Door(redactor: Redactor(settings: RedactionSettings()))
    let text = BatchText(rows: rows, door: door)
    let page = text.page(version: version)
    let title: Phrase = "Batch of \(Figure.count(rows.count)) archives"
    return [
      ("index.md", Array(page.markdown.utf8)),
      ("index.html", Array(HTMLText.file(page, title: title).utf8)),
      ("index.json", Array(text.json(version: version).text.utf8)),
    ]
  }

  /// Stock-outs of different archives that overlap, or follow each other within half an hour: perhaps one and the same.
  ///
  /// - Complexity: O(n log n).
  static func sharedStockOuts(_ rows: [BatchRow]) -> [(span: TimeSpan, folders: [String])] {
    let all = rows.flatMap { row in row.stockOuts.map { (row.folder, $0.span) } }
      .sorted { ($0.1.start, $0.1.end, $0.0) < ($1.1.start, $1.1.end, $1.0) }
    var found: [(span: TimeSpan, folders: [String])] = []
    for (folder, span) in all {
      if var last = found.last, span.start.seconds(since: last.span.end) <= 1800 {
        last.span.end = max(last.span.end, span.end)
        if !last.folders.contains(folder) { last.folders.append(folder) }
        found[found.count - 1] = last
      } else {
        found.append((span, [folder]))
      }
    }
    return found.filter { $0.folders.count > 1 }
  }
}

/// Words and members of the index.
struct BatchText {
  let rows: [BatchRow]
  let door: Door

  func page(version: String) -> Page {
    var page = Page()
    page.heading(1, "Batch of \(Figure.count(rows.count)) archives")
    page.paragraph(
      "\(emphasis: "Written by \(door.admit(LogText("floodmark " + version, kind: .file))). Times are UTC. For the operator alone: several tenants stand side by side here, so don't attach it to a ticket.")"
    )
    page.table(archives)
    page.table(causes)
    let shared = BatchIndex.sharedStockOuts(rows)
    if !shared.isEmpty {
      page.heading(2, "Stock-outs that hit several")
      page.bullets(
        shared.map { span, folders in
          "\(moment(span.start)) to \(moment(span.end)): \(names(folders))"
        })
    }
    return page
  }

  private var archives: Page.Table {
    var table = Page.Table(["Archive", "When", "What", "Most likely why", "Report"])
    for row in rows {
      let report: Phrase =
        "\(door.admit(LogText(row.folder + "/report.md", kind: .file), limit: .path))"
      switch row.state {
      case .failed(let reason):
        table.add([
          name(row.folder), "–", "No report: \(door.admit(reason, limit: .evidence))", "–", "–",
        ])
      case .reported, .unchanged:
        table.add([name(row.folder), when(row), what(row), why(row), report])
      }
    }
    return table
  }

  /// Causes that lead in more than one archive.
  private var causes: Page.Table {
    var folders: [Cause: [String]] = [:]
    for row in rows { row.worst?.cause.map { folders[$0, default: []].append(row.folder) } }
    var table = Page.Table(["Cause", "Archives", "Which"], right: [1])
    for cause in Cause.allCases {
      guard let found = folders[cause], found.count > 1 else { continue }
      table.add(["\(cause)", "\(Figure.count(found.count))", names(found)])
    }
    return table
  }

  private func when(_ row: BatchRow) -> Phrase {
    row.worst.map { "\(moment($0.span.start)) to \(moment($0.span.end))" } ?? "–"
  }

  private func what(_ row: BatchRow) -> Phrase {
    let loss: Phrase =
      row.losses == 0
      ? "" : "; \(Figure.count(row.losses)) parts of the inputs could not be read"
    guard let worst = row.worst else { return "No incident found" + loss }
    let more: Phrase = row.incidents > 1 ? ", \(Figure.count(row.incidents)) incidents in all" : ""
    let share = Figure.share(worst.failed, of: worst.requests, places: 0)
    return
      "\(share) of requests failed: \(Figure.count(worst.failed)) of \(Figure.count(worst.requests))"
      + more + loss
  }

  private func why(_ row: BatchRow) -> Phrase {
    guard let worst = row.worst else { return "–" }
    guard let cause = worst.cause else { return "Cannot be told" }
    return worst.likelihood.map { "\(cause) (\(Figure.share($0, places: 0)))" } ?? "\(cause)"
  }

  private func name(_ folder: String) -> Phrase {
    "\(door.admit(LogText(folder, kind: .file), limit: .path))"
  }

  private func names(_ folders: [String]) -> Phrase {
    let shown = folders.prefix(20).map(name)
    let more: Phrase =
      folders.count > 20 ? " and \(Figure.count(folders.count - 20)) more" : ""
    return Phrase.joined(shown, by: ", ") + more
  }

  /// Days differ from row to row, so each moment has its date.
  private func moment(_ moment: Instant) -> Figure { Clock(titleDay: moment).dated(moment) }

  func json(version: String) -> JSONValue {
    .object([
      ("schema", "floodmark.batch/1"), ("version", .words(version)),
      ("archives", .array(rows.map(json))),
      (
        "shared_stock_outs",
        .array(
          BatchIndex.sharedStockOuts(rows).map { span, folders in
            .object([
              ("start", .time(span.start)), ("end", .time(span.end)),
              ("archives", .array(folders.map(json(folder:)))),
            ])
          })
      ),
    ])
  }

  private func json(folder: String) -> JSONValue {
    .text(door.admit(LogText(folder, kind: .file), limit: .path))
  }

  private func json(_ row: BatchRow) -> JSONValue {
    let (state, reason): (String, JSONValue) =
      switch row.state {
      case .reported: ("reported", .null)
      case .unchanged: ("unchanged", .null)
      case .failed(let text): ("failed", .text(door.admit(text, limit: .evidence)))
      }
    return .object([
      ("folder", json(folder: row.folder)), ("state", .words(state)), ("reason", reason),
      ("incidents", .whole(row.incidents)), ("losses", .whole(row.losses)),
      ("start", .time(row.worst?.span.start)), ("end", .time(row.worst?.span.end)),
      ("requests", .whole(row.worst?.requests)), ("failed", .whole(row.worst?.failed)),
      ("cause", .words(row.worst.map { $0.cause?.rawValue ?? "undetermined" })),
      ("likelihood", .number(row.worst?.likelihood)),
    ])
  }
}
