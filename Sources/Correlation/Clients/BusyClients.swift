internal import IncidentModel

/// Followed clients whose repeats are told apart from the others', since they ask for the same again and again of their own accord (METHODS §7).
///
/// Busy is who often asked when nothing of the same had failed within the longest horizon: an office or carrier behind one address, a proxy, a program. Their repeats come from
/// ``PairContrast``, weighed with what served requests of their cell tell. Of clients that are met in chains of failures alone a machine of its own pace is told by the same contrast
/// and by what it asks for: where it shows nothing, failures made nobody ask again.
struct BusyClients {
  /// Failed requests that share a mean number of repeats.
  struct Pool {
    /// Places among the trials.
    var places: [Int]
    /// Repeats for each failed request, nil where they are told with the others'; and the doubt about it.
    var share: Double?
    var doubt: Double
  }

  private(set) var pools: [Pool] = []
  /// Places of busy clients' trials.
  private let busy: [Int]
  private let contrast: PairContrast?
  /// Repeats for each of their failed requests, by served requests of the cell.
  private let usual: Double
  private var isPooled: [Bool] = []

  init(_ trials: [RepeatTrial], _ grid: RepeatGrid, _ trails: ServiceTrails) {
    let paces = ClientPaces(trials, clients: trails.clients.count)
    let controls = RepeatControls(grid, without: nil)
    let all = trials.indices.filter { paces.isBusy(trials[$0].client) }
    let failed = all.count { trials[$0].isFailed && trials[$0].isInside }
    let isJudged = failed >= ClientParameters.leastFailed
    busy = isJudged ? all : []
    usual = isJudged ? controls.share(of: all, trials, grid) : 0
    contrast = isJudged ? PairContrast(all, of: trials, grid, trails) : nil
    var chained: [Int: [Int]] = [:]
    for place in trials.indices where paces.isChained(trials[place].client) {
      chained[grid.cell(of: place), default: []].append(place)
    }
    for (_, places) in chained.sorted(by: { $0.key < $1.key }) {
      let failed = places.count { trials[$0].isFailed && trials[$0].isInside }
      guard failed >= ClientParameters.leastFailed else { continue }
      let usual = controls.share(of: places, trials, grid)
      guard usual > ClientParameters.noneAgain,
        let contrast = PairContrast(places, of: trials, grid, trails)
      else { continue }
      if contrast.surelyShowsNone {
        pools.append(
          Pool(places: places, share: max(0, contrast.share), doubt: contrast.deviation))
      } else if contrast.showsNone {
        // Too few to say so: told with the others, and the interval reaches down to what the contrast leaves open.
        let factor = ClientParameters.intervalFactor
        let apart = usual - max(0, contrast.share - factor * contrast.deviation)
        pools.append(Pool(places: places, share: nil, doubt: apart / factor))
      }
    }
    guard isJudged || !pools.isEmpty else { return }
    isPooled = Array(repeating: false, count: trials.count)
    for place in busy { isPooled[place] = true }
    for pool in pools where pool.share != nil {
      for place in pool.places { isPooled[place] = true }
    }
  }

  /// Nobody is told apart.
  var isEmpty: Bool { isPooled.isEmpty }

  func contains(_ place: Int) -> Bool { isPooled.isEmpty ? false : isPooled[place] }

  /// Settles how often busy clients repeat, once it is known how often the others do.
  ///
  /// Where repeats of the others sustain themselves the contrast falls short: the busy are told like them, and the interval spans both.
  mutating func settle(beside others: RepeatDetection.Shares, of trials: [RepeatTrial]) {
    guard !busy.isEmpty else { return }
    guard let contrast else {
      // Nothing was answered beside what failed.
      pools.append(Pool(places: busy, share: usual, doubt: abs(usual)))
      return
    }
    if others.failed >= ClientParameters.leastOthers, !contrast.showsNone {
      let requests = trials.indices.count { trials[$0].isInside && !contains($0) }
      if others.whole * others.failed >= ClientParameters.sustained * Double(requests) {
        leaveBusy()
        let apart =
          abs(max(usual, others.whole) - contrast.share) / ClientParameters.intervalFactor
        pools.append(Pool(places: busy, share: nil, doubt: apart))
        return
      }
    }
    let doubt = ClientParameters.busyDoubt
    // Where both say the same the blocks' own answers, which follow time, are the better ones.
    let same = max(
      2 * contrast.deviation, ClientParameters.sameAnswer, ClientParameters.samePart * usual)
    if abs(usual - contrast.share) < same {
      leaveBusy()
      return
    }
    let own = 1 / max(1e-6, contrast.deviation * contrast.deviation)
    let beside = 1 / (doubt * doubt)
    let share = (max(0, contrast.share) * own + usual * beside) / (own + beside)
    // What rests on served requests of the cell alone may as well be custom.
    var custom = beside / (own + beside) * abs(usual) / ClientParameters.intervalFactor
    // Two answers that differ, and both tell repeats, stand at the ends of the interval.
    if !contrast.showsNone { custom += abs(usual - share) / ClientParameters.intervalFactor }
    pools.append(
      Pool(places: busy, share: share, doubt: 1 / (own + beside).squareRoot() + custom))
  }

