internal import IncidentModel

/// `charts/latency.svg`: how long answers took, above the requests that waited for them.
struct LatencyChart {
  private let context: ReportContext
  private let incident: Incident

  init(_ context: ReportContext, incident: Incident) {
    self.context = context
    self.incident = incident
  }

  /// nil where the logs carry no durations.
  func chart(_ number: Int?) -> Chart? {
    guard
      let series = context.drawnSeries(
        of: incident.service, incident: number == nil ? nil : incident),
      var grid = CellGrid(series, most: CapacityChart.mostCells)
    else { return nil }
    grid.covered = context.analysis.window.span
    let cells = grid.gathered(
      series.p95Milliseconds.map { $0.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil } }, max)
    guard let highest = CapacityChart.highest(cells, places: 0),
      let high = cells.compactMap({ $0 }).max()
    else { return nil }
    let panels = [
      TimeChart.Panel(
        unit: "ms", weight: 1.6, scale: Scale(upTo: high, isWhole: true),
        traces: [
          TimeChart.Trace(label: "p95, up to \(highest) ms", form: .line(.latency), values: cells)
        ]),
      CapacityChart.ratePanel(series, grid, weight: 1),
    ].compactMap { $0 }
    let title: Phrase =
      "Latency of answered requests\(context.drawn(incident.service, " to ")), \(context.clock.titleSpan(series.span))"
    let drawing = TimeChart(
      grid: grid, title: title, panels: panels, events: context.events(grid, of: incident),
      gaps: CapacityChart.gaps(grid.gathered(series.requests, +)), shaded: context.shaded(incident),
      height: 360
    ).drawing
    return Chart(
      .latency, number: number, title: title, description: description(cells, high, grid),
      drawing: drawing)
  }

  private func description(_ cells: [Double?], _ high: Double, _ grid: CellGrid) -> Phrase {
    let cell = cells.firstIndex { $0 == high } ?? 0
    let moment = context.time(
      grid.start(of: cell), precisionSeconds: grid.width % 60 == 0 ? 60 : 1)
    return
      "Of 100 answered requests 95 took no longer than this. It was up to \(Figure.latency(milliseconds: high)), first at \(moment)."
  }
}
