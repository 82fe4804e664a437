internal import IncidentModel
internal import TrafficTally

/// How many of a service's requests are repeats of failed ones (METHODS §7).
///
/// Pollers re-ask too, so the control are served requests of the same cell: p_f and p_s are the shares of failed and of served requests that the same client asks again within
/// H, r = (p_f − g·p_s) ÷ (1 − g·p_s) where g is the part of the usual browsing that goes on after a failure (requests for something else), and what comes after that within H of the failure beyond p_s counts as well, since some ask more than once. A cell is a template (or a URL that
/// fails much) in a block of 300 s; p_s is shrunk by 50 pseudo-events to the cell over the spans, that to the cell outside them, and that to the service.
/// The number of repeats is the exact count of failed requests × mean r; its interval comes from a delete-a-group jackknife over 20 groups of clients.
struct RepeatDetection {
  /// Mean r of the failed requests of each block, and over all of them.
  struct Shares {
    var blocks: [Int64: Double] = [:]
    var whole = 0.0
    /// Outside the spans.
    var outside = 0.0
    /// The part of the followed failed requests that can't be told from polling.
    var unusable = 0.0
  }

  private struct Counts {
    var failed = 0.0
    var again = 0.0
    var served = 0.0
    var servedAgain = 0.0
    /// How many of the failed and of the served are followed by something else.
    var failedOther = 0.0
    var servedOther = 0.0
    /// Served requests within H of a failure, by the part of H that was left, and those of them that are asked again.
    var after = 0.0
    var afterAgain = 0.0

    mutating func add(_ trial: RepeatTrial, horizon: Double) {
      let isAgain = trial.next <= horizon
      if trial.isFailed {
        failed += trial.weight
        if isAgain { again += trial.weight }
        if trial.other <= horizon { failedOther += trial.weight }
      } else if trial.sinceFailure <= horizon {
        after += trial.weight * (1 - trial.sinceFailure / horizon)
        if trial.sinceFailure + trial.next <= horizon { afterAgain += trial.weight }
      } else {
        served += trial.weight
        if isAgain { servedAgain += trial.weight }
        if trial.other <= horizon { servedOther += trial.weight }
      }
    }
  }

  /// Stands for all blocks outside the spans.
  private static let elsewhere = Int64.min

  private struct Place: Hashable {
    var cell: UInt64
    var block: Int64
  }

  let spans: [TimeSpan]
  let shares: Shares
  private let replicates: [Shares]
  let isLowerBound: Bool
  /// Followed clients with a failed request.
  let clients: Int

  /// nil: fewer followed clients with a failed request than give a number.
  init?(_ trails: ServiceTrails, spans: [TimeSpan], end: Instant) {
    let found = RepeatTrials(trails, spans: spans, end: end)
    guard found.failedClients >= ClientParameters.leastClients else { return nil }
    self.spans = spans
    clients = found.failedClients
    let horizons = Self.horizons(found.trials, spans)
    shares = Self.shares(found.trials, spans, horizons, without: nil)
    replicates = (0..<ClientParameters.groups).map {
      Self.shares(found.trials, spans, horizons, without: $0)
    }
    isLowerBound = shares.unusable > ClientParameters.boundShare
  }

  private static func isInside(_ trial: RepeatTrial, _ spans: [TimeSpan]) -> Bool {
    spans.contains { $0.contains(trial.arrival) }
  }

  /// The longest horizon of each cell at which served requests are not asked again as a rule; 0 for none.
  private static func horizons(
    _ trials: [RepeatTrial], _ spans: [TimeSpan]
  ) -> [UInt64: Double] {
    var counts: [UInt64: [Counts]] = [:]
    let empty = [Counts](repeating: Counts(), count: ClientParameters.horizons.count)
    for trial in trials where !trial.isFailed {
      for (index, horizon) in ClientParameters.horizons.enumerated() {
        counts[trial.cell, default: empty][index].add(trial, horizon: horizon)
      }
    }
    return counts.mapValues { counts in
      for (index, horizon) in ClientParameters.horizons.enumerated()
      where counts[index].servedAgain <= ClientParameters.highestControl * counts[index].served {
        return horizon
      }
      return 0
    }
  }

