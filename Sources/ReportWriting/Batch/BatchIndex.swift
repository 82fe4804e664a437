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
    let title = text.title
    return [
      ("index.md", Array(page.markdown.utf8)),
      ("index.html", Array(HTMLText.file(page, title: title).utf8)),
      ("index.json", Array(text.json(version: version).text.utf8)),
    ]
  }

  /// Stock-outs of different archives that are perhaps one and the same of their provider: half an hour apart at most, and of the same code, zone and type as far as the lines tell.
  ///
  /// - Complexity: O(n · groups).
  static func sharedStockOuts(_ rows: [BatchRow]) -> [SharedStockOut] {
    let all = rows.filter { $0.state != .vanished }.flatMap { row in
      row.stockOuts.map { (folder: row.folder, part: $0) }
    }
    .sorted {
      ($0.part.span.start, $0.part.span.end, $0.folder)
        < ($1.part.span.start, $1.part.span.end, $1.folder)
    }
    var found: [SharedStockOut] = []
    for (folder, part) in all {
      if let place = found.firstIndex(where: { $0.whole.fits(part) }) {
        found[place].add(part, of: folder)
      } else {
        found.append(SharedStockOut(part, of: folder))
      }
    }
    return found.filter { $0.archives.count > 1 }
  }
}

/// A stock-out that hit several archives.
struct SharedStockOut {
  private(set) var whole: BatchRow.StockOut
  /// Each archive with the ids of its lines.
  private(set) var archives: [(folder: String, evidence: [String])] = []

  init(_ part: BatchRow.StockOut, of folder: String) {
    whole = part
    archives = [(folder, part.evidence)]
  }

  mutating func add(_ part: BatchRow.StockOut, of folder: String) {
    whole.span.start = min(whole.span.start, part.span.start)
    whole.span.end = max(whole.span.end, part.span.end)
    whole.count &+= part.count
    whole.codes.formUnion(part.codes)
    whole.zones.formUnion(part.zones)
    whole.types.formUnion(part.types)
    if let place = archives.firstIndex(where: { $0.folder == folder }) {
      archives[place].evidence += part.evidence
    } else {
      archives.append((folder, part.evidence))
    }
  }
}

/// Words and members of the index.
struct BatchText {
  let rows: [BatchRow]
  let door: Door

  /// Counts the archives that are there.
  var title: Phrase {
    let count = rows.count { $0.state != .vanished }
    return count == 1 ? "Batch of 1 archive" : "Batch of \(Figure.count(count)) archives"
  }

  func page(version: String) -> Page {
    var page = Page()
    page.heading(1, title)
    page.paragraph(
      "\(emphasis: "Written by \(door.admit(LogText("floodmark " + version, kind: .file))). Times are UTC. For the operator alone: several tenants stand side by side here, so don't attach it to a ticket.")"
    )
    page.table(archives(rows.filter { $0.state != .vanished }))
    let vanished = rows.filter { $0.state == .vanished }
    if !vanished.isEmpty {
      page.heading(2, "No longer in the tree")
      page.paragraph(
        "The folders of these archives are gone, or were renamed. Their reports are those of an earlier run and count for nothing below; delete what is not wanted any more."
      )
      page.table(archives(vanished))
    }
    let causes = causes
    if !causes.rows.isEmpty {
      page.heading(2, "Causes that lead in several")
      page.table(causes)
    }
    let shared = BatchIndex.sharedStockOuts(rows)
    if !shared.isEmpty {
      page.heading(2, "Stock-outs that hit several")
      page.paragraph(
        "Refusals for lack of the provider's capacity, at most half an hour apart and of the same code, zone and type as far as the lines tell. The marks are those of each archive's own report."
      )
      page.table(stockOuts(shared))
    }
    return page
  }

