import Foundation
import IncidentModel
import Testing

@testable import FloodmarkTestSupport

/// A short incident, so that many can be run.
private func short(_ scenario: Scenario, seed: UInt64) -> SimulatedIncident {
  var plan = IncidentPlan(scenario: scenario, seed: seed)
  plan.cut(leadSeconds: 300)
  plan.seconds = min(plan.seconds, 1_500)
  return SimulatedIncident(plan)
}

private func lineCount(_ bytes: [UInt8]) -> Int {
  var lines = 0
  for byte in bytes where byte == UInt8(ascii: "\n") { lines += 1 }
  return lines
}

/// FNV-1a, 64 bits.
private func fingerprint(_ bytes: [UInt8]) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}

struct `A simulated archive` {
  @Test func `has the same bytes for the same seed, and others for another`() {
    func archive(_ seed: UInt64) -> SimulatedArchive {
      SimulatedArchive(
        short(.capacityExhausted, seed: seed), access: .combined, capacity: .awsActivities)
    }
    let (one, same, other) = (archive(7), archive(7), archive(8))
    #expect(one.files.map(\.path) == same.files.map(\.path))
    #expect(one.files.map(\.bytes) == same.files.map(\.bytes))
    #expect(one.truth.document == same.truth.document)
    #expect(one.files.map(\.bytes) != other.files.map(\.bytes))
  }

  @Test(arguments: AccessLogKind.allCases)
  func `has as many lines as its truth says, in every format`(kind: AccessLogKind) {
    let incident = short(.maxSizeReached, seed: 3)
    let archive = SimulatedArchive(
      incident, access: kind, capacity: .awsActivityLines, packing: .plain)
    let logs = archive.files.filter { $0.path.hasPrefix("access/") }
    let truth = archive.truth
    #expect(logs.map { lineCount($0.bytes) - kind.headerLines }.reduce(0, +) == truth.total)
    #expect(truth.total > 3_000)
    #expect(truth.statuses.values.reduce(0, +) == truth.total)
    #expect(truth.statuses.filter { $0.key >= 500 }.values.reduce(0, +) == truth.failed)
    #expect(truth.minutes.arrivals.reduce(0, +) == truth.total)
    #expect(truth.minutes.failed.reduce(0, +) == truth.failed)
    #expect(truth.minutes.repeats.reduce(0, +) == truth.repeats)
    #expect(truth.minutes.shed.reduce(0, +) == truth.shed)
  }

  @Test func `writes the statuses that its truth counts`() throws {
    let archive = SimulatedArchive(
      short(.launchFailing, seed: 5), access: .vhostCombined, capacity: .awsActivities)
    let folder = try TemporaryFolder()
    try archive.writeLogs(to: folder.path)
    var failed = 0
    var all = 0
    for file in archive.files where file.path.hasPrefix("access/") {
      let path = folder.path + "/" + file.path
      failed += try countLines(of: path, matching: "HTTP/1.1\" 5[0-9][0-9] ")
      all += try countLines(of: path)
    }
    #expect(failed == archive.truth.failed)
    #expect(all == archive.truth.total)
    #expect(failed > 100)
  }

  @Test func `has scaling activities and JSON lines that are valid JSON`() throws {
    let incident = short(.quotaReached, seed: 2)
    let document = ActivityLogWriter(incident: incident).document
    let parsed = try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any]
    let activities = try #require(parsed?["Activities"] as? [[String: Any]])
    #expect(activities.count == incident.fleet.activities.count)
    let starts = activities.compactMap { $0["StartTime"] as? String }
    #expect(starts == starts.sorted(by: >))
    let refused = activities.compactMap { $0["StatusMessage"] as? String }
    #expect(refused.contains { $0.contains("vCPU limit") })
    let lines = AccessLogWriter.log(of: 0, kind: .nginxJSON, incident: incident)
    for line in lines.split(separator: UInt8(ascii: "\n")).prefix(300) {
      let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      #expect(object?["status"] is Int)
    }
    let truth = Truth(incident: incident, access: .common, capacity: .none)
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(truth.document)) }
  }

  @Test(arguments: [AccessLogKind.combined, .nginxTimed])
  func `stamped at completion never goes back in time`(kind: AccessLogKind) {
    let incident = short(.scalingNotTriggered, seed: 4)
    let log = AccessLogWriter.log(of: 0, kind: kind, incident: incident)
    var last: [UInt8] = []
    var backwards = 0
    for line in log.split(separator: UInt8(ascii: "\n")) {
      guard let bracket = line.firstIndex(of: UInt8(ascii: "[")) else { continue }
      let clock = Array(line[(bracket + 13)..<(bracket + 21)])
      if clock.lexicographicallyPrecedes(last) { backwards += 1 }
      last = clock
    }
    #expect(backwards == 0)
  }
}

