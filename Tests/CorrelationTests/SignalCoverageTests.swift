import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

struct CoverageTests {
  private typealias Minute = ServiceTraffic.Backend.Minute

  /// Lines per minute from shorthand in minutes: `"200x60 0x10 200x60"`.
  private func input(_ index: Int, _ shorthand: String, seed: UInt64) -> TrafficView.InputMinutes {
    var noise = SeededNoise(seed: seed)
    var minutes: [Minute] = []
    for (minute, mean) in perSecond(shorthand).enumerated() {
      let count = noise.poisson(mean)
      if count > 0 {
        minutes.append(Minute(start: 1_530_000_000 + Int64(minute) * 60, count: count))
      }
    }
    return TrafficView.InputMinutes(input: index, minutes: minutes)
  }

  private func gaps(_ shorthands: [String]) -> [Coverage.Gap] {
    let inputs = shorthands.enumerated().map { input($0, $1, seed: UInt64($0) + 31) }
    return CoverageGaps.gaps(
      in: TrafficView(bucketSeconds: 1, services: [], inputMinutes: inputs))
  }

  private func span(_ from: Int64, _ to: Int64) -> TimeSpan {
    TimeSpan(
      start: Instant(seconds: 1_530_000_000 + from * 60),
      end: Instant(seconds: 1_530_000_000 + to * 60))
  }

  @Test func `ten silent minutes of a busy input are a gap with its edges`() {
    #expect(gaps(["200x60 0x10 200x60"]) == [Coverage.Gap(input: nil, span: span(60, 70))])
  }

  @Test func `rotation without a pause, and rare lines, are none`() {
    #expect(gaps(["200x60 0x60", "0x60 200x60"]).isEmpty)
    #expect(gaps(["0.5x600"]).isEmpty)
  }

  @Test func `a pause between two members is a gap of all`() {
    let found = gaps(["200x60 0x80", "0x80 200x60"])
    #expect(found == [Coverage.Gap(input: nil, span: span(60, 80))])
  }

  @Test func `one of three inputs that falls silent is a gap, unless the others take over`() {
    let lost = gaps(["200x60 0x20 200x60", "200x140", "200x140"])
    #expect(lost == [Coverage.Gap(input: 0, span: span(60, 80))])
    #expect(gaps(["200x60 0x20 200x60", "200x60 300x20 200x60", "200x60 300x20 200x60"]).isEmpty)
  }

  @Test func `inputs that all stop at once are an outage and no gap`() {
    #expect(gaps(["200x60 0x20 200x60", "150x60 0x20 150x60"]).isEmpty)
  }

  @Test func `nights that are silent every day are quiet hours`() {
    let day = "0x480 60x600 0x360"
    #expect(gaps(["\(day) \(day) \(day) \(day)"]).isEmpty)
  }

  @Test func `counts that agree minute by minute are perhaps the same requests`() {
    func named(_ name: String, _ shorthand: String, _ seed: UInt64) -> ServiceSignal {
      var builder = TrafficBuilder(shorthand, seed: seed)
      builder.name = name
      return signal(builder)
    }
    let outer = named("shop.example.com", "20x1200 60x600", 41)
    var inner = outer
    inner.traffic.name = "default"
    let other = named("api.example.com", "20x600 60x600 20x600", 42)
    let pairs = LookAlike.pairs(among: [outer, inner, other])
    #expect(pairs == ["shop.example.com": "default", "default": "shop.example.com"])
    // Two services of one height scatter by chance: 20 a second are 1,200 ± 35 a minute.
    let twin = named("b.example.com", "2x1800", 43)
    #expect(!LookAlike.areAlike(twin.minutes, named("c.example.com", "2x1800", 44).minutes))
  }
}

