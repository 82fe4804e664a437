internal import IncidentModel

/// Series on one clock: panels above each other, events on a rail, names at the lines' ends.
struct TimeChart {
  /// How a series is drawn; no two in a panel are drawn alike.
  enum Form {
    case line(Drawing.Role)
    /// A stepped line, with the area below it filled.
    case area(Drawing.Role, fill: Drawing.Role)
    case steps(Drawing.Role)
    case bars(Drawing.Role)
    case markers(Drawing.Role, line: Drawing.Role)
  }

  /// One series, a value a cell; nil is a gap.
  struct Trace {
    var label: Phrase
    var form: Form
    var values: [Double?]
  }

  /// What shares a vertical scale.
  struct Panel {
    /// What the scale counts.
    var unit: Phrase
    var weight: Double
    var scale: Scale
    var traces: [Trace]
  }

  /// A stretch that stands out.
  struct Shade {
    var span: TimeSpan
    var meaning: Phrase
  }

  /// An event with its letter.
  struct Event {
    var letter: UInt8
    var moment: Instant
    var meaning: Phrase
  }

  var grid: CellGrid
  var title: Phrase
  var panels: [Panel]
  var events: [Event] = []
  /// Cells in which the logs are silent.
  var gaps: [Range<Int>] = []
  var shaded: Shade?
  var height: Double = 420

  private static let left = 62.0
  private static let right = 752.0
  private static let width = 960.0
  /// The least distance of two labels' base lines.
  private static let lineHeight = 16.0

  var drawing: Drawing {
    var drawing = Drawing(width: Self.width, height: height)
    drawing.text(title, .title, x: 16, y: 24)
    let notes = legend
    let bottom = height - 14 - Double(notes.count) * Self.lineHeight - 24
    var top = events.isEmpty ? 52.0 : 72.0
    let gap = 34.0
    let room = bottom - top - gap * Double(panels.count - 1)
    let weights = panels.reduce(0) { $0 + $1.weight }
    let first = top
    if let span = shaded?.span {
      let (start, end) = (x(span.start), x(span.end))
      drawing.rectangle(.shade, x: start, y: top, width: end - start, height: bottom - top)
    }
    addGaps(to: &drawing, top: top, bottom: bottom)
    for panel in panels {
      let part = room * panel.weight / weights
      add(panel, to: &drawing, top: top, bottom: top + part)
      top += part + gap
    }
    addTimes(to: &drawing, top: first, bottom: bottom)
    addEvents(to: &drawing, top: first, bottom: bottom)
    for (index, note) in notes.enumerated() {
      let y = bottom + 24 + Self.lineHeight * Double(index + 1)
      drawing.text(note, .tick, x: 16, y: y)
    }
    return drawing
  }

  // MARK: Places

  private var cellWidth: Double { (Self.right - Self.left) / Double(grid.count) }

  private func x(_ cell: Int) -> Double { Self.left + Double(cell) * cellWidth }

  private func x(_ moment: Instant) -> Double {
    let seconds = moment.seconds(since: grid.start(of: 0))
    let whole = Double(grid.count) * Double(grid.width)
    return Self.left + min(1, max(0, seconds / whole)) * (Self.right - Self.left)
  }

  // MARK: Axes

  private func addTimes(to drawing: inout Drawing, top: Double, bottom: Double) {
    let whole = Int64(grid.count) * Int64(grid.width)
    let step = TimeScale.step(over: whole)
    var moment = -floorDivide(-grid.first, step) * step
    while moment <= grid.first + whole {
      let x = x(Instant(seconds: moment))
      drawing.line(
        .axis, from: Drawing.Point(x: x, y: bottom), to: Drawing.Point(x: x, y: bottom + 5))
      let label = Clock.tick(
        Instant(seconds: moment), stepSeconds: step, isLong: whole > 86_400)
      drawing.text("\(label)", .tick, x: x, y: bottom + 19, anchor: .middle)
      moment += step
    }
    drawing.text("UTC", .tick, x: 16, y: bottom + 19)
  }

