import IncidentModel
import TrafficTally

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed on every machine.
struct SeededNoise {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Uniform in 0 ..< 1.
  mutating func uniform() -> Double { Double(bits() >> 11) * 0x1p-53 }

  /// Sum of twelve uniforms less six: normal enough for noise.
  mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform() }
    return sum
  }

  /// Poisson by products of uniforms for small means, by a rounded normal above 30.
  mutating func poisson(_ mean: Double) -> Int {
    guard mean > 0 else { return 0 }
    guard mean < 30 else { return max(0, Int((mean + mean.squareRoot() * normal()).rounded())) }
    // e⁻ᵐ as a product of e⁻¹ and a short series keeps the tests free of a mathematics library.
    var threshold = 1.0
    var rest = mean
    while rest > 1 {
      threshold *= 0.36787944117144233
      rest -= 1
    }
    var term = 1.0
    var series = 1.0
    for order in 1..<20 {
      term *= -rest / Double(order)
      series += term
    }
    threshold *= series
    var count = 0
    var product = uniform()
    while product > threshold, count < 10_000 {
      count += 1
      product *= uniform()
    }
    return count
  }

  mutating func binomial(_ count: Int, _ share: Double) -> Int {
    guard share > 0, count > 0 else { return 0 }
    guard count > 200 else {
      var hits = 0
      for _ in 0..<count where uniform() < share { hits += 1 }
      return hits
    }
    let mean = Double(count) * share
    let spread = (mean * (1 - share)).squareRoot()
    if mean < 20 { return min(count, poisson(mean)) }
    return min(count, max(0, Int((mean + spread * normal()).rounded())))
  }
}

/// A value for every second from promql-like shorthand: `"5x600 20x300 5:50x60"` is 5 for 600 s, 20 for 300 s, then a line from 5 to 50 over 60 s.
func perSecond(_ shorthand: String) -> [Double] {
  var values: [Double] = []
  for word in shorthand.split(separator: " ") {
    let parts = word.split(separator: "x")
    guard parts.count == 2, let seconds = Int(parts[1]) else { return [] }
    let levels = parts[0].split(separator: ":").compactMap { Double($0) }
    guard let first = levels.first, let last = levels.last else { return [] }
    for second in 0..<seconds {
      values.append(first + (last - first) * (Double(second) + 0.5) / Double(seconds))
    }
  }
  return values
}

/// Makes a service's traffic from rates per second, with seeded noise or exact.
struct TrafficBuilder {
  static let origin: Int64 = 1_530_000_000

  var name = "shop.example.com"
  var bucketSeconds = 1
  var seed: UInt64?
  /// Variance ÷ mean of the noise, constant over ten seconds at a time.
  var dispersion = 1.0
  /// Requests per second.
  var requests: [Double] = []
  /// Share of them that fails.
  var failedShare: [Double] = []
  /// Mean duration in milliseconds; empty: none is known.
  var milliseconds: [Double] = []

  init(_ requests: String, failed: String = "", seed: UInt64? = nil) {
    self.requests = perSecond(requests)
    failedShare = perSecond(failed)
    self.seed = seed
  }

  var window: TimeSpan {
    TimeSpan(
      start: Instant(seconds: Self.origin),
      end: Instant(seconds: Self.origin + Int64(requests.count)))
  }

  func time(_ second: Int) -> Instant { Instant(seconds: Self.origin + Int64(second)) }

  func traffic() -> ServiceTraffic {
    var noise = SeededNoise(seed: seed ?? 0)
    var buckets: [ServiceTraffic.Bucket] = []
    var swing = 1.0
    for (second, rate) in requests.enumerated() {
      if dispersion > 1, second % 10 == 0, rate > 0 {
        let spread = ((dispersion - 1) / (10 * rate)).squareRoot()
        swing = max(0.05, 1 + spread * noise.normal())
      }
      let count = seed == nil ? Int(rate.rounded()) : noise.poisson(rate * swing)
      let share = second < failedShare.count ? failedShare[second] : failedShare.last ?? 0
      let failed =
        seed == nil ? Int((Double(count) * share).rounded()) : noise.binomial(count, share)
      var counts = BucketCounts()
      counts.answered = UInt32(count - failed)
      counts.status503 = UInt32(failed)
      counts.bytes = UInt64(count) * 1_000
      if !milliseconds.isEmpty {
        counts.timed = UInt32(count)
        counts.durationSum = UInt64(Double(count) * duration(second) * 1_000)
      }
      guard count > 0 else { continue }
      let width = Int64(bucketSeconds)
      let start = (Self.origin + Int64(second)) / width * width
      if buckets.last?.start == start {
        buckets[buckets.count - 1].counts.add(counts)
      } else {
        buckets.append(ServiceTraffic.Bucket(start: start, counts: counts))
      }
    }
    return ServiceTraffic(name: name, buckets: buckets, latency: latency(of: buckets))
  }

  private func duration(_ second: Int) -> Double {
    second < milliseconds.count ? milliseconds[second] : milliseconds.last ?? 0
  }

  /// Strata of a minute whose median is the planted mean and whose p95 is three times that.
  private func latency(of buckets: [ServiceTraffic.Bucket]) -> [ServiceTraffic.Latency] {
    guard !milliseconds.isEmpty else { return [] }
    var strata: [ServiceTraffic.Latency] = []
    for bucket in buckets {
      let start = bucket.start / 60 * 60
      if strata.last?.start != start {
        let value = duration(max(0, Int(start - Self.origin)))
        strata.append(
          ServiceTraffic.Latency(
            start: start, widthSeconds: 60, count: 0, p50: value, p95: 3 * value, p99: 5 * value))
      }
      strata[strata.count - 1].count += Int(bucket.counts.answered)
    }
    return strata
  }
}
