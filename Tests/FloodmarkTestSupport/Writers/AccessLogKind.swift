package import IncidentModel

/// A format in which the simulator writes access logs, and what its lines can tell.
package enum AccessLogKind: String, CaseIterable, Sendable {
  case common, combined
  case vhostCombined = "vhost-combined"
  case nginxTimed = "nginx-timed"
  case awsALB = "aws-alb"
  case nginxJSON = "nginx-json"

  /// What the stamp means; lines stand in the order of completion in all of them.
  package var stamp: StampMeaning {
    switch self {
    case .common, .vhostCombined: .arrival
    case .combined, .nginxTimed, .awsALB, .nginxJSON: .completion
    }
  }

  /// Lines carry the time that a request took.
  package var tellsDuration: Bool {
    switch self {
    case .common, .combined, .vhostCombined: false
    case .nginxTimed, .awsALB, .nginxJSON: true
    }
  }

  /// Lines name the backend, and so tell what was shed.
  package var tellsBackend: Bool { tellsDuration }

  /// Lines carry the client's software.
  package var tellsAgent: Bool { self != .common }

  /// Lines name the host that was asked.
  package var tellsHost: Bool {
    switch self {
    case .common, .combined, .nginxTimed: false
    case .vhostCombined, .awsALB, .nginxJSON: true
    }
  }

  /// The status that this software writes for a true one: only nginx has 499; a load balancer of AWS writes 460, Apache the status it sent.
  package func written(_ status: UInt16) -> UInt16 {
    if status != 499 { return status }
    return switch self {
    case .common, .vhostCombined: 200
    case .awsALB: 460
    case .combined, .nginxTimed, .nginxJSON: 499
    }
  }

  /// A load balancer does not log its own health checks; a server does.
  package func writes(_ request: SimulatedRequest) -> Bool {
    self != .awsALB || request.kind != .healthCheck
  }
}
