import FloodmarkTestSupport
import IncidentModel
import Testing
import TrafficTally

@testable import Correlation

/// Clients hurt, visits and intervals between failures and repeats, against planted ones.
struct ClientsCountTests {
  private func event(_ second: Double, _ status: UInt16, url: UInt64 = 1) -> TrailEvent {
    TrailEvent(
      arrival: Instant(seconds: TrafficBuilder.origin).advanced(bySeconds: second), url: url,
      template: url, offset: Int(second * 1000), line: 1, input: 0, service: 0, milliseconds: -1,
      status: status, flags: [])
  }

  private func clients(_ events: [[TrailEvent]], scale: Double = 1) -> ServiceTrails {
    ServiceTrails(
      clients: events.enumerated().map {
        ClientTrail(id: UInt64($0.offset), count: $0.element.count, events: $0.element)
      }, scale: scale)
  }

  private func span(_ from: Double, _ to: Double) -> TimeSpan {
    let start = Instant(seconds: TrafficBuilder.origin)
    return TimeSpan(start: start.advanced(bySeconds: from), end: start.advanced(bySeconds: to))
  }

  @Test func `clients with a failure and clients that were never served are counted`() throws {
    let trails = clients(
      [
        [event(10, 503), event(20, 200)], [event(11, 503), event(12, 503), event(13, 499)],
        [event(10, 200)], [event(200, 503)],
      ], scale: 8)
    let told = try #require(ClientsAffected(trails, in: [span(0, 100)]))
    #expect(told.failed == 16 && told.neverServed == 8)
    // 1.96·√((1 − 1/8)/2)
    #expect(abs(told.relativeError - 1.2964) < 0.001)
    #expect(ClientsAffected(trails, in: [span(300, 400)]) == nil)
  }

  /// The interval has to hold over many halves of one crowd.
  @Test func `a part of the clients tells how many were hurt`() throws {
    let simulated = SimulatedTrails(primeDay, kind: .combined)
    let span = try #require(simulated.trouble)
    let all = try #require(
      ServiceTrails(simulated.trails(), service: 0).flatMap { ClientsAffected($0, in: [span]) })
    var planted: Set<String> = []
    for request in simulated.incident.requests
    where request.isFailed && span.contains(Instant(microseconds: request.completion)) {
      let client = simulated.incident.crowd.clients[Int(request.client)]
      planted.insert("\(client.address) \(client.agent)")
    }
    #expect(abs(all.failed - planted.count) <= planted.count / 200)
    #expect(all.relativeError == 0)
    let part = try #require(
      ServiceTrails(simulated.trails(level: 4), service: 0)
        .flatMap { ClientsAffected($0, in: [span]) })
    let off = abs(Double(part.failed - all.failed)) / Double(all.failed)
    #expect(off <= part.relativeError, "\(part) of \(all)")
    #expect(part.relativeError < 0.15)
  }

  @Test func `a back-off without jitter shows in the intervals`() {
    var noise = SeededNoise(seed: 3)
    let fixed = clients(
      (0..<50).map { number in
        let first = Double(number) * 7.3
        return [
          event(first, 503), event(first + 2, 503), event(first + 6, 503), event(first + 14, 200),
        ]
      })
    #expect(RetryIntervals(fixed, in: [span(0, 1000)]).peaks == [2, 4, 8])
    let people = clients(
      (0..<200).map { number in
        let first = Double(number) * 3.1
        return [event(first, 503), event(first + 1 + 20 * noise.uniform(), 200)]
      })
    #expect(RetryIntervals(people, in: [span(0, 1000)]).peaks == [])
  }

  @Test func `a silence of half an hour parts two visits`() {
    let trails = clients([
      [event(0, 200), event(60, 503), event(4000, 200)], [event(10, 503)], [event(9000, 200)],
    ])
    let told = ClientSessions(trails, in: span(0, 5000))
    #expect(told.count == 3)
    #expect(told.failed == 2)
    #expect(told.endedInFailure == 2)
  }
}
