import IncidentModel
import Testing

@testable import Correlation
@testable import TrafficTally

/// Repeats of clients of whom only some blocks were kept (METHODS §1, §7).
struct ClientsHiddenTests {
  private static let start = TrafficBuilder.origin
  private static let span = TimeSpan(
    start: Instant(seconds: start), end: Instant(seconds: start + 3600))

  private func event(_ second: Int, url: UInt64, _ client: Int) -> TrailEvent {
    TrailEvent(
      arrival: Instant(seconds: Self.start + Int64(second)), url: url, template: 7,
      offset: client * 100_000 + second, line: 1, input: 0, service: 0, milliseconds: -1,
      status: 503, flags: [])
  }

  /// Some blocks of a client's requests stay, as the tally keeps them.
  private func cut(_ events: [TrailEvent], id: UInt64) -> ClientTrail {
    let blocks = Set(events.map { TrailStore.block(id, $0.arrival) }).sorted()
    var trail = ClientTrail(
      id: id, count: events.count,
      cut: ClientTrail.Cut(block: blocks[3], until: Instant(seconds: 0)), events: [])
    trail.events = events.filter { trail.knows(TimeSpan(start: $0.arrival, end: $0.arrival)) }
    return trail
  }

  /// Four clients ask for one URL every five seconds and forty for another one each time; all fails.
  private func trails() -> (trails: ServiceTrails, failed: [(start: Int64, failed: Int)]) {
    var clients: [ClientTrail] = []
    var counts: [Int64: Int] = [:]
    func count(_ events: [TrailEvent]) {
      for event in events {
        counts[event.arrival.bucketStart(width: 10).seconds, default: 0] += 1
      }
    }
    for client in 0..<4 {
      let events = (0..<720).map { event($0 * 5 + client, url: 11, client) }
      count(events)
      clients.append(cut(events, id: UInt64(client + 1) << 40))
    }
    for client in 4..<44 {
      let events = (0..<36).map {
        event($0 * 100 + client, url: UInt64(100 + client * 100 + $0), client)
      }
      count(events)
      clients.append(ClientTrail(id: UInt64(client), count: events.count, events: events))
    }
    return (
      ServiceTrails(clients: clients), counts.sorted { $0.key < $1.key }.map { ($0, $1) }
    )
  }

  @Test func `blocks that were not kept of a client count with those that were`() throws {
    let (trails, failed) = trails()
    let hidden = HiddenFailures(trails, failed: failed, bucketSeconds: 10, spans: [Self.span])
    let detection = try #require(
      RepeatDetection(
        trails, spans: [Self.span], end: Instant(seconds: Self.start + 7200), hidden: hidden,
        bucketSeconds: 10))
    let told = detection.repeats(of: failed)
    let planted = 4 * 719.0
    // Fifty pseudo-events of all clients, of whom most never ask again, stand beside some 700 failures that are known of these.
    #expect(abs(told.count - planted) < 0.05 * planted, "\(told) for \(planted)")
  }

  @Test func `nothing is hidden where all requests are kept`() {
    var (trails, failed) = trails()
    trails = ServiceTrails(clients: trails.clients.map(\.trail).filter { $0.cut == nil })
    failed = failed.map { ($0.start, $0.failed + 10) }
    let hidden = HiddenFailures(trails, failed: failed, bucketSeconds: 10, spans: [Self.span])
    #expect(failed.allSatisfy { hidden.share(at: Instant(seconds: $0.start)) == 0 })
  }

  @Test func `no more is hidden than was not kept, or kept without what came after`() {
    let (trails, failed) = trails()
    let unkept = trails.clients.reduce(0) { sum, client in
      let shown = client.events.count {
        client.trail.knows(
          TimeSpan(start: $0.arrival, end: $0.answered.advanced(bySeconds: 60)))
      }
      return client.trail.cut == nil ? sum : sum + client.trail.count - shown
    }
    let hidden = HiddenFailures(
      trails, failed: failed.map { ($0.start, $0.failed * 10) }, bucketSeconds: 10,
      spans: [Self.span])
    let sum = failed.reduce(0.0) {
      $0 + hidden.share(at: Instant(seconds: $1.start)) * Double($1.failed * 10)
    }
    #expect(abs(sum - Double(unkept)) < 1, "\(sum) of \(unkept)")
  }
}
