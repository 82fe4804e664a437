internal import IncidentModel
internal import TrafficTally

/// What points from a group to a service that no name and no instance ties together (METHODS §6).
///
/// A clue counts only where it points to one group alone. Clues of different kinds are taken as independent:
/// likelihood = 1 − Π (1 − likelihood of each).
struct MappingClues: Sendable {
  enum Kind: CaseIterable, Sendable {
    case fleet, moved, word
  }

  struct Clue: Sendable {
    var kind: Kind
    var likelihood: Double
    var reason: Sentence
  }

  let signal: ServiceSignal
  /// Nearly all requests are this service's.
  let isMain: Bool
  private let serving: StepFunction

  /// A fleet of the group's size was seen serving, and it grew with the group.
  static let grewTogether = 0.9
  /// The same of a fleet that never changed: sizes may be alike by chance.
  static let sameSize = 0.75
  /// It scaled out while the service's requests rose: no proof that it carried them.
  static let movedTogether = 0.65
  /// Nothing but its name speaks of web traffic.
  static let webWord = 0.6
  /// Smaller fleets of one size are alike too often.
  static let leastConstant = 4
  static let leastMinutes = 10
  static let mostLikely = 0.97

  /// Words by which people name what answers web requests.
  private static let webWords: Set<String> = [
    "web", "www", "http", "https", "httpd", "site", "website", "webserver", "front", "frontend",
    "edge", "gateway", "ingress", "nginx", "apache", "api", "proxy", "lb",
  ]

  init(_ signal: ServiceSignal, isMain: Bool) {
    self.signal = signal
    self.isMain = isMain
    serving = ServingFleet.steps(of: signal.traffic)
  }

  func clues(to group: String, _ events: [CapacityEvent]) -> [Clue] {
    [fleet(events), moved(events), word(group)].compactMap { $0 }
  }

  /// The span in which the service's lines speak.
  private var span: TimeSpan? {
    guard let first = signal.traffic.buckets.first, let last = signal.traffic.buckets.last else {
      return nil
    }
    return TimeSpan(start: Instant(seconds: first.start), end: Instant(seconds: last.start + 1))
  }

  /// As many backends answered, minute by minute, as the group had instances.
  ///
  /// Nine minutes of ten agree within one instance or a tenth. Where the log tells only what was wanted, half of them: what is wanted may
  /// not be there, but no more than that can serve.
  private func fleet(_ events: [CapacityEvent]) -> Clue? {
    guard !serving.steps.isEmpty, let span else { return nil }
    let curve = CapacityCurve(group: "", events: events, serving: StepFunction())
    let isReady = !curve.ready.steps.isEmpty
    let size = isReady ? curve.ready : curve.wanted
    var minutes = 0
    var alike = 0
    var above = 0
    var seen: Set<Int> = []
    var time = span.start.bucketStart(width: 60).advanced(bySeconds: 90)
    while time < span.end, minutes < 20_160 {
      defer { time = time.advanced(bySeconds: 60) }
      guard let here = size.value(at: time), let there = serving.value(at: time) else { continue }
      minutes += 1
      let slack = max(1, here / 10)
      if abs(here - there) <= slack {
        alike += 1
        seen.insert(here)
      }
      if there > here + slack { above += 1 }
    }
    guard minutes >= Self.leastMinutes, above * 20 <= minutes else { return nil }
    guard isReady ? alike * 10 >= minutes * 9 : alike * 2 >= minutes else { return nil }
    let low = seen.min() ?? 0
    if let high = seen.max(), high > low + max(1, high / 10) {
      return Clue(
        kind: .fleet, likelihood: Self.grewTogether,
        reason: "as many backends answered as it had instances, and they grew together")
    }
    guard low >= Self.leastConstant else { return nil }
    return Clue(
      kind: .fleet, likelihood: Self.sameSize,
      reason: "as many backends answered as it had instances")
  }

  /// Four of five of its decisions to grow, as far as the service's lines reach, fell into the first half hour of a rise.
  private func moved(_ events: [CapacityEvent]) -> Clue? {
    let decisions = events.filter {
      if case .scaleOutDecided = $0.kind { return span?.contains($0.time) == true }
      return false
    }
    let hits = decisions.filter { decision in
      signal.spikes.contains {
        decision.time > $0.onset
          && decision.time < min($0.end, $0.onset.advanced(bySeconds: 1800))
      }
    }
    guard !hits.isEmpty, hits.count * 5 >= decisions.count * 4 else { return nil }
    return Clue(
      kind: .moved, likelihood: Self.movedTogether,
      reason: "it scaled out while the requests of this service rose")
  }

  /// Its name speaks of web traffic, of which this service is nearly all.
  private func word(_ group: String) -> Clue? {
    let words = group.lowercased().utf8.split { byte in
      !(byte >= 0x30 && byte <= 0x39) && !(byte >= 0x61 && byte <= 0x7a)
    }.map { String(decoding: $0, as: UTF8.self) }
    guard isMain, !Self.webWords.isDisjoint(with: words) else { return nil }
    return Clue(
      kind: .word, likelihood: Self.webWord, reason: "its name alone speaks of web traffic")
  }

  /// The groups that carry the given services by clues alone: (group, service, likelihood, reason), one group a service at most.
  static func matches(
    _ groups: [(name: String, events: [CapacityEvent])], _ services: [MappingClues]
  ) -> [(group: Int, service: Int, likelihood: Double, reason: Sentence)] {
    var found: [(group: Int, service: Int, clue: Clue)] = []
    for (place, service) in services.enumerated() {
      for (index, group) in groups.enumerated() {
        for clue in service.clues(to: group.name, group.events) {
          found.append((index, place, clue))
        }
      }
    }
    // What points to two groups, or to two services, points to none.
    let telling = found.filter { one in
      !found.contains { other in
        other.clue.kind == one.clue.kind
          && (other.service == one.service) != (other.group == one.group)
      }
    }
    var matches: [(group: Int, service: Int, likelihood: Double, reason: Sentence)] = []
    for place in services.indices {
      let mine = telling.filter { $0.service == place }
      guard let first = mine.first, mine.allSatisfy({ $0.group == first.group }) else { continue }
      let doubt = mine.reduce(1) { $0 * (1 - $1.clue.likelihood) }
      let reason = mine.dropFirst().reduce(first.clue.reason) { $0 + "; " + $1.clue.reason }
      matches.append((first.group, place, min(mostLikely, 1 - doubt), reason))
    }
    return matches
  }
}
