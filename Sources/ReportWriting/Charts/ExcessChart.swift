internal import IncidentModel

/// `charts/excess.svg`: who the requests above the baseline were, beside who is usual.
struct ExcessChart {
  private let context: ReportContext
  private let incident: Incident

  private static let width = 960.0
  private static let left = 384.0
  private static let right = 704.0
  private static let rowHeight = 34.0

  init(_ context: ReportContext, incident: Incident) {
    self.context = context
    self.incident = incident
  }

  /// nil where there is no excess, or none that could be told apart.
  func chart(_ number: Int?) -> Chart? {
    guard let spike = context.spike(of: incident),
      let excess = spike.composition.excessRequests, excess > 0
    else { return nil }
    let parts = ExcessParts(spike.composition)
    let segments = Array(spike.composition.segments.prefix(8))
    guard parts != nil || !segments.isEmpty else { return nil }
    let title: Phrase =
      "The extra traffic\(context.drawn(incident.service, " of ")): \(Figure.count(excess)) requests above the baseline"
    let partsHeight = parts == nil ? 0.0 : 64
    let height =
      52 + partsHeight
      + (segments.isEmpty ? 0 : 60 + Self.rowHeight * Double(segments.count))
    var drawing = Drawing(width: Self.width, height: height)
    drawing.text(title, .title, x: 16, y: 24)
    if let parts { add(parts, to: &drawing, top: 46) }
    if !segments.isEmpty { add(segments, to: &drawing, top: 46 + partsHeight) }
    return Chart(
      .excess, number: number, title: title, description: description(parts, segments),
      drawing: drawing)
  }

  // MARK: Parts

  private func add(_ parts: ExcessParts, to drawing: inout Drawing, top: Double) {
    let roles: [Drawing.Role] = [.partOne, .partTwo, .partThree]
    let (start, end) = (16.0, Self.width - 16)
    var x = start
    for (index, part) in parts.rows.enumerated() {
      let width = (end - start) * min(1, Double(part.requests) / Double(parts.whole))
      drawing.rectangle(
        roles[index % roles.count], x: x, y: top, width: max(0, min(width, end - x) - 2), height: 20
      )
      x += width
    }
    var place = start
    for (index, part) in parts.rows.enumerated() {
      drawing.rectangle(roles[index % roles.count], x: place, y: top + 30, width: 12, height: 12)
      let label = label(part, of: parts.whole)
      drawing.text(label, x: place + 18, y: top + 41)
      place += 36 + 6.3 * Double(label.plain.unicodeScalars.count)
    }
  }

  private func label(
    _ part: (kind: ExcessParts.Kind, requests: Int), of whole: Int
  ) -> Phrase {
    let name: Phrase
    switch part.kind {
    case .repeats: name = "Repeats"
    default: name = part.kind.phrase(isLeast: false)
    }
    return
      "\(name): \(Figure.count(part.requests)) (\(Figure.share(part.requests, of: whole)))"
  }

  // MARK: Segments

  private func add(
    _ segments: [Composition.Segment], to drawing: inout Drawing, top: Double
  ) {
    drawing.rectangle(.excess, x: Self.left, y: top, width: 22, height: 11)
    drawing.text("share of the excess", x: Self.left + 28, y: top + 10)
    drawing.rectangle(.baseline, x: Self.left + 170, y: top + 2, width: 22, height: 7)
    drawing.text("share of the baseline", x: Self.left + 198, y: top + 10)
    let first = top + 30
    let bottom = first + Self.rowHeight * Double(segments.count)
    for tick in Scale.percent.ticks {
      let x = x(tick / 100)
      drawing.line(
        tick == 0 ? .axis : .grid, from: Drawing.Point(x: x, y: first - 8),
        to: Drawing.Point(x: x, y: bottom))
      drawing.text(
        "\(Scale.percent.label(tick)) %", .tick, x: x, y: bottom + 16, anchor: .middle)
    }
    for (index, segment) in segments.enumerated() {
      add(segment, to: &drawing, top: first + Self.rowHeight * Double(index))
    }
  }

  private func add(_ segment: Composition.Segment, to drawing: inout Drawing, top: Double) {
    drawing.text(
      "\(CauseWords.dimension(segment.dimension)): \(value(segment))", x: Self.left - 12,
      y: top + 15,
      anchor: .end)
    drawing.rectangle(
      .excess, x: Self.left, y: top, width: x(segment.shareOfExcess) - Self.left, height: 12)
    drawing.rectangle(
      .baseline, x: Self.left, y: top + 14, width: x(segment.baselineShare) - Self.left, height: 7)
    if segment.shareError > 0.0005 {
      drawing.line(
        .whisker,
        from: Drawing.Point(x: x(segment.shareOfExcess - segment.shareError), y: top + 6),
        to: Drawing.Point(x: x(segment.shareOfExcess + segment.shareError), y: top + 6))
    }
    drawing.text(figures(segment), x: Self.right + 16, y: top + 15)
  }

  private func x(_ share: Double) -> Double {
    Self.left + (share.isFinite ? min(1, max(0, share)) : 0) * (Self.right - Self.left)
  }

  private func value(_ segment: Composition.Segment) -> Quoted {
    context.door.admit(segment.value, limit: .chart)
  }

  private func figures(_ segment: Composition.Segment) -> Phrase {
    let error: Phrase =
      segment.shareError > 0.0005 ? " (± \(Figure.share(segment.shareError)))" : ""
    return
      "\(Figure.share(segment.shareOfExcess))\(error), usually \(Figure.share(segment.baselineShare))"
  }

  private func description(
    _ parts: ExcessParts?, _ segments: [Composition.Segment]
  ) -> Phrase {
    var sentences: [Phrase] = []
    if let parts {
      let rows = parts.rows.map { label($0, of: parts.whole) }
      sentences.append("\(Phrase.joined(rows, by: "; ")).")
    }
    for segment in segments {
      sentences.append(
        "\(CauseWords.dimension(segment.dimension)) \(value(segment)): \(figures(segment)).")
    }
    return Phrase.joined(sentences, by: " ")
  }
}
