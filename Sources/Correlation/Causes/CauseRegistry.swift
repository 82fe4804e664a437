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
    UndecidableCause(
      cause: .prematureScaleIn, why: "it was not tested", needs: ["the autoscaler's log"]),
    UndecidableCause(cause: .flapping, why: "it was not tested", needs: ["the autoscaler's log"]),
    UndecidableCause(
      cause: .instanceChurn, why: "it was not tested", needs: ["the autoscaler's log"]),
    UndecidableCause(cause: .zoneLost, why: "it was not tested", needs: ["the autoscaler's log"]),
    UndecidableCause(
      cause: .retryStorm,
      why: "repeats cannot be told: the same clients' requests were not followed over time",
      needs: ["the same clients' requests followed over time"]),
    UndecidableCause(cause: .botSurge, why: "it was not tested", needs: ["client addresses"]),
    DemandSurge(),
    UndecidableCause(cause: .hotEndpoint, why: "it was not tested", needs: ["request paths"]),
    UndecidableCause(cause: .dependencySlow, why: "it was not tested", needs: ["response times"]),
    UndecidableCause(
      cause: .errorsWithoutLoad, why: "it was not tested", needs: ["response times"]),
    UndecidableCause(cause: .trafficLoss, why: "it was not tested", needs: ["a longer baseline"]),
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
