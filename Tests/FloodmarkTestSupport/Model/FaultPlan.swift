/// Instances that got slower, not fewer: a dependency that all of them wait for.
package struct Slowdown: Hashable, Sendable {
  package var second: Int
  package var seconds: Int
  /// How many times as long an answer takes.
  package var factor: Double
  /// Part of its work that an instance still does.
  package var strength: Double
  /// Share of the worked requests that run into the time-out of 30 s.
  package var timeouts: Double

  func contains(_ moment: Int) -> Bool { moment >= second && moment < second + seconds }
}

/// One route that fails while the others answer as ever.
package struct HotRoute: Hashable, Sendable {
  package var second: Int
  package var seconds: Int
  /// Number of the site's section.
  package var section: Int
  /// Requests per second beyond the usual ones for its first page.
  package var extra: Double
  /// Requests per second that the route can take; 0: `share` of them fail instead.
  package var room: Double
  package var share: Double
  /// Status of what fails.
  package var status: UInt16

  func contains(_ moment: Int) -> Bool { moment >= second && moment < second + seconds }
}

/// Plans of what breaks while demand stays as it is.
extension IncidentPlan {
  mutating func planFault(_ dice: inout Dice) {
    let before = dice.integer(3_720...4_800)
    let hold = dice.integer(1_200...2_100)
    onset = before
    ramp = 0
    size = dice.integer(6...14)
    policy.minimum = size
    policy.maximum = size * 3
    seconds = before + hold + dice.integer(900...1_500)
    demand.base = dice.uniform(42_000...80_000) / Double(seconds)
    let usage: Double
    switch scenario {
    case .zoneLost:
      zones = dice.integer(2...3)
      // What is left is short by a tenth to a third.
      usage =
        zones == 2 ? dice.uniform(0.56...0.72) : dice.uniform(0.75...0.85)
    case .hotEndpoint: usage = dice.uniform(0.3...0.44)
    default: usage = dice.uniform(0.5...0.66)
    }
    capacity = demand.base / (Double(size) * usage)
    switch scenario {
    case .retryStorm: planStorm(&dice, from: before, hold: hold, usage: usage)
    case .flapping: planSwings(&dice, from: before)
    case .instanceChurn: planChurn(&dice, from: before, hold: hold)
    case .zoneLost: planZone(&dice, from: before)
    case .hotEndpoint: planRoute(&dice, from: before, hold: hold)
    case .dependencySlow: planSlowdown(&dice, from: before, hold: hold, usage: usage)
    case .trafficLoss: planLoss(&dice, from: before, hold: hold)
    default: break
    }
  }

  /// A trigger of one to three minutes, and then more than one repeat for each failure: without a bound that clients share it would grow for ever.
  private mutating func planStorm(
    _ dice: inout Dice, from before: Int, hold: Int, usage: Double
  ) {
    let trigger = dice.integer(60...180)
    if dice.chance(0.5) {
      let factor = dice.uniform(1.5...2.2) / usage
      demand.corners = [
        DemandCurve.Corner(second: Double(before), factor: 1),
        DemandCurve.Corner(second: Double(before), factor: factor),
        DemandCurve.Corner(second: Double(before + trigger), factor: factor),
        DemandCurve.Corner(second: Double(before + trigger + 20), factor: 1),
      ]
    } else {
      slowdown = Slowdown(
        second: before, seconds: trigger, factor: dice.uniform(2...5),
        strength: dice.uniform(0.15...0.4), timeouts: 0.02)
    }
    collapse = dice.uniform(0...0.4)
    // A group of a fixed size, or one that may grow by a little, or one that boots for long.
    var growth = 1.0
    switch dice.below(3) {
    case 0: policy.isSilent = true
    case 1:
      let more = dice.integer(1...3)
      policy.maximum = size + more
      growth += Double(more) / Double(size)
    default:
      policy.boot = dice.uniform(500...900).rounded()
      policy.maximum = size * 2
    }
    // All that comes in the storm, as a multiple of what the fleet can work at first; it outlasts what may be added.
    let room = growth * (1 - collapse)
    let flood = dice.uniform(1.8...3) * growth
    let repeats = dice.uniform(1.3...1.8) * (flood - usage) / (flood - room)
    repeatCeiling = max(2, Int(((flood - usage) / usage * demand.base).rounded()))
    let end = Double(before + hold)
    let usual = dice.uniform(0.1...0.3)
    retryChance = [
      DemandCurve.Corner(second: Double(before), factor: usual),
      DemandCurve.Corner(second: Double(before + 30), factor: repeats),
      DemandCurve.Corner(second: end, factor: repeats),
      DemandCurve.Corner(second: end + 60, factor: 0.05),
    ]
    retryAttempts = dice.integer(8...30)
    seconds = max(seconds, before + hold + 900)
    demand.base *= 0.7
    capacity *= 0.7
    repeatCeiling = repeatCeiling.map { max(2, $0 * 7 / 10) }
  }

  /// Three to six times down and up; down it is short by a seventh to a half.
  private mutating func planSwings(_ dice: inout Dice, from before: Int) {
    policy.isSilent = true
    policy.minimum = 1
    let low = max(1, Int(demand.base / capacity / dice.uniform(1.15...1.6)))
    var second = before
    for _ in 0..<dice.integer(3...6) {
      policy.swings.append((second, low))
      second += dice.integer(60...200)
      policy.swings.append((second, size))
      second += Int(policy.boot * 1.12) + 25 + dice.integer(100...420)
    }
    seconds = second + dice.integer(600...1_200)
    fit(dice.uniform(42_000...80_000))
  }

