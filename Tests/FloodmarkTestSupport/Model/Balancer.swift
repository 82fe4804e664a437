/// What a load balancer in front of the fleet does with each request.
///
/// A fluid queue: the backlog drains at ready × c* requests per second; who would wait longer than `longestWait` is turned away at once.
struct Balancer {
  /// What may go wrong besides too little capacity, and how long clients wait.
  struct Manners: Sendable {
    /// Seconds of work that may wait before the balancer sheds.
    var longestWait: Double
    /// Share of worked requests that fail for reasons of their own.
    var errorShare: Double
    /// Share of requests worked under a full queue that run into the time-out.
    var timeoutShare: Double
    /// Median seconds after which a client gives up.
    var patience: Double
    /// From this second on `laterErrorShare` holds.
    var laterErrorSecond = Int.max
    var laterErrorShare = 0.0
    /// Seconds in which `faultShare` is answered with 500.
    var faultSeconds = 0..<0
    var faultShare = 0.0
    var slowdown: Slowdown?
    var hotRoute: HotRoute?
    /// The pages of the hot route.
    var hotPages = 0..<0
    /// Part of the work that is lost under a full queue.
    var collapse = 0.0
  }

  let capacity: Double
  let manners: Manners
  let start: Int64
  private var backlog = 0.0
  private var hotBacklog = 0.0
  private var lastHot: Int64
  private var last: Int64
  private var turn = 0
  private var dice: Dice

  init(capacity: Double, manners: Manners, start: Int64, dice: Dice) {
    self.capacity = capacity
    self.manners = manners
    self.start = start
    self.dice = dice
    last = start
    lastHot = start
  }

  mutating func serve(_ request: inout SimulatedRequest, site: Site, ready: [Int32]) {
    let resource = site.resources[Int(request.target)]
    if request.kind == .healthCheck {
      request.duration = 800 + Int64(dice.below(900))
      return
    }
    let second = Int((request.arrival - start) / 1_000_000)
    let slow = manners.slowdown.flatMap { $0.contains(second) ? $0 : nil }
    var rate = capacity * Double(ready.count) * (slow?.strength ?? 1)
    if rate > 0, manners.collapse > 0 {
      rate *= 1 - manners.collapse * min(1, backlog / (rate * manners.longestWait))
    }
    backlog = max(0, backlog - rate * Double(request.arrival - last) / 1_000_000)
    last = request.arrival
    guard rate > 0, backlog / rate < manners.longestWait else {
      request.status = 503
      request.duration = 900 + Int64(dice.below(3_000))
      return
    }
    let wait = backlog / rate
    backlog += 1
    turn += 1
    request.backend = ready[(turn + dice.below(2)) % ready.count]
    let fullness = wait / manners.longestWait
    let own = dice.lognormal(median: resource.milliseconds, sigma: 0.45) / 1_000
    let work = own * (1 + 3 * fullness) * (slow?.factor ?? 1) + wait
    finish(&request, seconds: work, fullness: fullness)
    if let slow, !request.isFailed, dice.chance(slow.timeouts) { timeOut(&request) }
    if let hot = manners.hotRoute, hot.contains(second),
      manners.hotPages.contains(Int(request.target))
    {
      serveHot(&request, hot)
    }
  }

  private mutating func timeOut(_ request: inout SimulatedRequest) {
    request.status = 504
    request.backendDuration = 30_000_000 + Int64(dice.below(1_000))
    request.duration = request.backendDuration + 300
  }

  /// The route's own share of failures, or its own queue behind all instances.
  private mutating func serveHot(_ request: inout SimulatedRequest, _ hot: HotRoute) {
    var fails = dice.chance(hot.share)
    if hot.room > 0 {
      hotBacklog = max(
        0, hotBacklog - hot.room * Double(request.arrival - lastHot) / 1_000_000)
      lastHot = request.arrival
      fails = hotBacklog >= hot.room * manners.longestWait
      if !fails { hotBacklog += 1 }
    }
    guard fails else { return }
    if hot.status == 504 { return timeOut(&request) }
    request.status = hot.status
  }

  private mutating func finish(
    _ request: inout SimulatedRequest, seconds: Double, fullness: Double
  ) {
    let second = Int((request.arrival - start) / 1_000_000)
    let later = second >= manners.laterErrorSecond
    var share = later ? manners.laterErrorShare : manners.errorShare
    if manners.faultSeconds.contains(second) { share = manners.faultShare }
    var seconds = seconds
    if dice.chance(share) {
      request.status = later ? 503 : 500
    } else if fullness > 0.7 && dice.chance(manners.timeoutShare) {
      seconds = 30 + 0.001 * dice.uniform()
      request.status = 504
    } else if fullness > 0.7 && dice.chance(0.004) {
      request.status = 502
    }
    let patience = dice.lognormal(median: manners.patience, sigma: 0.6)
    if seconds > patience {
      seconds = patience
      request.status = 499
    }
    request.backendDuration = max(1_000, Int64(seconds * 1_000_000))
    request.duration = request.backendDuration + 300 + Int64(dice.exponential(mean: 2_000))
  }
}
