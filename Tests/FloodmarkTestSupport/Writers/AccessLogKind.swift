package import IncidentModel

/// A format in which the simulator writes access logs, and what its lines can tell.
///
/// The raw value is the format's name in the registry.
package enum AccessLogKind: String, CaseIterable, Sendable {
  case common, combined
  case vhostCombined = "vhost-combined"
  case nginxTimed = "nginx-timed"
  case awsALB = "aws-alb"
  case nginxJSON = "nginx-json"
  case ingressNginx = "ingress-nginx"
  case apacheTimed = "apache-timed"
  case haproxy, envoy, traefik, caddy, iis, logfmt
  case awsELB = "aws-elb"
  case cloudFront = "aws-cloudfront"
  case gcpBalancer = "gcp-http-lb"

  /// What the stamp means; lines stand in the order of completion in all of them.
  package var stamp: StampMeaning {
    switch self {
    case .common, .vhostCombined, .apacheTimed, .haproxy, .envoy, .traefik, .awsELB, .gcpBalancer:
      .arrival
    case .combined, .nginxTimed, .awsALB, .nginxJSON, .ingressNginx, .caddy, .iis, .logfmt,
      .cloudFront:
      .completion
    }
  }

  /// How finely the stamp is written, in microseconds.
  package var stampGrain: Int64 {
    switch self {
    case .awsALB, .awsELB, .gcpBalancer, .caddy: 1
    case .haproxy, .envoy, .logfmt: 1_000
    default: 1_000_000
    }
  }

  /// How finely durations are written, in microseconds; nil: not at all.
  package var durationGrain: Int64? {
    switch self {
    case .common, .combined, .vhostCombined: nil
    case .awsALB, .awsELB, .gcpBalancer, .caddy, .apacheTimed: 1
    default: 1_000
    }
  }

  /// Lines carry the time that a request took.
  package var tellsDuration: Bool { durationGrain != nil }

  /// A Classic Load Balancer tells no time of a request that its backend did not answer.
  package func tellsDuration(of request: SimulatedRequest) -> Bool {
    if self != .awsELB { return tellsDuration }
    return request.backend >= 0 && ![499, 502, 504].contains(request.status)
  }

  /// Lines name the backend, and so tell what was shed.
  package var tellsBackend: Bool {
    switch self {
    case .common, .combined, .vhostCombined, .apacheTimed, .caddy, .iis, .logfmt, .cloudFront:
      false
    default: true
    }
  }

  /// Lines carry the client's software.
  package var tellsAgent: Bool { self != .common && self != .haproxy && self != .logfmt }

  /// Lines name the host that was asked, or what stands for it.
  package var tellsHost: Bool {
    switch self {
    case .common, .combined, .nginxTimed, .apacheTimed: false
    default: true
    }
  }

  /// The status that this software writes for a true one: only nginx and those that follow it have 499; 0 stands for none.
  package func written(_ status: UInt16) -> UInt16 {
    if status != 499 { return status }
    return switch self {
    // The status that Apache and IIS had sent before the client left.
    case .common, .vhostCombined, .apacheTimed, .iis: 200
    case .awsALB: 460
    case .haproxy, .envoy, .caddy, .awsELB, .cloudFront, .gcpBalancer: 0
    default: 499
    }
  }

  /// The text that this software writes for an agent: blanks stand between its fields.
  func written(agent: String) -> String {
    let blank: String
    switch self {
    case .iis: blank = "+"
    case .cloudFront: blank = "%20"
    default: return agent
    }
    return agent.split(separator: " ").joined(separator: blank)
  }

  /// Page and query are fields of their own.
  var tellsQueryApart: Bool { self == .iis || self == .cloudFront }

  /// A load balancer of a cloud does not log its own health checks; a server does.
  package func writes(_ request: SimulatedRequest) -> Bool {
    switch self {
    case .awsALB, .awsELB, .gcpBalancer, .cloudFront: request.kind != .healthCheck
    default: true
    }
  }

  /// How many lines stand in front of a log's first request.
  package var headerLines: Int { header.split(separator: "\n").count }

  /// What stands in front of the first line.
  var header: String {
    switch self {
    case .iis:
      "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
        + "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
        + "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status sc-bytes time-taken\n"
    case .cloudFront:
      "#Version: 1.0\n"
        + "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem "
        + "sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type "
        + "x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for "
        + "ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
        + "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type "
        + "sc-content-type sc-content-len sc-range-start sc-range-end\n"
    default: ""
    }
  }
}
