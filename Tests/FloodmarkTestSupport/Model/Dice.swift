/// A stream of chance that a seed fixes: xoshiro256** (Blackman, Vigna 2018), filled by SplitMix64.
package struct Dice: Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  package init(seed: UInt64) {
    var mix = seed
    func word() -> UInt64 {
      mix &+= 0x9E37_79B9_7F4A_7C15
      var z = mix
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (word(), word(), word(), word())
  }

  /// A stream of its own for one concern, so that drawing more in one place moves nothing elsewhere.
  package init(seed: UInt64, stream: UInt64) {
    self.init(seed: seed &* 0x2545_F491_4F6C_DD1D ^ (stream &+ 1) &* 0xD6E8_FEB8_6659_FD93)
  }

  package mutating func next() -> UInt64 {
    let scrambled = state.1 &* 5
    let result = ((scrambled << 7) | (scrambled >> 57)) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = (state.3 << 45) | (state.3 >> 19)
    return result
  }

  /// Evenly from 0 up to 1, 1 excluded.
  package mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  package mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// Evenly from 0 up to `count`, `count` excluded; 0 where `count` is not positive.
  package mutating func below(_ count: Int) -> Int {
    count > 0 ? Int(((next() >> 32) &* UInt64(count)) >> 32) : 0
  }

  package mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  package mutating func chance(_ probability: Double) -> Bool {
    uniform() < probability
  }

  package mutating func exponential(mean: Double) -> Double {
    -mean * PortableMath.log(1 - uniform())
  }

  /// The standard normal distribution, by Marsaglia's polar method.
  package mutating func normal() -> Double {
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s > 0 && s < 1 { return u * (-2 * PortableMath.log(s) / s).squareRoot() }
    }
  }

  package mutating func lognormal(median: Double, sigma: Double) -> Double {
    median * PortableMath.exp(sigma * normal())
  }

  /// The gamma distribution of scale 1 (Marsaglia, Tsang 2000).
  package mutating func gamma(shape: Double) -> Double {
    if shape < 1 {
      let boost = PortableMath.power(1 - uniform(), 1 / shape)
      return gamma(shape: shape + 1) * boost
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      if root <= 0 { continue }
      let v = root * root * root
      let limit = 0.5 * x * x + d - d * v + d * PortableMath.log(v)
      if PortableMath.log(1 - uniform()) < limit { return d * v }
    }
  }

  /// The Poisson distribution, by products of uniforms in portions of at most 30.
  package mutating func poisson(mean: Double) -> Int {
    var rest = mean
    var count = 0
    while rest > 0 {
      let limit = PortableMath.exp(-min(rest, 30))
      var product = uniform()
      while product > limit {
        count += 1
        product *= uniform()
      }
      rest -= 30
    }
    return count
  }
}
