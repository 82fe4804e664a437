internal import IncidentModel
internal import TrafficTally

/// The excess came from machines, and demand without it would have fitted into what was ready (METHODS §8 a).
struct BotSurge: CauseTest {
  let cause = Cause.botSurge

  /// Under this share of the excess machines are no cause of anything.
  static let leastShare = 0.2

  func examine(_ context: CauseContext) -> CauseCase {
    guard let spike = context.spike else {
      return .excluded(
        "no rise of demand led into the failures, so there is no excess to ask about")
    }
    let composition = spike.composition
    let share = composition.machineShare ?? composition.botShare ?? 0
    let undecided = composition.undecidedShare ?? (composition.kind == .cannotTell ? 1 : 0)
    if share < Self.leastShare {
      return undecided >= Self.leastShare
        ? untestable(composition, undecided) : excluded(share, composition, context)
    }
    var examined = CauseCase(
      statement:
        "\(share: share) of the first attempts above the baseline look machine-made\(named(composition))",
      otherwise: "a part of the excess is machine-made")
    examined.span = TimeSpan(
      start: max(spike.onset, context.span.start),
      end: max(min(spike.end, context.span.end), context.span.start.advanced(bySeconds: 60)))
    examined.assumesSteadyFleet = true
    weighTests(&examined, spike, share, context)
    weighFit(&examined, spike, share, context)
    weighFailures(&examined, context)
    if undecided >= Self.leastShare { examined.needs = composition.needs }
    return examined
  }

  private func untestable(_ composition: Composition, _ undecided: Double) -> CauseCase {
    let open = composition.parts.first { $0.verdict == .cannotTell }
    let why: Sentence = open?.obstacle.map { ": \($0)" } ?? ""
    return .untestable(
      "nothing tells whether people or machines made \(share: undecided) of the excess\(why)",
      needs: Self.needs(composition))
  }

  private static func needs(_ composition: Composition) -> [Sentence] {
    composition.needs.isEmpty
      ? ["the addresses and the software of the clients, or lists of networks of data centres"]
      : composition.needs
  }

  /// What would tell people from machines.
  static func needs(_ context: CauseContext) -> [Sentence] {
    context.spike.map { needs($0.composition) } ?? []
  }

  private func excluded(
    _ share: Double, _ composition: Composition, _ context: CauseContext
  ) -> CauseCase {
    let people = composition.parts.first { $0.verdict == .people }
    let signs = people.map { Self.strongest($0.tests, sign: -1) } ?? []
    let why: Sentence =
      signs.first.map { ": \($0.saw)" } ?? ""
    if composition.kind == .retries, composition.parts.isEmpty {
      return .excluded(
        "repeats of failed requests made the excess, and hardly any first attempts were above the baseline"
      )
    }
    if share > 0 {
      return .excluded("only \(share: share) of the excess of first attempts is machine-made")
    }
    return .excluded("no part of the excess looks machine-made\(why)")
  }

  /// ` (software “python-requests”)`, where software or networks mark the part.
  private func named(_ composition: Composition) -> Sentence {
    guard let part = composition.parts.first(where: { $0.verdict == .machines }),
      let value = part.values.first
    else { return "" }
    switch part.selection {
    case .agents: return " that name \(log: value)"
    case .networks: return " of \(log: value)"
    case .whole, .rest: return ""
    }
  }

  /// Tests that weighed for one side, the heaviest first.
  static func strongest(_ tests: [Composition.Test], sign: Double) -> [Composition.Test] {
    tests.filter { $0.state == .weighed && $0.weight * sign > 0 }.enumerated().sorted {
      (abs($1.element.weight), $0.offset) < (abs($0.element.weight), $1.offset)
    }.map(\.element)
  }

  private func weighTests(
    _ examined: inout CauseCase, _ spike: DetectedSpike, _ share: Double, _ context: CauseContext
  ) {
    let lines = zip(spike.composition.parts, spike.partLines)
      .filter { $0.0.verdict == .machines }.flatMap { $0.1 }
    var proof = lines.prefix(3).map { context.evidence.cite($0) }
    if proof.isEmpty {
      let line =
        context.line(.answered, near: spike.peakMinute, in: context.span)
        ?? context.line(.failed, near: spike.peakMinute, in: context.span)
      proof = [line].compactMap { $0 }
    }
    let machine = spike.composition.parts.filter { $0.verdict == .machines }
    let signs = machine.first.map { Self.strongest($0.tests, sign: 1) } ?? []
    let why: Sentence = signs.first.map { ": \($0.saw)" } ?? ""
    examined.support(
      "\(share: share) of the excess of first attempts came from machines\(why)",
      share >= ExcessParameters.kindShare
        ? 3.2 : share >= ExcessParameters.leadShare ? 2.6 : 1.6,
      .composition, isSpecific: true, evidence: proof)
    for sign in signs.dropFirst().prefix(2) {
      examined.support(sign.saw, 0.3, .composition)
    }
    for part in machine {
      if let sign = Self.strongest(part.tests, sign: -1).first {
        examined.oppose(sign.saw, 0.2)
      }
    }
    if share < ExcessParameters.leadShare {
      examined.oppose("most of the excess is not known to be machine-made", 1.5)
    }
  }

  /// Whether what was ready would have carried demand without the machines; nil where no rate is known.
  static func fitsWithout(_ share: Double, _ spike: DetectedSpike, _ context: CauseContext) -> Bool?
  {
    guard let rate = context.group?.capacity?.rate, let peak = context.group?.shortfall?.peak
    else { return nil }
    let rest = spike.peakRate - share * (spike.peakRate - spike.baselineRate)
    return rest <= rate * peak.ready
  }

  private func weighFit(
    _ examined: inout CauseCase, _ spike: DetectedSpike, _ share: Double, _ context: CauseContext
  ) {
    switch Self.fitsWithout(share, spike, context) {
    case true?:
      examined.support(
        "without them demand would have fitted into what was ready", 1.2, .capacityLog)
    case false?:
      examined.oppose("demand would not have fitted into what was ready without them either", 1)
    case nil: examined.needs = ["the autoscaler's log"]
    }
  }

  private func weighFailures(_ examined: inout CauseCase, _ context: CauseContext) {
    if context.overloadShare >= InstanceCapacity.overloadShare {
      examined.support(
        "\(share: context.overloadShare) of the failures were 503, 504 or shed, as under overload",
        0.8, .status)
    } else if let slow = context.slowShare, slow >= 0.5 {
      examined.support("latency rose with demand", 0.8, .latency)
    } else if context.failed > 0 {
      examined.oppose("the failures do not look like overload", 1.5)
    }
  }
}
