internal import IncidentModel
internal import TrafficTally

/// Finds the requests of one client that two logs tell of: the same URL at the same time, with the same answer.
///
/// Two events are twins when their URLs are equal (their templates where a line has no URL: one page's pictures share a template, and hosts that share them out see one client in one second), their arrivals lie within 2 s and the longer of their durations, and their statuses agree,
/// unless one of them tells of a failure or a client that left, on which two places need not agree. Each event is the twin of at most one other.
struct TwinSearch {
  /// Seconds by which the arrivals of twins may differ, beside their durations.
  static let slackSeconds = 2.0
  /// Durations beyond this widen the search no further.
  static let longestSeconds = 60.0

  /// The events among which twins are looked for, by template; each ascending by arrival.
  private var places: [UInt64: [Int]] = [:]
  private let events: [TrailEvent]

  init(among events: [TrailEvent]) {
    self.events = events
    for (index, event) in events.enumerated() where event.key != 0 {
      places[event.key, default: []].append(index)
    }
  }

  /// The twin of each event, nearest first come first served; nil for one that has none. `shift` seconds are added to the arrivals.
  ///
  /// - Complexity: O(events · those of a template within a minute).
  func twins(of others: [TrailEvent], shift: Double = 0) -> [TrailEvent?] {
    var taken = [Bool](repeating: false, count: events.count)
    var first: [UInt64: Int] = [:]
    let reach = Self.slackSeconds + Self.longestSeconds
    return others.map { other in
      guard other.key != 0, let list = places[other.key] else { return nil }
      let moment = other.arrival.advanced(bySeconds: shift)
      var low = first[other.key] ?? 0
      while low < list.count, moment.seconds(since: events[list[low]].arrival) > reach { low += 1 }
      first[other.key] = low
      var best: (distance: Double, index: Int)?
      for index in list[low...] {
        let lead = events[index].arrival.seconds(since: moment)
        if lead > reach { break }
        guard !taken[index], abs(lead) <= Self.slack(events[index], other),
          Self.agree(events[index], other), abs(lead) < best?.distance ?? .infinity
        else { continue }
        best = (abs(lead), index)
      }
      guard let best else { return nil }
      taken[best.index] = true
      return events[best.index]
    }
  }

  private static func slack(_ left: TrailEvent, _ right: TrailEvent) -> Double {
    let longer = Double(max(left.milliseconds, right.milliseconds, 0)) / 1_000
    return slackSeconds + min(longestSeconds, longer)
  }

  /// A redirection and what it leads to are two requests with two answers.
  private static func agree(_ left: TrailEvent, _ right: TrailEvent) -> Bool {
    left.status == right.status || isUnsettled(left) || isUnsettled(right)
  }

  private static func isUnsettled(_ event: TrailEvent) -> Bool {
    event.outcome == .failed || event.outcome == .abandoned
  }
}

/// How many of one side's requests have a twin on the other, and how many would have one by chance.
struct TwinCount {
  /// Seconds by which one side is moved to see what chance matches: more than the slack, less and more than a burst lasts, and no round interval of a poller.
  static let shifts = [7.0, -7.0, 67.0]

  var events = 0
  var matched = 0
  /// Matches of all ``shifts`` together.
  var byChance = 0
  var clients = 0
  /// How much longer the other side's durations were, in milliseconds, where both told them.
  var longer: [Int32] = []
  /// Matches by the input of the other side.
  var partners: [Int32: Int] = [:]

  /// Adds one client's requests on this side, and those on the other.
  mutating func add(_ mine: [TrailEvent], among others: [TrailEvent]) {
    events += mine.count
    guard !others.isEmpty else { return }
    let search = TwinSearch(among: others)
    var hits = 0
    for (event, twin) in zip(mine, search.twins(of: mine)) {
      guard let twin else { continue }
      hits += 1
      partners[twin.input, default: 0] += 1
      if event.milliseconds >= 0, twin.milliseconds >= 0 {
        longer.append(
          twin.milliseconds.subtractingReportingOverflow(event.milliseconds).partialValue)
      }
    }
    matched += hits
    if hits > 0 { clients += 1 }
    for shift in Self.shifts {
      byChance += search.twins(of: mine, shift: shift).reduce(0) { $0 + ($1 == nil ? 0 : 1) }
    }
  }

  /// The share that has a twin beyond what chance gives: (m − c) ÷ (1 − c).
  var share: Double {
    guard events > 0 else { return 0 }
    let seen = Double(matched) / Double(events)
    let chance = Double(byChance) / Double(Self.shifts.count * events)
    return chance < 1 ? (seen - chance) / (1 - chance) : 0
  }

  /// Enough to tell.
  var isTelling: Bool {
    clients >= Vantages.leastClients && matched >= Vantages.leastMatched
  }
}
