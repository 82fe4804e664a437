import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

private let levelKinds: Set<TimelineEntry.Kind> = [
  .latencyChanged, .goodputChanged, .fleetChanged,
]

struct LevelRowTests {
  private func rows(
    _ scene: LevelScene, _ kind: TimelineEntry.Kind
  ) -> [TimelineEntry] {
    scene.analysis().timeline.filter { $0.kind == kind }
  }

  private func minute(_ row: TimelineEntry) -> Double {
    row.time.seconds(since: LevelScene.time(0)) / 60
  }

  private func isNear(_ value: Double, _ truth: Double, by part: Double) -> Bool {
    abs(value - truth) <= part * truth
  }

  @Test(arguments: 1...UInt64(8))
  func `latency that doubles is told when and from what to what it does`(seed: UInt64) throws {
    var scene = LevelScene(seed: seed)
    scene.median = { 96.5..<131 ~= $0 ? 200 : 100 }
    scene.failed = { 100..<130 ~= $0 ? 0.2 : 0 }
    let found = rows(scene, .latencyChanged)
    let rise = try #require(found.first, "seed \(seed)")
    #expect(abs(minute(rise) - 96.5) <= 2, "seed \(seed): \(minute(rise))")
    let figures = rise.text.figures
    #expect(figures.count == 4)
    for (figure, truth) in zip(figures, [100.0, 200, 300, 600]) {
      #expect(isNear(figure, truth, by: 0.2), "seed \(seed): \(figure) for \(truth)")
    }
    // The return is told by the row of the recovery.
    #expect(found.count == 1, "seed \(seed)")
    #expect(rise.evidence.count == 2)
  }

  @Test func `a tail that grows alone is told, and the median beside it stays`() throws {
    var scene = LevelScene(seed: 3)
    scene.tail = { 100..<131 ~= $0 ? 9 : 3 }
    scene.failed = { 100..<130 ~= $0 ? 0.2 : 0 }
    let rise = try #require(rows(scene, .latencyChanged).first)
    let figures = rise.text.figures
    #expect(abs(minute(rise) - 100) <= 2)
    #expect(isNear(figures[1], figures[0], by: 0.2))
    #expect(isNear(figures[3], 900, by: 0.2))
  }

  @Test(arguments: 1...UInt64(8))
  func `a fleet that loses a third is told where no capacity log is`(seed: UInt64) throws {
    var scene = LevelScene(seed: seed)
    scene.fleet = { 100..<140 ~= $0 ? 8 : 12 }
    scene.failed = { 100..<140 ~= $0 ? 0.25 : 0 }
    let analysis = scene.analysis()
    let found = analysis.timeline.filter { $0.kind == .fleetChanged }
    #expect(found.map(\.text.figures) == [[12, 8], [8, 12]], "seed \(seed)")
    #expect(found.allSatisfy { $0.mark != nil })
    #expect(abs(minute(try #require(found.first)) - 100) <= 1)
    #expect(abs(minute(try #require(found.last)) - 140) <= 1)
    // The proof of a loss is a line of an instance that is gone.
    let proof = try #require(found.first?.evidence.first)
    let piece = try #require(analysis.evidence.first { $0.id == proof })
    let position = piece.position.line
    #expect((position / 10 + position % 10) % 12 >= 8, "seed \(seed)")
    #expect(!analysis.timeline.contains { $0.kind == .goodputChanged }, "seed \(seed)")
  }

  @Test func `a fleet of which a capacity log tells has no row of the access log`() {
    var scene = LevelScene(seed: 2)
    scene.fleet = { 100..<140 ~= $0 ? 8 : 12 }
    scene.failed = { 100..<140 ~= $0 ? 0.25 : 0 }
    scene.events = [
      CapacityEvent(
        time: LevelScene.time(100), kind: .scaleInDecided(from: 12, to: 8),
        position: LogPosition(input: 1, line: 1, offset: 0),
        text: LogText("12 to 8", kind: .line), group: "shop")
    ]
    let analysis = scene.analysis()
    #expect(analysis.incidents.count == 1)
    #expect(analysis.capacity.first?.source == .log)
    #expect(!analysis.timeline.contains { $0.kind == .fleetChanged })
  }

