internal import IncidentModel
internal import TrafficTally

/// The dimensions of a sampled request by which an excess is told apart.
enum SampleDimension: String, CaseIterable, Sendable {
  case route
  case network = "client_network"
  case owner = "network_owner"
  case agent = "client_agent"
  case referrer, method

  var kind: LogText.Kind {
    switch self {
    case .route: .path
    case .network: .network
    case .agent: .agent
    case .referrer, .method, .owner: .name
    }
  }

  /// 0: the request has no value.
  func value(of row: ExcessRow) -> Int32 {
    switch self {
    case .route: row.route
    case .network: row.network
    case .owner: row.owner + 1
    case .agent: row.family
    case .referrer: row.referrer
    case .method: row.method
    }
  }

  func text(_ value: Int32, _ names: ExcessNames) -> LogText {
    let text =
      switch self {
      case .route: names.routes.text(value)
      case .network: names.networks.text(value)
      case .owner: names.addresses.owners[Int(value) - 1].label
      case .agent: names.families.text(value)
      case .referrer: names.referrers.text(value)
      case .method: names.methods.text(value)
      }
    return LogText(text, kind: kind)
  }
}

/// Which values of which dimensions, and which pairs of them, the excess is made of.
///
/// Dimensions are ranked as Adtributor does (Bhagwan et al., NSDI 2014): of each, the values of greatest surprise that explain at least 10 % of the excess, until 67 % are explained; the dimension of greatest sum of surprise first.
struct ExcessSegments {
  private struct Value {
    var dimension: SampleDimension
    var number: Int32
    var now: Double
    var past: Double
    var share: Double
    var usual: Double
    var error: Double
    var surprise: Double
  }

  private let sample: ExcessSample
  private let count: (now: Double, past: Double)
  private var values: [SampleDimension: [Value]] = [:]
  /// Most surprising first.
  private(set) var dimensions: [SampleDimension] = []

  init(_ sample: ExcessSample) {
    self.sample = sample
    func effective(_ rows: [ExcessRow]) -> Double {
      let sum = rows.reduce(0) { $0 + $1.weight }
      let squares = rows.reduce(0) { $0 + $1.weight * $1.weight }
      return squares > 0 ? sum * sum / squares : 0
    }
    count = (effective(sample.during), effective(sample.before))
    for dimension in SampleDimension.allCases { values[dimension] = measured(dimension) }
    let surprise = values.mapValues(Self.surprise)
    dimensions = SampleDimension.allCases.filter { values[$0]?.isEmpty == false }
      .enumerated().sorted { left, right in
        let (mine, other) = (surprise[left.element] ?? 0, surprise[right.element] ?? 0)
        return mine != other ? mine > other : left.offset < right.offset
      }.map(\.element)
  }

  private func measured(_ dimension: SampleDimension) -> [Value] {
    var now: [Int32: Double] = [:]
    var past: [Int32: Double] = [:]
    for row in sample.during { now[dimension.value(of: row), default: 0] += row.weight }
    for row in sample.before { past[dimension.value(of: row), default: 0] += row.weight }
    return now.keys.sorted().compactMap { number in
      guard number > 0, let weight = now[number] else { return nil }
      return value(dimension, number, weight, past[number] ?? 0)
    }
  }

  private func value(
    _ dimension: SampleDimension, _ number: Int32, _ now: Double, _ past: Double
  ) -> Value {
    let share = (now - past) / sample.excess
    return Value(
      dimension: dimension, number: number, now: now, past: past, share: share,
      usual: sample.usual > 0 ? past / sample.usual : 0,
      error: Parameters.Excess.intervalFactor * error(now, past, share),
      surprise: Rounding.six(
        Divergence.term(now / sample.total, sample.usual > 0 ? past / sample.usual : 0)))
  }

  private func error(_ now: Double, _ past: Double, _ share: Double) -> Double {
    sample.error(now, sample.total, count.now, past, sample.usual, count.past, share)
  }

  private static func surprise(_ values: [Value]) -> Double {
    var explained = 0.0
    var sum = 0.0
    for value in values.sorted(by: { ($1.surprise, $0.number) < ($0.surprise, $1.number) })
    where value.share > ExcessParameters.elementPower {
      explained += value.share
      sum += value.surprise
      if explained > ExcessParameters.dimensionPower { break }
    }
    return Rounding.six(sum)
  }