  /// The busy are told with the others.
  private mutating func leaveBusy() {
    for place in busy { isPooled[place] = false }
  }
}

extension PairContrast {
  fileprivate var surelyShowsNone: Bool { share + 2 * deviation < ClientParameters.noneAgain }

  /// Failures made nobody ask again, and surely not most.
  fileprivate var showsNone: Bool {
    share < ClientParameters.noneAgain && share + 2 * deviation < ClientParameters.mostAgain
  }
}

/// How followed clients came by their requests.
private struct ClientPaces {
  /// Requests when nothing of the same had failed within the longest horizon, and the others, by client.
  private var fresh: [Int]
  private var after: [Int]

  init(_ trials: [RepeatTrial], clients: Int) {
    fresh = Array(repeating: 0, count: clients)
    after = fresh
    for trial in trials {
      if trial.sinceFailure > ClientParameters.horizons[0] {
        fresh[Int(trial.client)] += 1
      } else {
        after[Int(trial.client)] += 1
      }
    }
  }

  func isBusy(_ client: Int32) -> Bool {
    let fresh = fresh[Int(client)]
    return fresh >= ClientParameters.busyRequests
      && Double(fresh) >= ClientParameters.busyShare * Double(after[Int(client)])
  }

  func isChained(_ client: Int32) -> Bool {
    !isBusy(client) && after[Int(client)] >= ClientParameters.busyRequests
  }
}

/// The failed requests of pooled clients with their repeats, by when they came.
struct PooledFailures {
  struct Sums {
    var repeats = 0.0
    var failed = 0.0
    var doubt = 0.0
  }

  /// By start of the block; ``RepeatGrid/elsewhere`` for all outside the spans.
  private(set) var blocks: [Int64: Sums] = [:]
  private(set) var minutes: [Int64: Sums] = [:]
  /// Of clients that have more requests than were kept, within the spans.
  private(set) var cut = Sums()

  /// - Parameter usual: by served requests of the cell, whose course over the blocks the pools' repeats follow.
  init(
    _ pools: [BusyClients.Pool], of trials: [RepeatTrial], along usual: RepeatDetection.Shares
  ) {
    func course(_ trial: RepeatTrial) -> Double {
      trial.isInside ? max(0.01, usual.blocks[trial.block] ?? usual.whole) : 1
    }
    for pool in pools {
      let failed = pool.places.filter { trials[$0].isFailed }
      let inside = failed.filter { trials[$0].isInside }
      let mean = inside.reduce(0) { $0 + course(trials[$1]) } / Double(max(1, inside.count))
      for place in failed {
        let trial = trials[place]
        let block = trial.isInside ? trial.block : RepeatGrid.elsewhere
        let share = pool.share.map { trial.isInside ? $0 * course(trial) / mean : $0 }
        Self.add(share, pool.doubt, to: &blocks[block, default: Sums()])
        guard trial.isInside else { continue }
        let minute = trial.arrival.bucketStart(width: ClientParameters.minuteSeconds).seconds
        Self.add(share, pool.doubt, to: &minutes[minute, default: Sums()])
        if trial.isCut { Self.add(share, pool.doubt, to: &cut) }
      }
    }
  }

  private static func add(_ share: Double?, _ doubt: Double, to sums: inout Sums) {
    sums.doubt += doubt
    guard let share else { return }
    sums.repeats += share
    sums.failed += 1
  }
}
