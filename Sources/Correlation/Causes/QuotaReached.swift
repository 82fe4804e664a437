internal import IncidentModel

/// Launches failed on a limit of the account or the network, not on the provider's stock.
struct QuotaReached: CauseTest {
  let cause = Cause.quotaReached

  func examine(_ context: CauseContext) -> CauseCase {
    RefusedLaunches(
      reasons: { $0 == .quota || $0 == .addressSpace },
      why: "a limit of the account or its address space was reached",
      statement: "demand stood above ready capacity while launches failed on a limit of the account"
    ).examine(context)
  }
}
