internal import IncidentModel
internal import TrafficTally

/// Failed requests came back as further requests and kept demand above capacity (METHODS §7; metastable failures: OSDI 2022).
struct RetryStorm: CauseTest {
  let cause = Cause.retryStorm
  /// Half the width of its interval by which a number of repeats must be greater to prove a storm: by then more than half of it is sure.
  static let sureFactor = 2.0

  /// A minute with its repeats.
  struct Minute {
    var load: LoadMinute
    var repeats: Double
    var first: Double { max(0, Double(load.requests) - repeats) }
    /// Requests for each first attempt.
    var factor: Double { first > 0 ? Double(load.requests) / first : 1 }

    /// In a storm the fleet worked off as many requests as first attempts came: alone they would all have been worked.
    var wouldHaveFitted: Bool {
      factor >= ClientParameters.stormFactor && first <= Double(load.worked)
    }

    /// A storm about first attempts that are no more than usual.
    func isUsualDemand(_ context: CauseContext) -> Bool {
      let expected = context.baseline.rate(at: load.start) * load.seconds
      return factor >= ClientParameters.stormFactor
        && first <= ClientParameters.metastableDemand * expected
    }
  }

  static func minutes(_ context: CauseContext) -> [Minute]? {
    guard let clients = context.signal.clients, clients.repeats != nil else { return nil }
    return context.minutes.map { minute in
      let repeats = min(clients.count(in: minute.span) ?? 0, Double(minute.requests))
      return Minute(load: minute, repeats: repeats)
    }
  }

  func examine(_ context: CauseContext) -> CauseCase {
    if context.failed + context.unanswered == 0 {
      return .excluded("no request failed or was given up, so none was repeated")
    }
    guard let clients = context.signal.clients else {
      return .untestable(
        "the access log names no clients, so that repeats cannot be told",
        needs: ["client addresses in the access log"])
    }
    guard let minutes = Self.minutes(context), let detection = clients.repeats else {
      return .untestable(
        "too few of the clients that were followed had a failed request to tell repeats",
        needs: ["more of the incident's access log"])
    }
    let stormy = minutes.filter { $0.factor >= ClientParameters.stormFactor }
    let most = minutes.map(\.factor).max() ?? 1
    guard let first = stormy.first, let last = stormy.last else {
      return .excluded(
        "with their repeats requests were at most \(factor: most) the first attempts")
    }
    // Of the incident's seconds, as its impact tells them, not of whole minutes.
    let requests = context.signal.traffic.buckets(in: context.span)
      .reduce(0) { $0 + Int($1.counts.requests) }
    let repeats = min(requests, Int((clients.count(in: context.span) ?? 0).rounded()))
    let share: Sentence =
      "\(share: Double(repeats), of: Double(max(1, requests))) of the incident's requests were repeats of failed ones"
    var examined = CauseCase(
      statement: detection.isLowerBound ? "at least " + share : share,
      otherwise: "repeats of failed requests came, but not enough of them to make the outage")
    examined.span = TimeSpan(
      start: max(first.load.span.start, context.span.start),
      end: min(last.load.span.end, context.span.end))
    examined.assumesSteadyFleet = true
    let proof = clients.proof(in: context.span).map { context.evidence.cite($0) }
    examined.support(
      "with their repeats requests were up to \(factor: most) the first attempts: the same client, method and path again within a minute of a failure",
      most >= ClientParameters.leadFactor ? 3.2 : 2.4, .composition, isSpecific: true,
      evidence: proof)
    weigh(&examined, minutes, context)
    if detection.isLowerBound {
      examined.oppose("a part of the failed requests cannot be told from polling", 0.5)
    }
    if let told = clients.repeats(in: [context.span]), told.count < Self.sureFactor * told.error {
      let least = max(0, Int((told.count - told.error).rounded()))
      examined.oppose(
        "their number is not sure, for clients may also have asked of their own accord: as few as \(count: least) may be repeats",
        2)
    }
    return examined
  }

