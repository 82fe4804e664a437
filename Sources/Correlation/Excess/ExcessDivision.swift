internal import IncidentModel
internal import TrafficTally

/// Divides the excess into parts that are judged alone (METHODS §7): software that came in far greater share than usual is one part, the rest another; without such software networks are, where the whole can't be told.
struct ExcessDivision {
  /// A part with its judgement and the lines that prove it.
  struct Judged {
    var part: ExcessPart
    var judgement: ExcessJudgement
  }

  private(set) var parts: [Judged] = []

  init(_ sample: ExcessSample, trails: ExcessTrails?) {
    if sample.hasAgents {
      let agents = Self.enriched(sample, by: \.agent, least: ExcessParameters.agentShare)
      let selection = ExcessPart.Selection(kind: .agents, agents: agents)
      parts = Self.divided(sample, selection, trails)
    }
    if !parts.isEmpty { return }
    parts = [Self.judged(sample, .whole, trails)]
    guard parts[0].judgement.verdict == .cannotTell, sample.hasAddresses else { return }
    let places = Self.enriched(sample, by: \.place, least: ExcessParameters.networkShare)
    let selection = ExcessPart.Selection(kind: .networks, places: places)
    let divided = Self.divided(sample, selection, trails)
    if !divided.isEmpty { parts = divided }
  }

  /// Values with five times their usual share, a least share of the excess, and more than three standard errors of it.
  private static func enriched(
    _ sample: ExcessSample, by value: (ExcessRow) -> Int32, least: Double
  ) -> Set<Int32> {
    struct Sums {
      var now = 0.0
      var past = 0.0
    }
    var sums: [Int32: Sums] = [:]
    for row in sample.during where value(row) > 0 {
      sums[value(row), default: Sums()].now += row.weight
    }
    for row in sample.before where value(row) > 0 {
      sums[value(row), default: Sums()].past += row.weight
    }
    let candidates = sums.filter { entry in
      let share = (entry.value.now - entry.value.past) / sample.excess
      let usual = sample.usual > 0 ? entry.value.past / sample.usual : 0
      return share >= least && share >= ExcessParameters.enrichment * usual
    }
    return Set(
      candidates.keys.filter { key in
        let share = sample.share { value($0) == key }
        return share.value > ExcessParameters.enrichmentErrors * share.error
      })
  }

  /// The part and the rest; none where the part is too small or nearly everything.
  private static func divided(
    _ sample: ExcessSample, _ selection: ExcessPart.Selection, _ trails: ExcessTrails?
  ) -> [Judged] {
    guard !selection.agents.isEmpty || !selection.places.isEmpty else { return [] }
    let share = sample.share(of: selection.contains).value
    guard share >= ExcessParameters.leastPart, share < ExcessParameters.wholePart else { return [] }
    var rest = selection
    rest.kind = .rest
    rest.isInverse = true
    return [judged(sample, selection, trails), judged(sample, rest, trails)]
  }

  private static func judged(
    _ sample: ExcessSample, _ selection: ExcessPart.Selection, _ trails: ExcessTrails?
  ) -> Judged {
    let part = ExcessPart(sample, selection, trails: trails)
    let isTooSmall = part.effectiveCount < ExcessParameters.leastEffective
    return Judged(
      part: part,
      judgement: ExcessJudgement(
        ExcessTests.all.map { $0.examine(part) }, isTooSmall: isTooSmall))
  }
}

extension ExcessDivision.Judged {
  /// As the report tells it.
  var told: Composition.Part {
    let share = part.share()
    var values: [LogText] = []
    if !part.selection.isInverse {
      values = Self.most(part.selection.agents, part.during, by: \.agent).map { agent in
        let names = part.sample.names
        return LogText(
          names.versions.text(names.agentVersions[Int(agent)]), kind: .agent)
      }
      values += Self.most(part.selection.places, part.during, by: \.place).map {
        LogText(part.sample.text(ofPlace: $0), kind: .network)
      }
    }
    var unique: [LogText] = []
    for value in values where !unique.contains(value) { unique.append(value) }
    var told = Composition.Part(
      selection: part.selection.kind, values: Array(unique.prefix(3)),
      share: Rounding.six(min(1, max(0, share.value))),
      shareError: Rounding.six(Parameters.Excess.intervalFactor * share.error),
      verdict: judgement.verdict, logOdds: Rounding.six(judgement.logOdds),
      isShared: part.isShared, tests: judgement.tests, obstacle: judgement.obstacle)
    if told.verdict == .machines { told.peopleShare = Rounding.six(part.peopleAmongMachines) }
    return told
  }

  private static func most(
    _ values: Set<Int32>, _ rows: [ExcessRow], by value: (ExcessRow) -> Int32
  ) -> [Int32] {
    var weights: [Int32: Double] = [:]
    for row in rows where values.contains(value(row)) {
      weights[value(row), default: 0] += row.weight
    }
    return values.sorted { ((weights[$1] ?? 0), $0) < ((weights[$0] ?? 0), $1) }
  }

  /// Kept lines of requests of the part, as near to a moment as there are some.
  func lines(near moment: Instant, most: Int) -> [Exemplar] {
    let kept = part.during.compactMap { part.sample.lines[$0.number] }
    let sorted = kept.sorted { left, right in
      let distances = (
        abs(left.arrival.seconds(since: moment)), abs(right.arrival.seconds(since: moment))
      )
      return (distances.0, left.arrival, left.position)
        < (distances.1, right.arrival, right.position)
    }
    return Array(sorted.prefix(most))
  }
}

/// Shares are told to six digits: sums may differ in the last bits between machines.
enum Rounding {
  static func six(_ value: Double) -> Double {
    value.isFinite ? (value * 1e6).rounded() / 1e6 : 0
  }
}