struct `Other groups' events` {
  @Test(arguments: [CapacityLogKind.awsActivities, .clusterAutoscaler])
  func `are added beside the group's own, which stay as they were`(kind: CapacityLogKind) throws {
    func log(_ groups: Int) throws -> String {
      var plan = IncidentPlan(scenario: .scalingTooSlow, seed: 11)
      plan.seconds = 1_200
      plan.unrelatedGroups = groups
      let archive = SimulatedArchive(SimulatedIncident(plan), access: .common, capacity: kind)
      let file = try #require(archive.files.first { $0.path.hasPrefix("capacity/") })
      return String(decoding: file.bytes, as: UTF8.self)
    }
    func count(_ name: String, _ text: String) -> Int { text.components(separatedBy: name).count }
    let (alone, noisy) = (try log(0), try log(2))
    #expect(!alone.contains("batch-render"))
    #expect(noisy.contains("batch-render") && noisy.contains("search-index"))
    #expect(count("shop-web", alone) == count("shop-web", noisy))
  }
}

struct `The model of an incident` {
  @Test(arguments: Scenario.allCases)
  func `fails requests only where a cause is planted`(scenario: Scenario) {
    for seed in 1...UInt64(2) {
      let truth = Truth(
        incident: short(scenario, seed: seed), access: .combined, capacity: .awsActivities)
      let share = Double(truth.failed) / Double(truth.total)
      #expect(truth.total <= 150_000)
      switch scenario {
      case .absorbed, .quiet, .trafficLoss:
        #expect(share < 0.005, "\(scenario) seed \(seed)")
      case .dependencySlow, .hotEndpoint, .errorsWithoutLoad:
        #expect(share > 0.005, "\(scenario) seed \(seed)")
      default:
        #expect(share > 0.02, "\(scenario) seed \(seed)")
        #expect(truth.peakShortfall > 0, "\(scenario) seed \(seed)")
        continue
      }
      if scenario != .hotEndpoint {
        #expect(truth.peakShortfall <= 1, "\(scenario) seed \(seed)")
      }
    }
  }

  @Test func `a storm goes on by repeats after its trigger is over`() {
    for seed in 1...UInt64(6) {
      let incident = SimulatedIncident(IncidentPlan(scenario: .retryStorm, seed: seed))
      let truth = Truth(incident: incident, access: .combined, capacity: .none)
      let onset = incident.plan.onset ?? 0
      // From five minutes after the trigger's beginning on demand is as usual, and yet most fail.
      let minutes = (onset + 300) / 60..<(onset + 1_000) / 60
      let all = minutes.reduce(0) { $0 + truth.minutes.arrivals[$1] }
      let repeats = minutes.reduce(0) { $0 + truth.minutes.repeats[$1] }
      let failed = minutes.reduce(0) { $0 + truth.minutes.failed[$1] }
      #expect(repeats * 2 > all - repeats, "seed \(seed)")
      #expect(failed * 5 > all, "seed \(seed)")
      let fitting = minutes.count { truth.minutes.neededFirst[$0] <= truth.minutes.ready[$0] }
      #expect(fitting * 10 >= minutes.count * 9, "seed \(seed)")
    }
  }

