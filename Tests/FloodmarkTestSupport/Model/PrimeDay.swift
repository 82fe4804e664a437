internal import IncidentModel

/// The incident that is shipped with the project: a shop on 16 July 2018, an eighth of its rates.
///
/// Two status messages of that day are history; everything else is made up to go with them.
package enum PrimeDay {
  /// 17:30 UTC.
  private static let start = Instant(seconds: 1_531_762_200)

  private static func clock(_ hour: Int, _ minute: Int, _ second: Int = 0) -> Int {
    (hour - 17) * 3_600 + (minute - 30) * 60 + second
  }

  private static func moment(_ second: Int) -> Instant {
    start.advanced(bySeconds: Double(second))
  }

  package static var plan: IncidentPlan {
    var plan = IncidentPlan(scenario: .capacityExhausted, seed: 20_180_716)
    plan.start = start
    plan.seconds = 7_200
    plan.servers = 3
    plan.onset = clock(18, 0, 55)
    plan.ramp = clock(18, 8) - clock(18, 0, 55)
    plan.demand = DemandCurve(
      base: 6.1, swing: 0, peakSecond: 0,
      corners: [
        corner(clock(18, 0, 55), 1), corner(clock(18, 8), 3), corner(clock(18, 20), 2.9),
        corner(clock(18, 30), 2.4), corner(clock(18, 40), 2.0), corner(clock(18, 50), 1.85),
        corner(clock(19, 0), 1.75), corner(clock(19, 30), 1.6),
      ],
      noiseShape: 2_000, noiseSeconds: 20)
    plan.capacity = 0.75
    plan.size = 10
    plan.policy.maximum = 15
    // Impatience grows with the outage, and leaves with it.
    plan.retryChance = [
      corner(0, 0.25), corner(clock(18, 1), 0.25), corner(clock(18, 15), 0.47),
      corner(clock(18, 22), 0.62), corner(clock(18, 26), 0.8), corner(clock(18, 30), 0.97),
      corner(clock(18, 34), 1.5), corner(clock(18, 40), 1.6), corner(clock(18, 52), 1.6),
      corner(clock(18, 54), 0.5), corner(clock(19, 30), 0.5),
    ]
    plan.retryBackoff = 3
    plan.retryAttempts = 30
    plan.repeatCeiling = 11
    plan.longestWait = 5
    plan.errorShare = 0.001
    plan.timeoutShare = 0.02
    plan.laterErrors = (clock(18, 54, 20), 0.03)
    plan.variety = 0.15
    plan.agents = 6
    plan.sixShare = 0.97
    plan.networks = 240
    plan.returning = 0.5
    plan.cron = nil
    plan.decisions = [
      ScalingDecision(time: moment(clock(18, 2, 30)), from: 10, to: 15, reason: .alarm),
      ScalingDecision(
        time: moment(clock(18, 19, 10)), from: 15, to: 35,
        reason: .constraints(minimum: 10, maximum: 40)),
    ]
    plan.activities = activities
    plan.notes = notes
    return plan
  }

  private static func corner(_ second: Int, _ factor: Double) -> DemandCurve.Corner {
    DemandCurve.Corner(second: Double(second), factor: factor)
  }

  private static var activities: [FleetActivity] {
    var list: [FleetActivity] = []
    func add(
      _ start: Int, _ end: Int, _ outcome: FleetActivity.Outcome, decision: Int?, from: Int,
      to: Int, zone: Int? = nil
    ) {
      let thousandths = Int64((list.count * 277 + 94) % 1_000) * 1_000
      list.append(
        FleetActivity(
          decision: decision,
          start: Instant(microseconds: moment(start).microseconds + thousandths),
          end: moment(end), outcome: outcome, instance: -1, zone: zone ?? list.count % 3,
          from: from, to: to))
    }
    let first = [clock(18, 5), clock(18, 5, 14), clock(18, 5, 31), clock(18, 5, 48)]
    for (place, ready) in (first + [clock(18, 6, 5)]).enumerated() {
      add(clock(18, 2, 33 + place), ready, .inService, decision: 0, from: 10, to: 15)
    }
    let refused = [
      (18, 20, 4), (18, 21, 9), (18, 22, 31), (18, 24, 2), (18, 26, 12), (18, 28, 40),
      (18, 31, 17), (18, 34, 5), (18, 36, 48), (18, 39, 22), (18, 42, 10), (18, 44, 51),
      (18, 47, 26), (18, 49, 40),
    ]
    for (place, time) in refused.enumerated() {
      let second = clock(time.0, time.1, time.2)
      add(
        second, second + 1, .failed(.insufficientCapacity), decision: place == 0 ? 1 : nil,
        from: place < 6 ? 15 : 18, to: 35, zone: place == 0 ? 1 : (place == 13 ? 0 : place % 3))
    }
    for place in 0..<3 {
      add(
        clock(18, 27, 8 + place), clock(18, 29), .inService, decision: nil, from: 15 + place,
        to: 16 + place)
    }
    let last = [
      clock(18, 52, 10), clock(18, 52, 10), clock(18, 52, 10), clock(18, 53, 5),
      clock(18, 53, 40), clock(18, 54, 12), clock(18, 55, 2), clock(18, 56, 5), clock(18, 57),
    ]
    for (place, ready) in last.enumerated() {
      add(
        clock(18, 50, 22 + place * 4), ready, .inService, decision: nil, from: 18 + place,
        to: 19 + place)
    }
    return list
  }

  private static let notes = [
    "2018-07-16 (times are UTC)",
    "",
    "18:07 shop-web is at max 15, waiting",
    "18:24 Currently out of capacity for scaling",
    "18:41 Looking at scavenging hardware",
    "18:50 got c4.4xlarge from the batch fleet, moving 9 over",
    "18:58 all 9 in service, shop works again, some errors left",
  ]

  /// The archive: three edge logs in gzip, of which one has several members, with three lines that no reader can take.
  package static var archive: SimulatedArchive {
    var archive = SimulatedArchive(
      SimulatedIncident(plan), access: .combined, capacity: .awsActivities, packing: .plain)
    let cut = "192.0.2.7 - - [16/Jul/2018:18:11:09 +0000]"
    let wrong = "192.0.2.90 - - [16/Foo/2018:18:40:02 +0000] \"GET /deals HTTP/1.1\" 200 18233"
    let broken = [[], [(4_000, cut), (21_000, cut)], [(9_000, wrong)]]
    for (server, lines) in broken.enumerated() {
      let name = "access/edge-\(server + 1).log"
      guard let file = archive.files.first(where: { $0.path == name }) else { continue }
      let bytes = insert(lines, into: file.bytes)
      archive.replace(
        name, with: server == 1 ? gzip(bytes, members: 4, level: 9) : gzip(bytes, level: 9),
        as: name + ".gz")
    }
    archive.planted(brokenLines: 3)
    return archive
  }

  /// Puts each text behind as many lines as its number says.
  private static func insert(_ texts: [(Int, String)], into log: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(log.count + 400)
    var lines = 0
    var rest = texts[...]
    for byte in log {
      result.append(byte)
      guard byte == UInt8(ascii: "\n") else { continue }
      lines += 1
      if let next = rest.first, next.0 == lines {
        result.add(next.1 + "\n")
        rest = rest.dropFirst()
      }
    }
    return result
  }
}
