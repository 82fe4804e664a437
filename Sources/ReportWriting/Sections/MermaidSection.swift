internal import IncidentModel

extension ReportSections {
  /// Trackers draw no longer source at once (REPORT §2.3).
  private static let longestDiagram = 2000

  /// Needed and ready as a Mermaid `xychart-beta`, for trackers that draw it; the table above says the same.
  ///
  /// The chart knows no gaps, so that it is left out where there are any.
  func mermaid(_ service: String, into page: inout Page) {
    guard let series = context.series(of: service), let grid = CellGrid(series, most: 60),
      grid.count > 1
    else { return }
    let all: [(name: Phrase, cells: [Int?])] = [
      ("needed", grid.gathered(series.needed, max)), ("ready", grid.gathered(series.ready, min)),
    ]
    let lines = all.compactMap { name, cells -> (name: Phrase, cells: [Int])? in
      let known = cells.compactMap { $0 }
      return known.count == cells.count ? (name: name, cells: known) : nil
    }
    guard lines.count == 2, let highest = lines.flatMap(\.cells).max() else { return }
    let start = context.time(
      grid.start(of: 0), precisionSeconds: grid.width % 60 == 0 ? 60 : 1)
    let seconds = (grid.count - 1) * grid.width
    let isMinutes = grid.width % 60 == 0
    let unit: Phrase = isMinutes ? "minutes" : "seconds"
    let length = Figure.plain(isMinutes ? seconds / 60 : seconds)
    let scale = Scale(upTo: Double(highest), isWhole: true)
    var source: [Phrase] = [
      "xychart-beta", "  title \"Instances needed and ready\"",
      "  x-axis \"\(unit) from \(start) UTC\" 0 --> \(length)",
      "  y-axis \"instances\" 0 --> \(Figure.plain(Int(scale.top)))",
    ]
    for line in lines {
      let values = line.cells.map { "\(Figure.plain($0))" as Phrase }
      source.append("  line \"\(line.name)\" [\(Phrase.joined(values, by: ", "))]")
    }
    guard source.reduce(0, { $0 + $1.plain.unicodeScalars.count + 1 }) <= Self.longestDiagram
    else { return }
    page.diagram(source)
  }
}