  @Test func `a lost zone takes its instances at once, and its place is filled elsewhere`() {
    let incident = SimulatedIncident(IncidentPlan(scenario: .zoneLost, seed: 3))
    let gone = incident.fleet.activities.filter { $0.outcome == .unhealthy }
    let zones = Set(gone.map(\.zone))
    #expect(zones.count == 1)
    #expect(gone.count * incident.plan.zones == incident.plan.size)
    let later = incident.fleet.activities.filter {
      $0.outcome == .inService && $0.start > (gone.map(\.start).max() ?? $0.start)
    }
    #expect(later.count >= gone.count)
    #expect(later.allSatisfy { !zones.contains($0.zone) })
  }

  @Test func `works no more than ready instances can`() {
    let incident = short(.scalingNotTriggered, seed: 9)
    var worked = Array(repeating: 0, count: incident.plan.seconds / 60)
    for request in incident.requests where request.backend >= 0 {
      let second = (request.arrival - incident.plan.start.microseconds) / 1_000_000
      worked[min(worked.count - 1, Int(second / 60))] += 1
    }
    let size = Double(incident.plan.size)
    let most = Double(worked.max() ?? 0) / 60 / incident.plan.capacity
    // Beyond a minute's work only the queue's room can be taken in.
    let room = size * incident.plan.longestWait / 60 + 1 / (60 * incident.plan.capacity)
    #expect(most > 0.97 * size)
    #expect(most <= size + room)
  }

  @Test func `raises demand by the planted factor at the planted onset`() throws {
    var before = 0
    var after = 0
    for seed in 1...UInt64(4) {
      var plan = IncidentPlan(scenario: .scalingNotTriggered, seed: seed)
      plan.retryChance = []
      plan.demand.corners = [
        DemandCurve.Corner(second: 1_200, factor: 1), DemandCurve.Corner(second: 1_200, factor: 3),
      ]
      plan.seconds = 2_400
      let incident = SimulatedIncident(plan)
      for request in incident.requests where request.kind == .person {
        let second = (request.arrival - plan.start.microseconds) / 1_000_000
        if (600..<1_200).contains(second) { before += 1 }
        if (1_200..<1_800).contains(second) { after += 1 }
      }
    }
    let factor = Double(after) / Double(before)
    #expect(abs(factor - 3) < 0.35)
  }

  @Test func `repeats only what failed before for the same client`() {
    var plan = IncidentPlan(scenario: .launchFailing, seed: 12)
    plan.retryChance = [DemandCurve.Corner(second: 0, factor: 0.3)]
    let incident = SimulatedIncident(plan)
    var failed: Set<[Int32]> = []
    var repeats = 0
    var orphans = 0
    for request in incident.requests {
      let key = [request.client, request.target]
      if request.attempt > 0 { repeats += 1 }
      if request.attempt > 0 && !failed.contains(key) { orphans += 1 }
      if request.isFailed { failed.insert(key) }
    }
    #expect(repeats > 1_000)
    #expect(orphans == 0)
  }

  @Test func `reaches the maximum and goes no further`() {
    let incident = short(.maxSizeReached, seed: 6)
    let maximum = incident.plan.policy.maximum
    #expect(incident.wanted.max() == maximum)
    #expect(incident.ready.max() == maximum)
    #expect(incident.fleet.limitReached != nil)
  }
}

struct `The shipped incident` {
  private static let archive = PrimeDay.archive

  @Test func `is what the simulator writes`() throws {
    let archive = Self.archive
    for file in archive.files where !file.path.hasSuffix(".gz") {
      #expect(try Fixture.bytes("incidents/prime-day-2018/" + file.path) == file.bytes)
    }
    #expect(
      try Fixture.bytes("incidents/prime-day-2018.truth.json") == archive.truth.document)
    var lines = 0
    for path in archive.files.map(\.path) where path.hasSuffix(".gz") {
      lines += try countLines(of: Fixture.primeDay + "/" + path)
    }
    #expect(lines == archive.truth.total + archive.truth.brokenLines)
  }

  @Test func `tells the story of its day`() {
    let truth = Self.archive.truth
    #expect(truth.activities.filter { $0.outcome == .failed(.insufficientCapacity) }.count == 14)
    #expect(truth.activities.count == 31)
    #expect(truth.minutes.ready.first == 10)
    #expect(truth.minutes.ready.last == 27)
    #expect((18...22).contains(truth.peakShortfall))
  }
}