  private static func shares(
    _ trials: [RepeatTrial], _ spans: [TimeSpan], _ horizons: [UInt64: Double],
    without group: Int?
  ) -> Shares {
    var blocks: [Place: Counts] = [:]
    var inside: [UInt64: Counts] = [:]
    var outside: [UInt64: Counts] = [:]
    var all = Counts()
    var insideAll = Counts()
    var unusable = 0.0
    for trial in trials where trial.group != group {
      let horizon = horizons[trial.cell] ?? ClientParameters.horizons[0]
      let isInside = isInside(trial, spans)
      guard horizon > 0 else {
        if trial.isFailed, isInside { unusable += trial.weight }
        continue
      }
      all.add(trial, horizon: horizon)
      if isInside {
        insideAll.add(trial, horizon: horizon)
        inside[trial.cell, default: Counts()].add(trial, horizon: horizon)
        blocks[Place(cell: trial.cell, block: trial.block), default: Counts()]
          .add(trial, horizon: horizon)
      } else {
        outside[trial.cell, default: Counts()].add(trial, horizon: horizon)
        blocks[Place(cell: trial.cell, block: elsewhere), default: Counts()]
          .add(trial, horizon: horizon)
      }
    }
    func shrunk(_ counts: Counts?, to wider: Double) -> Double {
      let pseudo = ClientParameters.pseudoEvents
      return ((counts?.servedAgain ?? 0) + pseudo * wider) / ((counts?.served ?? 0) + pseudo)
    }
    let service = all.served > 0 ? all.servedAgain / all.served : 0
    let goingOn = goingOn(insideAll, beside: 1)
    var repeats: [Int64: (sum: Double, failed: Double)] = [:]
    // In the order of their keys, so that sums round alike on every run.
    for place in blocks.keys.sorted(by: { ($0.block, $0.cell) < ($1.block, $1.cell) }) {
      guard let counts = blocks[place], counts.failed > 0 else { continue }
      let usual = shrunk(inside[place.cell], to: shrunk(outside[place.cell], to: service))
      let control = min(shrunk(counts, to: usual), 0.95)
      let natural = control * Self.goingOn(inside[place.cell] ?? Counts(), beside: goingOn)
      let first = (counts.again - counts.failed * natural) / (1 - natural)
      let further = counts.afterAgain - counts.after * control
      repeats[place.block, default: (0, 0)].sum += first + further
      repeats[place.block, default: (0, 0)].failed += counts.failed
    }
    return shares(repeats, unusable: unusable)
  }

  /// How much of the usual browsing goes on after a failure: the share of failed requests that something else follows, over that of served ones; never above 1.
  private static func goingOn(_ counts: Counts, beside wider: Double) -> Double {
    let pseudo = ClientParameters.pseudoEvents
    let served = (counts.servedOther + 1) / (counts.served + 1)
    let failed = (counts.failedOther + pseudo * wider * served) / (counts.failed + pseudo)
    return served > 0 ? min(1, failed / served) : 1
  }

  private static func shares(
    _ repeats: [Int64: (sum: Double, failed: Double)], unusable: Double
  ) -> Shares {
    var shares = Shares()
    var total = (sum: 0.0, failed: 0.0)
    for (block, counts) in repeats.sorted(by: { $0.key < $1.key }) {
      if block == elsewhere {
        // A few failures prove little: pseudo-events without a repeat stand beside them.
        let failed = counts.failed + ClientParameters.pseudoEvents
        shares.outside = min(1, max(0, counts.sum / failed))
        continue
      }
      // What can't be judged counts as no repeat: a lower bound.
      shares.blocks[block] = counts.sum / counts.failed
      total.sum += counts.sum
      total.failed += counts.failed
    }
    if total.failed + unusable > 0 {
      shares.unusable = unusable / (total.failed + unusable)
      shares.whole = total.sum / (total.failed + unusable)
    }
    let usable = 1 - shares.unusable
    shares.blocks = shares.blocks.mapValues { $0 * usable }
    return shares
  }

  /// Repeats that follow the failed requests of some buckets: (start in seconds since the epoch, failed).
  private func sum(_ failed: [(start: Int64, failed: Int)], _ shares: Shares) -> Double {
    failed.reduce(0) { sum, bucket in
      sum + Double(bucket.failed) * share(at: Instant(seconds: bucket.start), shares)
    }
  }

  private func share(at moment: Instant, _ shares: Shares) -> Double {
    let block = moment.bucketStart(width: ClientParameters.blockSeconds).seconds
    if let share = shares.blocks[block] { return share }
    return spans.contains { $0.contains(moment) } ? shares.whole : shares.outside
  }

  /// The repeats of a stretch's failed requests, and half the width of the 95 % interval.
  func repeats(of failed: [(start: Int64, failed: Int)]) -> (count: Double, error: Double) {
    let count = max(0, sum(failed, shares))
    let others = replicates.map { max(0, sum(failed, $0)) }
    let mean = others.reduce(0, +) / Double(others.count)
    let squares = others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let groups = Double(ClientParameters.groups)
    let error = ((groups - 1) / groups * squares).squareRoot()
    return (count, ClientParameters.intervalFactor * error)
  }

  /// The share of repeats that a failed request of a moment is followed by, never negative.
  func share(at moment: Instant) -> Double { max(0, share(at: moment, shares)) }
}
