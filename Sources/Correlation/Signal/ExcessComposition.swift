internal import Glibc
internal import IncidentModel
internal import TrafficTally

/// Who the excess over the baseline was (METHODS §7).
///
/// For every value v of a dimension: excess(v) = N(v) − q(v)·M, N(v) the weighted sample of the spike, q(v) the value's share of the sample in the hour before it, M the baseline's requests over the spike;
/// share of the excess = excess(v) ÷ (N − M). Its error is 1.96·√(p(1 − p)·N²/n + q(1 − q)·M²/m) ÷ (N − M), with n and m sampled requests and the spike's own weights (Σw)² ÷ Σw² for n.
/// Shares under their error or under 5 % are not named; at most three of a dimension and eight in all. Source of the ranking: Adtributor, NSDI 2014.
/// Only two kinds can be told from the mix alone: one template with ≥ .6 of the excess that it had not before, and a crowd that is the usual mix in greater number.
struct ExcessComposition {
  let traffic: ServiceTraffic
  let series: CountSeries
  let track: RateTrack

  private typealias Tally = SampleTally

  func composition(of spike: DetectedSpike, after floor: Instant?) -> Composition {
    var nothing = Composition(
      kind: .cannotTell, excessRequests: nil, botShare: nil, retryShare: nil, segments: [])
    let span = TimeSpan(start: spike.onset, end: spike.end)
    var total = 0
    for bucket in traffic.buckets(in: span) { total += bucket.counts.requests }
    let usual = expected(over: span)
    let excess = Double(total) - usual
    guard excess >= Parameters.Excess.minimumShareOfBaseline * usual,
      excess >= Parameters.Excess.minimumRequests
    else { return nothing }
    nothing.excessRequests = Int(excess.rounded())
    let hour = spike.onset.advanced(bySeconds: -Double(Parameters.Normal.trailingSeconds))
    let before = TimeSpan(start: max(hour, floor ?? hour), end: spike.onset)
    let during = Tally(traffic.sample, over: span)
    let normal = Tally(traffic.sample, over: before)
    guard during.count >= Parameters.Excess.minimumSampled,
      normal.count >= Parameters.Excess.minimumSampled
    else { return nothing }
    let comparison = Comparison(
      during: during, normal: normal, total: Double(total), usual: usual)
    var composition = nothing
    composition.segments = comparison.segments()
    composition.kind = comparison.kind()
    return composition
  }

  /// Expected requests over a span, edge cells in proportion.
  private func expected(over span: TimeSpan) -> Double {
    let range = series.range(of: span)
    var sum = 0.0
    for index in range {
      let cell = series.span(of: index..<index + 1)
      let inside = min(cell.end, span.end).seconds(since: max(cell.start, span.start))
      sum += track.expected[index] * max(0, inside) / Double(series.widthSeconds)
    }
    return sum
  }
}

/// The dimensions of a sampled request by which an excess is told apart.
enum SampleDimension: String, CaseIterable {
  case route
  case network = "client_network"
  case agent = "client_agent"
  case referrer, method

  var kind: LogText.Kind {
    switch self {
    case .route: .path
    case .network: .network
    case .agent: .agent
    case .referrer, .method: .name
    }
  }

  func value(of request: SampledRequest) -> String {
    switch self {
    case .route: request.template
    case .network: request.network
    case .agent: request.agentFamily
    case .referrer: request.referrerHost
    case .method: request.method
    }
  }
}

/// The weighted sample of one stretch, by dimension and value.
struct SampleTally {
  private(set) var count = 0
  private(set) var weight = 0.0
  private var squares = 0.0
  private(set) var values: [SampleDimension: [String: Double]] = [:]

  init(_ strata: [ServiceTraffic.SampleStratum], over span: TimeSpan) {
    for stratum in strata where stratum.requests.count > 0 {
      let start = Instant(seconds: stratum.start)
      let end = Instant(seconds: stratum.start + Int64(stratum.widthSeconds))
      guard TimeSpan(start: start, end: end).overlaps(span) else { continue }
      let weight = Double(stratum.count) / Double(stratum.requests.count)
      for request in stratum.requests where span.contains(request.arrival) {
        count += 1
        self.weight += weight
        squares += weight * weight
        for dimension in SampleDimension.allCases {
          values[dimension, default: [:]][dimension.value(of: request), default: 0] += weight
        }
      }
    }
  }

  /// Requests of an unweighted sample that would tell as much.
  var effectiveCount: Double { squares > 0 ? weight * weight / squares : 0 }

  func share(_ dimension: SampleDimension, _ value: String) -> Double {
    weight > 0 ? (values[dimension]?[value] ?? 0) / weight : 0
  }
}

/// Two samples side by side: the spike's and the usual one.
struct Comparison {
  let during: SampleTally
  let normal: SampleTally
  /// Requests over the spike, and what was expected of them.
  let total: Double
  let usual: Double

  private var excess: Double { total - usual }

