internal import IncidentModel

/// A vertical scale from 0 in round steps.
struct Scale {
  let top: Double
  let ticks: [Double]
  private let places: Int

  /// The fewest round steps, at most five, that reach `highest`; `isWhole`: of things that have no halves.
  init(upTo highest: Double, isWhole: Bool = false) {
    let goal = highest.isFinite ? min(1e15, max(highest, isWhole ? 1 : 1e-3)) : 1
    var power = isWhole ? 1.0 : 0.0001
    var places = isWhole ? 0 : 4
    while true {
      for step in [1.0, 2, 5] where step * power * 5 >= goal {
        let count = (goal / (step * power)).rounded(.up)
        top = count * step * power
        ticks = (0...Int(count)).map { Double($0) * step * power }
        self.places = places
        return
      }
      power *= 10
      places = max(0, places - 1)
    }
  }

  /// Percent.
  static let percent = Scale(ticks: [0, 25, 50, 75, 100])

  private init(ticks: [Double]) {
    self.ticks = ticks
    top = ticks.last ?? 1
    places = 0
  }

  func label(_ tick: Double) -> Figure { Figure.range(tick, tick, places: places) }
}

/// The distance of a time axis' ticks.
enum TimeScale {
  private static let steps: [Int64] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
  ]

  /// The smallest round step of which at most eight fit.
  static func step(over seconds: Int64) -> Int64 {
    if let step = steps.first(where: { seconds / $0 <= 8 }) { return step }
    var step: Int64 = 86_400
    while seconds / step > 8 { step *= 2 }
    return step
  }
}