  private func addScale(_ panel: Panel, to drawing: inout Drawing, top: Double, bottom: Double) {
    for tick in panel.scale.ticks {
      let y = bottom - (bottom - top) * tick / panel.scale.top
      drawing.line(
        tick == 0 ? .axis : .grid, from: Drawing.Point(x: Self.left, y: y),
        to: Drawing.Point(x: Self.right, y: y))
      drawing.text(
        "\(panel.scale.label(tick))", .tick, x: Self.left - 8, y: y + 4, anchor: .end)
    }
    drawing.text(panel.unit, .tick, x: 16, y: top - 10)
  }

  private func addGaps(to drawing: inout Drawing, top: Double, bottom: Double) {
    for gap in gaps {
      let (start, end) = (x(gap.lowerBound), x(gap.upperBound))
      drawing.rectangle(.gap, x: start, y: top, width: end - start, height: bottom - top)
      if end - start > 60 {
        drawing.text("no log", .tick, x: (start + end) / 2, y: top + 14, anchor: .middle)
      }
    }
  }

  // MARK: Events

  private func addEvents(to drawing: inout Drawing, top: Double, bottom: Double) {
    guard !events.isEmpty else { return }
    let rail = top - 24
    var next = Self.left - 8
    for event in events.sorted(by: { ($0.moment, $0.letter) < ($1.moment, $1.letter) }) {
      let place = x(event.moment)
      let letter = max(place, next)
      next = letter + 15
      drawing.line(
        .event, from: Drawing.Point(x: place, y: top - 6), to: Drawing.Point(x: place, y: bottom))
      if letter != place {
        drawing.line(
          .leader, from: Drawing.Point(x: letter, y: rail + 4),
          to: Drawing.Point(x: place, y: top - 6))
      }
      drawing.text(
        Phrase(letter: event.letter), .letter, x: letter, y: rail, anchor: .middle)
    }
  }

  /// Letters and their meanings in at most three lines.
  private var legend: [Phrase] {
    var lines: [Phrase] = []
    var line: Phrase = ""
    let notes =
      (shaded.map { [$0.meaning.capitalized] } ?? [])
      + events.sorted { $0.letter < $1.letter }.map { event -> Phrase in
        "\(Phrase(letter: event.letter)) \(event.meaning)"
      }
    for note in notes {
      let longer = line.isEmpty ? note : line + " · " + note
      if longer.plain.unicodeScalars.count > 145, !line.isEmpty {
        lines.append(line)
        line = note
      } else {
        line = longer
      }
    }
    if !line.isEmpty { lines.append(line) }
    guard lines.count > 3 else { return lines }
    return Array(lines.prefix(2)) + ["Further letters: see the timeline"]
  }

  // MARK: Series

  private func add(_ panel: Panel, to drawing: inout Drawing, top: Double, bottom: Double) {
    addScale(panel, to: &drawing, top: top, bottom: bottom)
    func y(_ value: Double) -> Double {
      bottom - (bottom - top) * min(1, max(0, value / panel.scale.top))
    }
    var labels: [EndLabel] = []
    for trace in panel.traces {
      add(trace, to: &drawing, base: bottom, y)
      guard let last = trace.values.lastIndex(where: { $0 != nil }), let value = trace.values[last]
      else { continue }
      labels.append(
        EndLabel(trace: trace, x: x(last + 1), end: y(value), baseline: y(value) + 4))
    }
    EndLabel.part(&labels, by: Self.lineHeight, top: top + 4, bottom: bottom + 4)
    for label in labels { add(label, to: &drawing) }
  }

