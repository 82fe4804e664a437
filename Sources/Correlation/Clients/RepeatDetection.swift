internal import IncidentModel
internal import TrafficTally

/// How many of a service's requests are repeats of failed ones (METHODS §7). A failed request here is also one whose client gave up waiting: whoever reloads the page then repeats it as well.
///
/// Pollers re-ask too, so the control are served requests of the same cell: p_f and p_s are the shares of failed and of served requests that the same client asks again within
/// H, r = (p_f − g·p_s) ÷ (1 − g·p_s) where g is the part of the usual browsing that goes on after a failure (requests for something else), and what comes after that within H of the failure beyond p_s counts as well, since some ask more than once. A cell is a template (or a URL that
/// fails much) in a block of 300 s; p_s is shrunk by 50 pseudo-events to the cell over the spans, that to the cell outside them, and that to the service.
/// Clients that ask often of their own accord are told apart (``BusyClients``). Failed requests that no kept trail accounts for count with the mean r of the clients that have more requests than were kept (``HiddenFailures``).
/// The number of repeats is the exact count of failed requests × mean r; its interval comes from a delete-a-group jackknife over 20 groups of clients, and what is uncertain of the busy.
struct RepeatDetection {
  typealias Sums = PooledFailures.Sums

  /// Mean r of the failed requests of each block, and over all of them.
  struct Shares {
    var blocks: [Int64: Double] = [:]
    /// Where the series is as fine as that.
    var minutes: [Int64: Double] = [:]
    /// Of clients that are told apart: what is uncertain of their part, by block.
    var doubts: [Int64: Double] = [:]
    var whole = 0.0
    /// Followed failed requests that it rests on.
    var failed = 0.0
    /// Outside the spans.
    var outside = 0.0
    /// Of the clients that have more requests than were kept, within the spans.
    var cut = 0.0
    /// What is uncertain of these.
    var cutDoubt = 0.0
    /// The part of the followed failed requests that can't be told from polling.
    var unusable = 0.0
  }

  let spans: [TimeSpan]
  private let hidden: HiddenFailures
  /// Of the failed requests that are asked about.
  private let bucketSeconds: Int64
  let shares: Shares
  private let replicates: [Shares]
  let isLowerBound: Bool
  /// Followed clients with a failed request.
  let clients: Int

  /// nil: fewer followed clients with a failed request than give a number.
  init?(
    _ trails: ServiceTrails, spans: [TimeSpan], end: Instant, hidden: HiddenFailures,
    bucketSeconds: Int64
  ) {
    let found = RepeatTrials(trails, spans: spans, end: end)
    guard found.failedClients >= ClientParameters.leastClients else { return nil }
    self.spans = spans
    self.hidden = hidden
    self.bucketSeconds = bucketSeconds
    clients = found.failedClients
    var grid = RepeatGrid(found.trials)
    var busy = BusyClients(found.trials, grid, trails)
    var pooled: PooledFailures?
    if !busy.isEmpty {
      let usual = Self.shares(grid, beside: nil, without: nil)
      let others = RepeatGrid(found.trials) { busy.contains($0) }
      busy.settle(beside: Self.shares(others, beside: nil, without: nil), of: found.trials)
      grid = RepeatGrid(found.trials) { busy.contains($0) }
      pooled = PooledFailures(busy.pools, of: found.trials, along: usual)
    }
    shares = Self.shares(grid, beside: pooled, without: nil)
    replicates = (0..<ClientParameters.groups).map {
      Self.shares(grid, beside: pooled, without: $0)
    }
    isLowerBound = shares.unusable > ClientParameters.boundShare
  }

  private static func shares(
    _ grid: RepeatGrid, beside pooled: PooledFailures?, without group: Int?
  ) -> Shares {
    let controls = RepeatControls(grid, without: group)
    var blocks = pooled?.blocks ?? [:]
    for (place, row) in grid.places {
      let counts = grid.blocks.sum(row, without: group)
      guard counts.failed > 0 else { continue }
      let repeats = controls.repeats(counts, inBlockOf: place.cell)
      blocks[place.block, default: Sums()].repeats += repeats
      blocks[place.block, default: Sums()].failed += counts.failed
    }
    var cut = pooled?.cut ?? Sums()
    for cell in 0..<grid.cut.rows {
      let counts = grid.cut.sum(cell, without: group)
      guard counts.failed > 0 else { continue }
      cut.repeats += controls.repeats(counts, of: cell)
      cut.failed += counts.failed
    }
    let unusable = grid.unusable.indices.reduce(0.0) {
      $1 == group ? $0 : $0 + grid.unusable[$1]
    }
    var shares = shares(blocks, cut: cut, unusable: unusable)
    shares.minutes = minutes(grid, of: shares, controls, pooled, without: group)
    return shares
  }

