import FloodmarkTestSupport
import IncidentModel
import Testing
import TrafficTally

@testable import Pipeline

/// The same traffic in every format gives the same tally, but for what a format does not tell.
struct RoundTripTests {
  /// What is counted of one second.
  struct Second: Hashable {
    var answered = 0
    var abandoned = 0
    var throttled = 0
    var clientErrors = 0
    var failed: [Int] = [0, 0, 0, 0, 0]
    var bytes = 0
    var shed = 0
    var timed = 0
    var durationSum = 0
  }

  /// Four minutes of outages, drawn once.
  private static let incidents: [UInt64: SimulatedIncident] = {
    let scenarios = [5: Scenario.capacityExhausted, 6: .scalingTooSlow] as [UInt64: Scenario]
    return Dictionary(
      uniqueKeysWithValues: scenarios.map { seed, scenario in
        var plan = IncidentPlan(scenario: scenario, seed: seed)
        plan.cut(leadSeconds: 30)
        plan.seconds = min(plan.seconds, 240)
        return (seed, SimulatedIncident(plan))
      })
  }()

  /// What lines of a kind tell of the requests as they truly were.
  private static func expected(
    _ incident: SimulatedIncident, _ kind: AccessLogKind
  ) -> [Int64: Second] {
    func down(_ value: Int64, _ grain: Int64) -> Int64 { value / grain * grain }
    var seconds: [Int64: Second] = [:]
    for request in incident.requests where kind.writes(request) {
      let duration = down(request.duration, kind.durationGrain ?? 1)
      let isTimed = kind.tellsDuration(of: request)
      let arrival =
        switch kind.stamp {
        case .arrival: down(request.arrival, kind.stampGrain)
        case .completion:
          down(request.completion, kind.stampGrain) - (isTimed ? duration : 0)
        }
      var second = seconds[arrival / 1_000_000] ?? Second()
      switch kind.written(request.status) {
      case 0, 408, 460, 499: second.abandoned += 1
      case 100..<400: second.answered += 1
      case 429: second.throttled += 1
      case 500: second.failed[0] += 1
      case 502: second.failed[1] += 1
      case 503: second.failed[2] += 1
      case 504: second.failed[3] += 1
      case 501...: second.failed[4] += 1
      default: second.clientErrors += 1
      }
      second.bytes +=
        request.isFailed
        ? 197 : request.status == 499 ? 0 : incident.site.resources[Int(request.target)].bytes
      if kind.tellsBackend, request.isFailed, request.backend < 0 { second.shed += 1 }
      if isTimed {
        second.timed += 1
        second.durationSum += Int(duration)
      }
      seconds[arrival / 1_000_000] = second
    }
    return seconds
  }

  private static func read(
    _ incident: SimulatedIncident, _ kind: AccessLogKind
  ) async throws -> (view: TrafficView, seconds: [Int64: Second]) {
    let folder = try TemporaryFolder()
    let archive = SimulatedArchive(incident, access: kind, capacity: .none, packing: .plain)
    try archive.writeLogs(to: folder.path)
    let view = try await ReadingTests.view([folder.path + "/access"])
    var seconds: [Int64: Second] = [:]
    for bucket in view.services.flatMap(\.buckets) where bucket.counts.requests > 0 {
      let counts = bucket.counts
      var second = seconds[bucket.start] ?? Second()
      second.answered += Int(counts.answered)
      second.abandoned += Int(counts.abandoned)
      second.throttled += Int(counts.throttled)
      second.clientErrors += Int(counts.clientErrors)
      let failed = [
        counts.status500, counts.status502, counts.status503, counts.status504, counts.other5xx,
      ]
      second.failed = zip(second.failed, failed).map { $0 + Int($1) }
      second.bytes += Int(counts.bytes)
      second.shed += kind.tellsBackend ? Int(counts.shed) : 0
      second.timed += Int(counts.timed)
      second.durationSum += Int(counts.durationSum)
      seconds[bucket.start] = second
    }
    return (view, seconds)
  }

  @Test(
    arguments: AccessLogKind.allCases, [5, 6] as [UInt64])
  func `every second has what was written in it`(
    kind: AccessLogKind, seed: UInt64
  ) async throws {
    let incident = try #require(Self.incidents[seed])
    let (view, seconds) = try await Self.read(incident, kind)
    #expect(view.bucketSeconds == 1)
    #expect(Set(view.inputs.map(\.format)) == [kind.rawValue])
    #expect(view.inputs.allSatisfy { $0.rejected == 0 })
    let expected = Self.expected(incident, kind)
    #expect(seconds.count == expected.count)
    let wrong = expected.filter { seconds[$0.key] != $0.value }.sorted { $0.key < $1.key }
    let first = wrong.first.map { "\($0.value) and not \(String(describing: seconds[$0.key]))" }
    #expect(wrong.isEmpty, "\(wrong.count) of \(expected.count), the first \(first ?? "")")
    #expect(expected.values.contains { $0.failed != [0, 0, 0, 0, 0] })
  }

  /// What two formats both tell is the same, whichever it is read from.
  @Test func `formats agree on all that they both tell`() async throws {
    let incident = try #require(Self.incidents[5])
    var sums: [(kind: AccessLogKind, sum: Second)] = []
    for kind in AccessLogKind.allCases {
      let seconds = try await Self.read(incident, kind).seconds.values
      var sum = Second()
      for second in seconds {
        sum.failed = zip(sum.failed, second.failed).map { $0 + $1 }
        sum.shed += second.shed
        sum.throttled += second.throttled
      }
      sums.append((kind, sum))
    }
    let first = try #require(sums.first).sum
    #expect(first.failed.reduce(0, +) > 20)
    for (kind, sum) in sums {
      #expect(sum.failed == first.failed, "\(kind.rawValue)")
      #expect(sum.throttled == first.throttled, "\(kind.rawValue)")
    }
    let shed = Set(sums.filter { $0.kind.tellsBackend }.map(\.sum.shed))
    #expect(shed.count == 1)
  }
}
