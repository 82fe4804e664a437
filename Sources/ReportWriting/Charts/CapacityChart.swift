internal import IncidentModel

/// `charts/capacity.svg`: what was needed and what was there, and what came of it (REPORT §2.3).
struct CapacityChart {
  /// A drawing has room for one minute a cell over three hours.
  static let mostCells = 180

  private let context: ReportContext
  private let service: String
  private let incident: Incident?

  init(_ context: ReportContext, service: String, incident: Incident?) {
    self.context = context
    self.service = service
    self.incident = incident
  }

  /// nil without a series.
  func chart(_ number: Int?) -> Chart? {
    guard let series = context.drawnSeries(of: service, incident: number == nil ? nil : incident),
      var grid = CellGrid(series, most: Self.mostCells)
    else { return nil }
    grid.covered = context.analysis.window.span
    let capacity = instances(series, grid)
    let panels = [
      capacity, rates(series, grid, weight: capacity == nil ? 1.6 : 1.2), shares(series, grid),
    ].compactMap { $0 }
    guard !panels.isEmpty else { return nil }
    let lead: Phrase = capacity == nil ? "Demand" : "Demand and capacity"
    let title: Phrase =
      "\(lead)\(context.drawn(service, " of ")), \(context.clock.titleSpan(series.span))"
    let events = context.events(grid, of: incident)
    let drawing = TimeChart(
      grid: grid, title: title, panels: panels, events: events,
      gaps: Self.gaps(grid.gathered(series.requests, +)),
      shaded: incident.map(context.shaded),
      height: capacity == nil ? 420 : 580
    ).drawing
    return Chart(
      .capacity, number: number, title: title,
      description: description(series, grid, events), drawing: drawing)
  }

  // MARK: Panels

  private func instances(_ series: ServiceSeries, _ grid: CellGrid) -> TimeChart.Panel? {
    let all: [(label: Phrase, form: TimeChart.Form, cells: [Int?], isDemand: Bool)] = [
      ("ready", .area(.ready, fill: .readyArea), grid.gathered(series.ready, min), false),
      ("maximum", .steps(.maximum), grid.gathered(series.maximum, max), false),
      ("wanted", .steps(.wanted), grid.gathered(series.wanted, min), false),
      ("serving", .steps(.serving), serving(series, grid), false),
      (
        "without repeats", .line(.firstAttempts),
        grid.gathered(series.neededFirstAttempts, max), true
      ),
      ("needed", .line(.needed), grid.gathered(series.needed, max), true),
    ]
    let traces = all.compactMap { label, form, cells, isDemand -> TimeChart.Trace? in
      let known = cells.compactMap { $0 }
      guard let low = known.min(), let high = known.max() else { return nil }
      // Demand's lowest minute depends on the width of a column; its highest does not.
      return TimeChart.Trace(
        label: isDemand
          ? "\(label), up to \(Figure.count(high))"
          : "\(label), \(Figure.interval(low...high))",
        form: form, values: cells.map { $0.map(Double.init) })
    }
    guard !traces.isEmpty else { return nil }
    let highest = traces.flatMap(\.values).compactMap { $0 }.max() ?? 0
    return TimeChart.Panel(
      unit: "instances", weight: 1.6, scale: Scale(upTo: highest, isWhole: true),
      traces: traces)
  }

  /// The backends that answered; nothing where they stand in for those that were ready.
  private func serving(_ series: ServiceSeries, _ grid: CellGrid) -> [Int?] {
    let cells = grid.gathered(series.serving, min)
    return cells == grid.gathered(series.ready, min) ? [] : cells
  }

