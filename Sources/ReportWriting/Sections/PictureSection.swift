internal import IncidentModel

extension ReportSections {
  /// REPORT §2.3: one strip of at most 60 columns a series; in a browser the drawing in their place.
  ///
  /// `incident`: nil for a report that found none.
  func picture(_ service: String, of incident: Incident?, level: Int, into page: inout Page) {
    guard let series = context.series(of: service), var grid = CellGrid(series, most: 60) else {
      return
    }
    grid.covered = context.analysis.window.span
    let chart = charts[.capacity, of: incident]
    if medium == .html, let chart {
      page.heading(level, "The picture")
      page.chart(chart)
      page.paragraph(sameData(nil, of: incident))
      return
    }
    let strips = StripChart(series: series, grid: grid, ascii: context.options.ascii)
    guard !strips.rows.isEmpty else { return }
    page.heading(level, "The picture")
    page.paragraph(caption(strips, grid, of: service))
    let marks = context.markedEntries(grid, of: incident)
    var lines = [strips.axis] + strips.rows.map(\.line)
    if !marks.isEmpty { lines.append(events(marks, grid)) }
    page.drawing(lines)
    page.paragraph(legend(marks) + sameData(chart, of: incident))
  }

  private func caption(_ strips: StripChart, _ grid: CellGrid, of service: String) -> Phrase {
    let width = Figure.duration(seconds: Double(grid.width))
    var sentences: [Phrase] = []
    if grid.width > 60 {
      sentences.append(
        "One column is \(width) and shows its highest minute\(strips.showsInstances ? " (for ready and wanted: its lowest)" : "")."
      )
    } else {
      sentences.append("One column is \(width).")
    }
    if strips.showsInstances {
      let scale = Figure.count(strips.instanceScale)
      sentences.append(
        strips.instanceRows > 1
          ? "The instance rows share one scale, 0–\(scale)." : "Instances 0–\(scale).")
    } else {
      sentences.append("Capacity\(context.ofNone(service)) was not in the inputs.")
    }
    if strips.showsRate {
      sentences.append("Requests/s 0–\(Figure.count(strips.rateScale)).")
    }
    sentences.append(
      strips.showsRepeats ? "Failed and repeats 0–100 %." : "Failed 0–100 %.")
    if strips.showsLatency {
      sentences.append("p95 0–\(Figure.count(strips.latencyScale)) ms.")
    }
    if strips.hasGap {
      sentences.append(
        "A column without a bar (\(code: "·")) is not known: a gap in the logs, or a minute of which they hold a part."
      )
    }
    return Phrase.joined(sentences, by: " ")
  }

  private func events(_ entries: [TimelineEntry], _ grid: CellGrid) -> String {
    var columns = [String](repeating: " ", count: grid.count)
    for entry in entries {
      // Of two in one column the later stands in the next free one.
      guard let cell = grid.cell(of: entry.time),
        let free = columns[cell...].firstIndex(of: " ")
      else { continue }
      columns[free] = entry.mark ?? " "
    }
    return StripChart.label("events") + columns.joined()
  }

  private func legend(_ entries: [TimelineEntry]) -> Phrase {
    var parts: [Phrase] = entries.prefix(6).map { entry in
      "\(strong: mark(entry)) \(CauseWords.mark(entry.kind))"
    }
    if entries.count > 6 { parts.append("more in the timeline") }
    return parts.isEmpty ? "" : Phrase.joined(parts, by: " · ") + ". "
  }

  /// Where the picture's numbers stand in another form.
  private func sameData(_ chart: Chart?, of incident: Incident?) -> Phrase {
    let hasCapacity = incident.map { !context.accounts(of: $0).isEmpty } ?? true
    let table: Phrase
    if hasCapacity {
      table =
        isSingle
        ? "\(section: "Demand and capacity", anchor: "demand-and-capacity")"
        : "Demand and capacity, below"
    } else {
      table = isSingle ? "\(section: "Demand", anchor: "demand")" : "Demand, below"
    }
    guard let chart else { return "Same data as a table: \(table)." }
    return "Same data as a drawing: \(chart); as a table: \(table)."
  }

  /// The entry's letter; entries with anything else have none.
  func mark(_ entry: TimelineEntry) -> Phrase {
    context.letter(of: entry).map { Phrase(letter: $0) } ?? ""
  }
}

extension ReportContext {
  /// The letter under which the picture shows an entry.
  func letter(of entry: TimelineEntry) -> UInt8? {
    guard let letter = entry.mark?.utf8.first, entry.mark?.utf8.count == 1, letter.isUpper else {
      return nil
    }
    return letter
  }

  /// Entries with a letter, in the order of the letters: those of an incident's place, and of none.
  func markedEntries(_ grid: CellGrid, of incident: Incident?) -> [TimelineEntry] {
    let own = incident.map { Set(accounts(of: $0).map(\.group)) } ?? []
    let others = Set(analysis.capacity.map(\.group)).subtracting(own)
    func isOwn(_ entry: TimelineEntry) -> Bool {
      guard let incident else { return true }
      if let group = entry.group, own.contains(group) { return true }
      if let service = entry.service {
        return service == incident.service || incident.services.contains(service)
      }
      return entry.group.map { !others.contains($0) } ?? true
    }
    return analysis.timeline
      .filter { letter(of: $0) != nil && grid.cell(of: $0.time) != nil && isOwn($0) }
      .sorted { ($0.mark ?? "") < ($1.mark ?? "") }
  }
}

