internal import IncidentModel
internal import TrafficTally

/// The distinct backends of a service that were answering requests (METHODS §6, *serving*): from each one's first request, else in whole minutes, or what their width is over many days.
enum ServingFleet {
  /// A pause of up to this many minutes without an answer leaves a backend in the fleet.
  static let pauseMinutes: Int64 = 3
  /// A backend with fewer requests than this over all is a stray line and no server.
  static let leastRequests = 3

  /// The fleet over time; nothing where one single backend stands in all lines and no capacity log (`namedBy`) knows it for an instance: it may be a balancer, a virtual address or a name with many servers behind it.
  static func steps(
    of traffic: ServiceTraffic, namedBy events: [CapacityEvent] = []
  ) -> StepFunction {
    if let single = single(of: traffic), !events.contains(where: { $0.instance == single }) {
      return StepFunction()
    }
    var changes: [Int64: Int] = [:]
    let ends = ends(of: traffic)
    // Where the lines end no backend went: nobody knows what came after.
    let staysToEnd = !traffic.buckets.contains { $0.start >= ends.last && $0.counts.requests > 0 }
    for backend in traffic.backends where isServer(backend) {
      for stay in stays(of: backend, width: width(of: traffic)) {
        // Near an end of the log nobody can tell a pause from an arrival or a departure.
        let isFirst = stay.start <= ends.first + 60 * pauseMinutes
        let isLast = stay.end + 60 * pauseMinutes >= ends.last
        changes[isFirst ? ends.first : stay.start, default: 0] += 1
        if isLast && staysToEnd { continue }
        changes[isLast ? ends.last : stay.end, default: 0] -= 1
      }
    }
    var fleet = StepFunction()
    var now = 0
    for (time, change) in changes.sorted(by: { $0.key < $1.key }) {
      now += change
      fleet.set(now, at: Instant(seconds: time))
    }
    return fleet
  }

  /// Seconds that one of a backend's minutes stands for.
  private static func width(of traffic: ServiceTraffic) -> Int64 {
    Int64(max(60, min(traffic.backendMinuteSeconds, 86_400)))
  }

  private static func isServer(_ backend: ServiceTraffic.Backend) -> Bool {
    !backend.name.isEmpty && backend.name != "-"
      && backend.minutes.reduce(0) { $0.addingSaturated($1.count) } >= leastRequests
  }

  /// The address or name of the only backend that ever answered; nil where there were none or several.
  static func single(of traffic: ServiceTraffic) -> String? {
    let servers = Set(traffic.backends.filter(isServer).map(\.name))
    return servers.count == 1 ? servers.first.map(GroupMapping.host(of:)) : nil
  }

  /// The first moment and the end of the last minute in which any backend served.
  private static func ends(of traffic: ServiceTraffic) -> (first: Int64, last: Int64) {
    var ends = (first: Int64.max, last: Int64.min)
    let width = width(of: traffic)
    for backend in traffic.backends {
      guard let first = backend.minutes.first, let last = backend.minutes.last else { continue }
      ends.first = min(
        ends.first, max(first.start, min(backend.first.seconds, first.start + width - 1)))
      ends.last = max(ends.last, last.start + width)
    }
    return ends.first < ends.last ? ends : (0, 0)
  }

  /// The stretches in which one backend served, in whole minutes.
  private static func stays(
    of backend: ServiceTraffic.Backend, width: Int64
  ) -> [(start: Int64, end: Int64)] {
    var stays: [(start: Int64, end: Int64)] = []
    for minute in backend.minutes where minute.count > 0 {
      if let last = stays.last, minute.start <= last.end + 60 * pauseMinutes {
        stays[stays.count - 1].end = minute.start + width
      } else {
        stays.append((minute.start, minute.start + width))
      }
    }
    // Where lines reach back beyond the backend's minutes the first of them is no arrival.
    if let first = stays.first, backend.first.seconds < first.end {
      stays[0].start = max(first.start, backend.first.seconds)
    }
    return stays
  }
}