  @Test(arguments: 1...UInt64(8))
  func `instances that serve less while twice as much comes are told`(seed: UInt64) throws {
    var scene = LevelScene(seed: seed)
    scene.fleet = { _ in 5 }
    scene.arrivals = { 100..<140 ~= $0 ? 80 : 40 }
    scene.failed = { 100..<140 ~= $0 ? 0.75 : 0 }
    let found = rows(scene, .goodputChanged)
    let fall = try #require(found.first, "seed \(seed)")
    #expect(found.count == 1, "seed \(seed)")
    #expect(abs(minute(fall) - 100) <= 2)
    for (figure, truth) in zip(fall.text.figures, [8.0, 4, 8, 16]) {
      #expect(isNear(figure, truth, by: 0.1), "seed \(seed): \(figure) for \(truth)")
    }
    scene.fleet = nil
    let whole = try #require(rows(scene, .goodputChanged).first, "seed \(seed)")
    for (figure, truth) in zip(whole.text.figures, [40.0, 20, 40, 80]) {
      #expect(isNear(figure, truth, by: 0.1), "seed \(seed): \(figure) for \(truth)")
    }
  }

  @Test func `what clients gave up is told, for no share of failures tells it`() throws {
    var scene = LevelScene(seed: 4)
    scene.abandoned = { 100..<140 ~= $0 ? 0.6 : 0 }
    scene.median = { 100..<140 ~= $0 ? 4_000 : 100 }
    let fall = try #require(rows(scene, .goodputChanged).first)
    #expect(abs(minute(fall) - 100) <= 2)
    #expect(fall.text.figures[1] < 0.5 * fall.text.figures[0])
  }

  @Test(arguments: 1...UInt64(8))
  func `served requests that another row explains are told by that row alone`(seed: UInt64) {
    // Failures alone while as many come.
    var failures = LevelScene(seed: seed)
    failures.failed = { 100..<140 ~= $0 ? 0.6 : 0 }
    #expect(rows(failures, .goodputChanged).isEmpty, "seed \(seed)")
    // Half of the traffic, of which some fails.
    var fewer = LevelScene(seed: seed)
    fewer.arrivals = { 100..<140 ~= $0 ? 20 : 40 }
    fewer.failed = { 100..<140 ~= $0 ? 0.1 : 0 }
    #expect(rows(fewer, .goodputChanged).isEmpty, "seed \(seed)")
    // Half of the traffic, of which clients give up a part.
    var left = fewer
    left.abandoned = { 100..<140 ~= $0 ? 0.4 : 0 }
    #expect(rows(left, .goodputChanged).isEmpty, "seed \(seed)")
    // A fleet that grew: each instance has less to do.
    var larger = LevelScene(seed: seed)
    larger.fleet = { $0 < 110 ? 5 : 10 }
    larger.failed = { 100..<112 ~= $0 ? 0.2 : 0 }
    #expect(rows(larger, .goodputChanged).isEmpty, "seed \(seed)")
  }

  @Test(arguments: 1...UInt64(100))
  func `noise on a daily curve has no levels`(seed: UInt64) {
    var scene = LevelScene(seed: seed, minutes: 360)
    scene.noise = 0.15
    scene.dispersion = 9
    // The steep part of a day: from a third of its height to all of it.
    scene.arrivals = { 15 + 25 * $0 / 360 }
    scene.median = { 80 + 80 * $0 / 360 }
    scene.failed = { _ in 0.02 }
    scene.fleet = { 6 + Int($0 / 50) }
    let found = scene.rows(of: scene.traffic(), from: 30, to: 330)
    let told = found.filter { levelKinds.contains($0.kind) }
    #expect(told.isEmpty, "seed \(seed): \(told.map { ($0.kind, $0.text.figures) })")
  }

