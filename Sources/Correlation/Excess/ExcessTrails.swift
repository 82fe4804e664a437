internal import Glibc
internal import IncidentModel
internal import TrafficTally

/// The followed clients of a service around a spike, their repeats of failed requests left out.
///
/// Pacing is judged over a stretch from the onset and over one as long just before it: visits that a stretch cuts off are cut off alike in both.
struct ExcessTrails {
  struct Client {
    var agent: UInt64
    var network: String
    var weight: Double
    /// Arrivals of first attempts in seconds since the onset, ascending.
    var arrivals: [Double]
  }

  private(set) var clients: [Client] = []
  /// Seconds of the stretch; under ``ExcessParameters/leastStaySeconds`` there is none.
  let length: Double

  /// - Parameter start: the first line of the service.
  init(_ trails: ServiceTrails, span: TimeSpan, start: Instant) {
    let lead = span.start.seconds(since: start)
    length = min(span.seconds, lead / 2, ExcessParameters.staySeconds)
    let from = span.start.advanced(bySeconds: -2 * max(0, length))
    for client in trails.clients {
      let arrivals = Self.firstAttempts(client.events, from: from, to: span.end, span.start)
      guard !arrivals.isEmpty else { continue }
      clients.append(
        Client(
          agent: client.trail.agentSignature, network: client.trail.network,
          weight: client.trail.weight, arrivals: arrivals))
    }
  }

  private static func firstAttempts(
    _ events: [TrailEvent], from: Instant, to end: Instant, _ onset: Instant
  ) -> [Double] {
    var failures: [UInt64: Instant] = [:]
    var arrivals: [Double] = []
    for event in events where event.arrival >= from && event.arrival < end {
      let failure = failures[event.key]
      let isAgain = failure.map {
        event.arrival.seconds(since: $0) <= ClientParameters.horizons[0]
      }
      failures[event.key] = event.outcome == .failed ? event.answered : nil
      if isAgain == true { continue }
      arrivals.append(event.arrival.seconds(since: onset))
    }
    return arrivals
  }

  /// What the clients of a part do; nil where the stretch is too short.
  func part(
    _ selection: ExcessPart.Selection, _ sample: ExcessSample, hasPast: Bool
  ) -> PartTrails? {
    guard length >= ExcessParameters.leastStaySeconds else { return nil }
    let chosen = clients.filter { client in
      selection.contains(
        agent: sample.names.agent(client.agent) ?? -1,
        place: sample.place(ofNetwork: client.network) ?? -1)
    }
    return PartTrails(chosen, reference: hasPast ? chosen : clients, length: length)
  }
}

/// How the followed clients of one part pace their requests.
struct PartTrails {
  /// One client within one stretch.
  private struct Visit {
    var count: Double
    var weight: Double
    var first: Double
    var last: Double
    var isTimer: Bool

    init?(_ client: ExcessTrails.Client, from: Double, length: Double) {
      let inside = client.arrivals.filter { $0 >= from && $0 < from + length }
      guard let first = inside.first, let last = inside.last else { return nil }
      count = Double(inside.count) * client.weight
      weight = client.weight
      self.first = first - from
      self.last = last - from
      isTimer = Self.isTimer(inside)
    }

    /// At least 8 requests whose pauses are 80 % within a second or 5 % of their median, itself at least 5 s.
    private static func isTimer(_ arrivals: [Double]) -> Bool {
      guard arrivals.count >= ExcessParameters.timerEvents else { return false }
      let pauses = zip(arrivals.dropFirst(), arrivals).map { $0 - $1 }.sorted()
      let median = pauses[pauses.count / 2]
      guard median >= ExcessParameters.timerSeconds else { return false }
      let slack = max(1, ExcessParameters.timerSlack * median)
      let near = pauses.count { abs($0 - median) <= slack }
      return Double(near) >= ExcessParameters.timerShare * Double(pauses.count)
    }

    /// Requests per minute, a visit under a minute counted as one.
    var pace: Double { count / max(1, (last - first) / 60) }
  }

  private let during: [Visit]
  private let before: [Visit]
  /// Local variation of the pauses of new clients, by pause: of the excess and usually.
  ///
  /// Lv = 3·⟨((g − h) ÷ (g + h))²⟩ over pauses g and h that follow each other: 0 of a clock, 1 of chance, whatever the rate (Shinomoto, Shima, Tanji 2003).
  let variation: (now: Double, usual: Double)?
  /// Part of the time that new clients stayed, by request: of the excess and usually.
  let stay: (now: Double, usual: Double)?

