internal import IncidentModel
internal import TrafficTally

/// Finds a capacity input whose clock is wrong by whole quarter-hours: a zone that was taken for another (METHODS §2, c).
///
/// Candidates are the multiples of 15 min in −12 … +14 h but a single quarter: offsets that end in :15 or :45 are those of Nepal, the Chatham Islands and Eucla alone, whose nearest neighbours lie 15 min off, and a scaler that is slow, or another group's in the same log, lags the load by as much as that. The load per minute is compared with the scaler's activity under pressure
/// (scale-out, limit, failure, missing metric) in a box of 11 min: r ≥ .5, better than no shift by .2 and than every
/// candidate at least 45 min away by .1. Of neighbours the whole hour wins, then the half. All groups of the input must agree, and
/// none may fit the load as it stands: one clock stamps them all, and a batch fleet that is busy at night is no proof of it.
enum ZoneError {
  static let leastEvents = 5
  static let leastInside = 0.8
  static let leastCorrelation = 0.5
  static let leastGain = 0.2
  static let leastLead = 0.1
  static let boxMinutes = 5
  /// Longer archives are not searched: their load repeats by the day.
  static let mostMinutes = 20_160

  /// The part of a group's activity in minutes of high load from which on its clock is right as it stands.
  static let fits = 0.6

  /// Seconds by which the input's clock is ahead of the access logs; nil: no shift is better than none.
  static func offset(of events: [CapacityEvent], load: [Double], from start: Instant) -> Int? {
    var groups: [String: [Instant]] = [:]
    for event in events where isUnderPressure(event) {
      groups[event.group ?? "", default: []].append(event.time)
    }
    var agreed: Int?
    // High load begins half way between quiet and busy minutes, however long the rise was.
    let sorted = load.sorted()
    let low = InstanceCapacity.quantile(sorted, 0.05) ?? 0
    let high = (low + (InstanceCapacity.quantile(sorted, 0.95) ?? 0)) / 2
    for times in groups.values {
      let fitting = times.filter { time in
        let minute = Int((time.seconds(since: start) / 60).rounded(.down))
        return load.indices.contains(minute) && load[minute] >= high
      }
      if Double(fitting.count) >= fits * Double(times.count) { return nil }
      guard times.count >= leastEvents else { continue }
      guard let offset = offset(of: times, load, start), agreed == nil || agreed == offset else {
        return nil
      }
      agreed = offset
    }
    return agreed
  }

  private static func offset(
    of pressed: [Instant], _ load: [Double], _ start: Instant
  ) -> Int? {
    guard load.count > 2 * boxMinutes, load.count <= mostMinutes else { return nil }
    var scores: [(minutes: Int, score: Double)] = []
    for quarter in -48...56 where abs(quarter) != 1 {
      scores.append((quarter * 15, score(pressed, ahead: quarter * 15, load, start)))
    }
    guard let none = scores.first(where: { $0.minutes == 0 })?.score,
      let top = scores.map(\.score).max(), top >= leastCorrelation, top >= none + leastGain
    else { return nil }
    // Neighbours a quarter or half an hour off fit nearly as well; clocks are wrong by round amounts.
    let near = scores.filter { $0.score >= top - 0.05 }
    guard let peak = scores.first(where: { $0.score == top }) else { return nil }
    let candidates = near.filter { abs($0.minutes - peak.minutes) < 45 && $0.minutes != 0 }
    let chosen = candidates.min { left, right in
      (roundness(left.minutes), -left.score) < (roundness(right.minutes), -right.score)
    }
    guard let chosen else { return nil }
    let rivals = scores.filter { abs($0.minutes - chosen.minutes) >= 45 }.map(\.score)
    guard top >= (rivals.max() ?? 0) + leastLead else { return nil }
    return chosen.minutes * 60
  }

  private static func roundness(_ minutes: Int) -> Int {
    minutes % 60 == 0 ? 0 : minutes % 30 == 0 ? 1 : 2
  }

  static func isUnderPressure(_ event: CapacityEvent) -> Bool {
    switch event.kind {
    case .scaleOutDecided, .limitReached, .launchFailed, .notTriggered(.metricMissing): true
    default: false
    }
  }

  /// The correlation of load and activity after the shift; 0 where too few lines fall into the access logs.
  private static func score(
    _ times: [Instant], ahead minutes: Int, _ load: [Double], _ start: Instant
  ) -> Double {
    var activity = [Double](repeating: 0, count: load.count)
    var inside = 0
    for time in times {
      let place = (time.seconds(since: start) - Double(minutes * 60)) / 60
      guard place >= 0, place < Double(load.count) else { continue }
      inside += 1
      let middle = Int(place)
      for index in max(0, middle - boxMinutes)...min(load.count - 1, middle + boxMinutes) {
        activity[index] = 1
      }
    }
    guard Double(inside) >= leastInside * Double(times.count) else { return 0 }
    return correlation(load, activity)
  }

  /// Pearson's r; 0 where one side does not vary.
  static func correlation(_ left: [Double], _ right: [Double]) -> Double {
    let count = Double(min(left.count, right.count))
    guard count > 1 else { return 0 }
    let means = (left.reduce(0, +) / count, right.reduce(0, +) / count)
    var products = (both: 0.0, left: 0.0, right: 0.0)
    for (one, other) in zip(left, right) {
      let (a, b) = (one - means.0, other - means.1)
      products = (products.both + a * b, products.left + a * a, products.right + b * b)
    }
    guard products.left > 0, products.right > 0 else { return 0 }
    return products.both / (products.left * products.right).squareRoot()
  }

  /// Requests of all services per minute over the access logs.
  static func load(of services: [ServiceTraffic], in access: TimeSpan) -> [Double] {
    let count = Int(access.seconds / 60) + 1
    guard count <= mostMinutes else { return [] }
    var load = [Double](repeating: 0, count: count)
    for service in services {
      for bucket in service.buckets {
        let index = floorDivide(bucket.start - access.start.seconds, 60)
        if index >= 0, index < Int64(count) { load[Int(index)] += Double(bucket.counts.requests) }
      }
    }
    return load
  }
}
