internal import Glibc
internal import IncidentModel
internal import TrafficTally

/// A part of the excess as the tests look at it: its requests in the spike less its own usual ones, beside what it is compared with.
///
/// For a value v of the part: excess(v) = Σ weights in the spike − Σ weights before, the latter scaled to the requests that were usual over the spike.
struct ExcessPart {
  /// Which requests belong to the part.
  struct Selection {
    var kind: Composition.Part.Selection
    var agents: Set<Int32> = []
    var places: Set<Int32> = []
    /// The part is what these leave.
    var isInverse = false

    static let whole = Selection(kind: .whole)

    func contains(agent: Int32, place: Int32) -> Bool {
      if kind == .whole { return true }
      return (agents.contains(agent) || places.contains(place)) != isInverse
    }

    func contains(_ row: ExcessRow) -> Bool { contains(agent: row.agent, place: row.place) }
    /// The part was made by the software that clients name.
    var isByAgent: Bool { !agents.isEmpty }
    var isByNetwork: Bool { !places.isEmpty }
  }

  let sample: ExcessSample
  let selection: Selection
  let during: [ExcessRow]
  /// The part's own requests before the spike.
  let own: [ExcessRow]
  /// What the part is compared with: its own past where it has one, else everybody's.
  let reference: [ExcessRow]
  let total: Double
  let usual: Double
  let referenceTotal: Double
  let trails: PartTrails?
  let isShared: Bool

  var excess: Double { total - usual }

  init(_ sample: ExcessSample, _ selection: Selection, trails: ExcessTrails?) {
    self.sample = sample
    self.selection = selection
    during = sample.during.filter(selection.contains)
    own = sample.before.filter(selection.contains)
    total = during.reduce(0) { $0 + $1.weight }
    usual = own.reduce(0) { $0 + $1.weight }
    let hasPast =
      usual >= ExcessParameters.ownShare * sample.usual
      && own.count >= ExcessParameters.ownSampled
    reference = hasPast ? own : sample.before
    referenceTotal = reference.reduce(0) { $0 + $1.weight }
    self.trails = trails?.part(selection, sample, hasPast: hasPast)
    isShared = SharedAddresses.isShared(during, of: sample, selection)
  }

  /// Independent requests that would tell as much of the excess: n·x², x the excess's part of the requests.
  var effectiveCount: Double {
    guard total > 0, excess > 0 else { return 0 }
    let squares = during.reduce(0) { $0 + $1.weight * $1.weight }
    let count = squares > 0 ? total * total / squares : 0
    return count * (excess / total) * (excess / total)
  }

  /// The share of some requests in the excess and in the reference, among those that count; nil where there are too few.
  func shares(
    of holds: (ExcessRow) -> Bool, among counts: (ExcessRow) -> Bool = { _ in true }
  ) -> (excess: Double, usual: Double)? {
    func sums(_ rows: [ExcessRow]) -> (some: Double, all: Double) {
      var some = 0.0
      var all = 0.0
      for row in rows where counts(row) {
        all += row.weight
        if holds(row) { some += row.weight }
      }
      return (some, all)
    }
    let (now, past, other) = (sums(during), sums(own), sums(reference))
    let whole = now.all - past.all
    // Of an excess of almost nothing everything could be said.
    guard whole >= 0.02 * excess, whole > 0 else { return nil }
    return (
      min(1, max(0, (now.some - past.some) / whole)), other.all > 0 ? other.some / other.all : 0
    )
  }

  /// The mix of the excess and of the reference over a value, each adding up to 1; nil where there is none.
  func mixes(
    by value: (ExcessRow) -> Int32?
  ) -> (excess: [Int32: Double], usual: [Int32: Double])? {
    var excess: [Int32: Double] = [:]
    var usual: [Int32: Double] = [:]
    for row in during { if let value = value(row) { excess[value, default: 0] += row.weight } }
    for row in own { if let value = value(row) { excess[value, default: 0] -= row.weight } }
    for row in reference { if let value = value(row) { usual[value, default: 0] += row.weight } }
    excess = excess.filter { $0.value > 0 }
    guard let left = Self.normalised(excess), let right = Self.normalised(usual) else { return nil }
    return (left, right)
  }

