internal import IncidentModel

/// How many requests per second one instance of a group carries (METHODS §6, *per-instance capacity*).
///
/// c_h (`healthyRate`) is the 95th percentile of worked requests per ready instance in healthy minutes; c_s (`saturatedRate`) the median over saturated
/// minutes with a steady fleet (at least four, the first and last of each run left out), or over the first ten of them, whichever is higher;
/// c* = max(c_h, c_s).
/// The interval reaches down to what the instances completed: how much work a request took that timed out is not known.
/// A group that never saturated has c_h alone, as a lower bound, and no shortfall. Saturated by load means more than that
/// requests fail or take long: each instance also got more of them (5 %) than when all was well, else something else is slow
/// or broken, and an instance would have carried as much as ever.
struct InstanceCapacity: Hashable, Sendable {
  var rate: Double
  /// 95 % interval.
  var interval: ClosedRange<Double>
  /// The group never saturated: it carries at least this.
  var isLowerBound: Bool
  /// c_h, where there were healthy minutes.
  var healthy: Double?

  static let leastSaturatedMinutes = 4
  /// So many minutes inside a run are measured without its first and last.
  static let leastWholeMinutes = 2
  static let firstMinutes = 10
  /// Requests per ready instance, as a multiple of c_h, from which load can have saturated it.
  static let leastLoad = 1.05
  static let resamples = 400
  /// Where under half of the failures speak of overload and latency is normal, the group never saturated.
  static let overloadShare = 0.5
  /// Saturated latency, as a multiple of the baseline's 95th percentile and in milliseconds above it (METHODS §5).
  static let slowFactor = 3.0
  static let slowMilliseconds = 200.0

  init(
    rate: Double, interval: ClosedRange<Double>, isLowerBound: Bool, healthy: Double? = nil
  ) {
    self.rate = rate
    self.interval = interval
    self.isLowerBound = isLowerBound
    self.healthy = healthy
  }

  /// nil: no minute has both requests and a known fleet.
  init?(
    minutes: [LoadMinute], incidents: [TimeSpan], baseline: Baseline, objective: Double
  ) {
    let known = minutes.filter { $0.workedPerInstance != nil && $0.requests > 0 && $0.isCovered }
    let allowed = max(1 - objective, 2 * baseline.failedRatio)
    let healthy = known.filter { minute in
      minute.failedRatio <= allowed && !Self.isSlow(minute, baseline, factor: 2, more: 0)
    }
    let inIncident = known.filter { minute in incidents.contains { $0.overlaps(minute.span) } }
    let suffering = inIncident.filter { Self.isSaturated($0, baseline) }
    let saturated = suffering.filter(\.isSteady)
    let healthyRates = healthy.compactMap(\.workedPerInstance).sorted()
    let healthyRate = Self.quantile(healthyRates, 0.95)
    let loaded = saturated.filter { minute in
      guard let healthyRate, let ready = minute.ready, ready > 0 else { return healthyRate == nil }
      return minute.rate / ready >= Self.leastLoad * healthyRate
    }
    let enough =
      saturated.count >= Self.leastSaturatedMinutes && loaded.count * 2 >= saturated.count
      && Self.everSaturated(inIncident, baseline)
    if enough {
      let whole = Self.inner(suffering).filter(\.isSteady)
      let measured = whole.count >= Self.leastWholeMinutes ? whole : saturated
      let all = measured.compactMap(\.workedPerInstance)
      let first = Array(all.prefix(Self.firstMinutes))
      let saturatedRate = max(Self.median(all), Self.median(first))
      let used = Self.median(first) > Self.median(all) ? first : all
      if healthyRate.map({ saturatedRate >= $0 }) ?? true {
        let count = measured.reduce(0) { $0 + $1.worked }
        var interval = Self.interval(used, around: saturatedRate, counted: count)
        // What timed out may have been worked on in full, in part or not at all: no log tells.
        let completed = Self.median(measured.compactMap(\.completedPerInstance))
        let least = min(interval.lowerBound, max(completed, healthyRate ?? 0))
        interval = least...interval.upperBound
        self.init(
          rate: saturatedRate, interval: interval, isLowerBound: false, healthy: healthyRate)
        return
      }
    }
    guard let healthyRate else { return nil }
    let count = healthy.reduce(0) { $0 + $1.worked } / max(1, healthy.count)
    self.init(
      rate: healthyRate,
      interval: Self.interval(Array(healthyRates.suffix(20)), around: healthyRate, counted: count),
      isLowerBound: !enough, healthy: healthyRate)
  }

  /// Saturated minutes without the first and last of each run, which are saturated for a part only.
  private static func inner(_ saturated: [LoadMinute]) -> [LoadMinute] {
    saturated.indices.filter { index in
      index > 0 && index + 1 < saturated.count
        && saturated[index - 1].span.end == saturated[index].start
        && saturated[index].span.end == saturated[index + 1].start
    }.map { saturated[$0] }
  }

  /// Whether failures, or latency, of the incidents speak of load at all.
  static func everSaturated(_ minutes: [LoadMinute], _ baseline: Baseline) -> Bool {
    let failed = minutes.reduce(0) { $0 + $1.failed }
    let overload = minutes.reduce(0) { $0 + $1.overloadFailures }
    let slow = minutes.filter { isSlow($0, baseline, factor: slowFactor, more: slowMilliseconds) }
    return (failed > 0 && Double(overload) >= overloadShare * Double(failed))
      || slow.count * 2 > minutes.count
  }

  /// A minute in which at least 2 % fail and mostly for want of capacity, or whose latency is far above normal.
  static func isSaturated(_ minute: LoadMinute, _ baseline: Baseline) -> Bool {
    let refuses =
      minute.failedRatio >= 0.02
      && Double(minute.overloadFailures) >= overloadShare * Double(minute.failed)
    return refuses || isSlow(minute, baseline, factor: slowFactor, more: slowMilliseconds)
  }

  static func isSlow(
    _ minute: LoadMinute, _ baseline: Baseline, factor: Double, more: Double
  ) -> Bool {
    guard let p95 = minute.p95Milliseconds, let normal = baseline.p95Milliseconds else {
      return false
    }
    return p95 >= factor * normal && p95 >= normal + more
  }

  /// Five-minute block bootstrap of the median with a fixed seed, never narrower than counting noise allows.
  private static func interval(
    _ values: [Double], around rate: Double, counted: Int
  ) -> ClosedRange<Double> {
    var random = SplitMix(seed: 0x666c_6f6f_646d)
    var medians: [Double] = []
    let block = 5
    for _ in 0..<resamples where !values.isEmpty {
      var sample: [Double] = []
      while sample.count < values.count {
        let start = Int(random.next() % UInt64(values.count))
        for offset in 0..<block { sample.append(values[(start + offset) % values.count]) }
      }
      medians.append(median(sample))
    }
    let sorted = medians.sorted()
    let noise = max(0.02, 1.96 / Double(max(1, counted)).squareRoot()) * rate
    let low = min(quantile(sorted, 0.025) ?? rate, rate - noise)
    let high = max(quantile(sorted, 0.975) ?? rate, rate + noise)
    return max(0, low)...max(high, 0)
  }

  static func median(_ values: [Double]) -> Double { quantile(values.sorted(), 0.5) ?? 0 }

  /// The linearly interpolated quantile of sorted values.
  static func quantile(_ sorted: [Double], _ part: Double) -> Double? {
    guard let last = sorted.last else { return nil }
    let place = part * Double(sorted.count - 1)
    let index = Int(place)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
  }
}

/// Sebastiano Vigna's SplitMix64: the fixed-seed source of the bootstrap.
struct SplitMix: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