  /// What arrived, what of it were first attempts, and what came of it.
  private func rates(
    _ series: ServiceSeries, _ grid: CellGrid, weight: Double
  ) -> TimeChart.Panel? {
    let all: [(label: Phrase, form: TimeChart.Form, counts: [Int?])] = [
      ("failed", .bars(.failed), series.failed),
      ("answered", .line(.answered), series.less(\.failed)),
      ("first attempts", .line(.firstAttempts), series.less(\.repeats)),
      ("arrivals", .line(.rate), series.requests),
    ]
    let traces = all.compactMap { label, form, counts -> TimeChart.Trace? in
      let cells = grid.highestRate(counts)
      guard let highest = cells.compactMap({ $0 }).max() else { return nil }
      return TimeChart.Trace(
        label: "\(label), up to \(Figure.range(highest, highest, places: 1))", form: form,
        values: cells)
    }
    guard let highest = traces.flatMap(\.values).compactMap({ $0 }).max() else { return nil }
    return TimeChart.Panel(
      unit: "requests/s", weight: weight, scale: Scale(upTo: highest), traces: traces)
  }

  static func ratePanel(
    _ series: ServiceSeries, _ grid: CellGrid, weight: Double
  ) -> TimeChart.Panel? {
    let cells = grid.highestRate(series.requests)
    guard let highest = cells.compactMap({ $0 }).max() else { return nil }
    return TimeChart.Panel(
      unit: "requests/s", weight: weight, scale: Scale(upTo: highest),
      traces: [
        TimeChart.Trace(label: "up to \(Figure.rate(highest))", form: .line(.rate), values: cells)
      ])
  }

  private func shares(_ series: ServiceSeries, _ grid: CellGrid) -> TimeChart.Panel? {
    func percent(_ part: [Int?]) -> [Double?] {
      grid.highestRatio(part, of: series.requests).map { $0.map { $0 * 100 } }
    }
    let (failed, repeats) = (percent(series.failed), percent(series.repeats))
    var traces: [TimeChart.Trace] = []
    if let highest = Self.highest(failed, places: 1) {
      traces.append(
        TimeChart.Trace(label: "failed, up to \(highest) %", form: .bars(.failed), values: failed))
    }
    if let highest = Self.highest(repeats, places: 1) {
      traces.append(
        TimeChart.Trace(
          label: "repeats, up to \(highest) %", form: .markers(.repeats, line: .repeatsLine),
          values: repeats))
    }
    guard !traces.isEmpty else { return nil }
    return TimeChart.Panel(
      unit: "% of requests", weight: 1, scale: .percent, traces: traces)
  }

  /// A series' highest value; nil where it is nowhere known.
  static func highest(_ cells: [Double?], places: Int) -> Figure? {
    cells.compactMap { $0 }.max().map { Figure.range($0, $0, places: places) }
  }

  static func gaps(_ cells: [Int?]) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    for cell in cells.indices where cells[cell] == nil {
      if let last = gaps.last, last.upperBound == cell {
        gaps[gaps.count - 1] = last.lowerBound..<(cell + 1)
      } else {
        gaps.append(cell..<(cell + 1))
      }
    }
    return gaps
  }

  // MARK: Words

  private func description(
    _ series: ServiceSeries, _ grid: CellGrid, _ events: [TimeChart.Event]
  ) -> Phrase {
    var sentences: [Phrase] = []
    if let incident, let short = context.shortBy(incident) {
      sentences.append("\(short).")
    }
    func told(_ name: Phrase, _ values: [Int?], isDemand: Bool) {
      let cells = grid.gathered(values, isDemand ? max : min)
      let known = cells.compactMap { $0 }
      guard let low = known.min(), let high = known.max(),
        let cell = cells.firstIndex(where: { $0 == high })
      else { return }
      let moment = moment(grid, cell)
      sentences.append(
        isDemand
          ? "\(name): up to \(Figure.count(high)), first at \(moment)."
          : low == high
            ? "\(name): \(Figure.count(low)) all the time."
            : "\(name): \(Figure.count(low)) to \(Figure.count(high)), the most first at \(moment)."
      )
    }
    told("Needed instances", series.needed, isDemand: true)
    told("Needed without repeats", series.neededFirstAttempts, isDemand: true)
    told("Wanted instances", series.wanted, isDemand: false)
    told("Ready instances", series.ready, isDemand: false)
    told("Maximum size", series.maximum, isDemand: false)
    let failed = grid.highestRatio(series.failed, of: series.requests)
    if let worst = failed.compactMap({ $0 }).max(),
      let cell = failed.firstIndex(where: { $0 == worst })
    {
      sentences.append(
        "Failed requests: up to \(Figure.share(worst)), first at \(moment(grid, cell)).")
    }
    if !events.isEmpty {
      let parts = events.map { "\(Phrase(letter: $0.letter)) \($0.meaning)" as Phrase }
      sentences.append("Events: \(Phrase.joined(parts, by: "; ")).")
    }
    return Phrase.joined(sentences, by: " ")
  }

  private func moment(_ grid: CellGrid, _ cell: Int) -> Figure {
    context.time(grid.start(of: cell), precisionSeconds: grid.width % 60 == 0 ? 60 : 1)
  }
}