struct `The dice` {
  @Test func `give the same numbers everywhere`() {
    var dice = Dice(seed: 1)
    var bytes: [UInt8] = []
    for _ in 0..<1_000 {
      bytes += withBytes(dice.next())
      bytes += withBytes(dice.gamma(shape: 2.5).bitPattern)
      bytes += withBytes(dice.lognormal(median: 3, sigma: 0.8).bitPattern)
      bytes += withBytes(UInt64(dice.poisson(mean: 7)))
    }
    // A second implementation, in another language, gives this as well.
    #expect(fingerprint(bytes) == 1_922_826_079_977_462_660)
  }

  private func withBytes(_ word: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }

  @Test func `draw whole numbers evenly over their range`() {
    var dice = Dice(seed: 2)
    var counts = Array(repeating: 0, count: 10)
    for _ in 0..<10_000 { counts[dice.below(10)] += 1 }
    #expect(counts.allSatisfy { (850...1_150).contains($0) })
  }

  @Test func `have the planted means`() {
    var dice = Dice(seed: 3)
    func mean(_ draw: () -> Double) -> Double {
      (0..<20_000).map { _ in draw() }.reduce(0, +) / 20_000
    }
    #expect(abs(mean { Double(dice.poisson(mean: 45)) } - 45) < 0.3)
    #expect(abs(mean { dice.gamma(shape: 0.4) } - 0.4) < 0.03)
    #expect(abs(mean { dice.exponential(mean: 5) } - 5) < 0.2)
    #expect(abs(mean { dice.normal() }) < 0.03)
  }

  @Test func `agree with the C library to the last few bits`() {
    for step in 1...2_000 {
      let x = Double(step) * 0.037
      #expect(abs(PortableMath.log(x) - log(x)) <= 1e-14 * max(1, abs(log(x))))
      #expect(abs(PortableMath.exp(x - 30) / exp(x - 30) - 1) < 1e-13)
      #expect(abs(PortableMath.cosine(turns: x) - cos(2 * .pi * x)) < 1e-12)
    }
  }
}

struct `Test support` {
  @Test func `cuts gzip into members that read as one`() throws {
    let text = Array((0..<5_000).map { "line \($0)\n" }.joined().utf8)
    let folder = try TemporaryFolder()
    let path = try folder.write(gzip(text, members: 4), to: "many.log.gz")
    #expect(try countLines(of: path) == 5_000)
    #expect(try run("/bin/gzip", ["-dc", path]).output == text)
  }

  @Test func `reports a command's streams and its exit code`() throws {
    let done = try run("/bin/sh", ["-c", "cat; echo no >&2; exit 3"], input: Array("yes".utf8))
    #expect(done.exitCode == 3)
    #expect(done.outputText == "yes")
    #expect(done.errorText == "no\n")
  }

  @Test func `finds the package`() {
    #expect(FileManager.default.fileExists(atPath: Fixture.packageRoot + "/Package.swift"))
    #expect(FileManager.default.fileExists(atPath: Fixture.primeDay + "/notes.txt"))
  }

  @Test func `runs the built command`() throws {
    let done = try run(builtCommand("incident-simulator"), ["matrix"])
    #expect(done.exitCode == 0)
    #expect(done.outputText.contains("quota-reached_aws-alb_aws-asg-activities_1\n"))
    #expect(throws: CommandMissing.self) { try builtCommand("no-such-command") }
  }

  @Test func `generates load of the asked size`() {
    var generator = LoadGenerator(seed: 1)
    var made: [UInt8] = []
    let lines = generator.generate(
      size: 3_000_000, start: Instant(seconds: 0), linesPerSecond: 100
    ) { made += $0 }
    #expect(lineCount(made) == lines)
    #expect((3_000_000...3_001_000).contains(made.count))
  }
}