  static func normalised(_ weights: [Int32: Double]) -> [Int32: Double]? {
    let sum = weights.keys.sorted().reduce(0) { $0 + (weights[$1] ?? 0) }
    return sum > 0 ? weights.mapValues { $0 / sum } : nil
  }

  /// Effective number of values of the excess and of the reference, from collision probabilities with the baseline's cross terms subtracted.
  ///
  /// With x the excess's part of the requests: P(e) = (P(d) − 2(1 − x)·P(d, b) + (1 − x)²·P(b)) ÷ x², where d = (1 − x)·b + x·e.
  func effective(by value: (ExcessRow) -> Int32) -> (excess: Double, usual: Double)? {
    guard total > 0, excess > 0 else { return nil }
    let (now, past) = (PairCounts(during, by: value), PairCounts(own, by: value))
    let x = min(1, excess / total)
    let cross = past.whole > 0 ? now.collision(with: past) : 0
    let pastCollision = past.whole > 0 ? past.collision : 0
    let same =
      (now.collision - 2 * (1 - x) * cross + (1 - x) * (1 - x) * pastCollision) / (x * x)
    let usual = PairCounts(reference, by: value).effective
    guard usual.isFinite, usual > 0 else { return nil }
    return (same > 1e-9 ? max(1, 1 / same) : .infinity, usual)
  }

  /// How much of a part that machines made is people's, where neither software nor networks divide them: only people load what a page is made of, so they are the pictures, scripts and styles of the excess ÷ the usual share of these.
  ///
  /// 0 where this log has hardly any of them, or where so many are loaded that the machines may load them themselves; declared machines count for none.
  var peopleAmongMachines: Double {
    let usual = sample.usualShare(of: \.isAsset)
    guard usual >= ExcessParameters.leastAssets, excess > 0 else { return 0 }
    func assets(_ rows: [ExcessRow]) -> (weight: Double, squares: Double) {
      rows.reduce(into: (0, 0)) { sums, row in
        let isDeclared = row.kind == .tool || row.kind == .headless || row.kind == .crawler
        guard row.isAsset, !isDeclared else { return }
        sums.0 += row.weight
        sums.1 += row.weight * row.weight
      }
    }
    let (now, past) = (assets(during), assets(own))
    let more = now.weight - past.weight
    let error = (now.squares + past.squares).squareRoot()
    guard more > ExcessParameters.enrichmentErrors * error else { return 0 }
    let share = more / usual / excess
    return share < ExcessParameters.mostPeople ? share : 0
  }

  /// The part's share of all of the excess, and half the width of its interval: sampling of both windows and the error of what was usual.
  func share() -> (value: Double, error: Double) {
    sample.share(of: selection.contains)
  }
}

extension ExcessSample {
  /// The share of some requests in the whole excess, and one standard error.
  ///
  /// Var = (N²·p(1 − p)/n + M²·q(1 − q)/m + (q − s)²·σ_M²) ÷ (N − M)²; p and q with two successes and two failures more (Agresti, Coull 1998).
  func share(of holds: (ExcessRow) -> Bool) -> (value: Double, error: Double) {
    guard excess > 0 else { return (0, 0) }
    func part(_ rows: [ExcessRow]) -> (some: Double, all: Double, count: Double) {
      var (some, all, squares) = (0.0, 0.0, 0.0)
      for row in rows {
        all += row.weight
        squares += row.weight * row.weight
        if holds(row) { some += row.weight }
      }
      return (some, all, squares > 0 ? all * all / squares : 0)
    }
    let (now, past) = (part(during), part(before))
    let value = (now.some - past.some) / excess
    return (value, error(now.some, now.all, now.count, past.some, past.all, past.count, value))
  }

