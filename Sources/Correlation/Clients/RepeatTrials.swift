internal import IncidentModel
internal import TrafficTally

/// One request of a followed client, as a trial of whether it is asked again.
struct RepeatTrial {
  var cell: UInt64 = 0
  /// Place of its client in ``ServiceTrails/clients``.
  var client: Int32
  var isInside: Bool
  /// Start of its block of 300 s, in seconds since the epoch.
  var block: Int64
  var group: Int
  /// Or its client gave up waiting.
  var isFailed: Bool
  /// Its client has more requests than were kept.
  var isCut: Bool
  /// Seconds to the same client's next request of the same kind; infinite for none.
  var next: Double
  /// Seconds to its next request of another kind that is no asset; infinite for none.
  var other: Double
  /// Seconds since that client's last failed request of the same kind; infinite for none.
  var sinceFailure: Double
  var url: UInt64
  var template: UInt64
  var arrival: Instant
  var answered: Instant

  /// What makes it the same request as others of its client.
  var key: UInt64 { url != 0 ? url : template }
}

/// The trials of a service's followed clients.
struct RepeatTrials {
  private(set) var trials: [RepeatTrial] = []
  /// Followed clients with a failed request within the spans.
  private(set) var failedClients = 0

  /// Requests whose whole horizon is not known are left out.
  init(_ trails: ServiceTrails, spans: [TimeSpan], end: Instant) {
    let horizon = ClientParameters.horizons[0]
    trials.reserveCapacity(trails.clients.reduce(0) { $0 + $1.events.count })
    for (place, client) in trails.clients.enumerated() {
      var followers: [UInt64: Int] = [:]
      let events = client.events
      var next = [Double](repeating: .infinity, count: events.count)
      var other = next
      var visit = (last: -1, beforeIt: -1)
      for index in events.indices.reversed() {
        let isLast = visit.last >= 0 && events[visit.last].key != events[index].key
        let follower = isLast ? visit.last : visit.beforeIt
        if follower >= 0 {
          other[index] = max(0, events[follower].arrival.seconds(since: events[index].answered))
        }
        if !events[index].flags.contains(.asset) {
          // The two nearest of different kinds are enough to know the nearest of another kind.
          if isLast || visit.last < 0 { visit.beforeIt = visit.last }
          visit.last = index
        }
        if let follower = followers[events[index].key] {
          next[index] = max(0, events[follower].arrival.seconds(since: events[index].answered))
        }
        followers[events[index].key] = index
      }
      var failures: [UInt64: Instant] = [:]
      var hasFailed = false
      for index in events.indices {
        let event = events[index]
        let since =
          failures[event.key].map { max(0, event.arrival.seconds(since: $0)) } ?? .infinity
        let isFailed = event.outcome.isUnanswered
        if isFailed { failures[event.key] = event.answered }
        let until = event.answered.advanced(bySeconds: horizon)
        guard until <= end, event.key != 0,
          client.trail.knows(TimeSpan(start: event.arrival, end: until))
        else { continue }
        // Whether a failure came before is not known at the edge of what was kept.
        let from = event.arrival.advanced(bySeconds: -horizon)
        if !isFailed, since > horizon,
          !client.trail.knows(TimeSpan(start: from, end: event.arrival))
        {
          continue
        }
        let isInside = spans.contains { $0.contains(event.arrival) }
        if isFailed, isInside { hasFailed = true }
        trials.append(
          RepeatTrial(
            client: Int32(truncatingIfNeeded: place), isInside: isInside,
            block: event.arrival.bucketStart(width: ClientParameters.blockSeconds).seconds,
            group: client.group, isFailed: isFailed,
            isCut: client.trail.cut != nil,
            next: next[index], other: other[index], sinceFailure: since, url: event.url,
            template: event.template, arrival: event.arrival, answered: event.answered))
      }
      if hasFailed { failedClients += 1 }
    }
    name()
  }

  /// A cell is a template, but a URL with much of the failures is its own.
  private mutating func name() {
    var failed: [UInt64: Int] = [:]
    var all = 0
    for trial in trials where trial.isFailed && trial.isInside {
      failed[trial.url, default: 0] += 1
      all += 1
    }
    let least = max(
      Double(ClientParameters.urlFailed), ClientParameters.urlShare * Double(all))
    for index in trials.indices {
      let isOwn = trials[index].url != 0 && Double(failed[trials[index].url] ?? 0) >= least
      trials[index].cell = isOwn ? trials[index].url : trials[index].template
    }
  }
}
