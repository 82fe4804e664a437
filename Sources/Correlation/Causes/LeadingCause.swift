internal import IncidentModel

/// Which supported cause leads (METHODS §8): what, taken away alone, would have ended the failures.
enum LeadingCause {
  /// What kept capacity from following demand, or took it away.
  static let ofCapacity: Set<Cause> = [
    .capacityExhausted, .quotaReached, .launchFailing, .maxSizeReached, .scalingNotTriggered,
    .scalingTooSlow, .prematureScaleIn, .zoneLost, .instanceChurn, .flapping,
  ]
  /// What the provider's own answers prove.
  static let ofRefusal: Set<Cause> = [.capacityExhausted, .quotaReached, .launchFailing]
  /// What only looks like a shortage, in the order of asking.
  static let looksLikeShortage: [Cause] = [.trafficLoss, .hotEndpoint, .dependencySlow]
  /// Two causes of capacity within this of each other, in shortage and in likelihood, leave it undetermined.
  static let dead = 0.10

  /// nil: undetermined.
  static func choose(among findings: [Finding], in context: CauseContext) -> Cause? {
    let supported = findings.filter { $0.verdict == .supported }
    func has(_ cause: Cause) -> Bool { supported.contains { $0.cause == cause } }
    // Refused launches are a fact; that first attempts alone would have fitted has to be one, too, to lead over them.
    let isRefused = supported.contains { ofRefusal.contains($0.cause) }
    if has(.retryStorm),
      isRefused ? RetryStorm.leadsForSure(context) : RetryStorm.leads(context)
    {
      return .retryStorm
    }
    if has(.botSurge), fitsWithoutMachines(context) { return .botSurge }
    for cause in looksLikeShortage where has(cause) {
      switch cause {
      case .trafficLoss where !TrafficLossCause.leads(context): continue
      case .dependencySlow where !DependencySlow.leads(context): continue
      default: return cause
      }
    }
    let capacity = supported.filter { ofCapacity.contains($0.cause) }
    if !capacity.isEmpty {
      let heaviest = heaviest(of: capacity, in: context)
      return likelier(heaviest, .dependencySlow, among: supported)
    }
    for cause
      in [.dependencySlow, .errorsWithoutLoad, .trafficLoss, .botSurge, .demandSurge] as [Cause]
    where has(cause) { return cause }
    return nil
  }

  /// The likelier of a cause of capacity and of what may only look like it, where no fleet tells them apart; nil where they are too near each other.
  private static func likelier(_ cause: Cause?, _ other: Cause, among findings: [Finding]) -> Cause?
  {
    guard let rival = findings.first(where: { $0.cause == other }),
      let mine = findings.first(where: { $0.cause == cause })
    else { return cause }
    let (left, right) = (uncapped(mine), uncapped(rival))
    if abs(left - right) <= dead { return nil }
    return left > right ? cause : other
  }

  /// At least half of the excess is machine-made, and the rest would have fitted into what was ready.
  private static func fitsWithoutMachines(_ context: CauseContext) -> Bool {
    guard let spike = context.spike,
      let share = spike.composition.machineShare ?? spike.composition.botShare,
      share >= ExcessParameters.leadShare
    else { return false }
    return BotSurge.fitsWithout(share, spike, context) ?? true
  }

  /// Most instance-minutes of the shortfall within its span; failed requests where no shortfall can be told.
  private static func heaviest(of findings: [Finding], in context: CauseContext) -> Cause? {
    func weight(_ finding: Finding) -> Double {
      let span = finding.span ?? context.span
      guard let shortfall = context.group?.shortfall, shortfall.peak != nil else {
        return Double(context.failed(in: span))
      }
      return shortfall.instanceMinutes(in: span)
    }
    let ranked = findings.map { ($0, weight($0)) }.sorted { left, right in
      left.1 != right.1
        ? left.1 > right.1
        : uncapped(left.0) > uncapped(right.0)
    }
    guard let first = ranked.first else { return nil }
    if ranked.count > 1 {
      let (mine, other) = (uncapped(first.0), uncapped(ranked[1].0))
      let isClose = first.1 - ranked[1].1 <= dead * first.1
      if isClose, abs(mine - other) <= dead { return nil }
      if isClose, other > mine { return ranked[1].0.cause }
    }
    return first.0.cause
  }

  /// What the arguments alone come to: a cap that all causes of one group share, as an unsure mapping is, says nothing of which of them it was.
  private static func uncapped(_ finding: Finding) -> Double {
    let weights = (finding.supporting + finding.opposing).reduce(0) { $0 + $1.weight }
    return Logistic.probability(ofLogOdds: CauseJudgement.prior + weights)
  }

  /// Leading, before it, first minutes, sustaining, trigger or contributing.
  static func assignRoles(_ findings: inout [Finding], leading: Cause?) {
    let lead = findings.first { $0.cause == leading }
    for index in findings.indices where findings[index].verdict == .supported {
      findings[index].role = role(of: findings[index], beside: lead)
    }
  }

  private static func role(of finding: Finding, beside lead: Finding?) -> Finding.Role {
    guard let lead else { return .contributing }
    if finding.cause == lead.cause { return .leading }
    switch finding.cause {
    case .demandSurge, .botSurge: return .trigger
    case .retryStorm: return .sustaining
    default: break
    }
    guard let span = finding.span, let main = lead.span, span.start < main.start else {
      return .contributing
    }
    return finding.cause == .scalingTooSlow ? .firstMinutes : .before
  }
}