  @Test(arguments: 1...UInt64(8))
  func `without an incident the timeline tells where answers took longer`(seed: UInt64) throws {
    var scene = LevelScene(seed: seed)
    scene.median = { 80..<110 ~= $0 ? 180 : 100 }
    let analysis = scene.analysis()
    #expect(analysis.incidents.isEmpty)
    let found = rows(scene, .latencyChanged)
    #expect(found.count == 2, "seed \(seed)")
    for (row, truth) in zip(found, [80.0, 110]) {
      #expect(abs(minute(row) - truth) <= 2, "seed \(seed): \(minute(row)) for \(truth)")
      #expect(!row.evidence.isEmpty)
    }
  }

  @Test(arguments: 1...UInt64(40))
  func `a quiet day on which nothing changed has no levels`(seed: UInt64) {
    var scene = LevelScene(seed: seed, minutes: 360)
    scene.noise = 0.15
    scene.arrivals = { 15 + 25 * $0 / 360 }
    scene.median = { 80 + 80 * $0 / 360 }
    let analysis = scene.analysis()
    #expect(analysis.incidents.isEmpty)
    #expect(!analysis.timeline.contains { levelKinds.contains($0.kind) }, "seed \(seed)")
  }

  @Test func `few requests tell no level`() {
    for seed in 1...UInt64(10) {
      var scene = LevelScene(seed: seed)
      scene.arrivals = { _ in 0.2 }
      scene.fleet = { 80..<120 ~= $0 ? 4 : 12 }
      scene.median = { 80..<120 ~= $0 ? 300 : 100 }
      scene.abandoned = { 80..<120 ~= $0 ? 0.8 : 0 }
      let found = scene.rows(of: scene.traffic(), from: 78, to: 122)
      #expect(!found.contains { levelKinds.contains($0.kind) }, "seed \(seed)")
    }
  }

  @Test func `however often levels change, an incident has a handful of rows`() {
    var scene = LevelScene(seed: 5, minutes: 900)
    scene.median = { Int($0) / 15 % 2 == 0 ? 100 : 400 }
    scene.fleet = { Int($0) / 20 % 2 == 0 ? 12 : 6 }
    let found = scene.rows(of: scene.traffic(), from: 60, to: 840)
    let told = found.filter { levelKinds.contains($0.kind) }
    #expect((2...LevelRows.mostLevels).contains(told.count))
    #expect(told.allSatisfy { !$0.evidence.isEmpty })
  }

  @Test func `a change near which no line is kept is not told`() {
    var scene = LevelScene(seed: 6)
    scene.median = { $0 < 100 ? 100 : 400 }
    var traffic = scene.traffic()
    #expect(!scene.rows(of: traffic, from: 105, to: 150).isEmpty)
    traffic.sample = []
    traffic.exemplars = []
    #expect(scene.rows(of: traffic, from: 105, to: 150).isEmpty)
  }

  @Test func `a change long before an incident is none of its rows`() {
    var scene = LevelScene(seed: 6, minutes: 240)
    scene.median = { $0 < 100 ? 100 : 400 }
    #expect(scene.rows(of: scene.traffic(), from: 125, to: 150).isEmpty)
    #expect(!scene.rows(of: scene.traffic(), from: 105, to: 150).isEmpty)
  }

  @Test func `hostile and empty traffic has no rows and does no harm`() {
    var scene = LevelScene(seed: 7, minutes: 60)
    #expect(scene.rows(of: ServiceTraffic(name: "a", buckets: []), from: 0, to: 60).isEmpty)
    var traffic = scene.traffic()
    for place in traffic.latency.indices {
      let value = [0, -1, .nan, .infinity, 1e308, 1e-300][place % 6]
      traffic.latency[place].p50 = value
      traffic.latency[place].p95 = value
    }
    for place in traffic.buckets.indices where place % 7 == 0 {
      traffic.buckets[place].counts.answered = .max
      traffic.buckets[place].counts.shed = .max
    }
    _ = scene.rows(of: traffic, from: 10, to: 50)
    traffic.latency = traffic.latency.map {
      ServiceTraffic.Latency(
        start: $0.start, widthSeconds: 3_600, count: .max, p50: 1, p95: 2, p99: 3)
    }
    _ = scene.rows(of: traffic, from: 10, to: 50)
    traffic.buckets = Array(traffic.buckets.prefix(1))
    _ = scene.rows(of: traffic, from: 0, to: 60)
    scene.minutes = 1
    _ = scene.rows(of: scene.traffic(), from: 0, to: 1)
  }
}