extension ServiceSeries {
  /// What its cells cover.
  var span: TimeSpan {
    TimeSpan(
      start: start,
      end: start.advanced(bySeconds: Double(max(0, length)) * Double(max(0, bucketSeconds))))
  }

  /// Requests without those of another series; nil where one of the two is not known.
  func less(_ part: KeyPath<ServiceSeries, [Int?]>) -> [Int?] {
    zip(requests, self[keyPath: part]).map { whole, part in
      guard let whole, let part else { return nil }
      return max(0, whole &- part)
    }
  }

  /// The cells around a stretch, and a quarter of its length on both sides, at least ten minutes.
  func zoomed(to stretch: TimeSpan) -> ServiceSeries {
    let margin = max(600, stretch.end.seconds(since: stretch.start) / 4)
    let width = Double(max(1, bucketSeconds))
    func cell(_ moment: Instant, _ more: Double) -> Int {
      Int(min(Double(length), max(0, (moment.seconds(since: start) + more) / width)))
    }
    let range =
      cell(
        stretch.start, -margin)..<max(
        cell(stretch.start, -margin), cell(stretch.end, margin + width - 1))
    guard !range.isEmpty, range.count < length else { return self }
    var part = self
    part.start = start(of: range.lowerBound)
    for path in [
      \ServiceSeries.requests, \.failed, \.repeats, \.needed, \.neededFirstAttempts, \.wanted,
      \.ready,
      \.serving, \.maximum,
    ] {
      part[keyPath: path] = Array(
        self[keyPath: path].dropFirst(range.lowerBound).prefix(range.count))
    }
    part.p95Milliseconds = Array(p95Milliseconds.dropFirst(range.lowerBound).prefix(range.count))
    return part
  }
}

extension ReportContext {
  /// What a drawing shows: the window, or an incident's surroundings where there are others.
  func drawnSeries(of service: String, incident: Incident?) -> ServiceSeries? {
    let whole = series(of: service)
    guard let incident else { return whole }
    return whole?.zoomed(to: incident.span)
  }

  /// A service's name behind a preposition, as short as a drawing wants it.
  func drawn(_ service: String, _ preposition: Phrase) -> Phrase {
    guard !isNameless(service) else { return "" }
    return preposition + "\(door.admit(LogText(service, kind: .name), limit: .chart))"
  }

  /// The stretch that a drawing shades, and what it is.
  func shaded(_ incident: Incident) -> TimeChart.Shade {
    TimeChart.Shade(
      span: incident.span, meaning: "shaded: the incident, \(clock.span(incident.span))")
  }

  /// The letters of the timeline with their times, those of an incident's place.
  func events(_ grid: CellGrid, of incident: Incident?) -> [TimeChart.Event] {
    markedEntries(grid, of: incident).compactMap { entry in
      guard let letter = letter(of: entry) else { return nil }
      let moment = time(entry.time, precisionSeconds: entry.precisionSeconds)
      return TimeChart.Event(
        letter: letter, moment: entry.time, meaning: "\(moment) \(CauseWords.mark(entry.kind))")
    }
  }
}