  /// As many are taken out while replacements boot that the rest is short by a seventh to a half.
  private mutating func planChurn(_ dice: inout Dice, from before: Int, hold: Int) {
    let left = demand.base / capacity / dice.uniform(1.15...1.6)
    let out = max(1.5, Double(size) - left)
    policy.churn = (before, hold, max(8, Int((policy.boot + 12) / out)))
    policy.isSilent = dice.chance(0.5)
  }

  private mutating func planZone(_ dice: inout Dice, from before: Int) {
    policy.target = 0.9
    policy.zoneLoss = (before, dice.below(zones), dice.integer(15...60))
    policy.boot = dice.uniform(180...480).rounded()
    size = max(size, 2 * zones)
    size -= size % zones
    policy.minimum = size
    capacity =
      demand.base / Double(size)
      / (zones == 2 ? dice.uniform(0.56...0.72) : dice.uniform(0.75...0.85))
    seconds = before + Int(policy.boot) + dice.integer(1_200...1_800)
    fit(dice.uniform(42_000...80_000))
  }

  /// It fails by itself, or more come for it than it can take.
  private mutating func planRoute(_ dice: inout Dice, from before: Int, hold: Int) {
    let section = dice.integer(2...5)
    let statuses: [UInt16] = [500, 502, 503, 504]
    if dice.chance(0.5) {
      hotRoute = HotRoute(
        second: before, seconds: hold, section: section, extra: 0, room: 0,
        share: dice.uniform(0.5...0.98), status: statuses[dice.below(4)])
    } else {
      let extra = demand.base * dice.uniform(0.3...0.9)
      hotRoute = HotRoute(
        second: before, seconds: hold, section: section, extra: extra,
        room: extra * dice.uniform(0.2...0.6), share: 0, status: 503)
    }
  }

  /// Slow and short of capacity, or slow alone; scalers that look at the processor may take instances away meanwhile.
  private mutating func planSlowdown(
    _ dice: inout Dice, from before: Int, hold: Int, usage: Double
  ) {
    let isShort = dice.chance(0.6)
    let strength = isShort ? usage / dice.uniform(1.15...1.8) : 1
    slowdown = Slowdown(
      second: before, seconds: hold, factor: dice.uniform(4...12) / strength, strength: strength,
      timeouts: dice.uniform(0...0.05))
    policy.isSilent = true
    if dice.chance(0.3) {
      policy.minimum = 1
      policy.swings = [(before + dice.integer(400...700), max(1, size * 4 / 5))]
    }
  }

  /// Nearly all stay away; some groups shrink meanwhile.
  private mutating func planLoss(_ dice: inout Dice, from before: Int, hold: Int) {
    let low = dice.uniform(0...0.06)
    let gone = Double(before + dice.integer(1...20))
    let back = gone + Double(hold) * dice.uniform(0.5...1)
    demand.corners = [
      DemandCurve.Corner(second: Double(before), factor: 1),
      DemandCurve.Corner(second: gone, factor: low),
      DemandCurve.Corner(second: back, factor: low),
      DemandCurve.Corner(second: back + Double(dice.integer(5...60)), factor: 1),
    ]
    if dice.chance(0.5) {
      policy.minimum = max(1, size / 3)
      policy.quiet = dice.integer(240...600)
    }
  }

  /// Sets the rate so that about so many first attempts come, and keeps the load of an instance.
  private mutating func fit(_ requests: Double) {
    let base = requests / Double(seconds)
    capacity *= base / demand.base
    demand.base = base
  }

  /// What is so on ordinary days: a job at full marks of the clock; and on quiet ones a steep morning.
  mutating func planCustoms() {
    var dice = Dice(seed: seed, stream: 7)
    let spare = capacity * Double(size) - demand.base * (1 + demand.swing)
    if dice.chance(0.25), spare > 0 {
      cron = (
        [600, 900, 1_800, 3_600][dice.below(4)], dice.integer(15...50),
        spare * dice.uniform(0.2...0.6)
      )
    }
    guard scenario == .quiet, dice.chance(0.5) else { return }
    let rise = Double(dice.integer(18_000...30_000))
    let steep = Double(dice.integer(3_000...6_000))
    let night = dice.uniform(0.15...0.4)
    demand.day = [
      DemandCurve.Corner(second: rise, factor: night),
      DemandCurve.Corner(second: rise + steep, factor: 1),
      DemandCurve.Corner(second: 79_200, factor: 1),
      DemandCurve.Corner(second: 86_400, factor: night),
    ]
  }
}

extension IncidentPlan {
  /// Demand and what instances work shrink together: the same story with fewer lines.
  package mutating func shrink(to part: Double) {
    demand.base *= part
    capacity *= part
    cron = cron.map { ($0.every, $0.seconds, $0.rate * part) }
    batch = batch.map { ($0.start, $0.seconds, $0.rate * part) }
    hotRoute?.extra *= part
    hotRoute?.room *= part
    // As many requests of each machine, but fewer machines.
    if let clients = guests?.clients, guests?.sort.isMachines == true {
      guests?.rate *= part
      guests?.clients = max(1, Int((Double(clients) * part).rounded()))
    }
    repeatCeiling = repeatCeiling.map { max(2, Int((Double($0) * part).rounded())) }
  }

  /// An outage of another kind, in an archive of its own story: for some minutes, three quarters of an hour before the onset, a share of the answers is 500.
  package mutating func addEarlierFault() {
    guard let onset, onset >= 3_300 else { return }
    var dice = Dice(seed: seed, stream: 8)
    fault = (onset - 2_700, dice.integer(240...600), dice.uniform(0.1...0.5))
  }

  /// Ends the logs when so much of the time from the onset to their end is over.
  package mutating func end(after part: Double) {
    guard let onset else { return }
    seconds = min(seconds, onset + max(240, Int(Double(seconds - onset) * part)))
  }
}
