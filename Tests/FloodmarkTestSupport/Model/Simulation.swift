package import IncidentModel

/// An incident that has happened: every request, the fleet's history, and what was planted.
package struct SimulatedIncident: Sendable {
  package let plan: IncidentPlan
  package let site: Site
  package private(set) var crowd: Crowd
  package private(set) var fleet: Fleet
  /// In the order of arrival; those still unanswered when the logs end are not among them.
  package private(set) var requests: [SimulatedRequest] = []
  /// Instances in service, per second; a second's least.
  package private(set) var ready: [Int] = []
  /// Instances wanted, per second.
  package private(set) var wanted: [Int] = []

  private var steps: [[SimulatedRequest]]
  private var repeats: [[SimulatedRequest]]
  private var visits: Dice
  private var balancer: Balancer
  private var noise: GammaNoise
  private var guests: GuestVisits?

  /// Runs `plan` to its end, or only so far: what comes until then is the same.
  package init(_ plan: IncidentPlan, until moment: Instant? = nil) {
    self.plan = plan
    func dice(_ stream: UInt64) -> Dice { Dice(seed: plan.seed, stream: stream) }
    site = Site(host: plan.host, variety: plan.variety)
    crowd = Crowd(
      returning: plan.returning, sixShare: plan.sixShare, agentCount: plan.agents,
      networkCount: plan.networks, pollerCount: plan.pollers)
    if let decisions = plan.decisions {
      fleet = Fleet(
        size: plan.size, capacity: plan.capacity, zones: plan.zones, start: plan.start,
        decisions: decisions, activities: plan.activities, dice: dice(2))
    } else {
      fleet = Fleet(
        size: plan.size, capacity: plan.capacity, zones: plan.zones, policy: plan.policy,
        start: plan.start, dice: dice(2))
    }
    var manners = Balancer.Manners(
      longestWait: plan.longestWait, errorShare: plan.errorShare,
      timeoutShare: plan.timeoutShare, patience: plan.patience)
    if let later = plan.laterErrors {
      manners.laterErrorSecond = later.second
      manners.laterErrorShare = later.share
    }
    if let fault = plan.fault {
      manners.faultSeconds = fault.second..<fault.second + fault.seconds
      manners.faultShare = fault.share
    }
    manners.slowdown = plan.slowdown
    manners.collapse = plan.collapse
    if let hot = plan.hotRoute {
      manners.hotRoute = hot
      manners.hotPages = site.section(hot.section)
    }
    balancer = Balancer(
      capacity: plan.capacity, manners: manners, start: plan.start.microseconds, dice: dice(3))
    noise = GammaNoise(
      shape: plan.demand.noiseShape, seconds: plan.demand.noiseSeconds, dice: dice(4))
    visits = dice(5)
    if let come = plan.guests {
      guests = GuestVisits(come, dice: dice(8), site: site, among: &crowd)
    }
    steps = Array(repeating: [], count: plan.seconds + 1)
    repeats = steps
    let most = moment.map { Int(max(0, min(1e9, $0.seconds(since: plan.start))).rounded(.up)) }
    run(min(plan.seconds, most ?? plan.seconds))
  }

  /// Leaves each request out of the logs with this probability, as a lossy collector does.
  package mutating func lose(share: Double) {
    var dice = Dice(seed: plan.seed, stream: 6)
    requests.removeAll { _ in dice.chance(share) }
  }

  /// Logs in which nobody wrote who asked.
  package mutating func hideClients() { crowd.hide() }

  private mutating func run(_ seconds: Int) {
    var recent = Array(repeating: 0, count: 60)
    var recentSum = 0
    let end = plan.start.microseconds + Int64(plan.seconds) * 1_000_000
    ready.reserveCapacity(seconds)
    wanted.reserveCapacity(seconds)
    requests.reserveCapacity(min(150_000, Int(plan.demand.base * 1.5 * Double(seconds))))
    for second in 0..<seconds {
      let now = plan.start.advanced(bySeconds: Double(second))
      let seen = Double(recentSum) / Double(max(1, min(second, 60)))
      fleet.advance(to: second, at: now, load: second < 60 ? 0 : seen)
      ready.append(fleet.ready.count)
      wanted.append(fleet.desired)
      if second % GammaNoise.step == 0 { noise.advance() }
      var arrivals = firstAttempts(second, from: now.microseconds)
      arrivals += repeats[second]
      repeats[second] = []
      arrivals += machines(second, from: now.microseconds)
      arrivals += guests?.requests(second, from: now.microseconds) ?? []
      arrivals.sort { $0.arrival < $1.arrival }
      recentSum += arrivals.count - recent[second % 60]
      recent[second % 60] = arrivals.count
      for var request in arrivals {
        request.server = UInt8(visits.below(plan.servers))
        balancer.serve(&request, site: site, ready: fleet.ready)
        guests?.answer(&request)
        follow(request)
        if request.completion < end { requests.append(request) }
      }
    }
    steps = []
    repeats = []
  }

  /// People's requests of one second: those due in running sessions first, then new sessions.
  private mutating func firstAttempts(_ second: Int, from start: Int64) -> [SimulatedRequest] {
    let secondOfDay = Double((plan.start.seconds + Int64(second)) % 86_400)
    let daily = plan.demand.base * plan.demand.daily(secondOfDay: secondOfDay)
    let people =
      daily * plan.demand.factor(at: Double(second)) * noise.value - daily * plan.crawlerShare
    let count = visits.poisson(mean: max(0, people))
    var due = steps[second]
    steps[second] = []
    due.sort { $0.arrival < $1.arrival }
    for var late in due.dropFirst(count) where second + 1 < plan.seconds && visits.chance(0.9) {
      late.arrival += 1_000_000
      steps[second + 1].append(late)
    }
    var arrivals = Array(due.prefix(count))
    for _ in arrivals.count..<max(count, arrivals.count) {
      var visit = SimulatedRequest(
        arrival: start + Int64(visits.below(1_000_000)),
        target: Int32(site.drawPage(&visits)), referrer: visits.chance(0.4) ? -2 : -1,
        client: crowd.arrive(&visits), kind: .person)
      guests?.slant(&visit, second: second, among: &crowd)
      arrivals.append(visit)
    }
    return arrivals
  }

  /// Crawlers, pollers, the nightly batch and health checks of one second.
  private mutating func machines(_ second: Int, from start: Int64) -> [SimulatedRequest] {
    var arrivals: [SimulatedRequest] = []
    func moment() -> Int64 { start + Int64(visits.below(1_000_000)) }
    for _ in 0..<visits.poisson(mean: plan.demand.base * plan.crawlerShare) {
      let client = crowd.crawlers.lowerBound + visits.below(crowd.crawlers.count)
      arrivals.append(
        SimulatedRequest(
          arrival: moment(), target: Int32(site.drawPage(&visits)), referrer: -1,
          client: Int32(client), kind: .crawler))
    }
    for (place, client) in crowd.pollers.enumerated() where (second + place * 17) % 60 == 0 {
      arrivals.append(
        SimulatedRequest(
          arrival: moment(), target: Int32(site.poll(place)), referrer: -1,
          client: Int32(client), kind: .poller))
    }
    arrivals += bursts(second, from: start)
    let night = second % 86_400
    if let batch = plan.batch, night >= batch.start, night < batch.start + batch.seconds {
      for _ in 0..<visits.poisson(mean: batch.rate) {
        arrivals.append(
          SimulatedRequest(
            arrival: moment(), target: Int32(site.exportPage(night - batch.start)),
            referrer: -1, client: Int32(crowd.batch), kind: .batch))
      }
    }
    if plan.healthInterval > 0 && second % plan.healthInterval == 3 {
      for client in crowd.checkers {
        arrivals.append(
          SimulatedRequest(
            arrival: moment(), target: Int32(site.health), referrer: -1, client: Int32(client),
            kind: .healthCheck))
      }
    }
    return arrivals
  }

  /// What comes at full marks of the clock, and who comes for the hot route.
  private mutating func bursts(_ second: Int, from start: Int64) -> [SimulatedRequest] {
    var arrivals: [SimulatedRequest] = []
    func moment() -> Int64 { start + Int64(visits.below(1_000_000)) }
    if let cron = plan.cron {
      let mark = Int((plan.start.seconds + Int64(second)) % Int64(cron.every))
      if mark < cron.seconds {
        for _ in 0..<visits.poisson(mean: cron.rate) {
          arrivals.append(
            SimulatedRequest(
              arrival: moment(), target: Int32(site.exportPage(mark)), referrer: -1,
              client: Int32(crowd.batch), kind: .batch))
        }
      }
    }
    if let hot = plan.hotRoute, hot.contains(second) {
      let page = site.section(hot.section).lowerBound
      for _ in 0..<visits.poisson(mean: hot.extra) {
        var request = SimulatedRequest(
          arrival: moment(), target: Int32(page), referrer: -2, client: crowd.arrive(&visits),
          kind: .person)
        // They came for this page and read no other.
        request.depth = 30
        arrivals.append(request)
      }
    }
    return arrivals
  }

  /// What a client does after an answer: load the page's parts, read on, or ask again.
  private mutating func follow(_ request: SimulatedRequest) {
    if request.isFailed {
      askAgain(request)
      return
    }
    guard request.kind == .person else { return }
    let sort = site.resources[Int(request.target)].sort
    if sort == .asset || request.status == 499 { return }
    func schedule(_ next: SimulatedRequest) {
      let second = Int((next.arrival - plan.start.microseconds) / 1_000_000)
      if second < plan.seconds { steps[second].append(next) }
    }
    if sort == .page {
      for _ in 0..<visits.below(4) {
        let after = Int64(50_000 + visits.below(1_400_000))
        schedule(
          SimulatedRequest(
            arrival: request.completion + after, target: Int32(site.drawAsset(&visits)),
            referrer: request.target, client: request.client, kind: .person))
      }
    }
    if request.depth < 30 && visits.chance(0.78) {
      let think = visits.lognormal(median: 14, sigma: 0.9)
      var next = SimulatedRequest(
        arrival: request.completion + Int64((1.5 + think) * 1_000_000),
        target: Int32(site.drawPage(&visits)), referrer: request.target, client: request.client,
        kind: .person)
      next.depth = request.depth + 1
      schedule(next)
    }
  }

  private mutating func askAgain(_ request: SimulatedRequest) {
    guard request.kind == .person, Int(request.attempt) < plan.retryAttempts else { return }
    let since = Double((request.arrival - plan.start.microseconds) / 1_000_000)
    let expected = plan.expectedRepeats(at: since)
    let count = Int(expected) + (visits.chance(expected - expected.rounded(.down)) ? 1 : 0)
    for _ in 0..<count {
      let growth = Double(1 << min(Int(request.attempt), 3))
      let delay = plan.retryBackoff * growth * visits.uniform(0.5...1.5)
      var again = request
      again.arrival = request.completion + Int64(delay * 1_000_000)
      again.attempt += 1
      again.status = 200
      again.backend = -1
      again.backendDuration = -1
      let second = Int((again.arrival - plan.start.microseconds) / 1_000_000)
      guard second < plan.seconds, repeats[second].count < plan.repeatCeiling ?? .max
      else { continue }
      repeats[second].append(again)
    }
  }
}
