/// One request as it truly happened; a format tells part of it.
package struct SimulatedRequest: Sendable {
  /// Who asked.
  package enum Kind: UInt8, Sendable {
    case person, crawler, poller, batch, healthCheck, machine
  }

  /// Microseconds since the epoch.
  package var arrival: Int64
  /// From arrival to the end of the answer, in microseconds.
  package var duration: Int64 = 0
  /// Of `duration` what the backend took, in microseconds; -1 where none was reached.
  package var backendDuration: Int64 = -1
  package var status: UInt16 = 200
  /// Index into the site's addresses of pages.
  package var target: Int32
  /// Index of the page that linked here; -1: none, -2: a search engine, -3: an advertisement elsewhere.
  package var referrer: Int32
  /// Index into the crowd's clients.
  package var client: Int32
  /// Number of the instance that worked on it; -1: the load balancer answered by itself.
  package var backend: Int32 = -1
  /// 0 for a first attempt, *n* for the *n*th repeat.
  package var attempt: UInt8 = 0
  /// Which of the servers that write logs took it.
  package var server: UInt8 = 0
  package var kind: Kind
  /// How deep in its session the page is; decides whether another follows.
  var depth: UInt8 = 0

  init(arrival: Int64, target: Int32, referrer: Int32, client: Int32, kind: Kind) {
    self.arrival = arrival
    self.target = target
    self.referrer = referrer
    self.client = client
    self.kind = kind
  }

  /// When the answer ended, in microseconds since the epoch.
  package var completion: Int64 { arrival + duration }
  package var isFailed: Bool { status >= 500 }
}