  /// Divides each block's repeats among its minutes: what the minutes' own trials say, shrunk to the block, and to its sum.
  private static func minutes(
    _ grid: RepeatGrid, of shares: Shares, _ controls: RepeatControls, _ pooled: PooledFailures?,
    without group: Int?
  ) -> [Int64: Double] {
    let pseudo = ClientParameters.pseudoEvents
    let width = ClientParameters.blockSeconds
    var owns = pooled?.minutes ?? [:]
    for (start, row) in grid.minutes {
      let counts = grid.byMinute.sum(row, without: group)
      let repeats = counts.repeats(control: min(controls.pace, 0.95), goingOn: controls.goingOn)
      owns[start, default: Sums()].repeats += repeats
      owns[start, default: Sums()].failed += counts.failed
    }
    var found: [Int64: Double] = [:]
    var sums: [Int64: (own: Double, block: Double)] = [:]
    for (start, own) in owns.sorted(by: { $0.key < $1.key }) {
      guard let block = shares.blocks[floorDivide(start, width) * width] else { continue }
      let share = (own.repeats + pseudo * block) / (own.failed + pseudo)
      found[start] = share
      sums[floorDivide(start, width) * width, default: (0, 0)].own += share * own.failed
      sums[floorDivide(start, width) * width, default: (0, 0)].block += block * own.failed
    }
    for start in found.keys {
      guard let sum = sums[floorDivide(start, width) * width], sum.own > 0 else { continue }
      found[start]? *= min(max(sum.block / sum.own, 0.5), 2)
    }
    return found
  }

  private static func shares(
    _ repeats: [Int64: Sums], cut: Sums, unusable: Double
  ) -> Shares {
    var shares = Shares()
    var total = Sums()
    for (block, counts) in repeats.sorted(by: { $0.key < $1.key }) where counts.failed > 0 {
      if block == RepeatGrid.elsewhere {
        // A few failures prove little: pseudo-events without a repeat stand beside them.
        let failed = counts.failed + ClientParameters.pseudoEvents
        shares.outside = min(1, max(0, counts.repeats / failed))
        continue
      }
      // What can't be judged counts as no repeat: a lower bound.
      shares.blocks[block] = counts.repeats / counts.failed
      shares.doubts[block] = counts.doubt / counts.failed
      total.repeats += counts.repeats
      total.failed += counts.failed
      total.doubt += counts.doubt
    }
    if total.failed + unusable > 0 {
      shares.unusable = unusable / (total.failed + unusable)
      shares.whole = total.repeats / (total.failed + unusable)
      shares.failed = total.failed
    }
    let usable = 1 - shares.unusable
    // Few of their failures are known at times: what all clients did stands beside them.
    let pseudo = ClientParameters.pseudoEvents
    shares.cut = (cut.repeats * usable + pseudo * shares.whole) / (cut.failed + pseudo)
    let doubt = total.doubt / max(1, total.failed)
    shares.cutDoubt = (cut.doubt + pseudo * doubt) / (cut.failed + pseudo)
    shares.blocks = shares.blocks.mapValues { $0 * usable }
    return shares
  }

  /// Where a moment stands in all shares: the same for the buckets of a minute but at the edge of a span.
  private struct Place: Hashable {
    var block: Int64
    var minute: Int64
    var isInside: Bool
    /// The part of its failed requests that no trail shows.
    var unseen: Double
  }

  private func place(of moment: Instant) -> Place {
    Place(
      block: moment.bucketStart(width: ClientParameters.blockSeconds).seconds,
      minute: moment.bucketStart(width: ClientParameters.minuteSeconds).seconds,
      isInside: spans.contains { $0.contains(moment) }, unseen: hidden.share(at: moment))
  }

  /// Repeats that follow the failed requests of some buckets, each at its place.
  private func sum(_ failed: [(place: Place, failed: Double)], _ shares: Shares) -> Double {
    var sum = 0.0
    var last: (place: Place, share: Double)?
    for bucket in failed {
      let known = last?.place == bucket.place ? last?.share : nil
      let share = known ?? share(at: bucket.place, shares)
      last = (bucket.place, share)
      sum += bucket.failed * share
    }
    return sum
  }

  private func share(at place: Place, _ shares: Shares) -> Double {
    let fine =
      bucketSeconds <= ClientParameters.minuteSeconds ? shares.minutes[place.minute] : nil
    let inside = place.isInside ? shares.whole : nil
    guard let share = fine ?? shares.blocks[place.block] ?? inside else { return shares.outside }
    return share + (shares.cut - share) * place.unseen
  }

  /// The repeats of a stretch's failed requests, and half the width of the 95 % interval.
  func repeats(of failed: [(start: Int64, failed: Int)]) -> (count: Double, error: Double) {
    let failed = failed.map {
      (place: place(of: Instant(seconds: $0.start)), failed: Double($0.failed))
    }
    let count = max(0, sum(failed, shares))
    let others = replicates.map { max(0, sum(failed, $0)) }
    let mean = others.reduce(0, +) / Double(others.count)
    let squares = others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let groups = Double(ClientParameters.groups)
    let doubt = failed.reduce(0) { sum, bucket in
      guard let seen = shares.doubts[bucket.place.block] else { return sum }
      return sum + bucket.failed * (seen + (shares.cutDoubt - seen) * bucket.place.unseen)
    }
    let error = ((groups - 1) / groups * squares + doubt * doubt).squareRoot()
    return (count, ClientParameters.intervalFactor * error)
  }

  /// The share of repeats that a failed request of a moment is followed by, never negative.
  func share(at moment: Instant) -> Double { max(0, share(at: place(of: moment), shares)) }
}