struct ExcessTests {
  /// A service whose minutes carry a uniform sample of 64 drawn by `draw`.
  private func signal(
    _ shorthand: String,
    draw: (_ isSpike: Bool, _ noise: inout SeededNoise) -> (String, String, String)
  ) -> ServiceSignal {
    let builder = TrafficBuilder(shorthand, seed: 51)
    var traffic = builder.traffic()
    var noise = SeededNoise(seed: 52)
    var strata: [ServiceTraffic.SampleStratum] = []
    for minute in stride(from: 0, to: builder.requests.count, by: 60) {
      let rate = builder.requests[minute]
      let requests = (0..<64).map { index in
        let isExcess = rate > 20 && noise.uniform() > 20 / rate
        let (route, network, agent) = draw(isExcess, &noise)
        return SampledRequest(
          arrival: builder.time(minute).advanced(bySeconds: Double(index) * 0.9), duration: -1,
          status: 200, outcome: .answered, isShed: false, template: route, method: "GET",
          client: "2001:db8::\(index % 200)", network: network, agentFamily: agent,
          agentSignature: 0,
          referrerHost: "", zone: "", backend: "", isAsset: false,
          position: LogPosition(input: 0, line: 1, offset: 0), text: nil)
      }
      strata.append(
        ServiceTraffic.SampleStratum(
          start: TrafficBuilder.origin + Int64(minute), widthSeconds: 60, count: Int(rate * 60),
          requests: requests))
    }
    traffic.sample = strata
    var signal = SignalDetection.signal(
      of: traffic, bucketSeconds: 1, window: builder.window, gaps: [], options: AnalysisOptions())
    ExcessComposition.compose(&signal, addresses: AddressTable([]))
    return signal
  }

  private func usual(_ noise: inout SeededNoise) -> (String, String, String) {
    let routes = ["/", "/cart", "/search", "/orders/{n}"]
    let agents = ["Chrome", "Safari", "Firefox"]
    return (
      routes[Int(noise.bits() % 4)], "2001:db8:\(1 + noise.bits() % 200)::/48",
      agents[Int(noise.bits() % 3)]
    )
  }

  private let shorthand = "20x2400 80x1200 20x1200"

  @Test func `one route with four fifths of the excess is named with its share`() throws {
    let found = signal(shorthand) { isExcess, noise in
      let (route, network, agent) = usual(&noise)
      return (isExcess && noise.uniform() < 0.8 ? "/sale" : route, network, agent)
    }
    let composition = try #require(found.spikes.first?.composition)
    #expect(composition.kind == .singleEndpoint)
    let sale = try #require(
      composition.segments.first {
        $0.dimension == "route" && $0.value.bytes == Array("/sale".utf8)
      })
    #expect(abs(sale.shareOfExcess - 0.8) <= max(0.05, sale.shareError))
    #expect(sale.baselineShare == 0)
    #expect(composition.machineShare == 0 && composition.retryShare == nil)
    #expect(composition.excessRequests.map { abs($0 - 72_000) < 3_000 } == true)
    #expect(composition.segments.count <= 8)
    #expect(composition.segments.allSatisfy { $0.shareOfExcess > $0.shareError })
  }

  @Test func `more of the same mix is organic`() throws {
    let found = signal(shorthand) { _, noise in usual(&noise) }
    #expect(try #require(found.spikes.first).composition.kind == .organic)
  }

  @Test func `few networks in the excess, or no networks at all, can not be told`() throws {
    let few = signal(shorthand) { isExcess, noise in
      let (route, network, agent) = usual(&noise)
      return (route, isExcess ? "203.0.113.0/24" : network, agent)
    }
    let composition = try #require(few.spikes.first?.composition)
    #expect(composition.kind == .cannotTell)
    #expect(
      composition.segments.contains { $0.dimension == "client_network" && $0.shareOfExcess > 0.9 })
    let none = signal(shorthand) { _, noise in (usual(&noise).0, "", "") }
    #expect(try #require(none.spikes.first).composition.kind == .cannotTell)
  }

  @Test func `without a sample the excess has a size and no segments`() throws {
    let spike = try #require(unsampled(shorthand).spikes.first)
    #expect(spike.composition.segments.isEmpty)
    #expect(spike.composition.excessRequests != nil)
  }

  private func unsampled(_ shorthand: String) -> ServiceSignal {
    let builder = TrafficBuilder(shorthand, seed: 53)
    var signal = SignalDetection.signal(
      of: builder.traffic(), bucketSeconds: 1, window: builder.window, gaps: [],
      options: AnalysisOptions())
    ExcessComposition.compose(&signal, addresses: AddressTable([]))
    return signal
  }
}
