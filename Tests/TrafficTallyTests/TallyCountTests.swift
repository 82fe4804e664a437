import IncidentModel
import Testing

@testable import TrafficTally

struct TallyCountTests {
  @Test func `the classes of a bucket partition its requests`() {
    let requests = mixedRequests(2000, seed: 1)
    let view = tallied(requests)
    var total = 0
    for service in view.services {
      var sum = ServiceTotals()
      for bucket in service.buckets { sum.add(bucket.counts) }
      #expect(sum == service.totals)
      total += service.totals.requests
    }
    #expect(total == 2000)
    let failed = requests.filter { $0.status >= 500 }.count
    #expect(view.services.map(\.totals.failed).reduce(0, +) == failed)
    let shed = requests.filter(\.isShed).count
    #expect(view.services.map(\.totals.shed).reduce(0, +) == shed)
    let bytes = view.services.map(\.totals.bytes).reduce(0, +)
    #expect(bytes == 200_000)
  }

  @Test(
    arguments: [
      (0, .abandoned), (99, .abandoned), (100, .answered), (204, .answered), (399, .answered),
      (400, .clientError), (404, .clientError), (408, .abandoned), (429, .throttled),
      (444, .abandoned), (460, .abandoned), (499, .abandoned), (500, .failed), (561, .failed),
      (599, .failed), (600, .clientError), (999, .clientError),
    ] as [(UInt16, OutcomeClass)])
  func outcomeOfStatus(status: UInt16, outcome: OutcomeClass) {
    #expect(Outcome.outcomeClass(status) == outcome)
  }

  @Test func `a request is in flight from its arrival to its end`() {
    var request = Request()
    request.duration = 2_500_000
    let buckets = tallied([request]).services[0].buckets
    let start: Int64 = 1_700_000_000
    #expect(buckets.map(\.start) == [start, start + 2])
    #expect(buckets.map(\.counts.inFlightChange) == [1, -1])
    #expect(buckets.map(\.counts.requests) == [1, 0])
    #expect(buckets[0].counts.durationSum == 2_500_000)
  }

  @Test(arguments: [
    (UInt16(503), false, false, 0), (503, true, false, 1), (503, true, true, 0),
    (500, true, true, 0),
    (500, false, false, 1), (504, false, false, 1), (200, false, false, 1),
  ])
  func `what no server worked on has no latency: what was shed, or a 503 where that is not told`(
    _ status: UInt16, _ tellsShed: Bool, _ isShed: Bool, _ count: Int
  ) {
    var request = Request(duration: 2_000, status: status)
    (request.tellsShed, request.isShed) = (tellsShed, isShed)
    #expect(tallied([request]).services[0].latency.reduce(0) { $0 + $1.count } == count)
  }

  @Test func `a duration that is no latency counts nowhere as one`() {
    var request = Request()
    request.duration = 9_000_000
    request.isNoLatency = true
    let service = tallied([request]).services[0]
    #expect(service.totals.timed == 0)
    #expect(service.totals.durationSum == 0)
    #expect(service.latency.isEmpty)
    #expect(service.wholeLatency == nil)
  }

  @Test func `moments before 1970 and beyond the range stand in buckets`() {
    var requests = [Request(), Request(), Request(), Request()]
    requests[0].arrival = -1
    requests[1].arrival = .min
    requests[2].arrival = .max
    requests[3].arrival = .max - 5
    requests[3].duration = .max
    let buckets = tallied(requests).services[0].buckets
    #expect(buckets.map(\.start) == [-TallyTime.bias, -1, (1 << 33) - TallyTime.bias - 1])
    #expect(buckets.map(\.counts.requests) == [1, 1, 2])
  }