struct LevelStepTests {
  private func isStep(_ left: Double, _ right: Double) -> Bool { abs(left - right) >= 1 }

  private func noise(_ seed: UInt64, _ count: Int, _ height: Double) -> [Double] {
    var random = SeededNoise(seed: seed)
    return (0..<count).map { _ in height * random.normal() }
  }

  @Test(arguments: 1...UInt64(20))
  func `a step is found with the levels beside it`(seed: UInt64) throws {
    let values = noise(seed, 100, 0.3).enumerated().map { $1 + ($0 < 60 ? 4 : 6) }
    let steps = LevelSteps(values, leastScatter: 0.05, isStep: isStep).steps
    let step = try #require(steps.first, "seed \(seed)")
    #expect(steps.count == 1, "seed \(seed)")
    #expect(abs(step.before.upperBound - 60) <= 1 && abs(step.after.lowerBound - 60) <= 1)
    #expect(step.before.count == LevelSteps.context && step.end == nil)
  }

  @Test func `a way between two levels is told with its length, a drift is none`() throws {
    let ramp = noise(1, 120, 0.1).enumerated().map {
      $1 + min(1, max(0, Double($0 - 60) / 10)) * 4
    }
    let step = try #require(LevelSteps(ramp, leastScatter: 0.05, isStep: isStep).steps.first)
    // A quarter of the way at each end counts as its level.
    #expect(abs(step.before.upperBound - 62) <= 2)
    #expect(abs(step.after.lowerBound - 68) <= 2)
    let drift = noise(2, 120, 0.1).enumerated().map { $1 + Double($0) / 20 }
    #expect(LevelSteps(drift, leastScatter: 0.05, isStep: isStep).steps.isEmpty)
  }

  @Test(arguments: 1...UInt64(40))
  func `a step has no way, whatever the noise before it looks like`(seed: UInt64) throws {
    let values = noise(seed, 60, 0.3).enumerated().map { $1 + ($0 < 30 ? 4 : 9) }
    let step = try #require(LevelSteps(values, leastScatter: 0.05, isStep: isStep).steps.first)
    #expect(step.before.upperBound == 30 && step.after.lowerBound == 30, "seed \(seed)")
  }

  @Test func `what is not known is no level, and most must be known`() {
    var values = noise(3, 90, 0.2)
    for place in 40..<50 { values[place] = .nan }
    #expect(LevelSteps(values, leastScatter: 0.05, isStep: isStep).steps.isEmpty)
    for place in 50..<90 { values[place] += 3 }
    #expect(
      LevelSteps(values, leastScatter: 0.05, isStep: isStep).steps.map(\.after.lowerBound) == [50])
    for place in 0..<46 { values[place] = .nan }
    #expect(LevelSteps(values, leastScatter: 0.05, isStep: isStep).steps.isEmpty)
    #expect(LevelSteps([], leastScatter: 0.05, isStep: isStep).steps.isEmpty)
  }

  @Test func `Welch's test at one in a thousand`() {
    // t = 5 with 8 degrees of freedom has p = .00105, t = 5.2 has p = .00082.
    let left = [1.0, 5, 2, 4, 3]
    func differ(_ distance: Double) -> Bool {
      WelchTest.differ(left[...], left.map { $0 + distance }[...])
    }
    #expect(!differ(5))
    #expect(differ(5.2))
    #expect(!WelchTest.differ([1, 1, 1], [1, 1, 1]))
    #expect(WelchTest.differ([1, 1, 1], [2, 2, 2]))
    #expect(!WelchTest.differ([1, 1], [2, 2]))
    // Values that stay near the one before them tell less.
    let slow = [1.0, 1, 2, 3, 4, 5, 5, 4, 3, 2]
    #expect(!WelchTest.differ(slow[...], slow.map { $0 + 2.7 }[...]))
  }
}
