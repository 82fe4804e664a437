internal import IncidentModel

/// Demand above ready capacity while launches failed for want of the provider's capacity.
struct CapacityExhausted: CauseTest {
  let cause = Cause.capacityExhausted

  func examine(_ context: CauseContext) -> CauseCase {
    RefusedLaunches(
      reasons: { $0 == .insufficientCapacity || $0 == .spotReclaimed },
      why: "the provider had too little capacity",
      statement:
        "demand stood above ready capacity while launches failed for lack of the provider's capacity"
    ).examine(context)
  }
}
