internal import IncidentModel

/// Launches failed for a reason of one's own: image, template, permission, health or time-out at boot.
struct LaunchFailing: CauseTest {
  let cause = Cause.launchFailing

  func examine(_ context: CauseContext) -> CauseCase {
    RefusedLaunches(
      reasons: { reason in
        switch reason {
        case .badTemplate, .timeout, .unhealthy, .unknown: true
        default: false
        }
      },
      why: "the image, the template or the boot did not work",
      statement:
        "demand stood above ready capacity while launches failed on their own template or at boot"
    ).examine(context)
  }
}
