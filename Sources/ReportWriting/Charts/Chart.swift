internal import IncidentModel

/// One drawing of the report: a file beside it, or a part of its page.
struct Chart {
  /// What a drawing shows.
  enum Kind: String, CaseIterable {
    /// Demand, capacity, failures and repeats on one clock.
    case capacity
    /// Latency and the requests that met it.
    case latency
    /// Who the requests above the baseline were.
    case excess
  }

  /// `capacity`, or `capacity-I2` where there are several incidents.
  let stem: String
  let title: Phrase
  /// What the drawing tells, for those who cannot see it.
  let description: Phrase
  let drawing: Drawing

  /// `number`: that of the incident, counted from 1; nil where there is but one.
  init(_ kind: Kind, number: Int?, title: Phrase, description: Phrase, drawing: Drawing) {
    stem = kind.rawValue + (number.map { "-I\($0)" } ?? "")
    self.title = title
    self.description = description
    self.drawing = drawing
  }

  /// The file's name in the report's folder; no part of it comes from a log.
  var file: String { "charts/" + stem + ".svg" }

  /// A file that any browser or viewer shows.
  var svg: String {
    element(
      isFile: true, inside: ["<style>" + ChartStyle.rules + "</style>"])
  }

  /// The same within a page that carries ``ChartStyle``.
  var inline: String { element(isFile: false, inside: []) }

  private func element(isFile: Bool, inside: [String]) -> String {
    let (width, height) = (Drawing.spelled(drawing.width), Drawing.spelled(drawing.height))
    let space = isFile ? " xmlns=\"http://www.w3.org/2000/svg\"" : ""
    let open =
      "<svg\(space) class=\"fm-chart\" width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\" role=\"img\" aria-labelledby=\"\(stem)-title \(stem)-desc\">"
    let lines =
      [
        open, "<title id=\"\(stem)-title\">\(title.markup)</title>",
        "<desc id=\"\(stem)-desc\">\(description.markup)</desc>",
      ] + inside + drawing.shapes + ["</svg>"]
    return lines.joined(separator: "\n") + "\n"
  }
}

/// The drawings of a report, by what they show and of which incident.
struct ChartSet {
  private struct Key: Hashable {
    var kind: Chart.Kind
    var incident: String?
  }

  /// In the order in which their files are written.
  private(set) var charts: [Chart] = []
  private var places: [Key: Int] = [:]

  /// No drawing at all.
  init() {}

  /// Of the incidents with the most failed requests so many are drawn.
  private static let mostIncidents = 10

  init(_ context: ReportContext) {
    let incidents = context.analysis.incidents
    guard !incidents.isEmpty else {
      if let busiest = context.analysis.services.first {
        add(CapacityChart(context, service: busiest.name, incident: nil).chart(nil), nil, .capacity)
      }
      return
    }
    let drawn = Set(context.worstFirst.prefix(Self.mostIncidents).map(\.id))
    for (index, incident) in incidents.enumerated() where drawn.contains(incident.id) {
      let number = incidents.count > 1 ? index + 1 : nil
      let service = incident.service
      add(
        CapacityChart(context, service: service, incident: incident).chart(number), incident.id,
        .capacity)
      add(LatencyChart(context, incident: incident).chart(number), incident.id, .latency)
      add(ExcessChart(context, incident: incident).chart(number), incident.id, .excess)
    }
  }

  private mutating func add(_ chart: Chart?, _ incident: String?, _ kind: Chart.Kind) {
    guard let chart else { return }
    places[Key(kind: kind, incident: incident)] = charts.count
    charts.append(chart)
  }

  subscript(_ kind: Chart.Kind, of incident: Incident?) -> Chart? {
    places[Key(kind: kind, incident: incident?.id)].map { charts[$0] }
  }
}