  private func weigh(
    _ examined: inout CauseCase, _ minutes: [Minute], _ context: CauseContext
  ) {
    if context.overloadShare >= InstanceCapacity.overloadShare {
      examined.support(
        "\(share: context.overloadShare) of the failures were 503, 504 or shed, as under overload",
        0.8, .status)
    } else if let slow = context.slowShare, slow >= 0.5 {
      examined.support("latency stood far above its normal while it lasted", 0.8, .latency)
    } else {
      examined.oppose("the failures do not look like overload", 2)
    }
    let needless = RetryStorm.needless(minutes, context)
    if let needless, needless.share > 0, let from = needless.from {
      examined.support(
        "\(share: needless.share) of the failures fell into minutes, the first at \(time: from, precisionSeconds: 60), in which first attempts alone would have fitted into ready capacity",
        needless.share >= 0.1 ? 1.2 : 0.4, context.hasCapacityLog ? .capacityLog : .serving)
    }
    if let needless, needless.share < 0.5 {
      examined.oppose(
        "in the minutes of \(share: 1 - needless.share) of the failures first attempts alone were too many",
        0.8)
    }
    let metastable = Self.metastable(minutes, context)
    if metastable >= ClientParameters.metastableMinutes {
      examined.support(
        "for \(duration: Double(metastable) * 60) first attempts were as usual, and yet less was served than usual",
        1.5, .composition)
    }
  }

  /// The share of the failures in minutes in which first attempts fitted into ready capacity and all requests did not, and the first of them; nil without a fleet.
  static func needless(
    _ minutes: [Minute], _ context: CauseContext
  ) -> (share: Double, from: Instant?)? {
    guard let capacity = context.group?.capacity, !capacity.isLowerBound else { return nil }
    let known = minutes.filter { $0.load.ready != nil }
    let failed = known.reduce(0) { $0 + $1.load.unanswered }
    guard failed > 0 else { return nil }
    let fitting = known.filter { minute in
      let room = (minute.load.ready ?? 0) * capacity.rate * minute.load.seconds
      return minute.first <= room && Double(minute.load.requests) > room
    }
    let share = Double(fitting.reduce(0) { $0 + $1.load.unanswered }) / Double(failed)
    return (share, fitting.first?.load.start)
  }

  /// Taken away alone it would have ended the failures: at least half of them, given-up requests among them, fell into minutes that ``isNeedless(_:_:)`` (METHODS §8).
  static func leads(_ context: CauseContext) -> Bool {
    guard let minutes = minutes(context) else { return false }
    let failed = minutes.reduce(0) { $0 + $1.load.unanswered }
    let caused = minutes.filter { isNeedless($0, context) }
    return failed > 0 && caused.reduce(0) { $0 + $1.load.unanswered } * 2 >= failed
  }

  /// The same by what instances completed for sure: requests that timed out may have been no work at all.
  static func leadsForSure(_ context: CauseContext) -> Bool {
    guard let minutes = minutes(context), let capacity = context.group?.capacity,
      !capacity.isLowerBound
    else { return leads(context) }
    let failed = minutes.reduce(0) { $0 + $1.load.unanswered }
    let caused = minutes.filter { minute in
      let room = (minute.load.ready ?? 0) * capacity.interval.lowerBound * minute.load.seconds
      return minute.first <= max(room, Double(minute.load.completed))
    }
    return failed > 0 && caused.reduce(0) { $0 + $1.load.unanswered } * 2 >= failed
  }

  /// First attempts fitted (into ready capacity, or into what was worked off in that minute; or, where no fleet is known, were as usual), or demand was doubled and instances got less done than when all was well.
  private static func isNeedless(_ minute: Minute, _ context: CauseContext) -> Bool {
    let capacity = context.group?.capacity
    if let capacity, !capacity.isLowerBound, let ready = minute.load.ready,
      minute.first <= ready * capacity.rate * minute.load.seconds
    {
      return true
    }
    if capacity?.isLowerBound != false, minute.isUsualDemand(context) { return true }
    if minute.wouldHaveFitted { return true }
    guard let healthy = capacity?.healthy, let worked = minute.load.workedPerInstance else {
      return false
    }
    return minute.factor >= ClientParameters.leadFactor && worked < healthy
  }

  /// Minutes of a storm whose first attempts are at most 1.25 × usual, fail five times as often as usual and serve less than 0.9 × of what such a demand got before.
  private static func metastable(_ minutes: [Minute], _ context: CauseContext) -> Int {
    let usual = max(context.baseline.failedRatio, Parameters.Errors.floorRatio)
    return minutes.count { minute in
      let expected = context.baseline.rate(at: minute.load.start) * minute.load.seconds
      let good = Double(minute.load.requests - minute.load.failed)
      return minute.isUsualDemand(context)
        && minute.load.failedRatio >= ClientParameters.metastableFailed * usual
        && good < ClientParameters.metastableGoodput * min(minute.first, expected)
    }
  }
}
