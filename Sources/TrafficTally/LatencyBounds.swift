/// The buckets of the latency sketch: integers in microseconds, so that every machine agrees.
///
/// DDSketch (Masson, Rim, Lee: DDSketch, VLDB 2019) with relative error α = 1 %: a bucket from `low` to `high` has high ≤ low · (1 + α)/(1 − α), and stands for
/// 2·low·high/(low + high), which is within 1 % of everything inside. Buckets begin at 1 µs and end at 86,400 s; the first hundred hold one integer each.
enum LatencyBounds {
  static let most: Int64 = 86_400_000_000

  /// The greatest value of each bucket.
  static let highs: [Int64] = {
    var highs: [Int64] = []
    var low: Int64 = 1
    while low <= most {
      let high = min(max(low, low * 101 / 99), most)
      highs.append(high)
      low = high + 1
    }
    return highs
  }()

  /// The bucket of the least value with given leading bits: the power of two, and the six bits after the first.
  private static let starts: [UInt16] = {
    var starts = [UInt16](repeating: 0, count: 38 * 64)
    var bucket = 0
    for power in 0..<38 {
      for step in 0..<64 {
        let low = (Int64(64 + step) << Int64(power)) >> 6
        while bucket + 1 < highs.count, highs[bucket] < low { bucket += 1 }
        starts[power * 64 + step] = UInt16(bucket)
      }
    }
    return starts
  }()

  /// The bucket of a duration in microseconds, clamped to the range.
  @inline(__always)
  static func bucket(of microseconds: Int64) -> Int {
    let value = min(max(microseconds, 1), most)
    let power = 63 &- value.leadingZeroBitCount
    let step = Int(truncatingIfNeeded: (value << Int64(62 &- power)) >> 56) & 63
    var bucket = Int(starts[power &* 64 &+ step])
    while highs[bucket] < value { bucket &+= 1 }
    return bucket
  }

  /// What a bucket stands for, in milliseconds.
  static func milliseconds(of bucket: Int) -> Double {
    let low = Double(bucket == 0 ? 1 : highs[bucket - 1] + 1)
    let high = Double(highs[bucket])
    return 2 * low * high / (low + high) / 1000
  }
}