  @Test func `the width is the least at which the occupied cells fit`() {
    // 100 requests, one every 20 s: 100 cells up to 15 s, 34 of 60 s.
    let requests = (0..<100).map { index in
      var request = Request()
      request.arrival = Int64(index) * 20_000_000
      return request
    }
    var options = TallyOptions()
    for (cells, width) in [(100, 1), (99, 60), (34, 60), (33, 300), (7, 300), (6, 900), (1, 3600)] {
      options.budgets.seriesBytes = cells * 96 + 160 + "default".utf8.count
      let view = tallied(requests, options)
      #expect(view.bucketSeconds == width, "\(cells) cells")
      #expect(view.services[0].totals.requests == 100)
    }
  }

  @Test func `stray lines of other decades cost a cell each`() {
    let requests = ([0, 4_000_000_000, 1_700_000_000] as [Int64]).map { seconds in
      var request = Request()
      request.arrival = seconds * 1_000_000
      return request
    }
    let view = tallied(requests)
    #expect(view.bucketSeconds == 1)
    #expect(view.services[0].buckets.count == 3)
  }

  @Test func `counts stay at their bounds`() {
    var cell = BucketCounts()
    cell.answered = .max
    cell.bytes = .max - 10
    cell.inFlightChange = .min
    var store = SeriesStore()
    let key = SeriesStore.key(0, 5)
    let slot = store.slot(key)
    store.countEnd(at: slot)
    var request = Request()
    request.bytes = 100
    store.count(request.record, .answered, isTimed: false, at: slot)
    cell.add(store.cells[slot])
    #expect(cell.answered == .max)
    #expect(cell.bytes == .max)
    #expect(cell.inFlightChange == .min)
    var table = CountTable()
    table.add(key, .max)
    table.add(key, 7)
    table.visit { _, count in #expect(count == .max) }
  }

  @Test func `backends have their minutes, first and last time`() {
    let requests = [(0, "a"), (30, "b"), (59, "a"), (61, "a"), (200, "b")].map {
      seconds, backend in
      var request = Request()
      request.arrival = Int64(seconds) * 1_000_000
      request.backend = backend
      return request
    }
    let backends = tallied(requests).services[0].backends
    #expect(backends.map(\.name) == ["a", "b"])
    #expect(backends[0].minutes.map(\.start) == [0, 60])
    #expect(backends[0].minutes.map(\.count) == [2, 1])
    #expect(backends[1].first == Instant(seconds: 30))
    #expect(backends[1].last == Instant(seconds: 200))
  }

  @Test func `first, last and chosen exemplars are lines of their class`() {
    let requests = mixedRequests(500, seed: 8, spanSeconds: 50)
    let options = TallyOptions(serviceRule: .none)
    let service = tallied(requests, options).services[0]
    for outcome in OutcomeClass.allCases {
      let lines = requests.filter { Outcome.outcomeClass($0.status) == outcome }
      let minutes = Set(lines.map { floorDivide($0.arrival, 60_000_000) * 60 })
      for minute in minutes {
        let own = lines.enumerated().filter { floorDivide($0.1.arrival, 60_000_000) * 60 == minute }
        let first = own.min { ($0.1.arrival, $0.0) < ($1.1.arrival, $1.0) }
        let last = own.max { ($0.1.arrival, $0.0) < ($1.1.arrival, $1.0) }
        let kept = service.exemplars.filter { $0.stratum == minute && $0.outcome == outcome }
        #expect(kept.count == 3)
        #expect(kept.first { $0.role == .first }?.text.bytes == first?.1.line)
        #expect(kept.first { $0.role == .last }?.text.bytes == last?.1.line)
        let chosen = kept.first { $0.role == .chosen }
        #expect(own.contains { $0.1.line == chosen?.text.bytes })
      }
    }
  }

  @Test func `a long line is cut to a kibibyte`() {
    var request = Request()
    request.target = "/" + String(repeating: "x", count: 5000)
    let service = tallied([request]).services[0]
    #expect(service.exemplars.allSatisfy { $0.text.bytes.count == 1024 })
    #expect(service.sample[0].requests[0].text?.bytes.count == 1024)
    #expect(service.sample[0].requests[0].template.utf8.count == 120)
    // It stands behind the first 4 KiB of the line, which are all that is looked at.
    #expect(service.sample[0].requests[0].agentFamily == "")
  }
}
