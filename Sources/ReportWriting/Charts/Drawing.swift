/// The shapes of an SVG as it grows: numbers with at most two decimals, text only as ``Phrase`` (REPORT §2.3).
///
/// Nothing in it can load, link or run: there are no scripts, references, styles of its own or foreign elements.
struct Drawing {
  /// What a shape stands for, which ``ChartStyle`` gives its colour and dash.
  enum Role: String, CaseIterable {
    case background = "bg"
    case grid, axis, gap, shade, event, leader
    case needed
    case firstAttempts = "first"
    case ready, wanted, failed, repeats, latency, rate
    case answered, serving, maximum
    case repeatsLine = "repeats-line"
    case excess, baseline, whisker
    case readyArea = "ready-area"
    case partOne = "part1"
    case partTwo = "part2"
    case partThree = "part3"
  }

  /// How a text looks.
  enum Lettering: String {
    case title, label, tick, letter
  }

  enum Anchor: String {
    case start, middle, end
  }

  struct Point: Hashable {
    var x: Double
    var y: Double
  }

  let width: Double
  let height: Double
  private(set) var shapes: [String] = []

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
    rectangle(.background, x: 0, y: 0, width: width, height: height)
  }

  mutating func rectangle(_ role: Role, x: Double, y: Double, width: Double, height: Double) {
    guard width > 0, height > 0 else { return }
    shapes.append(
      "<rect class=\"fm-\(role.rawValue)\" x=\"\(Self.spelled(x))\" y=\"\(Self.spelled(y))\" width=\"\(Self.spelled(width))\" height=\"\(Self.spelled(height))\"/>"
    )
  }

  mutating func line(_ role: Role, from start: Point, to end: Point) {
    lines(role, [[start, end]])
  }

  /// Strokes, each through its points; strokes of a single point are a dot's width long.
  mutating func lines(_ role: Role, _ strokes: [[Point]], isClosed: Bool = false) {
    let paths = strokes.compactMap { points -> String? in
      guard let first = points.first else { return nil }
      if points.count == 1 {
        return "M\(Self.spelled(first.x - 0.5)) \(Self.spelled(first.y))h1"
      }
      return Self.path(points) + (isClosed ? "z" : "")
    }
    guard !paths.isEmpty else { return }
    shapes.append("<path class=\"fm-\(role.rawValue)\" d=\"\(paths.joined())\"/>")
  }

  /// Filled bars that stand on `base`.
  mutating func bars(_ role: Role, _ bars: [(x: Double, width: Double, top: Double)], base: Double)
  {
    lines(
      role,
      bars.map { bar in
        [
          Point(x: bar.x, y: base), Point(x: bar.x, y: bar.top),
          Point(x: bar.x + bar.width, y: bar.top), Point(x: bar.x + bar.width, y: base),
        ]
      }, isClosed: true)
  }

  /// Lozenges, which tell a line from another without colour.
  mutating func markers(_ role: Role, at points: [Point]) {
    lines(
      role,
      points.map { point in
        [
          Point(x: point.x - 3.5, y: point.y), Point(x: point.x, y: point.y - 3.5),
          Point(x: point.x + 3.5, y: point.y), Point(x: point.x, y: point.y + 3.5),
        ]
      }, isClosed: true)
  }

  mutating func text(
    _ phrase: Phrase, _ lettering: Lettering = .label, x: Double, y: Double, anchor: Anchor = .start
  ) {
    guard !phrase.isEmpty else { return }
    let place = anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\""
    shapes.append(
      "<text class=\"fm-\(lettering.rawValue)\" x=\"\(Self.spelled(x))\" y=\"\(Self.spelled(y))\"\(place)>\(phrase.markup)</text>"
    )
  }

  private static func path(_ points: [Point]) -> String {
    var text = ""
    for (index, point) in points.enumerated() {
      text += (index == 0 ? "M" : "L") + spelled(point.x) + " " + spelled(point.y)
    }
    return text
  }

  /// At most two decimals, so that the last bit of a sum changes no byte.
  static func spelled(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e9 else { return "0" }
    let hundredths = Int((number * 100).rounded(.toNearestOrAwayFromZero))
    let (whole, part) = (hundredths.magnitude / 100, hundredths.magnitude % 100)
    let sign = hundredths < 0 ? "-" : ""
    if part == 0 { return sign + String(whole) }
    let digits = part < 10 ? "0\(part)" : part % 10 == 0 ? String(part / 10) : String(part)
    return sign + String(whole) + "." + digits
  }
}