  init(
    _ clients: [ExcessTrails.Client], reference: [ExcessTrails.Client], length: Double
  ) {
    during = clients.compactMap { Visit($0, from: 0, length: length) }
    before = clients.compactMap { Visit($0, from: -length, length: length) }
    let now = clients.filter { Self.isNew($0, from: 0, length) }
    let own = clients.filter { Self.isNew($0, from: -length, length) }
    let usual = reference.filter { Self.isNew($0, from: -length, length) }
    func excess(
      _ mean: ([ExcessTrails.Client], Double, Double) -> NewcomerMean
    ) -> (now: Double, usual: Double)? {
      let rest = mean(now, 0, length).less(mean(own, -length, length))
      guard let rest, let past = mean(usual, -length, length).value else { return nil }
      return (rest, past)
    }
    stay = excess(Self.stay)
    variation = excess(Self.variation)
  }

  /// A mean over new clients, of which the usual newcomers' part can be taken away.
  private struct NewcomerMean {
    var sum = 0.0
    var weight = 0.0
    var count = 0

    var value: Double? {
      count >= ExcessParameters.leastEvents && weight > 0 ? sum / weight : nil
    }

    func less(_ other: NewcomerMean) -> Double? {
      let rest = weight - other.weight
      guard count >= ExcessParameters.leastEvents, rest >= 0.1 * weight, rest > 0
      else { return nil }
      return max(0, (sum - other.sum) / rest)
    }
  }

  private static func isNew(
    _ client: ExcessTrails.Client, from: Double, _ length: Double
  ) -> Bool {
    !client.arrivals.contains { $0 >= from - length && $0 < from }
  }

  /// Of those who came in the first half, so that all could have stayed.
  private static func stay(
    _ clients: [ExcessTrails.Client], from: Double, _ length: Double
  ) -> NewcomerMean {
    var mean = NewcomerMean()
    for client in clients {
      guard let visit = Visit(client, from: from, length: length), visit.first < length / 2
      else { continue }
      mean.sum += visit.count * (visit.last - visit.first) / (length - visit.first)
      mean.weight += visit.count
      mean.count += Int(visit.count / visit.weight)
    }
    return mean
  }

  private static func variation(
    _ clients: [ExcessTrails.Client], from: Double, _ length: Double
  ) -> NewcomerMean {
    var mean = NewcomerMean()
    for client in clients {
      let inside = client.arrivals.filter { $0 >= from && $0 < from + length }
      let pauses = zip(inside.dropFirst(), inside).map { $0 - $1 }
      for (next, pause) in zip(pauses.dropFirst(), pauses) where next + pause > 0 {
        let part = (next - pause) / (next + pause)
        mean.sum += 3 * client.weight * part * part
        mean.weight += client.weight
        mean.count += 1
      }
    }
    return mean
  }

  private static func requests(_ visits: [Visit]) -> Double { visits.reduce(0) { $0 + $1.count } }

  /// Followed requests of the excess; nil where there are too few.
  var excess: Double? {
    let now = Self.requests(during)
    let rest = now - Self.requests(before)
    return now >= Double(ExcessParameters.leastEvents) && rest >= 0.1 * now ? rest : nil
  }

  private func share(_ holds: (Visit) -> Bool) -> Double? {
    excess.map { excess in
      (Self.requests(during.filter(holds)) - Self.requests(before.filter(holds))) / excess
    }
  }

  /// The share of the excess from clients that ask by a timer.
  var timers: Double? { share(\.isTimer) }

  /// The share of the excess from clients above 60 requests a minute.
  var fast: Double? { share { $0.pace > ExcessParameters.fastPerMinute } }

  /// How many requests the client behind a request of the excess makes in the stretch on average, and the upper quartile over the lower.
  var load: (mean: Double, spread: Double)? {
    guard excess != nil else { return nil }
    // Bins a tenth apart, so that the usual visitors' part can be subtracted.
    func bin(_ count: Double) -> Int { Int((log(max(1, count)) / log(1.1)).rounded()) }
    var bins: [Int: Double] = [:]
    for visit in during { bins[bin(visit.count), default: 0] += visit.count }
    for visit in before { bins[bin(visit.count), default: 0] -= visit.count }
    let kept = bins.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    let all = kept.reduce(0) { $0 + $1.value }
    guard all > 0 else { return nil }
    func quantile(_ part: Double) -> Double {
      var seen = 0.0
      for (bin, weight) in kept {
        seen += weight
        if seen >= part * all { return pow(1.1, Double(bin)) }
      }
      return 1
    }
    let mean = kept.reduce(0) { $0 + $1.value * pow(1.1, Double($1.key)) } / all
    return (mean, quantile(0.75) / quantile(0.25))
  }
}
