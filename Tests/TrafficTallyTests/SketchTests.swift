import IncidentModel
import Testing

@testable import TrafficTally

/// Sketches and samples against exact computations on the same numbers.
struct SketchTests {
  enum Generator: String, CaseIterable {
    case constant, uniform, exponential, pareto, bimodal, ascending

    func value(_ index: Int, _ numbers: inout SeededNumbers) -> Int64 {
      let uniform = Double(numbers.next() >> 11) / Double(1 << 53)
      switch self {
      case .constant: return 42_000
      case .uniform: return Int64(uniform * 1_000_000)
      case .exponential: return Int64(uniform * uniform * uniform * 30_000_000)
      case .pareto: return Int64(min(1e11, 1000 / (1.000_001 - uniform)))
      case .bimodal: return uniform < 0.9 ? 3000 + Int64(uniform * 100) : 30_000_000
      case .ascending: return Int64(index)
      }
    }
  }

  @Test(arguments: Generator.allCases, [1, 2, 3, 10, 99, 100, 101, 5000])
  func quantilesAreWithinOnePerCent(generator: Generator, size: Int) throws {
    var numbers = SeededNumbers(UInt64(size))
    let durations = (0..<size).map { generator.value($0, &numbers) }
    let requests = durations.map { duration in
      var request = Request()
      request.arrival = 0
      request.duration = duration
      return request
    }
    let latency = try #require(tallied(requests).services[0].latency.first)
    let sorted = durations.map { min(max($0, 1), 86_400_000_000) }.sorted()
    #expect(latency.count == size)
    for (percent, found) in [(50, latency.p50), (95, latency.p95), (99, latency.p99)] {
      let exact = Double(sorted[(size * percent + 99) / 100 - 1]) / 1000
      #expect(abs(found - exact) <= exact * 0.010_000_1, "p\(percent)")
    }
  }

  @Test func `the latency buckets cover the range and are narrow enough`() {
    #expect(LatencyBounds.highs.count < Int(LatencyStore.marker))
    #expect(LatencyBounds.highs.last == LatencyBounds.most)
    var low: Int64 = 1
    for (bucket, high) in LatencyBounds.highs.enumerated() {
      #expect(low <= high)
      #expect(LatencyBounds.bucket(of: low) == bucket)
      #expect(LatencyBounds.bucket(of: high) == bucket)
      let middle = LatencyBounds.milliseconds(of: bucket) * 1000
      #expect(abs(middle - Double(low)) <= Double(low) * 0.010_000_1)
      #expect(abs(middle - Double(high)) <= Double(high) * 0.010_000_1)
      low = high + 1
    }
    #expect(LatencyBounds.bucket(of: .min) == 0)
    #expect(LatencyBounds.bucket(of: .max) == LatencyBounds.highs.count - 1)
  }

  @Test func `shed and abandoned requests stay out of the latencies`() {
    var shed = Request()
    shed.status = 503
    shed.isShed = true
    shed.duration = 5
    var gone = Request()
    gone.status = 499
    gone.duration = 5
    var failed = Request()
    failed.status = 504
    failed.duration = 30_000_000
    #expect(tallied([shed, gone, failed]).services[0].wholeLatency?.count == 1)
  }

  @Test(arguments: [1, 10, 100, 127, 128, 129, 1000, 5000, 20_000])
  func distinctClientsAreWithinFourErrors(count: Int) {
    var store = ClientStore()
    let slot = store.slot(SeriesStore.key(0, 0))
    for _ in 0..<2 {
      for client in 0..<count {
        store.add(ClientStore.hash("client-\(client)".utf8.span), slot: slot)
      }
    }
    // Standard errors 1.04/√m (Flajolet et al.), and one client for rounding.
    let found = ClientEstimate.count(ClientEstimate.union(store.strata))
    #expect(abs(Double(found - count)) <= Double(count) * 4 * 1.04 / 64 + 1)
    let whole = ClientEstimate.count(store.whole)
    #expect(abs(Double(whole - count)) <= Double(count) * 4 * 1.04 / 128 + 1)
  }

  @Test(arguments: [0, 1, 5, 255, 256, 257, 511, 512, 513, 3000])
  func theSampleIsTheLeastOfAllRanks(count: Int) {
    let requests = (0..<count).map { index in
      var request = Request()
      request.mark = index
      return request
    }
    let view = tallied(requests)
    var offset = 0
    let seed = Mixer.avalanche(7)
    let ranked = requests.map { request in
      defer { offset += request.line.count + 1 }
      return (hash: Mixer.sampleRank(seed: seed, offset: offset), offset: offset)
    }.sorted { $0.hash < $1.hash }
    let kept = view.services.first?.sample.first
    #expect((kept?.count ?? 0) == count)
    let offsets = (kept?.requests ?? []).map(\.position.offset)
    #expect(offsets == ranked.prefix(256).map(\.offset).sorted())
    let texts = (kept?.requests ?? []).filter { $0.text != nil }.map(\.position.offset)
    #expect(texts == ranked.prefix(8).map(\.offset).sorted())
  }

  @Test func `the smallest words are found by position`() {
    var numbers = SeededNumbers(31)
    for count in 1...40 {
      let words = (0..<count).map { _ in numbers.next() % 20 }
      for n in 1...count {
        var scratch = words
        #expect(smallest(&scratch, n) == words.sorted()[n - 1])
      }
    }
  }
}
