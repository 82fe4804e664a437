/// Logarithm, exponential and cosine from +, −, × and ÷ alone.
///
/// The C library's may differ in the last bit between machines; these give the same bits wherever doubles are IEEE 754, so a seed gives the same archive everywhere.
enum PortableMath {
  private static let ln2 = 0.693147180559945309417232121458

  /// The natural logarithm of a positive number: exponent × ln 2 + 2 artanh((m − 1)/(m + 1)).
  static func log(_ x: Double) -> Double {
    var mantissa = x.significand
    var exponent = Double(x.exponent)
    if mantissa > 1.4142135623730951 {
      mantissa /= 2
      exponent += 1
    }
    let s = (mantissa - 1) / (mantissa + 1)
    let square = s * s
    var sum = 0.0
    var power = s
    for odd in stride(from: 1.0, through: 21.0, by: 2.0) {
      sum += power / odd
      power *= square
    }
    return exponent * ln2 + 2 * sum
  }

  /// e to the power of `x`; 0 below −700.
  static func exp(_ x: Double) -> Double {
    if x < -700 { return 0 }
    let whole = (min(x, 700) / ln2).rounded()
    let rest = min(x, 700) - whole * ln2
    var term = 1.0
    var sum = 1.0
    for n in 1...16 {
      term *= rest / Double(n)
      sum += term
    }
    return Double(sign: .plus, exponent: Int(whole), significand: sum)
  }

  /// `base` to the power of `exponent`, for a positive base.
  static func power(_ base: Double, _ exponent: Double) -> Double {
    exp(exponent * log(base))
  }

  /// The cosine of an angle in whole turns.
  static func cosine(turns: Double) -> Double {
    let angle = (turns - turns.rounded()) * 6.283185307179586
    let square = angle * angle
    var term = 1.0
    var sum = 1.0
    for n in 1...14 {
      term *= -square / Double(2 * n * (2 * n - 1))
      sum += term
    }
    return sum
  }
}