  private func shareOfExcess(_ dimension: SampleDimension, _ value: String) -> Double {
    let observed = during.share(dimension, value) * total
    return (observed - normal.share(dimension, value) * usual) / excess
  }

  private func error(_ dimension: SampleDimension, _ value: String) -> Double {
    func variance(_ share: Double, _ count: Double, _ scale: Double) -> Double {
      // Agresti and Coull: two successes and two failures more, so that a share of 0 or 1 has an error.
      let shrunk = (share * count + 2) / (count + 4)
      return shrunk * (1 - shrunk) / (count + 4) * scale * scale
    }
    let sum =
      variance(during.share(dimension, value), during.effectiveCount, total)
      + variance(normal.share(dimension, value), normal.effectiveCount, usual)
    return Parameters.Excess.intervalFactor * sum.squareRoot() / excess
  }

  /// The shares of the excess that can be told, largest first.
  func segments() -> [Composition.Segment] {
    var named: [Composition.Segment] = []
    for dimension in SampleDimension.allCases {
      let values = (during.values[dimension] ?? [:]).keys.filter { !$0.isEmpty }
      let found = values.map { value in
        Composition.Segment(
          dimension: dimension.rawValue, value: LogText(value, kind: dimension.kind),
          shareOfExcess: rounded(min(1, shareOfExcess(dimension, value))),
          baselineShare: rounded(normal.share(dimension, value)),
          shareError: rounded(error(dimension, value)))
      }
      let clear = found.filter {
        $0.shareOfExcess >= Parameters.Excess.namedShare && $0.shareOfExcess > $0.shareError
      }
      named += clear.sorted(by: Self.precedes).prefix(Parameters.Excess.namedPerDimension)
    }
    return Array(named.sorted(by: Self.precedes).prefix(Parameters.Excess.named))
  }

  private static func precedes(_ left: Composition.Segment, _ right: Composition.Segment) -> Bool {
    if left.shareOfExcess != right.shareOfExcess { return left.shareOfExcess > right.shareOfExcess }
    if left.dimension != right.dimension { return left.dimension < right.dimension }
    return left.value.bytes.lexicographicallyPrecedes(right.value.bytes)
  }

  /// Sums over a dictionary depend on its order in the last bits; six digits do not.
  private func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }

  func kind() -> Composition.Kind {
    let routes = (during.values[.route] ?? [:]).keys.filter { !$0.isEmpty }
    let isSingle = routes.contains { route in
      let share = shareOfExcess(.route, route)
      return share >= Parameters.Excess.singleEndpointShare
        && share >= Parameters.Excess.singleEndpointFactor * normal.share(.route, route)
    }
    if isSingle { return .singleEndpoint }
    let agents = (normal.values[.agent] ?? [:]).keys.filter { !$0.isEmpty }
    let networks = (normal.values[.network] ?? [:]).keys.filter { !$0.isEmpty }
    guard !agents.isEmpty, !networks.isEmpty else { return .cannotTell }
    let isSameMix =
      divergence(.agent) <= Parameters.Excess.mixDivergenceBits
      && divergence(.route) <= Parameters.Excess.mixDivergenceBits
      && evenness(.network) >= Parameters.Excess.networkEvenness
    return isSameMix ? .organic : .cannotTell
  }

  /// Jensen-Shannon divergence in bits between the excess and the baseline (Lin, IEEE Trans. IT 37, 1991).
  private func divergence(_ dimension: SampleDimension) -> Double {
    let values = Set((during.values[dimension] ?? [:]).keys)
      .union((normal.values[dimension] ?? [:]).keys).sorted()
    let raw = values.map { max(0, shareOfExcess(dimension, $0)) }
    let sum = raw.reduce(0, +)
    guard sum > 0 else { return 1 }
    var bits = 0.0
    for (index, value) in values.enumerated() {
      let left = raw[index] / sum
      let right = normal.share(dimension, value)
      let middle = (left + right) / 2
      if left > 0 { bits += 0.5 * left * log2(left / middle) }
      if right > 0 { bits += 0.5 * right * log2(right / middle) }
    }
    return rounded(bits)
  }

  /// Effective number of values in the excess ÷ that in the baseline, from collision probabilities.
  ///
  /// P = Σ (n² − n) ÷ (n̂² − n̂) over sampled counts is unbiased by the sample's size; the effective number is 1 ÷ P. Of the spike, the baseline's own part is not subtracted: it only makes the two more alike.
  private func evenness(_ dimension: SampleDimension) -> Double {
    func collision(_ tally: SampleTally) -> Double {
      let scale = tally.weight > 0 ? Double(tally.count) / tally.weight : 0
      var pairs = 0.0
      for (_, weight) in (tally.values[dimension] ?? [:]).sorted(by: { $0.key < $1.key }) {
        let sampled = weight * scale
        pairs += max(0, sampled * (sampled - 1))
      }
      let count = Double(tally.count)
      return count > 1 ? pairs / (count * (count - 1)) : 1
    }
    let own = collision(during)
    return own > 0 ? collision(normal) / own : 1
  }
}
