/// How demand moves: a daily curve, a planted surge, and noise that is wider than Poisson's and correlated.
package struct DemandCurve: Sendable {
  /// A corner of the surge: the factor at a second since the log's start; straight lines between.
  package struct Corner: Hashable, Sendable {
    package var second: Double
    package var factor: Double

    package init(second: Double, factor: Double) {
      self.second = second
      self.factor = factor
    }
  }

  /// Requests per second at factor 1 and the middle of the day's swing.
  package var base: Double
  /// Half the daily swing as a share of the base.
  package var swing: Double
  /// The second of the day of the highest demand.
  package var peakSecond: Double
  /// Parts of the base by the second of the day, as of a steep morning; empty for none.
  package var day: [Corner] = []
  /// Ascending by second; empty for no surge.
  package var corners: [Corner]
  /// Shape of the gamma noise: its variance is 1 ÷ shape of the squared rate.
  package var noiseShape: Double
  /// Over how many seconds the noise is alike.
  package var noiseSeconds: Double

  package func factor(at second: Double) -> Double {
    Self.height(of: corners, at: second) ?? 1
  }

  /// The height of a line through corners, level before the first and behind the last; nil without corners.
  static func height(of corners: [Corner], at second: Double) -> Double? {
    guard var low = corners.first else { return nil }
    if second < low.second { return low.factor }
    for corner in corners.dropFirst() {
      if second < corner.second {
        let width = corner.second - low.second
        return low.factor + (corner.factor - low.factor) * (second - low.second) / width
      }
      low = corner
    }
    return low.factor
  }

  func daily(secondOfDay: Double) -> Double {
    (1 + swing * PortableMath.cosine(turns: (secondOfDay - peakSecond) / 86_400))
      * (Self.height(of: day, at: secondOfDay) ?? 1)
  }
}

/// Gamma noise of mean 1 that remembers: the beta-gamma process of Lewis, McKenzie and Hugus (1989), one step in five seconds.
struct GammaNoise {
  static let step = 5
  private let shape: Double
  private let memory: Double
  private(set) var value: Double
  private var dice: Dice

  init(shape: Double, seconds: Double, dice: Dice) {
    self.shape = shape
    memory = PortableMath.exp(-Double(Self.step) / seconds)
    self.dice = dice
    value = self.dice.gamma(shape: shape) / shape
  }

  mutating func advance() {
    let kept = dice.gamma(shape: shape * memory)
    let lost = dice.gamma(shape: shape * (1 - memory))
    let fresh = dice.gamma(shape: shape * (1 - memory))
    value = value * kept / (kept + lost) + fresh / shape
  }
}