  private func named(_ dimension: SampleDimension) -> [Value] {
    let clear = (values[dimension] ?? []).filter {
      $0.share >= Parameters.Excess.namedShare && $0.share > $0.error
    }
    return Array(
      clear.sorted { ($1.share, $0.number) < ($0.share, $1.number) }
        .prefix(Parameters.Excess.namedPerDimension))
  }

  /// Those whose share can be told: at most three of a dimension and eight in all.
  func segments() -> [Composition.Segment] {
    Array(dimensions.flatMap(named).map(segment).prefix(Parameters.Excess.named))
  }

  private func segment(_ value: Value) -> Composition.Segment {
    Composition.Segment(
      dimension: value.dimension.rawValue,
      value: value.dimension.text(value.number, sample.names),
      shareOfExcess: Rounding.six(min(1, value.share)), baselineShare: Rounding.six(value.usual),
      shareError: Rounding.six(value.error))
  }

  /// Values of two dimensions that come together in the excess and hardly did before.
  func pairs() -> [Composition.Pair] {
    let candidates = dimensions.filter { $0 != .method }.map(named)
    var found: [(pair: Composition.Pair, share: Double)] = []
    for (place, firsts) in candidates.enumerated() {
      for seconds in candidates.dropFirst(place + 1) {
        for first in firsts {
          for second in seconds {
            if let pair = pair(first, second) { found.append((pair, pair.shareOfExcess)) }
          }
        }
      }
    }
    // In the order of the dimensions where two are alike, since the sort is made stable by the place.
    return found.enumerated().sorted {
      ($1.element.share, $0.offset) < ($0.element.share, $1.offset)
    }
    .prefix(ExcessParameters.pairs).map(\.element.pair)
  }

  private func pair(_ first: Value, _ second: Value) -> Composition.Pair? {
    func sum(_ rows: [ExcessRow]) -> Double {
      rows.reduce(0) { sum, row in
        first.dimension.value(of: row) == first.number
          && second.dimension.value(of: row) == second.number ? sum + row.weight : sum
      }
    }
    let (now, past) = (sum(sample.during), sum(sample.before))
    let share = (now - past) / sample.excess
    let usual = sample.usual > 0 ? past / sample.usual : 0
    let error = Parameters.Excess.intervalFactor * error(now, past, share)
    guard share >= ExcessParameters.pairShare, share > error,
      share >= ExcessParameters.pairOverlap * min(first.share, second.share),
      share >= ExcessParameters.pairEnrichment * usual
    else { return nil }
    return Composition.Pair(
      first: segment(first), second: segment(second), shareOfExcess: Rounding.six(min(1, share)),
      baselineShare: Rounding.six(usual), shareError: Rounding.six(error))
  }

  /// One template with most of the excess that it had not before.
  var hasSingleEndpoint: Bool {
    (values[.route] ?? []).contains { value in
      value.share >= Parameters.Excess.singleEndpointShare
        && value.share >= Parameters.Excess.singleEndpointFactor * value.usual
    }
  }

  /// Declared crawlers, and whether they come from where their operator says they do.
  func crawlers() -> [Composition.Crawler] {
    (values[.agent] ?? []).filter {
      $0.share >= Parameters.Excess.namedShare && $0.share > $0.error
        && AgentFamily.kind(of: sample.names.families.text($0.number)) == .crawler
    }.sorted { ($1.share, $0.number) < ($0.share, $1.number) }.map { value in
      let name = sample.names.families.text(value.number)
      return Composition.Crawler(
        name: LogText(name, kind: .agent), shareOfExcess: Rounding.six(min(1, value.share)),
        standing: standing(of: value.number, name))
    }
  }

  private func standing(of family: Int32, _ name: String) -> Composition.Crawler.Standing {
    let owners = sample.names.addresses.owners(named: name)
    guard !owners.isEmpty, sample.hasAddresses else { return .unchecked }
    var (inside, all) = (0.0, 0.0)
    for row in sample.during where row.family == family {
      all += row.weight
      if owners.contains(Int(row.owner)) { inside += row.weight }
    }
    return inside >= 0.95 * all ? .verified : .claimed
  }
}
