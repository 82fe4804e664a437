internal import IncidentModel

/// One test a cause, in the order of the catalogue.
enum CauseRegistry {
  static let tests: [any CauseTest] = [
    CapacityExhausted(),
    QuotaReached(),
    MaxSizeReached(),
    LaunchFailing(),
    ScalingTooSlow(),
    ScalingNotTriggered(),
    PrematureScaleIn(),
    Flapping(),
    InstanceChurn(),
    ZoneLost(),
    RetryStorm(),
    BotSurge(),
    DemandSurge(),
    HotEndpoint(),
    DependencySlow(),
    ErrorsWithoutLoad(),
    TrafficLossCause(),
  ]

  /// Tests every cause in one incident and gives the supported ones their parts.
  static func findings(_ context: CauseContext) -> (findings: [Finding], leading: Cause?) {
    var findings = tests.map { test in
      CauseJudgement.finding(of: test.examine(context), cause: test.cause, in: context)
    }
    let leading = LeadingCause.choose(among: findings, in: context)
    LeadingCause.assignRoles(&findings, leading: leading)
    return (findings, leading)
  }
}