  func error(
    _ some: Double, _ all: Double, _ count: Double, _ pastSome: Double, _ pastAll: Double,
    _ pastCount: Double, _ share: Double
  ) -> Double {
    func variance(_ some: Double, _ all: Double, _ count: Double, _ scale: Double) -> Double {
      guard all > 0 else { return 0 }
      let shrunk = (some / all * count + 2) / (count + 4)
      return shrunk * (1 - shrunk) / (count + 4) * scale * scale
    }
    let usualShare = pastAll > 0 ? pastSome / pastAll : 0
    let sum =
      variance(some, all, count, total) + variance(pastSome, pastAll, pastCount, usual)
      + (usualShare - share) * (usualShare - share) * usualError * usualError
    return sum.squareRoot() / excess
  }
}

/// Carrier or office: addresses behind which many people stand, so what one address does is nobody's doing (METHODS §7).
enum SharedAddresses {
  static func isShared(
    _ rows: [ExcessRow], of sample: ExcessSample, _ selection: ExcessPart.Selection
  ) -> Bool {
    guard sample.hasAgents, sample.hasAddresses else { return false }
    return carriesTheMix(rows) && isUsual(rows, of: sample) || carriesOthers(sample, selection)
  }

  /// Behind a carrier's or an office's addresses stands the software of everybody; who names another with every request has it from a list of his own.
  private static func isUsual(_ rows: [ExcessRow], of sample: ExcessSample) -> Bool {
    func mix(_ rows: [ExcessRow]) -> [Int32: Double]? {
      var weights: [Int32: Double] = [:]
      for row in rows { weights[row.version, default: 0] += row.weight }
      return ExcessPart.normalised(weights)
    }
    guard let now = mix(rows), let usual = mix(sample.before) else { return true }
    return Divergence.bits(now, usual) <= ExcessParameters.sharedBits
  }

  /// (1 − P(same agent | same address)) ÷ (1 − P(same agent)) ≥ .6, with P(same agent) ≤ .4 and at least 50 pairs.
  private static func carriesTheMix(_ rows: [ExcessRow]) -> Bool {
    struct Key: Hashable {
      var client: Int32
      var agent: Int32
    }
    var clients: [Int32: Double] = [:]
    var both: [Key: Double] = [:]
    var agents: [Int32: Double] = [:]
    for row in rows {
      clients[row.client, default: 0] += 1
      both[Key(client: row.client, agent: row.agent), default: 0] += 1
      agents[row.agent, default: 0] += 1
    }
    func pairs(_ counts: some Collection<Double>) -> Double {
      counts.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
    }
    let near = pairs(clients.values)
    let count = Double(rows.count)
    guard near >= ExcessParameters.sharedPairs, count > 1 else { return false }
    let same = pairs(agents.values) / (count * (count - 1) / 2)
    guard same <= ExcessParameters.sharedAgent else { return false }
    return (1 - pairs(both.values) / near) / (1 - same) >= ExcessParameters.sharedMix
  }

  /// Addresses of a part made by agents carry other agents too.
  private static func carriesOthers(
    _ sample: ExcessSample, _ selection: ExcessPart.Selection
  ) -> Bool {
    guard selection.isByAgent, !selection.isInverse else { return false }
    let clients = Set(sample.during.filter(selection.contains).map(\.client))
    var (other, all) = (0.0, 0.0)
    for row in sample.during where clients.contains(row.client) {
      all += row.weight
      if !selection.contains(row) { other += row.weight }
    }
    return all > 0 && other / all >= ExcessParameters.sharedOthers
  }
}

/// Jensen-Shannon divergence in bits (Lin, IEEE Trans. IT 37, 1991).
enum Divergence {
  static func bits(_ left: [Int32: Double], _ right: [Int32: Double]) -> Double {
    var bits = 0.0
    for value in Set(left.keys).union(right.keys).sorted() {
      bits += term(left[value] ?? 0, right[value] ?? 0)
    }
    return bits
  }

  /// One value's part of it: Adtributor's surprise.
  static func term(_ left: Double, _ right: Double) -> Double {
    let middle = (left + right) / 2
    var bits = 0.0
    if left > 0 { bits += 0.5 * left * log2(left / middle) }
    if right > 0 { bits += 0.5 * right * log2(right / middle) }
    return bits
  }
}
