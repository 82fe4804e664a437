/// Draws an index by weights, in O(log *n*).
struct WeightedChoice: Sendable {
  private let cumulative: [Double]

  init(weights: [Double]) {
    var sum = 0.0
    cumulative = weights.map { weight in
      sum += weight
      return sum
    }
  }

  /// Weights 1/(rank + shift)^exponent: few ranks get most, and the tail is long.
  init(zipf count: Int, exponent: Double, shift: Double = 1) {
    self.init(
      weights: (0..<count).map { PortableMath.power(Double($0) + shift, -exponent) })
  }

  func draw(_ dice: inout Dice) -> Int {
    guard let total = cumulative.last else { return 0 }
    let mark = dice.uniform() * total
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > mark { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
