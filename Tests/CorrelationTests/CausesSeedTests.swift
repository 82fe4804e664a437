import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Planted causes over seeds: noise, height, timing and sizes vary, the leading cause must not.
struct CausesSeedTests {
  /// Draws the outage of one cause.
  private struct Draw {
    var random: SplitMix
    mutating func number(_ range: ClosedRange<Double>) -> Double {
      let part = Double(random.next() % 10_001) / 10_000
      return (range.lowerBound + part * (range.upperBound - range.lowerBound)).rounded()
    }
  }

  private static func outage(_ cause: Cause, seed: UInt64) -> Scenario {
    var draw = Draw(random: SplitMix(seed: seed))
    let onset = draw.number(1500...2400)
    let rate = draw.number(110...220)
    let needed = (rate / Scenario.perInstance).rounded(.up)
    let decision = onset + draw.number(60...200)
    let boot = draw.number(120...300)
    let end = onset + draw.number(2000...3000)
    var scenario = Scenario()
    scenario.seed = seed
    scenario.noise = draw.number(2...8) / 100
    scenario.demand = [(0, 50), (onset, rate), (end, 50)]
    let more = Int(needed) + 2
    let observed = CapacityEvent.line(300, .observed(desired: 10, ready: 10, maximum: more + 10))
    func refused(_ reason: CapacityEvent.Reason) -> [CapacityEvent] {
      [observed, .line(decision, .scaleOutDecided(from: 10, to: more))]
        + (0..<Int(draw.number(4...15))).map {
          .line(decision + 30 + Double($0) * 90, .launchFailed(reason))
        }
    }
    switch cause {
    case .capacityExhausted: scenario.events = refused(.insufficientCapacity)
    case .quotaReached: scenario.events = refused(.quota)
    case .launchFailing: scenario.events = refused(.badTemplate)
    case .maxSizeReached:
      let maximum = Int(draw.number(11...14))
      scenario.ready = [(0, 10), (decision + boot, Double(maximum))]
      scenario.events = [
        .line(300, .observed(desired: 10, ready: 10, maximum: maximum)),
        .line(decision, .scaleOutDecided(from: 10, to: maximum)),
        .line(decision + boot, .inService, count: maximum - 10),
      ]
    case .scalingTooSlow:
      let late = decision + draw.number(600...1200)
      scenario.ready = [(0, 10), (late, Double(more))]
      scenario.events = [
        observed, .line(decision, .scaleOutDecided(from: 10, to: more)),
        .line(late, .inService, count: more - 10),
      ]
    case .scalingNotTriggered:
      scenario.events = [observed, .line(onset + 300, .notTriggered(.metricMissing))]
    case .prematureScaleIn:
      scenario.demand = [(0, 50)]
      scenario.ready = [(0, 10), (onset, draw.number(4...6)), (end, 10)]
      let left = Int(scenario.ready[1].count)
      scenario.events = [
        observed, .line(onset - 10, .scaleInDecided(from: 10, to: left)),
        .line(onset, .terminated(.scaleIn), count: 10 - left),
        .line(end - boot, .scaleOutDecided(from: left, to: 10)),
        .line(end, .inService, count: 10 - left),
      ]
    default:
      scenario.demand = [(0, 50)]
      scenario.broken = (onset, end, draw.number(8...60) / 100)
      scenario.events = [observed]
    }
    return scenario
  }

  @Test(arguments: [
    Cause.capacityExhausted, .quotaReached, .launchFailing, .maxSizeReached, .scalingTooSlow,
    .scalingNotTriggered, .prematureScaleIn, .errorsWithoutLoad,
  ])
  func `the planted cause leads in nine of ten draws`(_ cause: Cause) {
    var wrong: [String] = []
    let seeds = 1...20
    for seed in seeds {
      let analysis = Self.outage(cause, seed: UInt64(seed)).analysis()
      let found = analysis.incidents.max { $0.impact.failed < $1.impact.failed }?.cause
      if found != cause {
        wrong.append("seed \(seed): \(found?.rawValue ?? "undetermined")\n\(analysis.verdicts)")
      }
    }
    #expect(wrong.count * 10 <= seeds.count, "\(wrong.joined(separator: "\n"))")
    if !wrong.isEmpty { print(cause.rawValue, wrong.map { $0.prefix(40) }) }
  }

  @Test func `the shortfall is within a tenth in nine of ten draws`() {
    var right = 0
    var covered = 0
    var drawn = 0
    for seed in UInt64(1)...20 {
      let scenario = Self.outage(.capacityExhausted, seed: seed)
      guard let account = scenario.analysis().capacity.first, let short = account.shortfall,
        let interval = account.shortfallInterval, let peak = account.peakMinute
      else { continue }
      drawn += 1
      // What the busiest minute really needed: its own requests, not the mean ones.
      let start = peak.seconds
      let requests = scenario.traffic().buckets.filter { (start..<start + 60).contains($0.start) }
        .reduce(0) { $0 + $1.counts.requests }
      let truth = Int((Double(requests) / 60 / Scenario.perInstance).rounded(.up)) - 10
      if abs(Double(short - truth)) <= max(1, 0.1 * Double(truth)) { right += 1 }
      if interval.contains(truth) { covered += 1 }
    }
    #expect(drawn == 20)
    #expect(right * 10 >= 9 * drawn)
    #expect(covered * 10 >= 9 * drawn)
  }
}