  private func archives(_ rows: [BatchRow]) -> Page.Table {
    var table = Page.Table(["Archive", "When", "What", "Most likely why", "Report"])
    for row in rows {
      switch row.state {
      case .failed(let reason):
        table.add([
          name(row.folder), "–", "No report: \(door.admit(reason, limit: .evidence))", "–", "–",
        ])
      case .reported, .unchanged, .vanished:
        table.add([name(row.folder), when(row), what(row), why(row), report(row)])
      }
    }
    return table
  }

  /// Links where the folder's name is no markup.
  private func report(_ row: BatchRow) -> Phrase {
    let files = ["report.md"] + (row.hasPage ? ["report.html"] : [])
    return Phrase.joined(
      files.map { file in
        let path = row.folder + "/" + file
        return Phrase(file: path) ?? "\(door.admit(LogText(path, kind: .file), limit: .path))"
      }, by: ", ")
  }

  /// Causes that lead in more than one archive.
  private var causes: Page.Table {
    var folders: [Cause: [String]] = [:]
    for row in rows where row.state != .vanished {
      row.worst?.cause.map { folders[$0, default: []].append(row.folder) }
    }
    var table = Page.Table(["Cause", "Archives", "Which"], right: [1])
    for cause in Cause.allCases {
      guard let found = folders[cause], found.count > 1 else { continue }
      table.add(["\(cause)", "\(Figure.count(found.count))", names(found)])
    }
    return table
  }

  private func stockOuts(_ shared: [SharedStockOut]) -> Page.Table {
    var table = Page.Table(
      ["When", "Refusals", "Code", "Zone", "Type", "Archives and their lines"], right: [1])
    for stockOut in shared {
      let whole = stockOut.whole
      let archives = stockOut.archives.prefix(20).map { folder, ids -> Phrase in
        let shown = ids.prefix(2).map { id in "\(door.admit(LogText(id, kind: .file)))" as Phrase }
        return shown.isEmpty
          ? name(folder) : name(folder) + ": " + Phrase.joined(shown, by: ", ")
      }
      let more: Phrase =
        stockOut.archives.count > 20
        ? " and \(Figure.count(stockOut.archives.count - 20)) more" : ""
      table.add([
        "\(moment(whole.span.start)) to \(moment(whole.span.end))", "\(Figure.count(whole.count))",
        words(whole.codes), words(whole.zones), words(whole.types),
        Phrase.joined(archives, by: "; ") + more,
      ])
    }
    return table
  }

  /// Words that were found in lines by their shape.
  private func words(_ words: Set<String>) -> Phrase {
    guard !words.isEmpty else { return "not told" }
    let shown = words.sorted().prefix(4).map { word in
      "\(door.admit(LogText(word, kind: .file)))" as Phrase
    }
    return Phrase.joined(shown, by: ", ")
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
    return worst.likelihood.map { "\(cause): \(CauseWords.likelihood(Likelihood($0)))" }
      ?? "\(cause)"
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
          BatchIndex.sharedStockOuts(rows).map { stockOut in
            let whole = stockOut.whole
            return .object([
              ("start", .time(whole.span.start)), ("end", .time(whole.span.end)),
              ("refusals", .whole(whole.count)), ("codes", json(whole.codes)),
              ("zones", json(whole.zones)), ("types", json(whole.types)),
              ("archives", .array(stockOut.archives.map { json(folder: $0.folder) })),
              (
                "evidence",
                .array(
                  stockOut.archives.map { folder, ids in
                    .object([
                      ("archive", json(folder: folder)), ("ids", json(ids)),
                    ])
                  })
              ),
            ])
          })
      ),
    ])
  }

  private func json(_ words: some Sequence<String>) -> JSONValue {
    .array(words.sorted().map { .text(door.admit(LogText($0, kind: .file), limit: .path)) })
  }

  private func json(folder: String) -> JSONValue {
    .text(door.admit(LogText(folder, kind: .file), limit: .path))
  }

  private func json(_ row: BatchRow) -> JSONValue {
    let (state, reason): (String, JSONValue) =
      switch row.state {
      case .reported: ("reported", .null)
      case .unchanged: ("unchanged", .null)
      case .vanished: ("vanished", .null)
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