/// The strips of one service.
struct StripChart {
  /// One series: its label, its cells, its line.
  struct Row {
    var cells: [Double?]
    var line: String
  }

  private static let glyphs = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

  private(set) var rows: [Row] = []
  private(set) var instanceRows = 0
  var showsInstances: Bool { instanceRows > 0 }
  private(set) var showsRate = false
  private(set) var showsRepeats = false
  private(set) var showsLatency = false
  private(set) var instanceScale = 0
  private(set) var rateScale = 0
  private(set) var latencyScale = 0
  let axis: String
  private let ascii: Bool

  var hasGap: Bool { rows.contains { $0.cells.contains { $0 == nil } } }

  init(series: ServiceSeries, grid: CellGrid, ascii: Bool) {
    self.ascii = ascii
    axis = Self.axis(grid)
    addInstances(series, grid)
    if series.needed.allSatisfy({ $0 == nil }) {
      let rate = grid.highestRate(series.requests)
      rateScale = Self.niceScale(above: rate.compactMap { $0 }.max() ?? 0)
      showsRate = add("requests/s", rate, scale: Double(rateScale), isWhole: false)
    }
    add(
      "failed, %",
      grid.highestRatio(series.failed, of: series.requests).map { $0.map { $0 * 100 } },
      scale: 100, isWhole: false)
    showsRepeats = add(
      "repeats, %",
      grid.highestRatio(series.repeats, of: series.requests).map { $0.map { $0 * 100 } },
      scale: 100, isWhole: false)
    let latency = grid.gathered(series.p95Milliseconds.map { $0.flatMap(Self.finite) }, max)
    latencyScale = Self.niceScale(above: latency.compactMap { $0 }.max() ?? 0)
    showsLatency = add("p95, ms", latency, scale: Double(latencyScale), isWhole: true)
  }

  private mutating func addInstances(_ series: ServiceSeries, _ grid: CellGrid) {
    let all = [series.needed, series.neededFirstAttempts, series.wanted, series.ready]
    instanceScale = all.joined().compactMap { $0 }.max() ?? 0
    let labels = ["needed, instances", " without repeats", "wanted, instances", "ready, instances"]
    for (place, values) in all.enumerated() {
      let cells = grid.gathered(values, place < 2 ? max : min)
      let isShown = add(
        labels[place], cells.map { $0.map(Double.init) }, scale: Double(instanceScale),
        isWhole: true)
      if isShown { instanceRows += 1 }
    }
  }

  /// Adds a strip unless the series is nowhere known.
  @discardableResult
  private mutating func add(
    _ label: String, _ cells: [Double?], scale: Double, isWhole: Bool
  ) -> Bool {
    let known = cells.compactMap { $0 }
    guard let low = known.min(), let high = known.max() else { return false }
    // Requests per second may all be below one; a percentage that small is nothing to look at.
    let places = high > 0 && high < (scale == 100 ? 0.05 : 1) ? 3 : 1
    let range = [low, high].map { value in
      isWhole
        ? Decimal.rounded(value, places: 0) ?? "–"
        : Decimal.rounded(value, places: places) ?? "–"
    }
    let strip = cells.map { glyph($0, scale: scale) }.joined()
    rows.append(
      Row(
        cells: cells,
        line: Self.label(label) + strip + "  " + range.joined(separator: "–")))
    return true
  }

  private func glyph(_ value: Double?, scale: Double) -> String {
    guard let value else { return ascii ? "." : "·" }
    let steps = ascii ? 10 : 8
    let exact = scale > 0 ? Double(steps) * value / scale : 0
    let level = Int(min(Double(steps - 1), max(0, exact)))
    return ascii ? String(level) : Self.glyphs[level]
  }

  /// A row's label in 19 columns.
  static func label(_ text: String) -> String {
    text + String(repeating: " ", count: max(1, 19 - text.count))
  }

  /// A time over every tenth column.
  private static func axis(_ grid: CellGrid) -> String {
    var line = label("")
    for column in stride(from: 0, to: grid.count, by: 10) {
      let tick = Clock.tick(grid.start(of: column), cellSeconds: grid.width)
      line += tick + String(repeating: " ", count: max(1, 10 - tick.count))
    }
    while line.last == " " { line.removeLast() }
    let rest = max(0, 19 + grid.count - line.count)
    return line + String(repeating: " ", count: rest) + "  min–max"
  }

  /// The smallest of 1, 2, 5 × 10ⁿ that is not below a value.
  private static func niceScale(above value: Double) -> Int {
    guard value.isFinite, value < 1e15 else { return 1 }
    var power = 1
    while true {
      for step in [1, 2, 5] where Double(step * power) >= value { return step * power }
      power *= 10
    }
  }

  private static func finite(_ value: Double) -> Double? {
    value.isFinite && value >= 0 ? value : nil
  }
}