  private func add(
    _ trace: Trace, to drawing: inout Drawing, base: Double, _ y: (Double) -> Double
  ) {
    switch trace.form {
    case .line(let role):
      drawing.lines(role, centers(trace.values, y))
    case .steps(let role):
      drawing.lines(role, steps(trace.values, y))
    case .area(let role, let fill):
      let outline = steps(trace.values, y)
      let areas = outline.map { points -> [Drawing.Point] in
        guard let first = points.first, let last = points.last else { return [] }
        return [Drawing.Point(x: first.x, y: base)] + points + [Drawing.Point(x: last.x, y: base)]
      }
      drawing.lines(fill, areas, isClosed: true)
      drawing.lines(role, outline)
    case .bars(let role):
      let bars = trace.values.enumerated().compactMap { cell, value in
        value.flatMap { $0 > 0 ? (x: x(cell), width: cellWidth * 0.82, top: y($0)) : nil }
      }
      drawing.bars(role, bars, base: base)
    case .markers(let role, let line):
      let strokes = centers(trace.values, y)
      drawing.lines(line, strokes)
      let every = max(1, grid.count / 20)
      drawing.markers(
        role,
        at: trace.values.enumerated().compactMap { cell, value in
          guard let value, cell % every == every / 2 else { return nil }
          return Drawing.Point(x: x(cell) + cellWidth / 2, y: y(value))
        })
    }
  }

  /// Strokes through the middles of the cells, broken at gaps.
  private func centers(_ values: [Double?], _ y: (Double) -> Double) -> [[Drawing.Point]] {
    strokes(values) { [Drawing.Point(x: x($0) + cellWidth / 2, y: y($1))] }
  }

  /// Strokes that keep a cell's value over its width; of equal neighbours only the ends are kept.
  private func steps(_ values: [Double?], _ y: (Double) -> Double) -> [[Drawing.Point]] {
    strokes(values) { cell, value in
      [Drawing.Point(x: x(cell), y: y(value)), Drawing.Point(x: x(cell + 1), y: y(value))]
    }.map { points in
      var kept: [Drawing.Point] = []
      for point in points {
        if kept.count >= 2, kept[kept.count - 1].y == point.y, kept[kept.count - 2].y == point.y {
          kept.removeLast()
        }
        kept.append(point)
      }
      return kept
    }
  }

  private func strokes(
    _ values: [Double?], _ points: (Int, Double) -> [Drawing.Point]
  ) -> [[Drawing.Point]] {
    var strokes: [[Drawing.Point]] = []
    var isOpen = false
    for (cell, value) in values.enumerated() {
      guard let value else {
        isOpen = false
        continue
      }
      if !isOpen { strokes.append([]) }
      isOpen = true
      strokes[strokes.count - 1] += points(cell, value)
    }
    return strokes
  }

  // MARK: Labels

  private func add(_ label: EndLabel, to drawing: inout Drawing) {
    let start = Self.right + 14
    drawing.line(
      .leader, from: Drawing.Point(x: min(label.x, Self.right) + 2, y: label.end),
      to: Drawing.Point(x: start - 2, y: label.baseline - 4))
    let (left, middle, right) = (start, label.baseline - 4, start + 22)
    let ends = [Drawing.Point(x: left, y: middle), Drawing.Point(x: right, y: middle)]
    switch label.trace.form {
    case .line(let role), .steps(let role): drawing.lines(role, [ends])
    case .area(let role, let fill):
      drawing.rectangle(fill, x: left, y: middle, width: right - left, height: 6)
      drawing.lines(role, [ends])
    case .bars(let role):
      drawing.rectangle(role, x: left, y: middle - 5, width: right - left, height: 10)
    case .markers(let role, let line):
      drawing.lines(line, [ends])
      drawing.markers(role, at: [Drawing.Point(x: (left + right) / 2, y: middle)])
    }
    drawing.text(label.trace.label, x: right + 6, y: label.baseline)
  }
}

/// A series' name at its end.
private struct EndLabel {
  var trace: TimeChart.Trace
  var x: Double
  /// Where the series ends.
  var end: Double
  var baseline: Double

  /// Moves labels apart until none stands in another, and keeps them between `top` and `bottom`.
  static func part(_ labels: inout [EndLabel], by distance: Double, top: Double, bottom: Double) {
    // Stable: of equal ends the first series stays above.
    let order = labels.indices.sorted { (labels[$0].end, $0) < (labels[$1].end, $1) }
    var least = top
    for index in order {
      labels[index].baseline = max(labels[index].baseline, least)
      least = labels[index].baseline + distance
    }
    var most = bottom
    for index in order.reversed() {
      labels[index].baseline = min(labels[index].baseline, most)
      most = labels[index].baseline - distance
    }
  }
}
